import { Decimal128, Double, Long, ObjectId, type Document } from 'bson'
import { missing } from '../case-values'

/** An expression, its exact value, and the document on which it is evaluated. */
export type ExpressionCase = [expression: unknown, value: unknown, document?: Document]

const double = (value: number) => new Double(value)
const long = (value: number) => Long.fromNumber(value)
const date = (text: string) => new Date(text)
/** A Tuesday in the tenth ISO week of its year. */
const tuesday = date('2024-03-05T09:07:03.004Z')

/**
 * Cases for each expression operator. Their rules are those of its page in MongoDB's manual,
 * reference/operator/aggregation/<name of the operator>.
 */
export const expressionCases: Record<string, ExpressionCase[]> = {
  $abs: [
    [{ $abs: -5 }, 5],
    [{ $abs: null }, null],
    [{ $abs: -1.5 }, 1.5],
  ],
  $add: [
    [{ $add: ['$price', '$fee', 2] }, 17, { price: 10, fee: 5 }],
    [{ $add: [date('1970-01-01T00:00:00Z'), 60_000] }, date('1970-01-01T00:01:00Z')],
    [{ $add: [1, null] }, null],
  ],
  $allElementsTrue: [
    [{ $allElementsTrue: [[true, 1, 'text']] }, true],
    [{ $allElementsTrue: [[true, 0]] }, false],
    [{ $allElementsTrue: [[]] }, true],
  ],
  $and: [
    [{ $and: [1, 'green'] }, true],
    [{ $and: [true, null] }, false],
    [{ $and: [] }, true],
  ],
  $anyElementTrue: [
    [{ $anyElementTrue: [[null, false, 0, 1]] }, true],
    [{ $anyElementTrue: [[]] }, false],
  ],
  $arrayElemAt: [
    [{ $arrayElemAt: [['a', 'b', 'c'], -1] }, 'c'],
    [{ $arrayElemAt: [['a'], 3] }, missing],
  ],
  $arrayToObject: [
    [
      {
        $arrayToObject: {
          $literal: [
            ['item', 'pump'],
            ['n', 2],
          ],
        },
      },
      { item: 'pump', n: 2 },
    ],
    [{ $arrayToObject: { $literal: [{ k: 'item', v: 'pump' }] } }, { item: 'pump' }],
  ],
  $avg: [
    [{ $avg: '$scores' }, double(3), { scores: [1, 2, 6] }],
    [{ $avg: ['$a', '$b'] }, 2.5, { a: 2, b: 3 }],
  ],
  $ceil: [
    [{ $ceil: 7.8 }, double(8)],
    [{ $ceil: -2.8 }, double(-2)],
  ],
  $cmp: [
    [{ $cmp: [5, 3] }, 1],
    [{ $cmp: [3, 3] }, 0],
    [{ $cmp: [1, 'a'] }, -1],
  ],
  $concat: [
    [{ $concat: ['$item', ' - ', '$size'] }, 'pump - L', { item: 'pump', size: 'L' }],
    [{ $concat: ['a', null] }, null],
  ],
  $concatArrays: [
    [{ $concatArrays: [['a'], ['b', ['c']]] }, ['a', 'b', ['c']]],
    [{ $concatArrays: [['a'], null] }, null],
  ],
  $cond: [
    [{ $cond: { if: { $gte: ['$n', 250] }, then: 30, else: 20 } }, 30, { n: 300 }],
    [{ $cond: [{ $gt: ['$won', null] }, 1, 0] }, 0, {}],
  ],
  $convert: [
    [{ $convert: { input: '5', to: 'int' } }, 5],
    [{ $convert: { input: 'x', to: 'int', onError: -1 } }, -1],
    [{ $convert: { input: null, to: 'int', onNull: 0 } }, 0],
  ],
  $dateAdd: [
    [
      { $dateAdd: { startDate: date('2024-01-31T00:00:00Z'), unit: 'month', amount: 1 } },
      date('2024-02-29T00:00:00Z'),
    ],
  ],
  $dateDiff: [
    [
      {
        $dateDiff: {
          startDate: date('2024-12-31T00:00:00Z'),
          endDate: date('2025-01-01T00:00:00Z'),
          unit: 'year',
        },
      },
      long(1),
    ],
  ],
  $dateSubtract: [
    [
      { $dateSubtract: { startDate: date('2024-12-31T00:00:00Z'), unit: 'month', amount: 1 } },
      date('2024-11-30T00:00:00Z'),
    ],
  ],
  $dateToString: [
    [{ $dateToString: { date: tuesday, format: '%Y-%m-%d' } }, '2024-03-05'],
    [{ $dateToString: { date: tuesday, format: '%H:%M', timezone: 'America/New_York' } }, '04:07'],
  ],
  $dateTrunc: [
    [{ $dateTrunc: { date: tuesday, unit: 'hour' } }, date('2024-03-05T09:00:00Z')],
    [{ $dateTrunc: { date: tuesday, unit: 'week', startOfWeek: 'monday' } }, date('2024-03-04T00:00:00Z')],
  ],
  $dayOfMonth: [[{ $dayOfMonth: tuesday }, 5]],
  $dayOfWeek: [[{ $dayOfWeek: tuesday }, 3]],
  $dayOfYear: [[{ $dayOfYear: tuesday }, 65]],
  $divide: [
    [{ $divide: [80, 8] }, double(10)],
    [{ $divide: [7, 2] }, 3.5],
  ],
  $eq: [
    [{ $eq: [2, double(2)] }, true],
    [{ $eq: ['2', 2] }, false],
  ],
  $filter: [
    [{ $filter: { input: '$n', as: 'each', cond: { $gte: ['$$each', 3] } } }, [3, 4], { n: [1, 3, 4] }],
  ],
  $first: [
    [{ $first: '$n' }, 7, { n: [7, 8] }],
    [{ $first: '$n' }, missing, { n: [] }],
  ],
  $floor: [
    [{ $floor: 7.8 }, double(7)],
    [{ $floor: -2.8 }, double(-3)],
  ],
  $getField: [
    [{ $getField: 'price.usd' }, 45, { 'price.usd': 45 }],
    [{ $getField: { field: 'a', input: { a: 1 } } }, 1],
  ],
  $gt: [
    [{ $gt: [2, 1] }, true],
    [{ $gt: ['$none', null] }, false],
    [{ $gt: [date('2024-01-01T00:00:00Z'), null] }, true],
  ],
  $gte: [
    [{ $gte: [1, 1] }, true],
    [{ $gte: [0, 1] }, false],
  ],
  $hour: [
    [{ $hour: tuesday }, 9],
    [{ $hour: { date: tuesday, timezone: '+05:30' } }, 14],
  ],
  $ifNull: [
    [{ $ifNull: ['$note', 'none'] }, 'none', {}],
    [{ $ifNull: ['$a', '$b', 3] }, 2, { b: 2 }],
  ],
  $in: [
    [{ $in: ['b', ['a', 'b']] }, true],
    [{ $in: ['c', '$tags'] }, false, { tags: ['a'] }],
  ],
  $indexOfArray: [
    [{ $indexOfArray: [['a', 'b', 'a'], 'a', 1] }, 2],
    [{ $indexOfArray: [['a'], 'x'] }, -1],
  ],
  $indexOfCP: [
    [{ $indexOfCP: ['cafétéria', 'é'] }, 3],
    [{ $indexOfCP: ['abc', 'z'] }, -1],
  ],
  $isArray: [
    [{ $isArray: [['a']] }, true],
    [{ $isArray: ['a'] }, false],
  ],
  $isNumber: [
    [{ $isNumber: 1.5 }, true],
    [{ $isNumber: '1' }, false],
  ],
  $isoDayOfWeek: [[{ $isoDayOfWeek: tuesday }, 2]],
  $isoWeek: [
    [{ $isoWeek: tuesday }, 10],
    [{ $isoWeek: date('2021-01-01T00:00:00Z') }, 53],
  ],
  $isoWeekYear: [[{ $isoWeekYear: date('2021-01-01T00:00:00Z') }, long(2020)]],
  $last: [[{ $last: '$n' }, 8, { n: [7, 8] }]],
  $let: [
    [
      { $let: { vars: { total: { $add: ['$a', '$b'] } }, in: { $multiply: ['$$total', 2] } } },
      10,
      { a: 2, b: 3 },
    ],
  ],
  $literal: [[{ $literal: '$1' }, '$1']],
  $lt: [
    [{ $lt: [1, 2] }, true],
    [{ $lt: [2, 2] }, false],
  ],
  $lte: [
    [{ $lte: [2, 2] }, true],
    [{ $lte: [3, 2] }, false],
  ],
  $ltrim: [[{ $ltrim: { input: ' a ' } }, 'a ']],
  $map: [[{ $map: { input: '$n', as: 'each', in: { $add: ['$$each', 2] } } }, [3, 4], { n: [1, 2] }]],
  $max: [
    [{ $max: '$n' }, 9, { n: [4, 9] }],
    [{ $max: [1, 5, 3] }, 5],
  ],
  $mergeObjects: [
    [{ $mergeObjects: [{ a: 1 }, { b: 2 }, { a: 3 }] }, { a: 3, b: 2 }],
    [{ $mergeObjects: [null] }, {}],
  ],
  $millisecond: [[{ $millisecond: tuesday }, 4]],
  $min: [
    [{ $min: '$n' }, 4, { n: [4, 9] }],
    [{ $min: [null, 5, 3] }, 3],
  ],
  $minute: [[{ $minute: tuesday }, 7]],
  $mod: [
    [{ $mod: [40, 7] }, 5],
    [{ $mod: [-5, 3] }, -2],
  ],
  $month: [[{ $month: tuesday }, 3]],
  $multiply: [[{ $multiply: ['$price', '$n'] }, 20, { price: 10, n: 2 }]],
  $ne: [
    [{ $ne: [1, 2] }, true],
    [{ $ne: [1, long(1)] }, false],
  ],
  $not: [
    [{ $not: [true] }, false],
    [{ $not: [[false]] }, false],
    [{ $not: [null] }, true],
  ],
  $objectToArray: [
    [
      { $objectToArray: { item: 'pump', n: 2 } },
      [
        { k: 'item', v: 'pump' },
        { k: 'n', v: 2 },
      ],
    ],
  ],
  $or: [
    [{ $or: [false, 1] }, true],
    [{ $or: [null, 0] }, false],
    [{ $or: [] }, false],
  ],
  $reduce: [[{ $reduce: { input: [1, 2, 3], initialValue: 5, in: { $add: ['$$value', '$$this'] } } }, 11]],
  $regexFind: [
    [{ $regexFind: { input: 'Pump P-120', regex: '[0-9]+' } }, { match: '120', idx: 7, captures: [] }],
    [{ $regexFind: { input: 'a', regex: 'b' } }, null],
  ],
  $regexFindAll: [
    [
      { $regexFindAll: { input: 'a1b22', regex: '([0-9]+)' } },
      [
        { match: '1', idx: 1, captures: ['1'] },
        { match: '22', idx: 3, captures: ['22'] },
      ],
    ],
  ],
  $regexMatch: [[{ $regexMatch: { input: 'Single line', regex: 'LINE', options: 'i' } }, true]],
  $replaceAll: [[{ $replaceAll: { input: 'a-b-c', find: '-', replacement: '+' } }, 'a+b+c']],
  $replaceOne: [[{ $replaceOne: { input: 'a-b-c', find: '-', replacement: '+' } }, 'a+b-c']],
  $reverseArray: [[{ $reverseArray: [[1, 2, 3]] }, [3, 2, 1]]],
  $round: [
    [{ $round: [10.5] }, double(10)],
    [{ $round: [11.5] }, double(12)],
    [{ $round: [1234.5678, 2] }, 1234.57],
    [{ $round: [1250, -2] }, 1200],
  ],
  $rtrim: [[{ $rtrim: { input: ' a ' } }, ' a']],
  $second: [[{ $second: tuesday }, 3]],
  $setDifference: [[{ $setDifference: [['a', 'b', 'a'], ['b']] }, ['a']]],
  $setEquals: [
    [
      {
        $setEquals: [
          ['a', 'b', 'a'],
          ['b', 'a'],
        ],
      },
      true,
    ],
    [{ $setEquals: [['a'], [['a']]] }, false],
  ],
  $setIntersection: [
    [
      {
        $setIntersection: [
          ['a', 'b'],
          ['b', 'c'],
        ],
      },
      ['b'],
    ],
  ],
  $setIsSubset: [
    [{ $setIsSubset: [['a'], ['b', 'a']] }, true],
    [{ $setIsSubset: [['c'], ['a']] }, false],
  ],
  $setUnion: [
    [
      {
        $setUnion: [
          ['a', 'b'],
          ['b', 'c'],
        ],
      },
      ['a', 'b', 'c'],
    ],
  ],
  $size: [[{ $size: '$n' }, 2, { n: [1, [2]] }]],
  $slice: [
    [{ $slice: [[1, 2, 3], 2] }, [1, 2]],
    [{ $slice: [[1, 2, 3], -2] }, [2, 3]],
    [{ $slice: [[1, 2, 3], 1, 1] }, [2]],
  ],
  $split: [[{ $split: ['June-15-2013', '-'] }, ['June', '15', '2013']]],
  $strLenBytes: [[{ $strLenBytes: 'é€' }, 5]],
  $strLenCP: [[{ $strLenCP: 'é€' }, 2]],
  $strcasecmp: [
    [{ $strcasecmp: ['Pump', 'pump'] }, 0],
    [{ $strcasecmp: ['b', 'A'] }, 1],
  ],
  $substrCP: [[{ $substrCP: ['cafétéria', 2, 3] }, 'fét']],
  $subtract: [
    [{ $subtract: [5, 3] }, 2],
    [{ $subtract: [date('1970-01-01T00:00:01Z'), date('1970-01-01T00:00:00Z')] }, long(1000)],
  ],
  $sum: [
    [{ $sum: '$n' }, 6, { n: [1, 2, 3] }],
    [{ $sum: ['$a', '$b', 'x'] }, 3, { a: 1, b: 2 }],
  ],
  $switch: [
    [
      { $switch: { branches: [{ case: { $gt: ['$n', 9] }, then: 'high' }], default: 'low' } },
      'low',
      { n: 1 },
    ],
  ],
  $toBool: [
    [{ $toBool: 'false' }, true],
    [{ $toBool: 0 }, false],
  ],
  $toDate: [
    [{ $toDate: long(120_000_000_000) }, date('1973-10-20T21:20:00Z')],
    [{ $toDate: '2018-03-20' }, date('2018-03-20T00:00:00Z')],
  ],
  $toDecimal: [
    [{ $toDecimal: '-5.5' }, new Decimal128('-5.5')],
    [{ $toDecimal: true }, new Decimal128('1')],
  ],
  $toDouble: [
    [{ $toDouble: '-5.5' }, -5.5],
    [{ $toDouble: true }, double(1)],
  ],
  $toInt: [
    [{ $toInt: '-2' }, -2],
    [{ $toInt: 5.7 }, 5],
  ],
  $toLong: [
    [{ $toLong: '100' }, long(100)],
    [{ $toLong: date('1970-01-01T00:00:01Z') }, long(1000)],
  ],
  $toLower: [
    [{ $toLower: 'PUMP' }, 'pump'],
    [{ $toLower: null }, ''],
  ],
  $toObjectId: [[{ $toObjectId: '5ab9cbfa31c2ab715d42129e' }, new ObjectId('5ab9cbfa31c2ab715d42129e')]],
  $toString: [
    [{ $toString: true }, 'true'],
    [{ $toString: 2.5 }, '2.5'],
    [{ $toString: date('2018-03-27T16:58:51.538Z') }, '2018-03-27T16:58:51.538Z'],
  ],
  $toUpper: [[{ $toUpper: 'pump' }, 'PUMP']],
  $trim: [
    [{ $trim: { input: ' \n good  bye \t ' } }, 'good  bye'],
    [{ $trim: { input: 'xaxx', chars: 'x' } }, 'a'],
  ],
  $trunc: [
    [{ $trunc: [7.8] }, double(7)],
    [{ $trunc: [-1.257, 2] }, -1.25],
  ],
  $type: [
    [{ $type: '$a' }, 'int', { a: 1 }],
    [{ $type: '$none' }, 'missing'],
    [{ $type: [[1]] }, 'array'],
  ],
  $week: [[{ $week: tuesday }, 9]],
  $year: [[{ $year: tuesday }, 2024]],
}
