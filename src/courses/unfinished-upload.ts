import { randomBytes, randomUUID } from 'node:crypto'
import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import { conflict, HttpError, notFound } from '../platform/errors'
import {
  bytes,
  date,
  defineRecord,
  list,
  nested,
  number,
  objectId,
  optional,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import { courseCaps } from './content'
import { requireRoom } from './storage'

/**
 * A file that arrives in parts. What has arrived is stored at once, so that an upload goes on after a cut connection, a
 * restart, or on another process.
 */
const Uploads = defineRecord(
  'UnfinishedUpload',
  'unfinished_uploads',
  {
    _id: string(),
    person: objectId(),
    course: objectId(),
    /** As the author calls the file. */
    name: string(),
    /** In bytes. */
    size: number(),
    /** How many bytes have arrived: those of `pieces`, in their order. */
    offset: withDefault(number(), 0),
    pieces: list(nested({ id: string(), size: number() })),
    /** Where the file is in the draft once it is complete; then there are no pieces any more. */
    path: optional(string()),
    expiresAt: date(),
  },
  { indexes: [[{ expiresAt: 1 }, { expireAfterSeconds: 0 }], [{ person: 1 }]] },
)
export type UnfinishedUpload = RecordOf<typeof Uploads>

const UploadPieces = defineRecord(
  'UploadPiece',
  'upload_pieces',
  { _id: string(), upload: string(), bytes: bytes(), expiresAt: date() },
  { indexes: [[{ expiresAt: 1 }, { expireAfterSeconds: 0 }], [{ upload: 1 }]] },
)

const megabyte = 1024 * 1024
/** What a person may have begun and not finished: so many files, and bytes of all of them together. */
const caps = { files: 20, bytes: 2 * courseCaps.megabytes * megabyte }
/** What has arrived is stored in pieces of at least so many bytes. */
const pieceSize = 256 * 1024
const keptFor = days(1)

/**
 * Begins an upload.
 *
 * @param taken bytes that the course's files have already.
 * @throws 413 when the file exceeds what a course, the person or the academy may have.
 */
export async function beginUpload(
  given: Pick<UnfinishedUpload, 'person' | 'course' | 'name' | 'size'>,
  taken: number,
): Promise<UnfinishedUpload> {
  const { megabytes } = courseCaps
  if (taken + given.size > megabytes * megabyte) {
    throw new HttpError(413, 'studio:errors.courseFull', { megabytes })
  }
  await requireRoom(given.size)
  const upload = await Uploads.create({
    ...given,
    _id: randomBytes(24).toString('base64url'),
    expiresAt: later(now(), keptFor),
  })
  // Counted with this one, so that several at once don't exceed the caps: the last of them sees all the others.
  const begun = await Uploads.find({ person: given.person, expiresAt: { $gt: now() } }, { size: 1, path: 1 })
  const unfinished = begun.filter(({ path }) => path === undefined)
  const waiting = unfinished.reduce((sum, { size }) => sum + size, 0)
  if (unfinished.length > caps.files || waiting > caps.bytes) {
    await discardUpload(upload)
    throw new HttpError(413, 'studio:errors.tooManyUploads', { count: unfinished.length - 1 })
  }
  return upload
}

/** Returns an upload of a person to a course. Throws 404 for any other, and after it has expired. */
export async function uploadNamed(
  id: string,
  { person, course }: { person: Types.ObjectId; course: Types.ObjectId },
): Promise<UnfinishedUpload> {
  const upload = await Uploads.findById(id)
  if (!upload?.person.equals(person) || !upload.course.equals(course)) throw notFound()
  if (upload.expiresAt <= now()) throw notFound()
  return upload
}

/**
 * Stores what arrives of an upload from `offset` on, also when the connection is cut.
 *
 * @returns how many bytes of the file have arrived.
 * @throws 409 when `offset` isn't where the upload is, also because another request writes it; 413 beyond its size.
 */
export async function appendToUpload(
  { _id, size, offset: known, expiresAt }: UnfinishedUpload,
  offset: number,
  chunks: AsyncIterable<Buffer>,
): Promise<number> {
  if (offset !== known) throw conflict('studio:errors.uploadElsewhere')
  let [at, waiting]: [number, Buffer[]] = [offset, []]
  const length = () => waiting.reduce((sum, { length }) => sum + length, 0)
  const store = async () => {
    const piece = Buffer.concat(waiting)
    if (!piece.length) return
    const id = randomUUID()
    await UploadPieces.create({ _id: id, upload: _id, bytes: piece, expiresAt })
    const $set = { offset: at + piece.length }
    const moved = await Uploads.updateOne(
      { _id, offset: at },
      { $set, $push: { pieces: { id, size: piece.length } } },
    )
    if (!moved.modifiedCount) {
      await UploadPieces.deleteOne({ _id: id })
      throw conflict('studio:errors.uploadElsewhere')
    }
    at += piece.length
    waiting = []
  }
  try {
    for await (const chunk of chunks) {
      if (at + length() + chunk.length > size) throw new HttpError(413, 'web:errors.tooLarge')
      waiting.push(chunk)
      if (length() >= pieceSize) await store()
    }
  } catch (error) {
    // Nothing of a cut connection is sent again.
    if (!(error instanceof HttpError)) await store()
    throw error
  }
  await store()
  return at
}

/** Returns the bytes of an upload. Throws 409 when some are still to come, or another request has just used them. */
export async function uploadedBytes({ size, offset, pieces }: UnfinishedUpload): Promise<Buffer> {
  if (offset !== size) throw conflict('studio:errors.uploadIncomplete')
  const found: Buffer[] = []
  for (const { id } of pieces) {
    const piece = await UploadPieces.findById(id)
    if (!piece) throw conflict('studio:errors.uploadElsewhere')
    found.push(Buffer.from(piece.bytes.buffer))
  }
  return Buffer.concat(found)
}

/** Remembers where an upload is in the draft, so that asking for it again gives the same file, and frees its space. */
export async function closeUpload({ _id }: UnfinishedUpload, path: string): Promise<void> {
  await Uploads.updateOne({ _id }, { $set: { path, pieces: [] } })
  await UploadPieces.deleteMany({ upload: _id })
}

/** Forgets an upload and what has arrived of it. */
export async function discardUpload({ _id }: UnfinishedUpload): Promise<void> {
  await Uploads.deleteOne({ _id })
  await UploadPieces.deleteMany({ upload: _id })
}
