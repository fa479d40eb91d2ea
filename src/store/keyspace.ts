import { prefixSuccessor } from './keys'

/**
 * The database is one sorted list of binary keys in LMDB. The first byte of a key says what follows: 1 a
 * setting, 2 a catalog entry (namespace), 3 a document (collection id, record id), 4 an index entry (index
 * id, key), 5 a session, 6 a dropped prefix whose keys have yet to be deleted.
 */
export const keyspace = { setting: 1, catalog: 2, document: 3, index: 4, session: 5, dropped: 6 } as const

/** Returns the key of a setting. */
export function settingKey(name: string): Buffer {
  return Buffer.concat([Buffer.from([keyspace.setting]), Buffer.from(name)])
}

/** Returns the range of all keys that start with `prefix`. */
export function prefixRange(prefix: Buffer): [Buffer, Buffer] {
  return [prefix, prefixSuccessor(prefix)]
}

/** Returns the prefix of the keys of one collection or index. */
export function keyPrefix(kind: number, id: number): Buffer {
  const key = Buffer.allocUnsafe(5)
  key[0] = kind
  key.writeUInt32BE(id, 1)
  return key
}

/**
 * Returns the key of a document: 1 byte keyspace, 4 bytes collection id, 6 bytes record id, all big-endian.
 */
export function documentKey(collection: number, recordId: number): Buffer {
  const key = Buffer.allocUnsafe(11)
  key[0] = keyspace.document
  key.writeUInt32BE(collection, 1)
  key.writeUIntBE(recordId, 5, 6)
  return key
}

/** Reads the record id at the end of a document's key (`at` 5), or in the value of an index entry. */
export function readRecordId(documentOrEntryValue: Buffer, at = 0): number {
  return documentOrEntryValue.readUIntBE(at, 6)
}

/** Returns a record id as 6 bytes, the value of an index entry. */
export function encodeRecordId(recordId: number): Buffer {
  const bytes = Buffer.allocUnsafe(6)
  bytes.writeUIntBE(recordId, 0, 6)
  return bytes
}
