import type { Types } from 'mongoose'
import { conflict, notFound } from '../platform/errors'
import { now } from '../platform/clock'
import { date, defineRecord, objectId, string } from '../platform/record'
import { changeDraft } from './change-draft'
import type { Course } from './course'
import { hashOf } from './markdown'
import { changeLesson, lessonNamed } from './outline'

/** The last change that a person made to a lesson's questions or steps, so that it can be undone. */
const BlockChanges = defineRecord(
  'BlockChange',
  'question_changes',
  {
    /** `course:lesson:person`. */
    _id: string(),
    person: objectId(),
    /** The lesson's text before the change, and the hash of the text after it. */
    before: string(),
    after: string(),
    at: date(),
  },
  { indexes: [[{ at: 1 }, { expireAfterSeconds: 24 * 3600 }], [{ person: 1 }]] },
)

type Change = { course: Types.ObjectId; lesson: string; person: Types.ObjectId }

const idOf = ({ course, lesson, person }: Change) => [course, lesson, person].join(':')

/**
 * Changes the text of a lesson in the current draft, and remembers the text before it.
 *
 * @param change returns the new text, or null to leave it as it is. It must be pure.
 * @throws as `changeDraft` does, and what `change` throws.
 */
export async function changeBlocks(
  where: Change,
  change: (body: string) => string | null,
): Promise<{ course: Course; body: string }> {
  let before = ''
  const { person } = where
  const course = await changeDraft(
    where.course,
    content => {
      const lesson = lessonNamed(content, where.lesson)
      if (!lesson) throw notFound()
      before = lesson.body
      const body = change(before)
      return body === null ? content : changeLesson(content, where.lesson, { body })
    },
    { by: person },
  )
  const { body } = lessonNamed(course.draft, where.lesson)!
  if (body !== before) {
    const $set = { person, before, after: hashOf(body), at: now() }
    await BlockChanges.updateOne({ _id: idOf(where) }, { $set }, { upsert: true })
  }
  return { course, body }
}

/** Whether a person has a change to undo. */
export function canUndoBlockChange(where: Change): Promise<boolean> {
  return BlockChanges.exists({ _id: idOf(where) })
}

/**
 * Undoes the last change of a person; doing it again redoes it.
 *
 * @throws 404 when there is nothing to undo, 409 when the text has changed since.
 */
export async function undoBlockChange(where: Change): Promise<void> {
  const last = await BlockChanges.findById(idOf(where))
  if (!last) throw notFound()
  await changeBlocks(where, body => {
    if (hashOf(body) !== last.after) throw conflict('studio:errors.cannotUndo')
    return last.before
  })
}
