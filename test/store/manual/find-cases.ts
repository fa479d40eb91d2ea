import { Decimal128, Double, ObjectId, type Document } from 'bson'

/** The documents that the cases below query. */
export const leads: Document[] = [
  {
    _id: 1,
    name: 'Ada',
    role: 'cto',
    score: 82,
    tags: ['pumps', 'valves'],
    company: { domain: 'north.example', size: 240 },
    seen: new Date('2026-03-01T09:00:00Z'),
    owner: null,
  },
  {
    _id: 2,
    name: 'Ben',
    role: 'buyer',
    score: 45,
    tags: ['pumps'],
    company: { domain: 'north.example', size: 12 },
    seen: new Date('2026-03-04T09:00:00Z'),
    owner: 'sam',
    visits: [
      { page: 'pricing', minutes: 3 },
      { page: 'docs', minutes: 9 },
    ],
  },
  {
    _id: 3,
    name: 'Cleo',
    role: 'engineer',
    score: 61.5,
    tags: [],
    company: { domain: 'south.example' },
    visits: [
      { page: 'pricing', minutes: 9 },
      { page: 'docs', minutes: 1 },
    ],
  },
  { _id: 4, name: 'dan', score: null, tags: 'pumps', visits: [] },
  {
    _id: 5,
    name: 'Eve',
    role: 'buyer',
    score: '61',
    tags: ['valves', 'pumps', 'seals'],
    owner: 'sam',
    results: [82, 85, 88],
  },
]

/** A filter and the ids that it finds among `leads`. */
export type FilterCase = [page: string, rule: string, filter: Document, ids: number[]]

export const filterCases: FilterCase[] = [
  ['reference/operator/query/eq', 'compares a number', { score: { $eq: 45 } }, [2]],
  [
    'reference/operator/query/eq',
    'compares a field of an embedded document',
    { 'company.domain': { $eq: 'north.example' } },
    [1, 2],
  ],
  [
    'tutorial/query-embedded-documents',
    'a whole document must match field by field, in order',
    { company: { size: 12, domain: 'north.example' } },
    [],
  ],
  [
    'tutorial/query-embedded-documents',
    'a document with the same fields in the same order matches',
    { company: { domain: 'north.example', size: 12 } },
    [2],
  ],
  [
    'tutorial/query-arrays',
    'a value matches an array that contains it, or the value itself',
    { tags: 'pumps' },
    [1, 2, 4, 5],
  ],
  ['tutorial/query-arrays', 'an array matches exactly', { tags: ['pumps'] }, [2]],
  ['tutorial/query-arrays', 'an index in the path selects one element', { 'tags.0': 'valves' }, [5]],
  ['tutorial/query-for-null-fields', 'null matches null and missing fields', { owner: null }, [1, 3, 4]],
  [
    'reference/operator/query/ne',
    'includes documents without the field',
    { owner: { $ne: 'sam' } },
    [1, 3, 4],
  ],
  ['reference/operator/query/ne', 'not null excludes missing fields', { owner: { $ne: null } }, [2, 5]],
  ['reference/operator/query/gt', 'compares numbers with numbers only', { score: { $gt: 60 } }, [1, 3]],
  ['reference/operator/query/gt', 'compares dates', { seen: { $gt: new Date('2026-03-02T00:00:00Z') } }, [2]],
  ['reference/operator/query/gte', 'includes the value', { score: { $gte: 45 } }, [1, 2, 3]],
  ['reference/operator/query/lt', 'excludes the value', { score: { $lt: 61.5 } }, [2]],
  ['reference/operator/query/lte', 'includes the value', { score: { $lte: 61.5 } }, [2, 3]],
  ['reference/operator/query/lt', 'two bounds make a range', { score: { $gte: 40, $lt: 62 } }, [2, 3]],
  [
    'reference/operator/query/in',
    'matches any of the values',
    { role: { $in: ['cto', 'buyer'] } },
    [1, 2, 5],
  ],
  [
    'reference/operator/query/in',
    'matches an array with one of the values',
    { tags: { $in: ['seals'] } },
    [5],
  ],
  ['reference/operator/query/in', 'accepts regular expressions', { name: { $in: [/^A/, /^d/] } }, [1, 4]],
  [
    'reference/operator/query/in',
    'null in the list matches missing fields',
    { role: { $in: [null, 'cto'] } },
    [1, 4],
  ],
  [
    'reference/operator/query/nin',
    'includes documents without the field',
    { role: { $nin: ['buyer'] } },
    [1, 3, 4],
  ],
  [
    'reference/operator/query/and',
    'requires every condition',
    { $and: [{ tags: 'pumps' }, { owner: 'sam' }, { score: { $gt: 1 } }] },
    [2],
  ],
  [
    'reference/operator/query/or',
    'requires one of the conditions',
    { $or: [{ score: { $gt: 80 } }, { role: 'engineer' }] },
    [1, 3],
  ],
  [
    'reference/operator/query/or',
    'combines with other fields',
    { owner: 'sam', $or: [{ score: 45 }, { score: 82 }] },
    [2],
  ],
  [
    'reference/operator/query/nor',
    'rejects every condition',
    { $nor: [{ tags: 'pumps' }, { role: 'cto' }] },
    [3],
  ],
  [
    'reference/operator/query/not',
    'includes documents that the operator does not apply to',
    { score: { $not: { $gt: 60 } } },
    [2, 4, 5],
  ],
  ['reference/operator/query/exists', 'true includes null', { owner: { $exists: true } }, [1, 2, 5]],
  [
    'reference/operator/query/exists',
    'false matches missing fields only',
    { owner: { $exists: false } },
    [3, 4],
  ],
  [
    'reference/operator/query/exists',
    'an index in the path asks for the length of an array',
    { 'tags.1': { $exists: true } },
    [1, 5],
  ],
  [
    'reference/operator/query/type',
    'number includes all numeric types',
    { score: { $type: 'number' } },
    [1, 2, 3],
  ],
  ['reference/operator/query/type', 'accepts an alias', { score: { $type: 'string' } }, [5]],
  ['reference/operator/query/type', 'accepts a numeric code', { seen: { $type: 9 } }, [1, 2]],
  ['reference/operator/query/type', 'accepts a list', { score: { $type: ['string', 'null'] } }, [4, 5]],
  [
    'reference/operator/query/type',
    'array matches arrays themselves',
    { tags: { $type: 'array' } },
    [1, 2, 3, 5],
  ],
  ['reference/operator/query/size', 'counts the elements', { tags: { $size: 1 } }, [2]],
  [
    'reference/operator/query/all',
    'requires every value, in any order',
    { tags: { $all: ['pumps', 'valves'] } },
    [1, 5],
  ],
  [
    'reference/operator/query/all',
    'a scalar matches a list of one',
    { tags: { $all: ['pumps'] } },
    [1, 2, 4, 5],
  ],
  [
    'reference/operator/query/elemMatch',
    'one element must meet all conditions',
    { visits: { $elemMatch: { page: 'pricing', minutes: { $gt: 5 } } } },
    [3],
  ],
  [
    'reference/operator/query/elemMatch',
    'applies operators to elements that are values',
    { results: { $elemMatch: { $gt: 80, $lt: 84 } } },
    [5],
  ],
  [
    'tutorial/query-array-of-documents',
    'without $elemMatch different elements may meet the conditions',
    { 'visits.page': 'pricing', 'visits.minutes': { $gt: 5 } },
    [2, 3],
  ],
  ['reference/operator/query/mod', 'compares the remainder', { score: { $mod: [5, 2] } }, [1]],
  ['reference/operator/query/regex', 'matches a pattern', { name: { $regex: '^[A-C]' } }, [1, 2, 3]],
  [
    'reference/operator/query/regex',
    '$options i ignores case',
    { name: { $regex: '^D', $options: 'i' } },
    [4],
  ],
  ['reference/operator/query/regex', 'accepts a regular expression as a value', { name: /e$/ }, [5]],
  [
    'reference/operator/query/expr',
    'compares two fields of the document',
    { $expr: { $gt: ['$company.size', '$score'] } },
    [1],
  ],
  [
    'reference/operator/query/comment',
    'does not change the result',
    { score: 45, $comment: 'a slow query' },
    [2],
  ],
]

/** The arguments of a find on `leads` and its exact result. */
export type FindCase = [page: string, rule: string, find: Document, documents: Document[]]

export const findCases: FindCase[] = [
  [
    'reference/method/cursor.sort',
    'sorts by several fields',
    { filter: { owner: 'sam' }, sort: { role: 1, name: -1 }, projection: { _id: 1 } },
    [{ _id: 5 }, { _id: 2 }],
  ],
  [
    'reference/bson-type-comparison-order',
    'null sorts before numbers, numbers before strings',
    { sort: { score: 1 }, projection: { _id: 1 } },
    [4, 2, 3, 1, 5].map(_id => ({ _id })),
  ],
  [
    'reference/method/cursor.sort',
    'a missing field sorts like null',
    { filter: { _id: { $in: [2, 3] } }, sort: { owner: 1 }, projection: { _id: 1 } },
    [{ _id: 3 }, { _id: 2 }],
  ],
  [
    'reference/bson-type-comparison-order',
    'an array sorts by its smallest element, descending by its largest',
    { filter: { _id: { $in: [1, 2, 5] } }, sort: { tags: -1, _id: 1 }, projection: { _id: 1 } },
    [{ _id: 1 }, { _id: 5 }, { _id: 2 }],
  ],
  [
    'reference/method/cursor.skip',
    'skips after sorting',
    { sort: { _id: 1 }, skip: 3, projection: { _id: 1 } },
    [{ _id: 4 }, { _id: 5 }],
  ],
  [
    'reference/method/cursor.limit',
    'limits after sorting and skipping',
    { sort: { _id: -1 }, skip: 1, limit: 2, projection: { _id: 1 } },
    [{ _id: 4 }, { _id: 3 }],
  ],
  [
    'reference/method/cursor.limit',
    'a limit of 0 is no limit',
    { filter: { owner: 'sam' }, limit: 0, projection: { _id: 1 } },
    [{ _id: 2 }, { _id: 5 }],
  ],
  [
    'tutorial/project-fields-from-query-results',
    'includes the named fields and _id',
    { filter: { _id: 2 }, projection: { name: 1, score: 1 } },
    [{ _id: 2, name: 'Ben', score: 45 }],
  ],
  [
    'tutorial/project-fields-from-query-results',
    '_id can be excluded',
    { filter: { _id: 2 }, projection: { name: 1, _id: 0 } },
    [{ name: 'Ben' }],
  ],
  [
    'tutorial/project-fields-from-query-results',
    'excludes the named fields',
    { filter: { _id: 4 }, projection: { tags: 0, visits: 0 } },
    [{ _id: 4, name: 'dan', score: null }],
  ],
  [
    'tutorial/project-fields-from-query-results',
    'includes a field of an embedded document',
    { filter: { _id: 1 }, projection: { 'company.size': 1 } },
    [{ _id: 1, company: { size: 240 } }],
  ],
  [
    'tutorial/project-fields-from-query-results',
    'excludes a field of documents in an array',
    {
      filter: { _id: 2 },
      projection: { _id: 0, 'visits.minutes': 0, company: 0, seen: 0, tags: 0, score: 0 },
    },
    [{ name: 'Ben', role: 'buyer', owner: 'sam', visits: [{ page: 'pricing' }, { page: 'docs' }] }],
  ],
  [
    'reference/operator/projection/slice',
    'returns the last elements',
    { filter: { _id: 5 }, projection: { results: { $slice: -2 }, name: 1 } },
    [{ _id: 5, name: 'Eve', results: [85, 88] }],
  ],
  [
    'reference/operator/projection/elemMatch',
    'returns the first matching element',
    { filter: { _id: 3 }, projection: { visits: { $elemMatch: { minutes: { $lt: 5 } } } } },
    [{ _id: 3, visits: [{ page: 'docs', minutes: 1 }] }],
  ],
  [
    'reference/operator/projection/positional',
    'returns the element that the filter matched',
    { filter: { _id: 3, 'visits.page': 'docs' }, projection: { 'visits.$': 1 } },
    [{ _id: 3, visits: [{ page: 'docs', minutes: 1 }] }],
  ],
  [
    'reference/command/find',
    'computes a field by an expression',
    { filter: { _id: 1 }, projection: { hot: { $gte: ['$score', 60] } } },
    [{ _id: 1, hot: true }],
  ],
]

/** The key and filter of a distinct on `leads`, and its values. */
export type DistinctCase = [page: string, rule: string, key: string, filter: Document, values: unknown[]]

export const distinctCases: DistinctCase[] = [
  ['reference/command/distinct', 'returns each value once', 'role', {}, ['cto', 'buyer', 'engineer']],
  [
    'reference/command/distinct',
    'treats the elements of an array as values',
    'tags',
    { _id: { $lt: 4 } },
    ['pumps', 'valves'],
  ],
  [
    'reference/command/distinct',
    'reads a field of an embedded document',
    'company.domain',
    { owner: 'sam' },
    ['north.example'],
  ],
]

/** Values that must come back with the type they were stored with. */
export const typed: Document = {
  _id: new ObjectId('65a000000000000000000001'),
  double: new Double(1),
  decimal: new Decimal128('1.10'),
  date: new Date(0),
  nested: { 10: 'a', 9: 'b' },
}
