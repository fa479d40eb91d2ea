import { BSONRegExp, Decimal128, Double, Long, Timestamp, type Document } from 'bson'
import { parseFilter } from '../../src/store/filter'
import { compileFilter } from '../../src/store/match'
import { matchedPosition } from '../../src/store/positional'
import { compileUpdate } from '../../src/store/update'
import { buildUpsert } from '../../src/store/upsert'
import type { Value } from '../../src/store/value'
import { outcomeOf, doc, fails, value, expectedOutcome } from './case-values'

const long = (n: bigint | number) => Long.fromBigInt(BigInt(n))
const double = (n: number) => new Double(n)
const decimal = (text: string) => new Decimal128(text)
const now = new Date(1_700_000_000_000)

interface More {
  filter?: Document
  arrayFilters?: Document[]
}

type Case = [before: Document, update: Document | Document[], after: unknown, more?: More]

function changes(cases: Case[]): void {
  test.each(cases.map(([before, update, after, more = {}]) => [before, update, after, more] as const))(
    '%j updated by %j',
    (before, update, after, { filter = {}, arrayFilters = [] }) => {
      const made = outcomeOf(() => {
        const parsed = parseFilter(doc(filter))
        const start = doc(before)
        if (!compileFilter(parsed)(start)) throw new Error('The filter does not match')
        return compileUpdate(value(update), value(arrayFilters) as Value[]).apply(start, {
          insert: false,
          now,
          positionOf: (each, path) => matchedPosition(parsed, each, path),
        })
      })
      expect(made).toBe(expectedOutcome(after))
    },
  )
}

describe('numbers', () => {
  changes([
    [{ a: 2147483647 }, { $inc: { a: 1 } }, { a: long(2147483648) }],
    [{ a: long(1) }, { $inc: { a: -1 } }, { a: long(0) }],
    [{ a: long(9223372036854775807n) }, { $inc: { a: 1 } }, fails(2)],
    [{ a: 1 }, { $inc: { a: double(1) } }, { a: double(2) }],
    [{ a: double(1) }, { $inc: { a: long(1) } }, { a: double(2) }],
    [{ a: 1 }, { $inc: { a: decimal('0.10') } }, { a: decimal('1.10') }],
    [{}, { $inc: { a: long(5) } }, { a: long(5) }],
    [{ a: null }, { $inc: { a: 1 } }, fails(14)],
    [{ a: '1' }, { $inc: { a: 1 } }, fails(14)],
    [{ a: 1 }, { $inc: { a: 'x' } }, fails(14)],
    [{ a: 65536 }, { $mul: { a: 65536 } }, { a: long(4294967296) }],
    [{ a: long(4611686018427387904n) }, { $mul: { a: 2 } }, fails(2)],
    [{}, { $mul: { a: long(5) } }, { a: long(0) }],
    [{}, { $mul: { a: decimal('5') } }, { a: decimal('0') }],
    [{ a: 5 }, { $min: { a: double(5) } }, { a: 5 }],
    [{ a: 5 }, { $min: { a: null } }, { a: null }],
    [{ a: 5 }, { $max: { a: 'a' } }, { a: 'a' }],
    [{ a: null }, { $max: { a: 1 } }, { a: 1 }],
    [{}, { $max: { a: 1 } }, { a: 1 }],
    [{ a: 13 }, { $bit: { a: { and: 10, or: 1 } } }, { a: 9 }],
    [{ a: 13 }, { $bit: { a: { xor: long(1) } } }, { a: long(12) }],
    [{ a: 1.5 }, { $bit: { a: { and: 1 } } }, fails(2)],
    [{}, { $bit: { a: { or: 5 } } }, { a: 5 }],
  ])
})

describe('fields', () => {
  changes([
    [{ a: 1 }, { $set: { a: double(1) } }, { a: double(1) }],
    [{ a: 1 }, { $set: { 'b.c.d': 1 } }, { a: 1, b: { c: { d: 1 } } }],
    [{ a: 1 }, { $set: { 'a.b': 1 } }, fails(28)],
    [{ a: null }, { $set: { 'a.b': 1 } }, fails(28)],
    [{ a: [1] }, { $set: { 'a.3': 1 } }, { a: [1, null, null, 1] }],
    [{ a: [1] }, { $set: { 'a.b': 1 } }, fails(28)],
    [{ a: [1] }, { $set: { 'a.9999999': 1 } }, fails(34)],
    [{ a: [{ b: 1 }] }, { $set: { 'a.0.c': 2 } }, { a: [{ b: 1, c: 2 }] }],
    [{}, { $set: { c: 1, a: 2, b: 3 } }, { a: 2, b: 3, c: 1 }],
    [{}, { $set: { 'a.10': 1, 'a.2': 2 } }, { a: { 2: 2, 10: 1 } }],
    [{ a: 1 }, { $unset: { a: '', b: 1 } }, {}],
    [{ a: [1, 2, 3] }, { $unset: { 'a.1': 1 } }, { a: [1, null, 3] }],
    [{ a: 1 }, { $unset: { 'a.b': 1 } }, { a: 1 }],
    [{ a: [1] }, { $unset: { 'a.b': 1 } }, { a: [1] }],
    [{ a: 1, c: 2 }, { $rename: { a: 'b' } }, { c: 2, b: 1 }],
    [{ a: 1, b: 2 }, { $rename: { a: 'b' } }, { b: 1 }],
    [{ a: 1 }, { $rename: { x: 'b' } }, { a: 1 }],
    [{ a: { b: 1 } }, { $rename: { 'a.b': 'c.d' } }, { a: {}, c: { d: 1 } }],
    [{ a: [1] }, { $rename: { 'a.0': 'b' } }, fails(2)],
    [{ a: [1] }, { $rename: { 'a.5': 'b' } }, { a: [1] }],
    [{ a: [{ b: 1 }] }, { $rename: { 'a.b': 'c' } }, fails(28)],
    [{ a: 1, b: [2] }, { $rename: { a: 'b.0' } }, fails(2)],
    [{ a: 1 }, { $rename: { a: 'a' } }, fails(2)],
    [{ a: 1 }, { $rename: { a: 'a.b' } }, fails(2)],
    [{ a: 1 }, { $rename: { a: 5 } }, fails(2)],
    [{ a: 1 }, { $rename: { a: 'b.$' } }, fails(2)],
    [
      {},
      { $currentDate: { a: true, b: { $type: 'timestamp' }, c: { $type: 'date' } } },
      { a: now, b: new Timestamp({ t: 1_700_000_000, i: 1 }), c: now },
    ],
    [{}, { $currentDate: { a: { $type: 'time' } } }, fails(2)],
    [{ a: 1 }, { $setOnInsert: { a: 2 } }, { a: 1 }],
  ])
})

describe('conflicts and invalid paths', () => {
  changes([
    [{}, { $set: { a: 1 }, $inc: { a: 1 } }, fails(40)],
    [{}, { $set: { a: 1, 'a.b': 1 } }, fails(40)],
    [{}, { $set: { 'a.b': 1 }, $unset: { a: 1 } }, fails(40)],
    [{}, { $set: { 'a.b': 1, 'a.c': 1 } }, { a: { b: 1, c: 1 } }],
    [{ a: 1 }, { $rename: { a: 'b' }, $set: { b: 1 } }, fails(40)],
    [{ a: [1, 2] }, { $set: { 'a.$[]': 1, 'a.0': 2 } }, fails(40)],
    [{}, { $set: { '': 1 } }, fails(56)],
    [{}, { $set: { 'a.': 1 } }, fails(56)],
    [{}, { $set: { $a: 1 } }, fails(52)],
    [{}, { $set: 5 }, fails(9)],
    [{}, { $nonsense: { a: 1 } }, fails(9)],
    [{}, { $set: { a: 1 }, b: 1 }, fails(9)],
    [{}, { a: 1, $set: { b: 1 } }, fails(52)],
    [{ _id: 1 }, { $set: { _id: 2 } }, fails(66)],
    [{ _id: 1 }, { $set: { _id: 1 } }, { _id: 1 }],
    [{ _id: { a: 1 } }, { $set: { '_id.a': 2 } }, fails(66)],
    [{ _id: 1 }, { $unset: { _id: 1 } }, fails(66)],
    [{ _id: 1, a: 1 }, { b: 1 }, { _id: 1, b: 1 }],
    [{ _id: 1, a: 1 }, { _id: 2, b: 1 }, fails(66)],
    [{ _id: 1, a: 1 }, {}, { _id: 1 }],
  ])
})

describe('arrays', () => {
  changes([
    [{}, { $push: { a: 1 } }, { a: [1] }],
    [{ a: 1 }, { $push: { a: 1 } }, fails(2)],
    [{ a: [1] }, { $push: { a: [2] } }, { a: [1, [2]] }],
    [{ a: [1] }, { $push: { a: { $each: [3, 2], $sort: 1 } } }, { a: [1, 2, 3] }],
    [{ a: [1] }, { $push: { a: { $slice: -2, $each: [3, 2] } } }, { a: [3, 2] }],
    [{ a: [1, 2] }, { $push: { a: { $each: [], $slice: 1 } } }, { a: [1] }],
    [{ a: [1, 2] }, { $push: { a: { $each: [0], $position: 0 } } }, { a: [0, 1, 2] }],
    [{ a: [1, 2] }, { $push: { a: { $each: [0], $position: -1 } } }, { a: [1, 0, 2] }],
    [{ a: [1, 2] }, { $push: { a: { $each: [0], $position: -9 } } }, { a: [0, 1, 2] }],
    [{ a: [1, 2] }, { $push: { a: { $each: [0], $position: 9 } } }, { a: [1, 2, 0] }],
    [
      { a: [{ b: 2 }, { b: 1, c: 1 }] },
      { $push: { a: { $each: [{ b: 1, c: 0 }], $sort: { b: 1, c: -1 } } } },
      { a: [{ b: 1, c: 1 }, { b: 1, c: 0 }, { b: 2 }] },
    ],
    [{ a: [3, 'a', null] }, { $push: { a: { $each: [{}], $sort: -1 } } }, { a: [{}, 'a', 3, null] }],
    [{ a: [] }, { $push: { a: { $each: 5 } } }, fails(2)],
    [{ a: [] }, { $push: { a: { $each: [], $nonsense: 1 } } }, fails(2)],
    [{ a: [] }, { $push: { a: { $each: [], $slice: 1.5 } } }, fails(2)],
    [{ a: [] }, { $push: { a: { $each: [], $sort: 2 } } }, fails(2)],
    [{ a: [] }, { $push: { a: { b: 1, $each: [] } } }, fails(2)],
    [{ a: [1] }, { $addToSet: { a: double(1) } }, { a: [1] }],
    [
      { a: [{ b: 1, c: 2 }] },
      { $addToSet: { a: { c: 2, b: 1 } } },
      {
        a: [
          { b: 1, c: 2 },
          { c: 2, b: 1 },
        ],
      },
    ],
    [{ a: [1] }, { $addToSet: { a: { $each: [2, 2, 1] } } }, { a: [1, 2] }],
    [{ a: [1] }, { $addToSet: { a: [1] } }, { a: [1, [1]] }],
    [{}, { $addToSet: { a: { $each: [] } } }, { a: [] }],
    [{ a: null }, { $addToSet: { a: 1 } }, fails(2)],
    [{ a: [1, 1, 1] }, { $addToSet: { a: 1 } }, { a: [1, 1, 1] }],
    [{ a: [1, 2, 3, double(1)] }, { $pull: { a: 1 } }, { a: [2, 3] }],
    [{ a: [1, 2, 3] }, { $pull: { a: { $gte: 2 } } }, { a: [1] }],
    [{ a: [1, 2, 3] }, { $pull: { a: { $in: [1, 3] } } }, { a: [2] }],
    [{ a: [{ b: 1, c: 1 }, { b: 2 }, 1] }, { $pull: { a: { b: 1 } } }, { a: [{ b: 2 }, 1] }],
    [{ a: [{ b: [1, 5] }, { b: [6] }] }, { $pull: { a: { b: { $gt: 4, $lt: 2 } } } }, { a: [{ b: [6] }] }],
    [
      { a: [{ b: [1, 5] }, { b: [6] }] },
      { $pull: { a: { b: { $elemMatch: { $gt: 4, $lt: 6 } } } } },
      { a: [{ b: [6] }] },
    ],
    [{ a: [[1, 2], [2, 1], 1] }, { $pull: { a: [1, 2] } }, { a: [[2, 1], 1] }],
    [{ a: ['ab', 'b'] }, { $pull: { a: new BSONRegExp('^a') } }, { a: ['b'] }],
    [{ a: [1, null] }, { $pull: { a: null } }, { a: [1] }],
    [{ a: 1 }, { $pull: { a: 1 } }, fails(2)],
    [{}, { $pull: { a: 1 } }, {}],
    [{ a: 1 }, { $pull: { 'a.b': 1 } }, fails(28)],
    [{ a: [1, 2, [1], { b: 1 }] }, { $pullAll: { a: [1, { b: 1 }] } }, { a: [2, [1]] }],
    [{ a: [1] }, { $pullAll: { a: 1 } }, fails(2)],
    [{ a: [1, 2] }, { $pop: { a: -1 } }, { a: [2] }],
    [{ a: [] }, { $pop: { a: 1 } }, { a: [] }],
    [{ a: 1 }, { $pop: { a: 1 } }, fails(14)],
    [{ a: [1] }, { $pop: { a: 2 } }, fails(9)],
    [{}, { $pop: { a: 1 } }, {}],
  ])
})

describe('positional operators', () => {
  changes([
    [{ a: [1, 2, 3] }, { $set: { 'a.$': 9 } }, { a: [1, 9, 3] }, { filter: { a: 2 } }],
    [
      { a: [{ b: 1 }, { b: 2 }] },
      { $set: { 'a.$.c': 9 } },
      { a: [{ b: 1 }, { b: 2, c: 9 }] },
      { filter: { 'a.b': 2 } },
    ],
    [
      {
        a: [
          { b: 1, c: 1 },
          { b: 2, c: 2 },
        ],
      },
      { $inc: { 'a.$.c': 1 } },
      {
        a: [
          { b: 1, c: 1 },
          { b: 2, c: 3 },
        ],
      },
      { filter: { a: { $elemMatch: { b: 2, c: { $gt: 1 } } } } },
    ],
    [{ a: [1, 2] }, { $set: { 'a.$': 9 } }, fails(2)],
    [{ a: [1, 2] }, { $set: { '$.a': 9 } }, fails(2)],
    [{ a: [[1]] }, { $set: { 'a.$.$': 9 } }, fails(2)],
    [{ a: [1, 2] }, { $inc: { 'a.$[]': 1 } }, { a: [2, 3] }],
    [{ a: [] }, { $inc: { 'a.$[]': 1 } }, { a: [] }],
    [{}, { $inc: { 'a.$[]': 1 } }, fails(2)],
    [{ a: 1 }, { $inc: { 'a.$[]': 1 } }, fails(2)],
    [
      { a: [{ b: [1, 2] }, { b: [3] }] },
      { $inc: { 'a.$[].b.$[x]': 10 } },
      { a: [{ b: [1, 12] }, { b: [13] }] },
      { arrayFilters: [{ x: { $gte: 2 } }] },
    ],
    [
      {
        a: [
          { b: 1, c: 1 },
          { b: 2, c: 1 },
        ],
      },
      { $set: { 'a.$[x].c': 9 } },
      {
        a: [
          { b: 1, c: 1 },
          { b: 2, c: 9 },
        ],
      },
      { arrayFilters: [{ 'x.b': 2 }] },
    ],
    [
      { a: [1, 2, 3] },
      { $unset: { 'a.$[x]': 1 } },
      { a: [1, null, null] },
      { arrayFilters: [{ x: { $gt: 1 } }] },
    ],
    [
      { a: [1, 2, 3] },
      { $set: { 'a.$[x]': 0 } },
      { a: [0, 2, 0] },
      { arrayFilters: [{ $or: [{ x: 1 }, { x: 3 }] }] },
    ],
    [{ a: [1] }, { $set: { 'a.$[x]': 0 } }, fails(2)],
    [{ a: [1] }, { $set: { a: 0 } }, fails(9), { arrayFilters: [{ x: 1 }] }],
    [{ a: [1] }, { $set: { 'a.$[x]': 0 } }, fails(9), { arrayFilters: [{ x: 1 }, { x: 2 }] }],
    [{ a: [1] }, { $set: { 'a.$[x]': 0 } }, fails(9), { arrayFilters: [{ x: 1, y: 2 }] }],
    [{ a: [1] }, { $set: { 'a.$[X]': 0 } }, fails(2), { arrayFilters: [{ X: 1 }] }],
  ])
})

describe('pipelines', () => {
  changes([
    [{ _id: 1, a: 1 }, [{ $set: { b: { $add: ['$a', 1] } } }, { $unset: 'a' }], { _id: 1, b: 2 }],
    [{ _id: 1, a: 1 }, [{ $replaceWith: { c: '$a' } }], { _id: 1, c: 1 }],
    [{ _id: 1, a: 1 }, [{ $set: { _id: 2 } }], fails(66)],
    [{ _id: 1, a: 1 }, [{ $match: {} }], fails(72)],
    [{ _id: 1, a: [{ b: 1 }, 2] }, [{ $set: { 'a.c': 5 } }], { _id: 1, a: [{ b: 1, c: 5 }, { c: 5 }] }],
    [{ _id: 1 }, [{ $set: { a: 1, 'a.b': 2 } }], fails(40176)],
    [{ _id: 1 }, [{ $set: { a: { b: 1 }, 'a.c': 2 } }], { _id: 1, a: { b: 1, c: 2 } }],
    [{ _id: 1 }, [{ $set: { a: { 'b.c': 1 } } }], fails(40183)],
    [{ _id: 1 }, [{ $set: { a: { $add: [1], b: 1 } } }], fails(40181)],
    [{ _id: 1, a: { b: 1 } }, [{ $set: { a: {} } }], { _id: 1, a: {} }],
    [{ _id: 1 }, [{ $set: { a: '$$NONE' } }], fails(17276)],
  ])
})

describe('the document that an upsert inserts', () => {
  test.each<[Document, Document, unknown]>([
    [{ _id: 1, a: 2 }, { $set: { b: 3 } }, { _id: 1, a: 2, b: 3 }],
    [{ _id: 1, 'a.b': 2 }, { $set: { 'a.c': 3 } }, { _id: 1, a: { b: 2, c: 3 } }],
    [{ _id: 1, a: { $gt: 2 } }, { $setOnInsert: { b: 3 } }, { _id: 1, b: 3 }],
    [{ _id: 1, $and: [{ a: 2 }, { b: { $eq: 3 } }] }, { $inc: { a: 1 } }, { _id: 1, a: 3, b: 3 }],
    [{ _id: 1, $or: [{ a: 2 }] }, { $set: { b: 1 } }, { _id: 1, a: 2, b: 1 }],
    [{ _id: 1, $or: [{ a: 2 }, { a: 3 }] }, { $set: { b: 1 } }, { _id: 1, b: 1 }],
    [{ _id: 1, a: { $in: [5] } }, { $set: { b: 1 } }, { _id: 1, a: 5, b: 1 }],
    [{ _id: 1, a: { $all: [5] } }, { $set: { b: 1 } }, { _id: 1, a: 5, b: 1 }],
    [{ _id: 1, a: new BSONRegExp('x') }, { $set: { b: 1 } }, { _id: 1, b: 1 }],
    [{ _id: 1, a: 1, 'a.b': 1 }, { $set: { c: 1 } }, fails(54)],
    [{ _id: 1, $and: [{ a: 1 }, { a: 1 }] }, { $set: { c: 1 } }, fails(54)],
    [{ _id: 1, a: 2 }, { b: 3 }, { _id: 1, b: 3 }],
    [{ _id: 1 }, { _id: 2, b: 3 }, fails(66)],
    [{ a: 1 }, { $set: { _id: 7 } }, { _id: 7, a: 1 }],
    [{ _id: 1, a: [1] }, { $push: { a: 2 } }, { _id: 1, a: [1, 2] }],
    [{ _id: 1, a: 1 }, { $unset: { a: 1 } }, { _id: 1 }],
  ])('%j updated by %j', (filter, update, expected) => {
    expect(outcomeOf(() => buildUpsert(compileUpdate(value(update)), parseFilter(doc(filter)), now))).toBe(
      expectedOutcome(expected),
    )
  })
})
