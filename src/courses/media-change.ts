import type { Types } from 'mongoose'
import { conflict, notFound } from '../platform/errors'
import { now } from '../platform/clock'
import { date, defineRecord, free, nullable, objectId, type RecordOf } from '../platform/record'
import type { Asset } from './asset'
import { changeDraft } from './change-draft'
import type { Course, CourseContent } from './course'
import { withFileAgain, withoutFile, withReplacedFile } from './replace-file'

/** A change to one file of a draft, which can be undone for a day. Undoing it is a change too. */
const MediaChanges = defineRecord(
  'MediaChange',
  'media_changes',
  {
    course: objectId(),
    /** The file before and after the change; null where there was or is none. */
    before: nullable(free<Asset>()),
    after: nullable(free<Asset>()),
    at: date(),
  },
  { indexes: [[{ at: 1 }, { expireAfterSeconds: 24 * 3600 }]] },
)
type MediaChange = RecordOf<typeof MediaChanges>

/** The course after a change to one of its files, the file, and the id by which the change can be undone. */
export type ChangedMedia = { course: Course; file: Asset | null; change: string }

type FileChange = Pick<MediaChange, 'before' | 'after'>

/** Removes a file from a draft. Throws 404 without it, 422 while something uses it. */
export function removeFile(course: Types.ObjectId, path: string, by?: Types.ObjectId): Promise<ChangedMedia> {
  return changeFile(course, content => ({ before: fileOf(content, path), after: null }), by)
}

/**
 * Changes a file of a draft, and its references if the file gets another ending.
 *
 * @param change returns the file as it is to be. It must be pure.
 * @throws what `withReplacedFile` and `change` do; 404 without the file.
 */
export function replaceFile(
  course: Types.ObjectId,
  path: string,
  change: (before: Asset) => Asset,
  by?: Types.ObjectId,
): Promise<ChangedMedia> {
  return changeFile(
    course,
    content => {
      const before = fileOf(content, path)
      return { before, after: change(before) }
    },
    by,
  )
}

/** Adds a file that isn't there yet. Throws 422 when another one has its path. */
export function addFile(course: Types.ObjectId, file: Asset, by?: Types.ObjectId): Promise<ChangedMedia> {
  return changeFile(course, () => ({ before: null, after: file }), by)
}

/**
 * Undoes a change to a file. Returns the change that undoes this, and so on.
 *
 * @throws 404 for an unknown change, or one of another course; 409 when the file has changed since.
 */
export async function undoMediaChange(
  course: Types.ObjectId,
  id: string,
  by?: Types.ObjectId,
): Promise<ChangedMedia> {
  const last = /^[0-9a-f]{24}$/.test(id) ? await MediaChanges.findById(id) : null
  if (!last?.course.equals(course)) throw notFound()
  return changeFile(
    course,
    ({ assets }) => {
      const current = last.after && assets.find(({ path }) => path === last.after!.path)
      if (last.after && current?.hash !== last.after.hash) throw conflict('studio:errors.cannotUndoFile')
      // What has been said of a picture since isn't undone with its bytes.
      const alt = current?.alt === undefined ? {} : { alt: current.alt }
      return { before: current ?? null, after: last.before && { ...last.before, ...alt } }
    },
    by,
  )
}

async function changeFile(
  id: Types.ObjectId,
  changeOf: (content: CourseContent) => FileChange,
  by?: Types.ObjectId,
): Promise<ChangedMedia> {
  let done: FileChange = { before: null, after: null }
  const course = await changeDraft(
    id,
    content => {
      done = changeOf(content)
      return withFileChange(content, done)
    },
    { by },
  )
  const { _id } = await MediaChanges.create({ course: id, ...done, at: now() })
  return { course, file: done.after, change: String(_id) }
}

function withFileChange(content: CourseContent, { before, after }: FileChange): CourseContent {
  if (before && after) return withReplacedFile(content, before, after)
  if (before) return withoutFile(content, before.path)
  return after ? withFileAgain(content, after) : content
}

function fileOf({ assets }: CourseContent, path: string): Asset {
  const asset = assets.find(each => each.path === path)
  if (!asset) throw notFound()
  return asset
}
