import { Double, Long, type Document } from 'bson'

/** A pipeline over `documents` and its exact result. Groups are compared in any order unless the pipeline sorts. */
export type PipelineCase = [
  page: string,
  rule: string,
  documents: Document[],
  pipeline: Document[],
  result: Document[],
]

const sales: Document[] = [
  { _id: 1, item: 'pump', price: 10, quantity: 2, date: new Date('2026-03-01T08:00:00Z') },
  { _id: 2, item: 'valve', price: 20, quantity: 1, date: new Date('2026-03-01T09:00:00Z') },
  { _id: 3, item: 'seal', price: 5, quantity: 10, date: new Date('2026-03-15T09:00:00Z') },
  { _id: 4, item: 'pump', price: 10, quantity: 10 },
]

const stage = (name: string) => `reference/operator/aggregation/${name}`

export const stageCases: PipelineCase[] = [
  [
    stage('match'),
    'filters like find',
    sales,
    [{ $match: { price: { $gte: 10 }, quantity: { $ne: 10 } } }, { $project: { item: 1 } }],
    [
      { _id: 1, item: 'pump' },
      { _id: 2, item: 'valve' },
    ],
  ],
  [
    stage('project'),
    'includes, excludes and computes fields',
    sales.slice(0, 1),
    [{ $project: { _id: 0, item: 1, total: { $multiply: ['$price', '$quantity'] } } }],
    [{ item: 'pump', total: 20 }],
  ],
  [
    stage('addFields'),
    'adds fields at the end',
    [{ _id: 1, a: 1 }],
    [{ $addFields: { b: { $add: ['$a', 1] }, 'c.d': 3 } }],
    [{ _id: 1, a: 1, b: 2, c: { d: 3 } }],
  ],
  [
    stage('set'),
    'is another name of $addFields',
    [{ _id: 1, a: 1 }],
    [{ $set: { a: 5 } }],
    [{ _id: 1, a: 5 }],
  ],
  [
    stage('unset'),
    'removes fields',
    [{ _id: 1, a: { b: 1, c: 2 }, d: 3 }],
    [{ $unset: ['a.b', 'd'] }],
    [{ _id: 1, a: { c: 2 } }],
  ],
  [
    stage('replaceRoot'),
    'makes an embedded document the result',
    [{ _id: 1, name: { first: 'Ada' } }],
    [{ $replaceRoot: { newRoot: '$name' } }],
    [{ first: 'Ada' }],
  ],
  [
    stage('replaceWith'),
    'is another name of $replaceRoot',
    [{ _id: 1, a: 2 }],
    [{ $replaceWith: { b: '$a' } }],
    [{ b: 2 }],
  ],
  [
    stage('sort'),
    'sorts by several fields',
    sales,
    [{ $sort: { item: 1, _id: -1 } }, { $project: { _id: 1 } }],
    [{ _id: 4 }, { _id: 1 }, { _id: 3 }, { _id: 2 }],
  ],
  [
    stage('skip'),
    'skips documents',
    sales,
    [{ $sort: { _id: 1 } }, { $skip: 3 }, { $project: { _id: 1 } }],
    [{ _id: 4 }],
  ],
  [
    stage('limit'),
    'limits documents',
    sales,
    [{ $sort: { _id: 1 } }, { $limit: 1 }, { $project: { _id: 1 } }],
    [{ _id: 1 }],
  ],
  [
    stage('count'),
    'counts documents',
    sales,
    [{ $match: { item: 'pump' } }, { $count: 'pumps' }],
    [{ pumps: 2 }],
  ],
  [
    stage('count'),
    'returns nothing when there are none',
    sales,
    [{ $match: { item: 'none' } }, { $count: 'pumps' }],
    [],
  ],
  [
    stage('group'),
    'groups by a field',
    sales,
    [{ $group: { _id: '$item' } }],
    [{ _id: 'pump' }, { _id: 'valve' }, { _id: 'seal' }],
  ],
  [
    stage('group'),
    'groups by a document of fields',
    sales,
    [{ $group: { _id: { item: '$item', price: '$price' }, n: { $sum: 1 } } }, { $match: { n: 2 } }],
    [{ _id: { item: 'pump', price: 10 }, n: 2 }],
  ],
  [
    stage('group'),
    'null makes one group of everything',
    sales,
    [{ $group: { _id: null, total: { $sum: { $multiply: ['$price', '$quantity'] } } } }],
    [{ _id: null, total: 190 }],
  ],
  [
    stage('group'),
    'a missing field of a document key is omitted',
    [{ _id: 1, a: 1 }],
    [{ $group: { _id: { a: '$a', b: '$b.c' } } }],
    [{ _id: { a: 1 } }],
  ],
  [
    stage('unwind'),
    'yields a document for each element',
    [
      { _id: 1, sizes: ['S', 'M'] },
      { _id: 2, sizes: [] },
    ],
    [{ $unwind: '$sizes' }],
    [
      { _id: 1, sizes: 'S' },
      { _id: 1, sizes: 'M' },
    ],
  ],
  [
    stage('unwind'),
    'can preserve documents with empty arrays and add the index',
    [
      { _id: 1, sizes: ['S'] },
      { _id: 2, sizes: [] },
    ],
    [{ $unwind: { path: '$sizes', includeArrayIndex: 'i', preserveNullAndEmptyArrays: true } }],
    [
      { _id: 1, sizes: 'S', i: Long.fromNumber(0) },
      { _id: 2, i: null },
    ],
  ],
  [
    stage('sortByCount'),
    'counts values, most frequent first',
    [{ tags: ['a', 'b'] }, { tags: ['b'] }],
    [{ $unwind: '$tags' }, { $sortByCount: '$tags' }],
    [
      { _id: 'b', count: 2 },
      { _id: 'a', count: 1 },
    ],
  ],
  [
    stage('facet'),
    'runs several pipelines over the same documents',
    sales,
    [{ $facet: { cheap: [{ $match: { price: 5 } }, { $count: 'n' }], all: [{ $count: 'n' }] } }],
    [{ cheap: [{ n: 1 }], all: [{ n: 4 }] }],
  ],
]

const perItem = (accumulator: Document): Document[] => [
  { $sort: { _id: 1 } },
  { $group: { _id: '$item', value: accumulator } },
  { $match: { _id: 'pump' } },
]

export const accumulatorCases: PipelineCase[] = [
  [stage('sum'), 'adds numbers', sales, perItem({ $sum: '$quantity' }), [{ _id: 'pump', value: 12 }]],
  [
    stage('sum'),
    'ignores values that are not numbers',
    [{ item: 'pump', n: 1 }, { item: 'pump', n: '2' }, { item: 'pump' }],
    perItem({ $sum: '$n' }),
    [{ _id: 'pump', value: 1 }],
  ],
  [stage('sum'), 'a constant counts documents', sales, perItem({ $sum: 1 }), [{ _id: 'pump', value: 2 }]],
  [
    stage('sum'),
    'adds the result of a condition',
    sales,
    perItem({ $sum: { $cond: [{ $gt: ['$date', null] }, 1, 0] } }),
    [{ _id: 'pump', value: 1 }],
  ],
  [
    stage('avg'),
    'averages numbers',
    sales,
    perItem({ $avg: '$quantity' }),
    [{ _id: 'pump', value: new Double(6) }],
  ],
  [
    stage('avg'),
    'is null without numbers',
    sales,
    perItem({ $avg: '$none' }),
    [{ _id: 'pump', value: null }],
  ],
  [
    stage('min'),
    'takes the smallest value and ignores missing ones',
    sales,
    perItem({ $min: '$date' }),
    [{ _id: 'pump', value: new Date('2026-03-01T08:00:00Z') }],
  ],
  [
    stage('max'),
    'takes the largest value',
    sales,
    perItem({ $max: '$quantity' }),
    [{ _id: 'pump', value: 10 }],
  ],
  [
    stage('first'),
    'takes the value of the first document',
    sales,
    perItem({ $first: '$_id' }),
    [{ _id: 'pump', value: 1 }],
  ],
  [
    stage('last'),
    'takes the value of the last document',
    sales,
    perItem({ $last: '$_id' }),
    [{ _id: 'pump', value: 4 }],
  ],
  [
    stage('push'),
    'collects the values in order',
    sales,
    perItem({ $push: { id: '$_id', n: '$quantity' } }),
    [
      {
        _id: 'pump',
        value: [
          { id: 1, n: 2 },
          { id: 4, n: 10 },
        ],
      },
    ],
  ],
  [
    stage('addToSet'),
    'collects each value once',
    sales,
    perItem({ $addToSet: '$price' }),
    [{ _id: 'pump', value: [10] }],
  ],
  [
    stage('count-accumulator'),
    'counts documents',
    sales,
    perItem({ $count: {} }),
    [{ _id: 'pump', value: 2 }],
  ],
  [
    stage('mergeObjects'),
    'merges documents, the last value wins',
    [
      { _id: 1, item: 'pump', o: { a: 1, b: 1 } },
      { _id: 2, item: 'pump', o: { b: 2 } },
    ],
    perItem({ $mergeObjects: '$o' }),
    [{ _id: 'pump', value: { a: 1, b: 2 } }],
  ],
]
