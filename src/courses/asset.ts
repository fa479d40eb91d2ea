import { LRUCache } from 'lru-cache'
import { cached, clearWithDatabase } from '../platform/cached'
import { now } from '../platform/clock'
import { bytes, date, defineRecord, list, number, optional, string, type RecordOf } from '../platform/record'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'

/** A file of a course; its bytes are stored under their hash. */
export type Asset = {
  /** As lessons refer to it: `assets/openings.png`. */
  path: string
  /** SHA-256 of the bytes, hex. */
  hash: string
  size: number
  /** The media type, detected from the bytes. */
  type: string
  /** For images, in pixels. */
  width?: number | null
  height?: number | null
  /** Length of a video in seconds; for captions, the end of the last cue. */
  seconds?: number | null
  /** What the library says of a picture for those who can't see it. A new use of it starts with this text. */
  alt?: string
  /** The point of a picture that stays in view where it is cut, in percent from its left and its top. */
  focus?: { x: number; y: number }
}

/**
 * The head of a stored file. A file is stored once, under the SHA-256 of its bytes. Its pieces are documents whose ids
 * derive from the hash, so saving it again writes nothing. The head is written last, so a file with a head is complete.
 */
const StoredAssets = defineRecord(
  'StoredAsset',
  'assets',
  {
    /** SHA-256 of the bytes, hex. */
    _id: string(),
    size: number(),
    type: string(),
    /** Other types that files with the same bytes have: captions in `x.srt` are also text in `x.txt`. */
    otherTypes: optional(list(string())),
    storedAt: optional(date()),
  },
  { indexes: [[{ size: 1 }]] },
)
export type StoredAsset = RecordOf<typeof StoredAssets>

const Pieces = defineRecord('AssetPiece', 'asset_pieces', {
  _id: string(),
  bytes: bytes(),
})

const pieceSize = 256 * 1024
/** Files of one piece are cached in memory, up to this many bytes in total; the least recently used go first. */
const maxCachedBytes = 16 * 1024 * 1024

/**
 * Stores the bytes of a file under their hash; storing the same bytes again changes nothing, but adds another type.
 *
 * @param type the media type, such as `image/png`.
 * @returns the SHA-256 of the bytes, hex.
 */
export async function saveAsset(bytes: Buffer, type: string): Promise<string> {
  const hash = createHash('sha256').update(bytes).digest('hex')
  const known = await findAsset(hash)
  if (known) {
    if (!typesOf(known).includes(type)) await addType(known, type)
    return hash
  }
  for (let n = 0; n * pieceSize < bytes.length; n++) {
    await Pieces.insertOnce({
      _id: pieceId(hash, n),
      bytes: bytes.subarray(n * pieceSize, (n + 1) * pieceSize),
    })
  }
  await StoredAssets.insertOnce({ _id: hash, size: bytes.length, type, storedAt: now() })
  storedBytes.forget()
  return hash
}

/** Returns the bytes of all stored files: those of all versions, and the sizes of pictures that screens need. */
export const storedBytes = cached<void, number>(60_000, async () => {
  const [sum] = await StoredAssets.aggregate<{ bytes: number }>([
    { $match: { size: { $gt: 0 } } },
    { $group: { _id: null, bytes: { $sum: '$size' } } },
  ])
  return sum?.bytes ?? 0
})

/** Returns when files were first stored, by their hashes; nothing for those that are older than this record. */
export async function storedTimes(hashes: string[]): Promise<Map<string, Date>> {
  const found = await StoredAssets.find({ _id: { $in: hashes } }, { storedAt: 1 })
  return new Map(found.flatMap(({ _id, storedAt }) => (storedAt ? [[_id, storedAt]] : [])))
}

async function addType({ _id }: StoredAsset, type: string): Promise<void> {
  await StoredAssets.updateOne({ _id }, { $addToSet: { otherTypes: type } })
  heads.delete(_id)
}

/** Returns the media types of the files with these bytes. */
export function typesOf({ type, otherTypes = [] }: StoredAsset): string[] {
  return [type, ...otherTypes]
}

/** Returns the hash, size in bytes and media type of a stored file, or null. */
export async function findAsset(hash: string): Promise<StoredAsset | null> {
  const known = heads.get(hash)
  if (known) return known
  if (!/^[0-9a-f]{64}$/.test(hash)) return null
  const head = await StoredAssets.findById(hash)
  if (head) heads.set(hash, head)
  return head
}

/**
 * Streams the bytes from `start` to `end`, both included (the whole file by default), one piece at a time. The range
 * must lie within the file's size.
 */
export function readAsset(asset: StoredAsset, { start = 0, end = asset.size - 1 } = {}): Readable {
  const bytes = cachedFiles.get(asset._id)
  if (bytes) return Readable.from([bytes.subarray(start, end + 1)], { objectMode: false })
  return Readable.from(pieces(asset, start, end), { objectMode: false })
}

/** Returns all bytes of a file, or null. Use it for small files and exports; `readAsset` streams the rest. */
export async function assetBytes(hash: string): Promise<Buffer | null> {
  const asset = await findAsset(hash)
  if (!asset) return null
  const chunks: Buffer[] = []
  for await (const chunk of readAsset(asset)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Returns the permanent URL of a file. The hash finds the file; the name at the end is for people. */
export function assetUrl(hash: string, path: string): string {
  return `/assets/${hash}/${encodeURIComponent(path.split('/').pop()!)}`
}

/**
 * Returns the file that Markdown or a field refers to as `assets/x.png`, `./assets/x.png` or `../assets/x.png`: written
 * as it is, or percent-encoded. Accents may be composed or not: macOS takes them apart in file names.
 */
export function assetNamed(assets: readonly Asset[], reference: string | null): Asset | undefined {
  const path = reference === null ? null : rawPath(reference)
  if (path === null) return undefined
  const find = (name: string) => assets.find(asset => asset.path.normalize() === name)
  return find(path) ?? find(decoded(path)) ?? findAnyCase(assets, decoded(path))
}

/** Windows and macOS take `Photo.PNG` and `photo.png` for one name; a file that is the only one with it is meant. */
function findAnyCase(assets: readonly Asset[], path: string): Asset | undefined {
  const name = path.toLowerCase()
  const [only, another] = assets.filter(asset => asset.path.normalize().toLowerCase() === name)
  return another ? undefined : only
}

/** Returns the decoded path (`assets/x y.png`) of a reference to a course file; null for any other reference. */
export function assetPath(reference: string): string | null {
  const path = rawPath(reference)
  return path === null ? null : decoded(path)
}

function rawPath(reference: string): string | null {
  const path = /^(?:\.{1,2}\/)*(assets\/[^?#]+)/i.exec(reference)?.[1]?.normalize()
  return path === undefined ? null : path.replace(/^assets/i, 'assets')
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path).normalize()
  } catch {
    return path
  }
}

async function* pieces(asset: StoredAsset, start: number, end: number): AsyncGenerator<Buffer> {
  if (!asset.size) return
  for (let n = Math.floor(start / pieceSize); n * pieceSize <= end; n++) {
    const piece = await Pieces.findById(pieceId(asset._id, n))
    if (!piece) throw new Error(`Piece ${n} of asset ${asset._id} is missing`)
    const bytes = Buffer.from(piece.bytes.buffer)
    if (asset.size <= pieceSize) cachedFiles.set(asset._id, bytes)
    yield bytes.subarray(Math.max(start - n * pieceSize, 0), end + 1 - n * pieceSize)
  }
}

const pieceId = (hash: string, n: number) => `${hash}:${n}`

const heads = new LRUCache<string, StoredAsset>({ max: 2000 })
clearWithDatabase(() => heads.clear())
const cachedFiles = new LRUCache<string, Buffer>({
  maxSize: maxCachedBytes,
  sizeCalculation: bytes => bytes.length,
})
