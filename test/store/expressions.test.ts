import { BSONRegExp, Decimal128, Double, Long, ObjectId, Timestamp, type Document } from 'bson'
import { compilePipeline } from '../../src/store/aggregate'
import { compileExpression } from '../../src/store/expression'
import type { Doc, Value } from '../../src/store/value'
import { yieldPoint } from '../../src/store/yielding'
import { outcomeOf, doc, missing, fails, value, expectedOutcome } from './case-values'

const long = (n: bigint | number) => Long.fromBigInt(BigInt(n))
const double = (n: number) => new Double(n)
const decimal = (text: string) => new Decimal128(text)
const maxLong = long(9223372036854775807n)
const day = (text: string) => new Date(text)

/**
 * Edge cases beyond those in `manual/`. Results are those of MongoDB's manual, or of its source code where the manual
 * is silent.
 */
type Case = [expression: unknown, expected: unknown, document?: Document]

function holds(cases: Case[]): void {
  test.each(
    cases.map(([expression, expected, plain = {}]) => [
      JSON.stringify(expression),
      expression,
      expected,
      plain,
    ]),
  )('%s', (_, expression, expected, plain) => {
    expect(outcomeOf(() => compileExpression(value(expression))(doc(plain as Document)))).toBe(
      expectedOutcome(expected),
    )
  })
}

describe('sums have the narrowest type that fits', () => {
  holds([
    [{ $add: [2147483647, 1] }, long(2147483648)],
    [{ $add: [2147483647, 1, -1] }, 2147483647],
    [{ $add: [maxLong, 1] }, double(9223372036854775807)],
    [{ $add: [maxLong, 1, -1] }, double(9223372036854775807)],
    [{ $add: [long(2147483647), 1, -1] }, long(2147483647)],
    [{ $multiply: [65536, 65536, 0] }, 0],
    [{ $multiply: [maxLong, 2] }, double(18446744073709551614)],
    [{ $multiply: [0.5, 2] }, double(1)],
    [{ $multiply: [0.5, decimal('2')] }, decimal('1.000000000000000')],
    [{ $add: [day('2024-01-01T00:00:00Z'), 1.5] }, day('2024-01-01T00:00:00.002Z')],
    [{ $add: [day('1970-01-01T00:00:00Z'), -2.5] }, day('1969-12-31T23:59:59.997Z')],
    [{ $sum: [2147483647, 1, -1] }, 2147483647],
    [{ $sum: [maxLong, 1, -1] }, maxLong],
    [{ $sum: [maxLong, 1] }, double(9223372036854775807)],
    [{ $sum: [long(9007199254740993n), double(1)] }, double(9007199254740994)],
    [{ $sum: ['a', null, [1, 2]] }, 0],
    [{ $avg: [maxLong, maxLong] }, double(9223372036854775807)],
  ])
})

describe('rounding uses the exact value of a double', () => {
  holds([
    [{ $round: [2.5, 0] }, double(2)],
    [{ $round: [3.5, 0] }, double(4)],
    [{ $round: [-2.5, 0] }, double(-2)],
    [{ $round: [2.675, 2] }, 2.67],
    [{ $round: [2.125, 2] }, 2.12],
    [{ $round: [15, -1] }, 20],
    [{ $round: [25, -1] }, 20],
    [{ $round: [2147483647, -1] }, long(2147483650)],
    [{ $round: [maxLong, -1] }, fails(51080)],
    [{ $trunc: [0.29, 2] }, 0.28],
    [{ $trunc: [-7.89, 1] }, -7.8],
    [{ $trunc: [1234, -2] }, 1200],
    [{ $round: [1.5, 'a'] }, fails(16004)],
    [{ $round: ['a', 1] }, fails(51081)],
    [{ $round: [1, 1.5] }, fails(51082)],
    [{ $round: [1, 101] }, fails(51083)],
    [{ $round: [decimal('2.5'), 0] }, decimal('2')],
    [{ $ceil: decimal('-0.5') }, decimal('-0')],
    [{ $floor: -1.5 }, double(-2)],
  ])
})

describe('strings', () => {
  holds([
    [{ $indexOfCP: ['añb', 'b'] }, 2],
    [{ $indexOfCP: ['a😀b', 'b'] }, 2],
    [{ $indexOfCP: ['abc', '', 3] }, -1],
    [{ $indexOfCP: ['', ''] }, 0],
    [{ $indexOfCP: ['abcd', 'cd', 0, 3] }, -1],
    [{ $indexOfCP: ['abcd', 'cd', 3, 2] }, -1],
    [{ $indexOfCP: ['abc', 'c', 5] }, -1],
    [{ $indexOfCP: [null, 'c'] }, null],
    [{ $indexOfCP: ['abc', null] }, fails(40094)],
    [{ $strLenCP: '😀' }, 1],
    [{ $strLenBytes: '😀' }, 4],
    [{ $substrCP: ['a😀b', 1, 1] }, '😀'],
    [{ $toUpper: 'aéß' }, 'Aéß'],
    [{ $toLower: 1e16 }, '1e+16'],
    [{ $toString: 0.00001 }, '1e-05'],
    [{ $toString: 0.0001 }, '0.0001'],
    [{ $toString: 123456789012345680 }, '1.2345678901234568e+17'],
    [{ $toString: double(3) }, '3'],
    [{ $toString: -1.5e-7 }, '-1.5e-07'],
    [{ $toString: 0.30000000000000004 }, '0.30000000000000004'],
    [{ $split: ['a,b', null] }, null],
    [{ $trim: { input: ' a ' } }, 'a'],
    [{ $regexMatch: { input: 'a', regex: '(' } }, fails(51111)],
    [{ $regexMatch: { input: 'a', regex: 'a\0' } }, fails(51109)],
    [{ $regexMatch: { input: 'a', regex: new BSONRegExp('a', 'i'), options: '' } }, fails(51107)],
    [{ $regexMatch: { input: 'a', regex: null } }, false],
    [
      { $regexFindAll: { input: 'a😀a', regex: 'a' } },
      [
        { match: 'a', idx: 0, captures: [] },
        { match: 'a', idx: 2, captures: [] },
      ],
    ],
    [
      { $regexFindAll: { input: 'ab', regex: 'x*' } },
      [
        { match: '', idx: 0, captures: [] },
        { match: '', idx: 1, captures: [] },
      ],
    ],
    [{ $regexFind: { input: 'ab', regex: '(x)?b' } }, { match: 'b', idx: 1, captures: [null] }],
  ])
})

describe('arrays', () => {
  holds([
    [{ $slice: [1, 2, null] }, fails(28724)],
    [{ $slice: [[1, 2, 3], -2] }, [2, 3]],
    [{ $slice: [[1, 2, 3], -5, 2] }, [1, 2]],
    [{ $slice: [[1, 2, 3], 1, 0] }, fails(28729)],
    [
      {
        $setUnion: [
          [2, 1],
          [3, 1],
        ],
      },
      [1, 2, 3],
    ],
    [{ $setUnion: [1, null] }, fails(17043)],
    [{ $setUnion: [null, 1] }, null],
    [
      {
        $setIntersection: [
          [3, 2, 1],
          [1, 3],
        ],
      },
      [1, 3],
    ],
    [{ $setDifference: [[3, 1, 3, 2], [2]] }, [3, 1]],
    [{ $in: ['$none', [null]] }, false],
    [{ $indexOfArray: [[1, 2, 1], 1, 1] }, 2],
    [{ $arrayElemAt: [[1, 2], 5] }, missing],
    [{ $arrayElemAt: [[1, 2], -2] }, 1],
    [{ $map: { input: [1, null], as: 'x', in: { $add: ['$$x', 1] } } }, [2, null]],
    [{ $map: { input: [1], in: '$none' } }, [null]],
    [{ $filter: { input: [1, 2, 3], cond: { $gt: ['$$this', 1] }, limit: 1 } }, [2]],
    [{ $filter: { input: [1], cond: true, limit: 0 } }, fails(327392)],
    [
      { $reduce: { input: [1, 2], initialValue: '', in: { $concat: ['$$value', { $toString: '$$this' }] } } },
      '12',
    ],
    [{ $max: [[1, 5], 3] }, [1, 5]],
    [{ $max: ['$none', null] }, null],
    ['$a.b', [1, 2], { a: [{ b: 1 }, 3, { b: 2 }, { c: 1 }] }],
    ['$a.0', [], { a: [1, 2] }],
    ['$a.b', missing, { a: 1 }],
    [{ $concatArrays: [[1], null, 3] }, null],
    [{ $size: '$none' }, fails(17124)],
  ])
})

describe('variables', () => {
  holds([
    [
      { $let: { vars: { CURRENT: '$a' }, in: ['$b', '$$CURRENT.b', '$$ROOT.a.b'] } },
      [5, 5, 5],
      { a: { b: 5 } },
    ],
    [{ $let: { vars: { x: 1 }, in: { $let: { vars: { x: 2, y: '$$x' }, in: ['$$x', '$$y'] } } } }, [2, 1]],
    [{ $map: { input: [{ b: 1 }], as: 'CURRENT', in: '$b' } }, [1]],
    [{ $let: { vars: { CURRENT: null }, in: '$a' } }, missing, { a: 1 }],
    [{ a: '$$REMOVE', b: 1 }, { b: 1 }],
    [['$$REMOVE'], [null]],
    ['$$x', fails(17276)],
    [{ $let: { vars: { X: 1 }, in: 1 } }, fails(16867)],
    [{ $let: { vars: { 'x.y': 1 }, in: 1 } }, fails(16868)],
    [{ $cond: [{ $gt: ['$none', null] }, 1, 2] }, 2],
    [{ $cond: { if: 1, then: 2 } }, fails(17082)],
    [{ $switch: { branches: [{ case: false, then: 1 }] } }, fails(40066)],
    [{ $ifNull: [null, '$none', 3] }, 3],
    [{ $ifNull: [1] }, fails(1257300)],
    [{ $mergeObjects: [{ a: 1, b: 1 }, null, { a: 2 }] }, { a: 2, b: 1 }],
    [{ $mergeObjects: [5] }, fails(40400)],
    [{ $objectToArray: { a: 1 } }, [{ k: 'a', v: 1 }]],
    [{ $and: [] }, true],
    [{ $or: [] }, false],
    [
      {
        $eq: [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      },
      false,
    ],
    [{ $lt: ['$none', null] }, true],
    [
      {
        $cmp: [
          [1, 2],
          [1, 2, 0],
        ],
      },
      -1,
    ],
    [{ $type: '$none' }, 'missing'],
    [{ $literal: '$a' }, '$a'],
  ])
})

describe('conversions', () => {
  holds([
    [{ $toDate: new Timestamp({ t: 1000, i: 5 }) }, day('1970-01-01T00:16:40Z')],
    [{ $toDate: new ObjectId('000003e80000000000000000') }, day('1970-01-01T00:16:40Z')],
    [{ $toDate: 5 }, fails(241)],
    [{ $toDate: 'no date' }, fails(241)],
    [{ $toDate: 'July 4, 2018' }, fails(238)],
    [{ $toDate: '2018-02-30' }, fails(241)],
    [{ $toDate: '2018-03-20T11:00:06+0500' }, day('2018-03-20T06:00:06Z')],
    [{ $toDouble: decimal('1E-400') }, fails(241)],
    [{ $toDouble: '1e400' }, fails(241)],
    [{ $toDouble: '0x1A' }, fails(241)],
    [{ $toDouble: ' 1' }, fails(241)],
    [{ $toInt: '1.5' }, fails(241)],
    [{ $toInt: 1.9 }, 1],
    [{ $toInt: 2147483648 }, fails(241)],
    [{ $toInt: NaN }, fails(241)],
    [{ $toLong: decimal('1.9') }, long(1)],
    [{ $toBool: '' }, true],
    [{ $toBool: 0 }, false],
    [{ $toBool: null }, null],
    [{ $toString: new Timestamp({ t: 1, i: 1 }) }, fails(241)],
    [{ $convert: { input: 'x', to: 'int', onError: 'bad' } }, 'bad'],
    [{ $convert: { input: '$none', to: 'int', onNull: 'none' } }, 'none'],
    [{ $convert: { input: 1, to: null } }, null],
    [{ $convert: { input: 1, to: 'nonsense' } }, fails(2)],
  ])
})

describe('dates', () => {
  const summer = day('2021-07-01T12:00:00.123Z')
  holds([
    [{ $dateToString: { date: summer } }, '2021-07-01T12:00:00.123Z'],
    [{ $dateToString: { date: summer, timezone: 'UTC' } }, '2021-07-01T12:00:00.123Z'],
    [{ $dateToString: { date: summer, timezone: 'Europe/Berlin' } }, '2021-07-01T14:00:00.123Z'],
    [{ $dateToString: { date: summer, timezone: '+05:30' } }, '2021-07-01T17:30:00.123Z'],
    [{ $dateToString: { date: summer, timezone: 'europe/berlin' } }, fails(40485)],
    [{ $dateToString: { date: summer, timezone: 'Z' } }, fails(40485)],
    [{ $dateToString: { date: null, timezone: null, onNull: 'none' } }, 'none'],
    [{ $dateToString: { date: null, format: null, onNull: 'none' } }, 'none'],
    [{ $dateToString: { date: summer, format: null } }, null],
    [{ $dateToString: { date: summer, format: '%z %Z', timezone: '-03:30' } }, '-0330 -210'],
    [{ $dateToString: { date: day('+012345-06-07T00:00:00Z'), format: '%m' } }, '06'],
    [{ $dateToString: { date: day('+012345-06-07T00:00:00Z'), format: '%Y' } }, fails(18537)],
    [{ $dayOfYear: day('0050-03-01T00:00:00Z') }, 60],
    [{ $isoWeek: day('0004-01-01T00:00:00Z') }, 1],
    [
      { $dateAdd: { startDate: day('2021-01-31T00:00:00Z'), unit: 'month', amount: 1 } },
      day('2021-02-28T00:00:00Z'),
    ],
    [
      {
        $dateAdd: {
          startDate: day('2020-11-01T05:50:02Z'),
          unit: 'hour',
          amount: 1,
          timezone: 'America/New_York',
        },
      },
      day('2020-11-01T06:50:02Z'),
    ],
    [
      {
        $dateAdd: {
          startDate: day('2021-03-27T01:30:00Z'),
          unit: 'day',
          amount: 1,
          timezone: 'Europe/Berlin',
        },
      },
      day('2021-03-28T01:30:00Z'),
    ],
    [{ $dateAdd: { startDate: summer, unit: 'year', amount: long(600000000) } }, fails(5976500)],
    [{ $dateAdd: { startDate: summer, unit: 'eon', amount: 1 } }, fails(9)],
    [{ $dateAdd: { startDate: summer, unit: 'day', amount: 1.5 } }, fails(5166405)],
    [
      { $dateSubtract: { startDate: summer, unit: 'day', amount: long(-9223372036854775808n) } },
      fails(6045000),
    ],
    [
      { $dateTrunc: { date: summer, unit: 'day', timezone: 'America/New_York' } },
      day('2021-07-01T04:00:00Z'),
    ],
    [{ $dateTrunc: { date: summer, unit: 'week' } }, day('2021-06-27T00:00:00Z')],
    [{ $dateTrunc: { date: summer, unit: 'week', startOfWeek: 'Mon' } }, day('2021-06-28T00:00:00Z')],
    [{ $dateTrunc: { date: summer, unit: 'hour', binSize: 7 } }, day('2021-07-01T06:00:00Z')],
    [
      { $dateTrunc: { date: day('1999-12-31T23:00:00Z'), unit: 'month', binSize: 5 } },
      day('1999-08-01T00:00:00Z'),
    ],
    [{ $dateTrunc: { date: summer, unit: 'day', binSize: long(100000000001) } }, fails(5439006)],
    [{ $dateTrunc: { date: summer, unit: 'hour', binSize: maxLong } }, fails(5439002)],
    [{ $dateTrunc: { date: summer, unit: 'day', binSize: 0 } }, fails(5439018)],
    [{ $dateTrunc: { date: 'x', unit: 'day' } }, fails(5439012)],
    [
      {
        $dateDiff: {
          startDate: day('2021-01-01T23:59:00Z'),
          endDate: day('2021-01-02T00:01:00Z'),
          unit: 'day',
        },
      },
      long(1),
    ],
    [
      {
        $dateDiff: {
          startDate: day('2020-12-31T23:00:00Z'),
          endDate: day('2021-01-01T00:00:00Z'),
          unit: 'year',
          timezone: 'Europe/Berlin',
        },
      },
      long(0),
    ],
    [{ $year: { date: day('2020-12-31T23:30:00Z'), timezone: 'Europe/Berlin' } }, 2021],
  ])
})

describe('regular expressions match as in PCRE', () => {
  const match = (regex: string, input: string, options = '') => ({ $regexMatch: { input, regex, options } })
  holds([
    [match('a.b', 'a\rb'), true],
    [match('a.b', 'a\u2028b'), true],
    [match('a.b', 'a\nb'), false],
    [match('a.b', 'a\nb', 's'), true],
    [match('^b', 'a\rb', 'm'), false],
    [match('^b', 'a\nb', 'm'), true],
    [match('a$', 'a\n'), true],
    [match('a$', 'a\nb'), false],
    [match('a$', 'a\nb', 'm'), true],
    [match('a\\z', 'a\n'), false],
    [match('a\\Z', 'a\n'), true],
    [match('^[]a]$', ']'), true],
    [match('^[^]a]$', 'b'), true],
    [match('^[^]a]$', ']'), false],
    [match('\\s', '\u00a0'), false],
    [match('[\\s]', '\u00a0'), false],
    [match('\\S', '\u00a0'), true],
    [match('\\d', '٣'), false],
    [match('[[:alpha:]]+$', 'abc'), true],
    [match('^[[:^digit:]]$', '1'), false],
    [match('a{,2}b', 'a{,2}b'), true],
    [match('a\\-b', 'a-b'), true],
    [match('a@b\\.c', 'a@b.c'), true],
    [match('(?i)AB', 'ab'), true],
    [match('a b # text', 'ab', 'x'), true],
    [match('a\\ b', 'a b', 'x'), true],
    [match('[a b]', ' ', 'x'), true],
    [match('(?<n>a)\\k<n>', 'aa'), fails(238)],
    [match('(?P<n>a)b', 'ab'), true],
    [match('(?P<n>a)(?P=n)', 'aa'), fails(238)],
    [match('\\x{1F600}', '😀'), true],
    [match('\\x41', 'A'), true],
    [match('\\Qa.b\\E', 'a.b'), true],
    [match('\\Qa.b\\E', 'axb'), false],
    [match('\\h', '\t'), true],
    [match('(?#text)a', 'a'), true],
    [match('(?>a)b', 'ab'), fails(238)],
    [match('a++b', 'ab'), fails(238)],
    [match('(?R)?a', 'a'), fails(238)],
    [match('a(?i)B', 'ab'), fails(238)],
    [match('\\X', 'a'), fails(238)],
    [match('(a', 'a'), fails(51111)],
    [match('*a', 'a'), fails(51111)],
    [match('a', 'a', 'z'), fails(51108)],
  ])
})

describe('stages', () => {
  const run = (pipeline: unknown[], docs: Document[]): Value => {
    const stage = compilePipeline(value(pipeline) as Value[])
    function* source() {
      for (const each of docs) yield doc(each)
    }
    const found: Value[] = []
    for (const each of stage(source())) if (each !== yieldPoint) found.push(each as Doc)
    return found
  }
  test.each<[string, unknown[], Document[], unknown]>([
    [
      'a sum returns to an int',
      [{ $group: { _id: null, n: { $sum: '$n' } } }],
      [{ n: 2147483647 }, { n: 1 }, { n: -1 }],
      [{ _id: null, n: 2147483647 }],
    ],
    [
      'an accumulator does not accept an array',
      [{ $group: { _id: null, n: { $sum: ['$n'] } } }],
      [],
      fails(40237),
    ],
    [
      '$sortByCount does not accept an object without an operator',
      [{ $sortByCount: { a: 1 } }],
      [],
      fails(40147),
    ],
    ['the name of a facet cannot contain a dot', [{ $facet: { 'a.b': [] } }], [], fails(16412)],
    ['the name of a facet cannot start with a dollar sign', [{ $facet: { $a: [] } }], [], fails(16410)],
    ['a stage of a facet must have a name', [{ $facet: { a: [{}] } }], [], fails(40323)],
    [
      'accumulators of missing values',
      [{ $group: { _id: '$x', a: { $avg: '$n' }, f: { $first: '$n' }, p: { $push: '$n' } } }],
      [{}],
      [{ _id: null, a: null, f: null, p: [] }],
    ],
    [
      '$unwind with the index of each element',
      [{ $unwind: { path: '$a', includeArrayIndex: 'i' } }],
      [{ a: [5] }, { a: 6 }, { a: [] }],
      [
        { a: 5, i: long(0) },
        { a: 6, i: null },
      ],
    ],
    ['$project has no positional projection', [{ $project: { 'a.$': 1 } }], [], fails(31324)],
    ['$project has no $elemMatch', [{ $project: { a: { $elemMatch: { b: 1 } } } }], [], fails(168)],
    [
      'an unknown expression inside a known one',
      [{ $project: { a: { $add: [{ $nonsense: 1 }] } } }],
      [],
      fails(168),
    ],
    ['an unknown expression', [{ $project: { a: { $nonsense: 1 } } }], [], fails(31325)],
    [
      'sorting by two fields of the same array',
      [{ $sort: { 'a.x': 1, 'a.y': 1 } }],
      [
        {
          _id: 1,
          a: [
            { x: 1, y: 5 },
            { x: 2, y: 1 },
          ],
        },
        { _id: 2, a: [{ x: 1, y: 3 }] },
      ],
      [
        { _id: 2, a: [{ x: 1, y: 3 }] },
        {
          _id: 1,
          a: [
            { x: 1, y: 5 },
            { x: 2, y: 1 },
          ],
        },
      ],
    ],
    ['sorting by two arrays is refused', [{ $sort: { a: 1, b: 1 } }], [{ a: [1], b: [1] }], fails(2)],
    [
      'sorting by an element of an array',
      [{ $sort: { 'a.0': -1 } }],
      [
        { _id: 1, a: [{ x: 1 }] },
        { _id: 2, a: [{ x: 2 }] },
      ],
      [
        { _id: 2, a: [{ x: 2 }] },
        { _id: 1, a: [{ x: 1 }] },
      ],
    ],
    [
      'an empty array sorts below null',
      [{ $sort: { a: 1 } }],
      [{ _id: 1 }, { _id: 2, a: [] }, { _id: 3, a: null }],
      [{ _id: 2, a: [] }, { _id: 1 }, { _id: 3, a: null }],
    ],
  ])('%s: %j', (_, pipeline, docs, expected) => {
    expect(outcomeOf(() => run(pipeline, docs))).toBe(expectedOutcome(expected))
  })
})

describe('an expression has a bound for each document', () => {
  const thousand = Array.from({ length: 1000 }, (_, i) => i)
  const many = Array.from({ length: 200_000 }, () => 1)
  const doubling = { input: Array.from({ length: 40 }, () => 1) }
  test.each<[string, unknown, Document, number | string]>([
    [
      'an array that doubles 40 times',
      { $reduce: { ...doubling, initialValue: [1], in: { $concatArrays: ['$$value', '$$value'] } } },
      {},
      292,
    ],
    [
      'a text that doubles 40 times',
      { $reduce: { ...doubling, initialValue: 'x', in: { $concat: ['$$value', '$$value'] } } },
      {},
      292,
    ],
    [
      'a text in which each letter becomes the text',
      { $replaceAll: { input: '$text', find: 'x', replacement: '$text' } },
      { text: 'x'.repeat(100_000) },
      292,
    ],
    [
      'objects for each element of an array for each of an array for each of an array',
      {
        $map: {
          input: '$a',
          in: { $map: { input: '$a', in: { $map: { input: '$a', in: { n: 1 } } } } },
        },
      },
      { a: thousand },
      292,
    ],
    [
      'a loop in a loop in a loop',
      {
        $sum: {
          $map: {
            input: '$a',
            in: { $size: { $filter: { input: '$a', cond: { $in: [-1, '$a'] } } } },
          },
        },
      },
      { a: thousand },
      50,
    ],
    ['a range of 2,147,483,648 numbers', { $range: [0, 2147483648] }, {}, 238],
    ['arrays of 200,000 elements', { $size: { $concatArrays: ['$many', '$many'] } }, { many }, 'ok'],
    [
      'matches in a text of 200,000 letters',
      { $size: { $regexFindAll: { input: '$text', regex: 'x' } } },
      { text: 'x'.repeat(200_000) },
      'ok',
    ],
  ])('%s', (_, expression, document, expected) => {
    let code: unknown = 'ok'
    try {
      compileExpression(value(expression))(doc(document))
    } catch (error) {
      code = (error as { code?: number }).code
    }
    expect(code).toBe(expected)
  })
})
