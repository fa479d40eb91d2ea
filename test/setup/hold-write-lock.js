// Holds the write lock of an LMDB file until it is killed, as a transaction that never ends does.
const { open } = require('lmdb')

const db = open({
  path: process.argv[2],
  noSubdir: true,
  encoding: 'binary',
  keyEncoding: 'binary',
  overlappingSync: false,
  mapSize: 2 ** 38,
})
db.transactionSync(() => {
  process.stdout.write('held\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
