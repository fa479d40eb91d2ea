import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { model, Schema } from 'mongoose'
import { isDuplicateKey } from '../platform/errors'
import type { Asset } from './course'

/**
 * Bytes of a file, kept once under their SHA-256. Pieces are plain documents with ids that follow from the hash, so
 * saving again writes nothing new; the head is written last, so that what has one is complete.
 */
export type StoredAsset = {
  /** SHA-256 of the bytes, hex. */
  _id: string
  size: number
  type: string
}

const assetSchema = new Schema<StoredAsset>(
  {
    _id: { type: String, required: true },
    size: { type: Number, required: true },
    type: { type: String, required: true },
  },
  { versionKey: false },
)
const StoredAssets = model<StoredAsset>('StoredAsset', assetSchema, 'assets')

type Piece = { _id: string; bytes: Buffer }
const pieceSchema = new Schema<Piece>(
  { _id: { type: String, required: true }, bytes: { type: Buffer, required: true } },
  { versionKey: false },
)
const Pieces = model<Piece>('AssetPiece', pieceSchema, 'asset_pieces')

const pieceSize = 256 * 1024
/** Only files of one piece are kept in memory, and together at most this many bytes, the longest unused going first. */
const memory = 16 * 1024 * 1024

/** Stores the bytes under their hash and answers it (hex). Storing them again is nothing. `type` is their media type. */
export async function saveAsset(bytes: Buffer, type: string): Promise<string> {
  const hash = createHash('sha256').update(bytes).digest('hex')
  if (await findAsset(hash)) return hash
  for (let n = 0; n * pieceSize < bytes.length; n++) {
    await once(() =>
      Pieces.create({ _id: pieceId(hash, n), bytes: bytes.subarray(n * pieceSize, (n + 1) * pieceSize) }),
    )
  }
  await once(() => StoredAssets.create({ _id: hash, size: bytes.length, type }))
  return hash
}

/** The head of a stored file (its hash, size in bytes, media type), or null. */
export async function findAsset(hash: string): Promise<StoredAsset | null> {
  const known = heads.get(hash)
  if (known) return known
  if (!/^[0-9a-f]{64}$/.test(hash)) return null
  const head = await StoredAssets.findById(hash).lean<StoredAsset>()
  if (head) {
    if (heads.size >= 2000) heads.clear()
    heads.set(hash, head)
  }
  return head
}

/**
 * The bytes from `start` to `end`, both included (the whole file by default), as a stream that reads one piece at a time.
 * The range must lie within the file's size.
 */
export function readAsset(asset: StoredAsset, { start = 0, end = asset.size - 1 } = {}): Readable {
  const kept = readCached(asset._id)
  if (kept) return Readable.from([kept.subarray(start, end + 1)], { objectMode: false })
  return Readable.from(pieces(asset, start, end), { objectMode: false })
}

/** All bytes of a file, for those that are known to be small or must be whole (an export). */
export async function assetBytes(hash: string): Promise<Buffer | null> {
  const asset = await findAsset(hash)
  if (!asset) return null
  const parts: Buffer[] = []
  for await (const part of readAsset(asset)) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Where a file is served, for ever: its name is for people, its hash finds it. */
export function assetUrl(hash: string, path: string): string {
  return `/assets/${hash}/${encodeURIComponent(path.split('/').pop()!)}`
}

/** The course's file that a text names as `assets/x.png`, `./assets/x.png` or `../assets/x.png`. */
export function assetNamed(assets: readonly Asset[], reference: string): Asset | undefined {
  const path = assetPath(reference)
  return path === null ? undefined : assets.find(asset => asset.path === path)
}

/** `assets/x y.png` for a reference to a file of the course, escapes undone; null for a reference to anything else. */
export function assetPath(reference: string): string | null {
  const match = /^(?:\.{1,2}\/)*(assets\/[^?#]+)/.exec(reference)
  if (!match) return null
  try {
    return decodeURIComponent(match[1]!)
  } catch {
    return match[1]!
  }
}

async function* pieces(asset: StoredAsset, start: number, end: number): AsyncGenerator<Buffer> {
  if (!asset.size) return
  for (let n = Math.floor(start / pieceSize); n * pieceSize <= end; n++) {
    const piece = await Pieces.findById(pieceId(asset._id, n)).lean<{ bytes: { buffer: Uint8Array } }>()
    if (!piece) throw new Error(`Piece ${n} of asset ${asset._id} is missing`)
    const bytes = Buffer.from(piece.bytes.buffer)
    if (asset.size <= pieceSize) remember(asset._id, bytes)
    yield bytes.subarray(Math.max(start - n * pieceSize, 0), end + 1 - n * pieceSize)
  }
}

const pieceId = (hash: string, n: number) => `${hash}:${n}`

async function once(write: () => Promise<unknown>): Promise<void> {
  try {
    await write()
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
  }
}

const heads = new Map<string, StoredAsset>()
const small = new Map<string, Buffer>()
let held = 0

function readCached(hash: string): Buffer | undefined {
  const bytes = small.get(hash)
  if (bytes) {
    small.delete(hash)
    small.set(hash, bytes)
  }
  return bytes
}

function remember(hash: string, bytes: Buffer): void {
  if (small.has(hash)) return
  small.set(hash, bytes)
  held += bytes.length
  for (const [oldest, its] of small) {
    if (held <= memory) break
    small.delete(oldest)
    held -= its.length
  }
}
