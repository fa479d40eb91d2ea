import type { Types } from 'mongoose'
import { notFound, HttpError } from '../platform/errors'
import { Courses, type Course, type CourseContent } from './course'
import { saveDraft } from './save-draft'

const maxAttempts = 5

/**
 * Applies `change` to the current draft and saves the result. When someone else saves in between, `change` runs again
 * on their draft, so two people can edit two lessons at once. It must be pure.
 *
 * @returns the course after the save.
 * @throws 404 for an unknown course, 409 when the draft still conflicts after 5 attempts, 422 when it is too large.
 */
export async function changeDraft(
  id: Types.ObjectId,
  change: (content: CourseContent) => CourseContent,
): Promise<Course> {
  for (let attempt = 1; ; attempt++) {
    const course = await Courses.findById(id)
    if (!course) throw notFound()
    const content = change(course.draft)
    try {
      return await saveDraft({ course: id, draftNumber: course.draftNumber, content })
    } catch (error) {
      if (!(error instanceof HttpError && error.status === 409) || attempt === maxAttempts) throw error
    }
  }
}
