import {
  BSONRegExp,
  Decimal128,
  Double,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  type Document,
} from 'bson'
import { parseFilter } from '../../src/store/filter'
import { compileFilter } from '../../src/store/match'
import { outcomeOf, doc, fails, expectedOutcome } from './case-values'

type Case = [filter: Document, values: unknown[], expected: unknown]

/** A value that stands for a document without the field. */
const none = Symbol('none')

/** Each value is the field `a` of a document. The expected result is the positions of the values that match. */
function finds(cases: Case[]): void {
  test.each(cases.map(([filter, values, expected]) => [filter, values, expected]))(
    '%j of %j',
    (filter, values, expected) => {
      const found = outcomeOf(() => {
        const test = compileFilter(parseFilter(doc(filter as Document)))
        return (values as unknown[])
          .map((value, i) => (test(doc(value === none ? {} : { a: value })) ? i : -1))
          .filter(i => i >= 0)
      })
      expect(found).toBe(expectedOutcome(expected))
    },
  )
}

describe('null, missing values and arrays', () => {
  const values = [null, none, 1, [], [null], [1, null], {}, [[]]]
  finds([
    [{ a: null }, values, [0, 1, 4, 5]],
    [{ a: { $ne: null } }, values, [2, 3, 6, 7]],
    [{ a: { $in: [null, 1] } }, values, [0, 1, 2, 4, 5]],
    [{ a: { $nin: [null] } }, values, [2, 3, 6, 7]],
    [{ a: { $gte: null } }, values, [0, 1, 4, 5]],
    [{ a: { $gt: null } }, values, []],
    [{ a: { $exists: true } }, values, [0, 2, 3, 4, 5, 6, 7]],
    [{ a: { $exists: false } }, values, [1]],
    [{ a: { $type: 'null' } }, values, [0, 4, 5]],
    [{ a: { $type: 'array' } }, values, [3, 4, 5, 7]],
    [{ a: [] }, values, [3, 7]],
    [{ a: { $size: 1 } }, values, [4, 7]],
    [{ a: { $elemMatch: { $eq: null } } }, values, [4, 5]],
    [{ a: { $not: { $elemMatch: { $eq: null } } } }, values, [0, 1, 2, 3, 6, 7]],
    [{ a: { $all: [null] } }, values, [0, 1, 4, 5]],
    [{ a: { $lt: new MaxKey() } }, values, [0, 1, 2, 3, 4, 5, 6, 7]],
  ])
})

describe('paths through arrays', () => {
  const values = [
    { b: 1 },
    [{ b: 1 }, { b: 2 }],
    [{ b: [1, 2] }],
    [[{ b: 1 }]],
    [{ c: 1 }],
    [],
    { b: null },
    5,
    [1, { b: null }],
    none,
  ]
  finds([
    [{ 'a.b': 1 }, values, [0, 1, 2]],
    [{ 'a.b': null }, values, [4, 6, 7, 8, 9]],
    [{ 'a.b': { $exists: false } }, values, [3, 4, 5, 7, 9]],
    [{ 'a.b': { $ne: 1 } }, values, [3, 4, 5, 6, 7, 8, 9]],
    [{ 'a.b': { $gt: 1, $lt: 2 } }, values, [1, 2]],
    [{ a: { $elemMatch: { b: { $gt: 1, $lt: 2 } } } }, values, [2]],
    [{ 'a.0.b': 1 }, values, [1, 2, 3]],
    [{ 'a.0.0.b': 1 }, values, [3]],
    [{ 'a.b.0': 1 }, values, [2]],
    [{ 'a.b': { $size: 2 } }, values, [2]],
    [{ 'a.b': { $type: 'int' } }, values, [0, 1, 2]],
    [{ a: { b: 1 } }, values, [0, 1]],
    [{ 'a.01': 1 }, [[1, 1]], []],
    [{ 'a.0': 1 }, [[1], [[1]], { 0: 1 }, [{ 0: 1 }]], [0, 2, 3]],
  ])
})

describe('values of different types', () => {
  const numbers = [
    1,
    new Double(1),
    Long.fromNumber(1),
    new Decimal128('1.0'),
    '1',
    true,
    NaN,
    new Decimal128('NaN'),
    Infinity,
  ]
  finds([
    [{ a: 1 }, numbers, [0, 1, 2, 3]],
    [{ a: { $gt: 0 } }, numbers, [0, 1, 2, 3, 8]],
    [{ a: NaN }, numbers, [6, 7]],
    [{ a: { $gte: NaN } }, numbers, [6, 7]],
    [{ a: { $gt: NaN } }, numbers, []],
    [{ a: { $lt: 5 } }, numbers, [0, 1, 2, 3]],
    [{ a: { $type: 'number' } }, numbers, [0, 1, 2, 3, 6, 7, 8]],
    [{ a: { $type: ['string', 8] } }, numbers, [4, 5]],
    [{ a: { $mod: [2, 1] } }, numbers, [0, 1, 2, 3]],
    [{ a: { $mod: [2.9, 1.9] } }, [3, 2], [0]],
    [{ a: { $mod: [3, -1] } }, [-1, 2, -4.5], [0, 2]],
    [{ a: { $mod: [0.5, 0] } }, [1], fails(2)],
    [{ a: { $mod: [NaN, 0] } }, [1], fails(2)],
    [{ a: { $gt: new MinKey() } }, [1, none, null, new MinKey()], [0, 1, 2]],
    [{ a: { $lte: new MinKey() } }, [1, none, new MinKey()], [2]],
    [{ a: { $gt: new Date(0) } }, [new Date(1), new Timestamp({ t: 5, i: 1 }), 5], [0]],
    [{ a: { $gt: { b: 1 } } }, [{ b: 2 }, { a: 5 }, { c: 0 }, { b: '' }, { b: 1, c: 1 }, 5], [0, 2, 3, 4]],
    [{ a: { $lt: [2] } }, [[1, 9], [2], [[1]], 1, [], [3]], [0, 4, 2].sort()],
    [{ a: { $gte: '' } }, ['a', 1, ['b']], [0, 2]],
    [{ a: true }, [true, 1, [true]], [0, 2]],
    [
      { a: new ObjectId('000000000000000000000001') },
      [new ObjectId('000000000000000000000001'), '000000000000000000000001'],
      [0],
    ],
    [{ a: { b: 1, c: 2 } }, [{ b: 1, c: 2 }, { c: 2, b: 1 }, { b: 1 }, { b: 1.0, c: 2 }], [0, 3]],
  ])
})

describe('regular expressions', () => {
  const values = [
    'abc',
    'ABC',
    'a\nb',
    ['x', 'abc'],
    new BSONRegExp('^a', ''),
    new BSONRegExp('^a', 'i'),
    5,
    none,
  ]
  finds([
    [{ a: new BSONRegExp('^a') }, values, [0, 2, 3, 4]],
    [{ a: { $regex: '^a', $options: 'i' } }, values, [0, 1, 2, 3, 5]],
    [{ a: { $in: [new BSONRegExp('^A'), 5] } }, values, [1, 6]],
    [{ a: { $not: new BSONRegExp('^a') } }, values, [1, 5, 6, 7]],
    [{ a: { $not: { $regex: '^a' } } }, values, [1, 5, 6, 7]],
    [{ a: { $eq: new BSONRegExp('^a') } }, values, [4]],
    [{ a: { $regex: '^b', $options: 'm' } }, values, [2]],
    [{ a: { $ne: new BSONRegExp('a') } }, values, fails(2)],
    [{ a: { $gt: new BSONRegExp('a') } }, values, fails(2)],
    [{ a: { $options: 'i' } }, values, fails(2)],
    [{ a: { $regex: 5 } }, values, fails(2)],
    [{ a: { $regex: 'a\0' } }, values, fails(2)],
    [{ a: { $regex: '(' } }, values, fails(51091)],
    [{ a: { $regex: 'a', $options: 'q' } }, values, fails(51108)],
    [{ a: { $regex: new BSONRegExp('a', 'i'), $options: 'm' } }, values, fails(51074)],
  ])
})

describe('invalid filters', () => {
  finds([
    [{ a: { $gt: 1, constructor: 1 } }, [1], fails(2)],
    [{ a: { $type: 'constructor' } }, [1], fails(2)],
    [{ a: { $type: 'nonsense' } }, [1], fails(2)],
    [{ a: { $type: 0 } }, [1], fails(2)],
    [{ a: { $type: [] } }, [1], fails(9)],
    [{ a: { $not: {} } }, [1], fails(2)],
    [{ a: { $not: 5 } }, [1], fails(2)],
    [{ a: { $in: 5 } }, [1], fails(2)],
    [{ a: { $in: [{ $gt: 1 }] } }, [1], fails(2)],
    [{ a: { $all: 5 } }, [1], fails(2)],
    [{ a: { $all: [{ $elemMatch: { b: 1 } }, 5] } }, [1], fails(2)],
    [{ a: { $size: -1 } }, [1], fails(2)],
    [{ a: { $size: 1.5 } }, [1], fails(2)],
    [{ a: { $elemMatch: 5 } }, [1], fails(2)],
    [{ a: { $jsonSchema: {} } }, [1], fails(238)],
    [{ $jsonSchema: {} }, [1], fails(238)],
    [{ a: { $bitsAllSet: 1 } }, [1], fails(238)],
    [{ $and: [] }, [1], fails(2)],
    [{ $or: [5] }, [1], fails(2)],
    [{ $nonsense: 1 }, [1], fails(2)],
    [{ a: { $elemMatch: { $expr: true } } }, [1], fails(2)],
    [{ a: { $elemMatch: { $gt: 1, $or: [] } } }, [1], fails(2)],
    [{ $expr: { $nonsense: 1 } }, [1], fails(168)],
  ])
})

describe('combined conditions', () => {
  finds([
    [{ a: { $all: [1, 2] } }, [[1, 2, 3], [2], 1, [[1, 2]]], [0]],
    [{ a: { $all: [[1, 2]] } }, [[1, 2], [[1, 2]], [1, 2, 3]], [0, 1]],
    [{ a: { $all: [] } }, [[], [1], none], []],
    [
      { a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { b: 2 } }] } },
      [[{ b: 1 }, { b: 2 }], [{ b: 1 }]],
      [0],
    ],
    [{ a: { $elemMatch: { $gt: 1, $lt: 3 } } }, [[1, 3], [2], 2], [1]],
    [{ a: { $elemMatch: { $elemMatch: { $gt: 1 } } } }, [[[2]], [2], [[1]]], [0]],
    [{ a: { $elemMatch: {} } }, [[{}], [[]], [1], []], [0, 1]],
    [{ a: { $elemMatch: { b: 1, c: 2 } } }, [[{ b: 1 }, { c: 2 }], [{ b: 1, c: 2 }]], [1]],
    [{ a: { $not: { $gt: 1 } } }, [0, 2, none, [0, 2]], [0, 2]],
    [{ $nor: [{ a: 1 }, { a: { $exists: false } }] }, [1, 2, none], [1]],
    [{ $expr: { $gt: ['$a', null] } }, [1, null, none, 'x'], [0, 3]],
    [{ a: { $in: [] } }, [1, none], []],
    [{ a: { $nin: [] } }, [1, none], [0, 1]],
  ])
})
