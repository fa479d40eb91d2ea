import type { Person } from '../people/person'
import type { Response } from 'express'
import { lessonsOf } from '../courses/content'
import type { Course, Module } from '../courses/course'
import { courseOf, coursePage } from './course-page'
import type { CourseState } from './course-state'
import { dropOffView } from './figures-view'
import { minutesOf, moveButtons, openCommentsOf } from './outline-view'
import { textsOf, type Texts } from '../web/texts'
import { placeOf, type AcademyPlace } from './academy-place'
import { editorUrl, urlOf } from './urls'

/** The lessons that are ticked, and the module chosen for them. */
type Ticked = { selected: ReadonlySet<string>; module: string }
const noneTicked: Ticked = { selected: new Set(), module: '' }

/** Renders the course's own page, its outline, with additional values such as an invalid form. */
export async function renderCourse(
  person: Person,
  response: Response,
  values: object = {},
  ticked: Ticked = noneTicked,
): Promise<void> {
  const page = await coursePage(person, response, 'course')
  const course = courseOf(response)
  const place = page.published && (await placeOf([course.slug], `/courses/${course.slug}`, response))
  const view = courseView(course, page, place ?? null, ticked, textsOf(response))
  const dropOff = await dropOffView(page.published, textsOf(response))
  const canCopy = page.permissions.has('copy')
  response.render('studio/course', { ...page, ...view, dropOff, canCopy, ...values })
}

function courseView(
  course: Course,
  {
    published,
    isUpToDate,
    canWrite,
    openComments,
  }: Pick<CourseState, 'published' | 'isUpToDate' | 'canWrite' | 'openComments'>,
  place: AcademyPlace | null,
  ticked: Ticked,
  texts: Texts,
) {
  const { t, minutes, date } = texts
  const { title, modules } = course.draft
  const lessons = lessonsOf(course.draft)
  const summary = t('studio:course.sentence', {
    count: lessons.length,
    minutes: minutes(lessons.reduce((sum, lesson) => sum + lesson.minutes, 0)),
    time: date(course.changedAt, 'full'),
  })
  return {
    heading: title,
    sentence: `${summary} ${publicationState(course, { published, isUpToDate }, texts)}`,
    place,
    sessionsUrl: `/studio/sessions?course=${course.slug}`,
    modules: modules.map((module, index) =>
      moduleView(module, index, { course, canWrite, openComments, ticked }, texts),
    ),
    hasLessons: lessons.length > 0,
    withdrawalUrl: published ? `${urlOf(course)}/withdrawal` : null,
  }
}

function publicationState(
  course: Course,
  { published, isUpToDate }: Pick<CourseState, 'published' | 'isUpToDate'>,
  { t, date }: Texts,
): string {
  if (course.archived) return t('studio:archive.state', { date: date(course.archived.at) })
  if (published) {
    return t(isUpToDate ? 'studio:course.same' : 'studio:course.changed', { version: published.number })
  }
  return t(course.revisions ? 'studio:course.withdrawn' : 'studio:course.unpublished')
}

function moduleView(
  module: Module,
  index: number,
  {
    course,
    canWrite,
    openComments,
    ticked,
  }: Pick<CourseState, 'course' | 'canWrite' | 'openComments'> & { ticked: Ticked },
  { t, minutes }: Texts,
) {
  const { folder, title } = module
  const url = `${urlOf(course)}/modules/${folder}`
  const [up, down] = moveButtons(title, t)
  const isLast = index === course.draft.modules.length - 1
  const moves = [...(index > 0 ? [up] : []), ...(isLast ? [] : [down])]
  return {
    folder,
    isChosen: folder === ticked.module,
    id: `module-${folder}`,
    titleId: `title-${folder}`,
    url,
    title,
    minutes: minutes(minutesOf(module)),
    lessons: module.lessons.map(lesson => ({
      slug: lesson.slug,
      href: canWrite ? editorUrl(course, lesson) : urlOf(course, lesson),
      positionUrl: `${urlOf(course, lesson)}/position`,
      isSelected: ticked.selected.has(lesson.slug),
      title: lesson.title,
      comments: openCommentsOf(lesson, openComments, t),
      facts: [
        t(`studio:kinds.${lesson.kind}`),
        minutes(lesson.minutes),
        ...(lesson.preview ? [t('studio:course.preview')] : []),
      ].join(', '),
    })),
    newLessonUrl: `${urlOf(course)}/lessons/new?module=${folder}`,
    moves,
    removalUrl: module.lessons.length ? null : `${url}/removal`,
  }
}
