import type { Types } from 'mongoose'
import { notFound, HttpError } from '../platform/errors'
import { Courses, type Course, type CourseContent } from './course'
import { saveDraft } from './save-draft'
import type { DraftChange } from './saved-point'

const maxAttempts = 5

/**
 * Applies `change` to the current draft and saves the result. When someone else saves in between, `change` runs again
 * on their draft, so two people can edit two lessons at once. It must be pure.
 *
 * @returns the course after the save.
 * @throws 404 for an unknown course, 409 when the draft still conflicts after 5 attempts, 422 when it is too large.
 */
export function changeDraft(
  id: Types.ObjectId,
  change: (content: CourseContent) => CourseContent,
  made: DraftChange = {},
): Promise<Course> {
  return saveUntilCurrent(id, ({ draft, draftNumber }) =>
    saveDraft({ course: id, draftNumber, content: change(draft), ...made }),
  )
}

/**
 * Adds a module or a lesson to the current draft, as `changeDraft` changes it. A second press of the same button adds
 * nothing.
 *
 * @param submission identifies the press of the button.
 * @param add returns the draft with the addition, and what the addition is called in URLs. It must be pure.
 * @returns what the addition is called in URLs.
 * @throws as `changeDraft` does.
 */
export async function addOnce(
  id: Types.ObjectId,
  submission: string,
  add: (content: CourseContent) => { content: CourseContent; slug: string },
  by?: Types.ObjectId,
): Promise<string> {
  const course = await saveOnce(id, submission, add, by)
  return additionOf(course, submission)!.slug
}

/**
 * Changes the current draft as `changeDraft` does, unless this change has been made already, as by a request that was
 * cut off.
 *
 * @returns the course after the save.
 */
export async function changeOnce(
  id: Types.ObjectId,
  { submission, lesson }: { submission: string; lesson: string },
  change: (content: CourseContent) => CourseContent,
  by: Types.ObjectId,
): Promise<Course> {
  return saveOnce(id, submission, content => ({ content: change(content), slug: lesson }), by)
}

function saveOnce(
  id: Types.ObjectId,
  submission: string,
  add: (content: CourseContent) => { content: CourseContent; slug: string },
  by: Types.ObjectId | undefined,
): Promise<Course> {
  return saveUntilCurrent(id, current => {
    if (additionOf(current, submission)) return Promise.resolve(current)
    const { content, slug } = add(current.draft)
    return saveDraft({
      course: id,
      draftNumber: current.draftNumber,
      content,
      addition: { submission, slug },
      by,
    })
  })
}

const additionOf = ({ additions = [] }: Course, submission: string) =>
  additions.find(addition => addition.submission === submission)

async function saveUntilCurrent(
  id: Types.ObjectId,
  save: (course: Course) => Promise<Course>,
): Promise<Course> {
  for (let attempt = 1; ; attempt++) {
    const course = await Courses.findById(id)
    if (!course) throw notFound()
    try {
      return await save(course)
    } catch (error) {
      if (!(error instanceof HttpError && error.status === 409) || attempt === maxAttempts) throw error
    }
  }
}
