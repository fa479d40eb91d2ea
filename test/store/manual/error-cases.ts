import type { Document } from 'bson'

/** A command, and the code of the error or write error that MongoDB rejects it with. */
export type ErrorCase = [page: string, rule: string, command: Document, code: number]

const insert = (...documents: Document[]) => ({ insert: 'errors', documents })
const update = (u: Document | Document[], more: Document = {}) => ({
  update: 'errors',
  updates: [{ q: { _id: 1 }, u, ...more }],
})
const index = (key: Document, more: Document = {}) => ({
  createIndexes: 'errors',
  indexes: [{ key, name: 'made', ...more }],
})

/** The collection `errors` holds these, and a unique index on `email`. */
export const errorDocuments: Document[] = [
  { _id: 1, email: 'a@x.example', n: 1, text: 'a', list: [1] },
  { _id: 2, email: 'b@x.example' },
]

export const errorCases: ErrorCase[] = [
  ['core/index-unique', 'a unique key is inserted twice', insert({ _id: 3, email: 'a@x.example' }), 11000],
  ['core/document', 'an _id is inserted twice', insert({ _id: 1 }), 11000],
  ['core/index-unique', 'an update repeats a unique key', update({ $set: { email: 'b@x.example' } }), 11000],
  ['core/document', '_id is an array', insert({ _id: [1] }), 53],
  ['reference/operator/update', '_id is changed', update({ $set: { _id: 2 } }), 66],
  [
    'reference/operator/update',
    'two operators change the same field',
    update({ $set: { n: 1 }, $inc: { n: 1 } }),
    40,
  ],
  ['reference/operator/update', 'an update operator is unknown', update({ $nonsense: { n: 1 } }), 9],
  ['reference/operator/update/set', 'a path leads through a value', update({ $set: { 'n.a': 1 } }), 28],
  ['reference/operator/update/set', 'a path has an empty part', update({ $set: { 'a..b': 1 } }), 56],
  ['reference/operator/update/inc', 'a text is incremented', update({ $inc: { text: 1 } }), 14],
  ['reference/operator/update/push', 'a value is pushed to a number', update({ $push: { n: 1 } }), 2],
  ['reference/operator/update/pop', 'an end is neither 1 nor -1', update({ $pop: { list: 2 } }), 9],
  [
    'reference/operator/update/positional',
    '$ has no match in the filter',
    update({ $set: { 'list.$': 2 } }),
    2,
  ],
  [
    'reference/operator/update/positional-filtered',
    'an array filter is not used',
    update({ $set: { n: 2 } }, { arrayFilters: [{ x: 1 }] }),
    9,
  ],
  [
    'reference/command/update',
    'a replacement is applied to several documents',
    update({ n: 2 }, { multi: true }),
    9,
  ],
  [
    'reference/command/update',
    'a field of the command is unknown',
    { ...update({ $set: { n: 1 } }), nonsense: 1 },
    40415,
  ],
  [
    'tutorial/update-documents-with-aggregation-pipeline',
    'a stage is not allowed in an update',
    update([{ $match: {} }]),
    72,
  ],
  [
    'reference/operator/query',
    'a filter operator is unknown',
    { find: 'errors', filter: { a: { $nonsense: 1 } } },
    2,
  ],
  [
    'reference/operator/query/in',
    'the argument of $in is not an array',
    { find: 'errors', filter: { a: { $in: 1 } } },
    2,
  ],
  [
    'reference/operator/query/regex',
    'a pattern is invalid',
    { find: 'errors', filter: { a: { $regex: '(' } } },
    51091,
  ],
  ['reference/command/find', 'a field of the command is unknown', { find: 'errors', nonsense: 1 }, 40415],
  ['reference/command/find', 'a skip is negative', { find: 'errors', skip: -1 }, 51024],
  [
    'tutorial/project-fields-from-query-results',
    'a projection includes and excludes',
    { find: 'errors', projection: { a: 1, b: 0 } },
    31254,
  ],
  ['reference/method/cursor.sort', 'a sort is neither 1 nor -1', { find: 'errors', sort: { a: 2 } }, 15975],
  ['reference/command/getMore', 'a cursor does not exist', { getMore: 5n, collection: 'errors' }, 43],
  [
    'reference/operator/aggregation-pipeline',
    'a stage is unknown',
    { aggregate: 'errors', pipeline: [{ $nonsense: 1 }], cursor: {} },
    40324,
  ],
  [
    'reference/operator/aggregation-pipeline',
    'a stage has two fields',
    { aggregate: 'errors', pipeline: [{ $match: {}, $limit: 1 }], cursor: {} },
    40323,
  ],
  [
    'reference/operator/aggregation',
    'an expression is unknown',
    { aggregate: 'errors', pipeline: [{ $set: { a: { $nonsense: 1 } } }], cursor: {} },
    168,
  ],
  [
    'reference/operator/aggregation/group',
    'a group has no _id',
    { aggregate: 'errors', pipeline: [{ $group: {} }], cursor: {} },
    15955,
  ],
  [
    'reference/operator/aggregation/group',
    'an accumulator is unknown',
    { aggregate: 'errors', pipeline: [{ $group: { _id: 1, a: { $nonsense: 1 } } }], cursor: {} },
    15952,
  ],
  [
    'reference/operator/aggregation/limit',
    'a limit is 0',
    { aggregate: 'errors', pipeline: [{ $limit: 0 }], cursor: {} },
    15958,
  ],
  [
    'reference/operator/aggregation/divide',
    'a number is divided by zero',
    { aggregate: 'errors', pipeline: [{ $set: { a: { $divide: [1, 0] } } }], cursor: {} },
    2,
  ],
  [
    'reference/operator/aggregation/toInt',
    'a text is not a number',
    { aggregate: 'errors', pipeline: [{ $set: { a: { $toInt: 'x' } } }], cursor: {} },
    241,
  ],
  ['reference/command/aggregate', 'there is no cursor document', { aggregate: 'errors', pipeline: [] }, 9],
  [
    'reference/command/createIndexes',
    'another index has the name',
    { createIndexes: 'errors', indexes: [{ key: { n: 1 }, name: 'email_1' }] },
    86,
  ],
  [
    'reference/command/createIndexes',
    'another index has the key and other options',
    { createIndexes: 'errors', indexes: [{ key: { email: 1 }, name: 'email_1' }] },
    85,
  ],
  [
    'reference/command/createIndexes',
    'a unique index would have duplicates',
    index({ none: 1 }, { unique: true }),
    11000,
  ],
  [
    'core/index-partial',
    'an index is partial and sparse',
    index({ a: 1 }, { sparse: true, partialFilterExpression: { a: 1 } }),
    67,
  ],
  [
    'core/index-partial',
    'a partial index filters by $ne',
    index({ a: 1 }, { partialFilterExpression: { a: { $ne: 1 } } }),
    67,
  ],
  ['core/index-ttl', 'a TTL index has two fields', index({ a: 1, b: 1 }, { expireAfterSeconds: 1 }), 67],
  [
    'reference/command/dropIndexes',
    'an index does not exist',
    { dropIndexes: 'errors', index: 'none_1' },
    27,
  ],
  [
    'reference/command/dropIndexes',
    'the index on _id is dropped',
    { dropIndexes: 'errors', index: '_id_' },
    72,
  ],
  ['reference/command/drop', 'a collection does not exist', { drop: 'none' }, 26],
  ['reference/command/create', 'a collection exists already', { create: 'errors' }, 48],
  ['reference/limits', 'the name of a collection has a dollar sign', { create: 'a$b' }, 73],
  [
    'reference/limits',
    'a document is larger than 16 MB',
    update([{ $set: { a: 'x'.repeat(9 * 1024 * 1024) } }, { $set: { b: '$a' } }]),
    10334,
  ],
  ['reference/command', 'a command does not exist', { nonsense: 1 }, 59],
]

/** Features that MongoDB has and the store refuses by name, with the code 238 unless another one is given. */
export const unsupportedCases: Array<[feature: string, command: Document, code?: number]> = [
  ['$where', { find: 'errors', filter: { $where: '1' } }],
  ['$text', { find: 'errors', filter: { $text: { $search: 'a' } } }],
  ['$jsonSchema', { find: 'errors', filter: { $jsonSchema: {} } }],
  ['$near', { find: 'errors', filter: { a: { $near: [0, 0] } } }],
  ['$bitsAllSet', { find: 'errors', filter: { n: { $bitsAllSet: 1 } } }],
  ['$lookup', { aggregate: 'errors', pipeline: [{ $lookup: { from: 'x' } }], cursor: {} }],
  ['$graphLookup', { aggregate: 'errors', pipeline: [{ $graphLookup: {} }], cursor: {} }],
  ['$unionWith', { aggregate: 'errors', pipeline: [{ $unionWith: 'x' }], cursor: {} }],
  ['$out', { aggregate: 'errors', pipeline: [{ $out: 'x' }], cursor: {} }],
  ['$merge', { aggregate: 'errors', pipeline: [{ $merge: 'x' }], cursor: {} }],
  ['$bucket', { aggregate: 'errors', pipeline: [{ $bucket: {} }], cursor: {} }],
  ['$sample', { aggregate: 'errors', pipeline: [{ $sample: { size: 1 } }], cursor: {} }],
  ['$setWindowFields', { aggregate: 'errors', pipeline: [{ $setWindowFields: {} }], cursor: {} }],
  ['$changeStream', { aggregate: 'errors', pipeline: [{ $changeStream: {} }], cursor: {} }],
  ['$function', { aggregate: 'errors', pipeline: [{ $set: { a: { $function: {} } } }], cursor: {} }],
  [
    '$stdDevPop',
    { aggregate: 'errors', pipeline: [{ $group: { _id: 1, a: { $stdDevPop: '$n' } } }], cursor: {} },
  ],
  ['a back reference', { find: 'errors', filter: { text: { $regex: '(a)\\1' } } }],
  ['collation', { find: 'errors', collation: { locale: 'en' } }],
  ['hint', { find: 'errors', hint: 'email_1' }],
  ['let', { find: 'errors', let: { a: 1 } }],
  ['a tailable cursor', { find: 'errors', tailable: true }],
  ['a capped collection', { create: 'made', capped: true, size: 1000 }],
  ['a validator', { create: 'made', validator: {} }],
  ['a view', { create: 'made', viewOn: 'errors' }],
  ['a time series', { create: 'made', timeseries: { timeField: 'at' } }],
  ['read concern snapshot', { find: 'errors', readConcern: { level: 'snapshot' } }],
  ['a transaction', { insert: 'errors', documents: [{}], startTransaction: true, autocommit: false }, 263],
  ['a text index', index({ a: 'text' }), 67],
  ['a geospatial index', index({ a: '2dsphere' }), 67],
  ['a hashed index', index({ a: 'hashed' }), 67],
  ['a wildcard index', index({ '$**': 1 }), 67],
  ['a hidden index', index({ a: 1 }, { hidden: true })],
  ['mapReduce', { mapReduce: 'errors' }, 59],
]
