import type { Types } from 'mongoose'
import { notFound, HttpError } from '../platform/errors'
import { Courses, type Course, type CourseContent } from './course'
import { saveDraft } from './save-draft'

const mostTries = 5

/**
 * Changes a draft as it is now. `change` may run several times: when somebody saves between reading and writing, it is done
 * again on what they saved, so that two people can work on two lessons at once.
 */
export async function changeDraft(
  id: Types.ObjectId,
  change: (content: CourseContent) => CourseContent,
): Promise<Course> {
  for (let tries = 1; ; tries++) {
    const course = await Courses.findById(id).lean<Course>()
    if (!course) throw notFound()
    const content = change(course.draft)
    try {
      return await saveDraft({ course: id, draftNumber: course.draftNumber, content })
    } catch (error) {
      if (!(error instanceof HttpError && error.status === 409) || tries === mostTries) throw error
    }
  }
}
