import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { HttpError } from '../platform/errors'
import { date, defineRecord, number, objectId, string, type RecordOf } from '../platform/record'

/** What teammates say about the draft of a version; it stays with the version when that is published. */
const Comments = defineRecord(
  'ScoringComment',
  'scoring_comments',
  {
    _id: objectId(),
    /** The number that the version has or would have. */
    version: number(),
    by: objectId(),
    at: date(),
    text: string(),
  },
  { indexes: [[{ version: 1, _id: 1 }], [{ by: 1 }]] },
)
export type ModelComment = RecordOf<typeof Comments>

export const maxModelComment = 2000
const maxComments = 200

/** Returns what was said about a version, oldest first. */
export function commentsOnModel(version: number): Promise<ModelComment[]> {
  return Comments.find({ version }).sort({ _id: 1 }).limit(maxComments).exec()
}

/** Returns what a teammate has said, for their own data. */
export function modelCommentsBy(by: Types.ObjectId): Promise<ModelComment[]> {
  return Comments.find({ by }).exec()
}

/**
 * Adds a comment; again with the same key adds nothing.
 *
 * @throws 422 when there are as many as there may be.
 */
export async function commentOnModel(
  version: number,
  { key, by, text }: { key: string; by: Types.ObjectId; text: string },
): Promise<void> {
  const all = await commentsOnModel(version)
  if (all.length >= maxComments) throw new HttpError(422, 'admin:errors.tooManyComments')
  await Comments.insertOnce({ _id: new Types.ObjectId(key), version, by, at: now(), text })
}

/** Removes a comment of one's own. */
export async function removeModelComment(id: string, by: Types.ObjectId): Promise<boolean> {
  const { deletedCount } = await Comments.deleteOne({ _id: new Types.ObjectId(id), by })
  return deletedCount > 0
}

/** Removes everything that a person has said, after their erasure. */
export async function deleteModelComments({ person }: { person: Types.ObjectId }): Promise<void> {
  await Comments.deleteMany({ by: person })
}
