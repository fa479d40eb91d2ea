import type { Document } from 'bson'

/** An index, the documents it is built over, and a query that must use it. */
export interface IndexCase {
  page: string
  shape: string
  key: Document
  options?: Document
  documents: Document[]
  filter: Document
  sort?: Document
  /** The ids that the query finds, in the order of `sort` or else in any order. */
  ids: number[]
  /** The error from inserting this document. */
  refused?: { document: Document; code: number }
}

const at = (day: number) => new Date(Date.UTC(2026, 2, day))

export const indexCases: IndexCase[] = [
  {
    page: 'core/indexes/index-types/index-single',
    shape: 'one field',
    key: { session: 1 },
    documents: [{ _id: 1, session: 'a' }, { _id: 2, session: 'b' }, { _id: 3 }],
    filter: { session: 'b' },
    ids: [2],
  },
  {
    page: 'core/indexes/index-types/index-single',
    shape: 'one field in descending order, read in both directions',
    key: { changedAt: -1 },
    documents: [
      { _id: 1, changedAt: at(2) },
      { _id: 2, changedAt: at(9) },
      { _id: 3, changedAt: at(5) },
    ],
    filter: { changedAt: { $gte: at(3) } },
    sort: { changedAt: 1 },
    ids: [3, 2],
  },
  {
    page: 'core/indexes/index-types/index-single/create-embedded-object-index',
    shape: 'a field of an embedded document',
    key: { 'company.domain': 1 },
    documents: [
      { _id: 1, company: { domain: 'a.example' } },
      { _id: 2, company: { domain: 'b.example' } },
      { _id: 3, company: null },
    ],
    filter: { 'company.domain': { $in: ['a.example', 'b.example'] } },
    ids: [1, 2],
  },
  {
    page: 'core/indexes/index-types/index-compound',
    shape: 'an equality and a sort',
    key: { person: 1, at: -1 },
    documents: [
      { _id: 1, person: 'a', at: at(1) },
      { _id: 2, person: 'a', at: at(3) },
      { _id: 3, person: 'b', at: at(2) },
    ],
    filter: { person: 'a' },
    sort: { at: -1 },
    ids: [2, 1],
  },
  {
    page: 'tutorial/sort-results-with-indexes',
    shape: 'four fields: equalities, a descending sort and _id to break ties',
    key: { shared: 1, rank: 1, score: -1, _id: 1 },
    documents: [
      { _id: 1, shared: true, rank: 2, score: 5 },
      { _id: 2, shared: true, rank: 1, score: 5 },
      { _id: 3, shared: true, rank: 1, score: 9 },
      { _id: 4, shared: true, rank: 1, score: 9 },
      { _id: 5, shared: false, rank: 1, score: 9 },
    ],
    filter: { shared: true },
    sort: { rank: 1, score: -1, _id: 1 },
    ids: [3, 4, 2, 1],
  },
  {
    page: 'tutorial/sort-results-with-indexes',
    shape: 'a page of a list, continued after the last document of the page before',
    key: { at: -1, _id: -1 },
    documents: [
      { _id: 1, at: at(1) },
      { _id: 2, at: at(2) },
      { _id: 3, at: at(2) },
      { _id: 4, at: at(3) },
    ],
    filter: { at: { $lte: at(2) }, $or: [{ at: { $lt: at(2) } }, { _id: { $lt: 3 } }] },
    sort: { at: -1, _id: -1 },
    ids: [2, 1],
  },
  {
    page: 'core/index-unique',
    shape: 'unique',
    key: { slug: 1 },
    options: { unique: true },
    documents: [{ _id: 1, slug: 'pumps' }, { _id: 2 }],
    filter: { slug: 'pumps' },
    ids: [1],
    refused: { document: { _id: 3, slug: 'pumps' }, code: 11000 },
  },
  {
    page: 'core/index-unique',
    shape: 'unique: a missing field counts as null',
    key: { slug: 1 },
    options: { unique: true },
    documents: [{ _id: 1, slug: null }],
    filter: { slug: null },
    ids: [1],
    refused: { document: { _id: 2 }, code: 11000 },
  },
  {
    page: 'core/index-unique',
    shape: 'unique over two fields',
    key: { course: 1, number: -1 },
    options: { unique: true },
    documents: [
      { _id: 1, course: 'a', number: 1 },
      { _id: 2, course: 'a', number: 2 },
      { _id: 3, course: 'b', number: 1 },
    ],
    filter: { course: 'a' },
    sort: { number: -1 },
    ids: [2, 1],
    refused: { document: { _id: 4, course: 'b', number: 1 }, code: 11000 },
  },
  {
    page: 'core/index-partial',
    shape: 'partial: only dates',
    key: { dueAt: 1 },
    options: { partialFilterExpression: { dueAt: { $type: 'date' } } },
    documents: [{ _id: 1, dueAt: at(2) }, { _id: 2, dueAt: at(1) }, { _id: 3, dueAt: null }, { _id: 4 }],
    filter: { dueAt: { $type: 'date', $lte: at(2) } },
    sort: { dueAt: 1 },
    ids: [2, 1],
  },
  {
    page: 'core/index-partial',
    shape: 'partial: only documents with a given value',
    key: { course: 1, at: -1, _id: -1 },
    options: { partialFilterExpression: { name: 'question.asked' } },
    documents: [
      { _id: 1, name: 'question.asked', course: 'a', at: at(1) },
      { _id: 2, name: 'lesson.completed', course: 'a', at: at(2) },
      { _id: 3, name: 'question.asked', course: 'a', at: at(3) },
    ],
    filter: { name: 'question.asked', course: 'a' },
    sort: { at: -1, _id: -1 },
    ids: [3, 1],
  },
  {
    page: 'core/index-partial',
    shape: 'partial and unique: documents outside the filter may repeat a key',
    key: { seat: 1 },
    options: { unique: true, partialFilterExpression: { state: { $in: ['booked', 'held'] } } },
    documents: [
      { _id: 1, seat: 1, state: 'free' },
      { _id: 2, seat: 1, state: 'free' },
      { _id: 3, seat: 1, state: 'booked' },
    ],
    filter: { seat: 1, state: 'booked' },
    ids: [3],
    refused: { document: { _id: 4, seat: 1, state: 'held' }, code: 11000 },
  },
  {
    page: 'core/index-sparse',
    shape: 'sparse and unique: documents without the field are not indexed',
    key: { card: 1 },
    options: { unique: true, sparse: true },
    documents: [{ _id: 1, card: 7 }, { _id: 2 }, { _id: 3 }],
    filter: { card: 7 },
    ids: [1],
    refused: { document: { _id: 4, card: 7 }, code: 11000 },
  },
  {
    page: 'core/index-ttl',
    shape: 'TTL: expires at the time in the field',
    key: { expiresAt: 1 },
    options: { expireAfterSeconds: 0 },
    documents: [
      { _id: 1, expiresAt: new Date(Date.UTC(2999, 0, 1)) },
      { _id: 2, expiresAt: 'never' },
    ],
    filter: { expiresAt: { $gt: at(1) } },
    ids: [1],
  },
  {
    page: 'core/indexes/index-types/index-multikey',
    shape: 'multikey: an entry for each element, found by a prefix',
    key: { search: 1 },
    documents: [
      { _id: 1, search: ['ada', 'north.example'] },
      { _id: 2, search: ['adam'] },
      { _id: 3, search: [] },
      { _id: 4, search: 'ben' },
    ],
    filter: { search: /^ada/ },
    ids: [1, 2],
  },
  {
    page: 'core/indexes/index-types/index-multikey/multikey-index-bounds',
    shape: 'multikey: bounds of $elemMatch',
    key: { ratings: 1 },
    documents: [
      { _id: 1, ratings: [1, 9] },
      { _id: 2, ratings: [4, 9] },
      { _id: 3, ratings: [5] },
    ],
    filter: { ratings: { $elemMatch: { $gte: 3, $lte: 6 } } },
    ids: [2, 3],
  },
]
