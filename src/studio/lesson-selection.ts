import type { Request, Response } from 'express'
import { z } from 'zod'
import { lessonsOf } from '../courses/content'
import type { CourseContent } from '../courses/course'
import { coursePermissions } from '../courses/course-role'
import { changeOutline, undoOutlineChange } from '../courses/outline-change'
import { duplicateLesson, moveLesson, removeLesson } from '../courses/outline'
import { audit } from '../events/audit'
import type { Person } from '../people/person'
import { notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { textsOf } from '../web/texts'
import { courseOf } from './course-page'
import { renderCourse } from './course-view'
import { urlOf } from './urls'

const selectionSchema = z.object({
  action: z.enum(['move', 'duplicate', 'remove']),
  lessons: z.preprocess(value => [value ?? []].flat(), z.array(z.string().max(100)).max(200)),
  module: z.string().max(100).default(''),
  before: z.string().max(100).default(''),
})

/**
 * `POST …/lesson-selection`: moves the ticked lessons into a module (`before` one of its lessons, or to its end),
 * duplicates or removes them.
 */
export async function changeLessons(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const { data } = selectionSchema.safeParse(request.body)
  if (!data) throw notFound()
  const { action, module, before } = data
  const chosen = lessonsOf(course.draft).filter(({ slug }) => data.lessons.includes(slug))
  const hasModule = course.draft.modules.some(({ folder }) => folder === module)
  const problem = chosen.length ? (action === 'move' && !hasModule ? 'noModule' : null) : 'noneSelected'
  if (problem) {
    response.status(422)
    const errors = { form: t(`studio:selection.errors.${problem}`) }
    const selected = new Set(chosen.map(({ slug }) => slug))
    return renderCourse(person, response, { form: { values: { module }, errors } }, { selected, module })
  }
  const slugs = chosen.map(({ slug }) => slug)
  const changes: Record<typeof action, (content: CourseContent, slug: string) => CourseContent> = {
    move: (content, slug) =>
      moveLesson(content, slug, { module, before: slugs.includes(before) ? null : before || null }),
    duplicate: (content, slug) =>
      duplicateLesson(content, slug, title => t('studio:selection.copyOf', { title })),
    remove: removeLesson,
  }
  await changeOutline(editedOutline(response, person), content =>
    slugs.reduce(
      (changed, slug) =>
        // A colleague may have removed it since the page was shown.
        lessonsOf(changed).some(each => each.slug === slug) ? changes[action](changed, slug) : changed,
      content,
    ),
  )
  if (action === 'remove') {
    for (const lesson of slugs) {
      await audit({ actor: person._id, action: 'lesson.removed', subject: course.slug, detail: { lesson } })
    }
  }
  outlineFlash(response, t(`studio:selection.done.${action}`, { count: slugs.length }))
  response.redirect(303, urlOf(course))
}

/** `POST …/outline-undo`: undoes one's own last change to the outline. */
export async function undoOutline(_request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  await undoOutlineChange(editedOutline(response, person))
  setFlash(response, { kind: 'done', bold: t('studio:selection.undone') })
  response.redirect(303, urlOf(course))
}

/** Whose outline is changed, by whom, and whether they have a say in who sees a lesson. */
export function editedOutline(response: Response, person: Person) {
  const course = courseOf(response)
  const mayRestrict = coursePermissions(person, course).has('publish')
  return { course: course._id, person: person._id, mayRestrict }
}

/** Shows on the next page what was done to the outline, with a button that undoes it. */
export function outlineFlash(response: Response, bold: string, text?: string): void {
  const { t } = textsOf(response)
  const undo = { action: `${urlOf(courseOf(response))}/outline-undo`, text: t('studio:quizEditor.undo') }
  setFlash(response, { kind: 'done', bold, text, undo })
}
