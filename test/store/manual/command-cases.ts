import { Long, type Document } from 'bson'

/** A command and part of its reply. The cases run in this order on one empty database. */
export type CommandCase = [page: string, rule: string, command: Document, reply: Document]

const page = (name: string) => `reference/command/${name}`

export const commandCases: CommandCase[] = [
  [
    page('hello'),
    'describes a writable replica set with sessions',
    { hello: 1 },
    { isWritablePrimary: true, setName: 'embedded', maxWireVersion: 21, logicalSessionTimeoutMinutes: 30 },
  ],
  [page('ping'), 'replies', { ping: 1 }, { ok: 1 }],
  [page('buildInfo'), 'names the version', { buildInfo: 1 }, { version: '7.0.14', bits: 64 }],
  [
    page('serverStatus'),
    'names the process',
    { serverStatus: 1 },
    { version: '7.0.14', process: 'embedded store' },
  ],
  [
    page('getParameter'),
    'names the compatible version',
    { getParameter: 1, featureCompatibilityVersion: 1 },
    { featureCompatibilityVersion: { version: '7.0' } },
  ],
  [page('create'), 'creates an empty collection', { create: 'c' }, { ok: 1 }],
  [
    page('insert'),
    'counts the inserted documents',
    {
      insert: 'c',
      documents: [
        { _id: 1, n: 1 },
        { _id: 2, n: 5 },
        { _id: 3, n: 9 },
      ],
    },
    { n: 3 },
  ],
  [
    page('createIndexes'),
    'counts the indexes before and after',
    { createIndexes: 'c', indexes: [{ key: { n: 1 }, name: 'n_1', expireAfterSeconds: 60 }] },
    { numIndexesBefore: 1, numIndexesAfter: 2, createdCollectionAutomatically: false },
  ],
  [
    page('createIndexes'),
    'the same index again changes nothing',
    { createIndexes: 'c', indexes: [{ key: { n: 1 }, name: 'n_1', expireAfterSeconds: 60 }] },
    { numIndexesBefore: 2, numIndexesAfter: 2, note: 'all indexes already exist' },
  ],
  [
    page('listIndexes'),
    'lists the specifications',
    { listIndexes: 'c' },
    {
      cursor: {
        firstBatch: [
          { v: 2, key: { _id: 1 }, name: '_id_' },
          { v: 2, key: { n: 1 }, name: 'n_1', expireAfterSeconds: 60 },
        ],
      },
    },
  ],
  [
    page('collMod'),
    'changes the expiry of a TTL index',
    { collMod: 'c', index: { name: 'n_1', expireAfterSeconds: 90 } },
    { expireAfterSeconds_old: 60, expireAfterSeconds_new: 90 },
  ],
  [
    page('find'),
    'returns a first batch',
    { find: 'c', sort: { _id: 1 }, limit: 1 },
    { cursor: { firstBatch: [{ _id: 1, n: 1 }] } },
  ],
  [
    page('count'),
    'counts with skip and limit',
    { count: 'c', query: { n: { $gte: 1 } }, skip: 1, limit: 5 },
    { n: 2 },
  ],
  [page('distinct'), 'returns values', { distinct: 'c', key: 'n', query: { _id: 2 } }, { values: [5] }],
  [
    page('aggregate'),
    'returns a first batch',
    { aggregate: 'c', pipeline: [{ $count: 'n' }], cursor: {} },
    { cursor: { firstBatch: [{ n: 3 }] } },
  ],
  [
    page('explain'),
    'shows the plan',
    { explain: { find: 'c', filter: { n: 5 } }, verbosity: 'queryPlanner' },
    { queryPlanner: { winningPlan: { stage: 'FETCH', inputStage: { stage: 'IXSCAN', indexName: 'n_1' } } } },
  ],
  [
    page('update'),
    'counts matched and modified documents',
    { update: 'c', updates: [{ q: {}, u: { $max: { n: 5 } }, multi: true }] },
    { n: 3, nModified: 1 },
  ],
  [
    page('findAndModify'),
    'returns the document after the update',
    { findAndModify: 'c', query: { _id: 3 }, update: { $inc: { n: 1 } }, new: true, fields: { n: 1 } },
    { value: { _id: 3, n: 10 }, lastErrorObject: { n: 1, updatedExisting: true } },
  ],
  [
    page('findAndModify'),
    'removes a document and returns it',
    { findAndModify: 'c', query: {}, sort: { n: -1 }, remove: true },
    { value: { _id: 3, n: 10 }, lastErrorObject: { n: 1 } },
  ],
  [
    page('delete'),
    'deletes one or all matching documents',
    { delete: 'c', deletes: [{ q: { n: 5 }, limit: 1 }] },
    { n: 1 },
  ],
  [
    page('getMore'),
    'continues a cursor',
    { getMore: 'the cursor of a find', collection: 'c', batchSize: 1 },
    { cursor: { nextBatch: [{ _id: 12 }], id: expect.anything() } },
  ],
  [
    page('killCursors'),
    'reports which cursors it closed',
    { killCursors: 'c', cursors: [Long.fromNumber(5)] },
    { cursorsKilled: [], cursorsNotFound: [expect.anything()] },
  ],
  [page('dropIndexes'), 'counts the indexes before', { dropIndexes: 'c', index: 'n_1' }, { nIndexesWas: 2 }],
  [
    page('listCollections'),
    'lists the collections',
    { listCollections: 1, nameOnly: true },
    { cursor: { firstBatch: [{ name: 'c', type: 'collection' }] } },
  ],
  [page('compact'), 'frees the space of deleted documents', { compact: 'c' }, { ok: 1 }],
  [page('drop'), 'drops a collection', { drop: 'c' }, { nIndexesWas: 1 }],
  [
    page('listDatabases'),
    'lists the databases',
    { listDatabases: 1, nameOnly: true, filter: { name: 'no database' } },
    { databases: [] },
  ],
  [page('endSessions'), 'ends sessions', { endSessions: [] }, { ok: 1 }],
  [page('dropDatabase'), 'drops the database', { dropDatabase: 1 }, { ok: 1 }],
]
