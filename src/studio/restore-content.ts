import type { Response } from 'express'
import { audit } from '../events/audit'
import type { CourseContent } from '../courses/course'
import { coursePermissions } from '../courses/course-role'
import { contentSeenLike, requireSameRestrictions } from '../courses/outline'
import { replaceDraft } from '../courses/replace-draft'
import type { Person } from '../people/person'
import { textsOf } from '../web/texts'
import { courseOf, setDoneFlash } from './course-page'
import { urlOf } from './urls'

/**
 * Makes earlier content the draft of the course in the URL, and redirects to it. The draft until now is kept.
 * Who sees it stays as it is when the person has no say in that.
 *
 * @param detail what the audit log says about where the content comes from.
 */
export async function restoreContent(
  response: Response,
  person: Person,
  { content, detail, message }: { content: CourseContent; detail: Record<string, number>; message: string },
): Promise<void> {
  const course = courseOf(response)
  const mayRestrict = coursePermissions(person, course).has('publish')
  const restored = mayRestrict ? content : contentSeenLike(content, course.draft)
  if (!mayRestrict) requireSameRestrictions(course.draft, restored)
  await replaceDraft(course._id, restored, person._id)
  await audit({ actor: person._id, action: 'course.restored', subject: course.slug, detail })
  setDoneFlash(response, message, textsOf(response).t('studio:flash.restoredText'))
  response.redirect(303, urlOf(course))
}
