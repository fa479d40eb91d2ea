import type { Person } from '../people/person'
import type { Response } from 'express'
import { lessonsOf } from '../courses/content'
import type { Course, Module } from '../courses/course'
import { courseOf, coursePage } from './course-page'
import type { CourseState } from './course-state'
import { minutesOf, moveButtons } from './outline-view'
import { textsOf, type Texts } from '../web/texts'
import { placeOf, type AcademyPlace } from './academy-place'
import { urlOf } from './urls'

/** Renders the course's own page, its outline, with additional values such as an invalid form. */
export async function renderCourse(person: Person, response: Response, values: object = {}): Promise<void> {
  const page = await coursePage(person, response, 'course')
  const course = courseOf(response)
  const place = page.published && (await placeOf([course.slug], `/courses/${course.slug}`, response))
  const view = courseView(course, page, place ?? null, textsOf(response))
  response.render('studio/course', { ...page, ...view, ...values })
}

function courseView(
  course: Course,
  { published, isUpToDate }: Pick<CourseState, 'published' | 'isUpToDate'>,
  place: AcademyPlace | null,
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
    modules: modules.map((module, index) => moduleView(module, index, course, texts)),
    withdrawalUrl: published ? `${urlOf(course)}/withdrawal` : null,
  }
}

function publicationState(
  course: Course,
  { published, isUpToDate }: Pick<CourseState, 'published' | 'isUpToDate'>,
  { t }: Texts,
): string {
  if (published) {
    return t(isUpToDate ? 'studio:course.same' : 'studio:course.changed', { version: published.number })
  }
  return t(course.revisions ? 'studio:course.withdrawn' : 'studio:course.unpublished')
}

function moduleView(module: Module, index: number, course: Course, { t, minutes }: Texts) {
  const { folder, title } = module
  const url = `${urlOf(course)}/modules/${folder}`
  const [up, down] = moveButtons(title, t)
  const isLast = index === course.draft.modules.length - 1
  const moves = [...(index > 0 ? [up] : []), ...(isLast ? [] : [down])]
  return {
    id: `module-${folder}`,
    titleId: `title-${folder}`,
    url,
    title,
    minutes: minutes(minutesOf(module)),
    lessons: module.lessons.map(lesson => ({
      href: urlOf(course, lesson),
      title: lesson.title,
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
