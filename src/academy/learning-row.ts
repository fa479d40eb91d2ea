import { lessonPath } from '../courses/lesson-path'
import type { Published } from '../courses/published'
import { courseCover } from '../web/course-cover'
import type { CourseLook } from '../web/course-palette'
import type { Texts } from '../web/texts'
import { courseStrip } from './course-card'
import { courseLanguage } from './course-language'
import type { LearnerCourse } from './learner-courses'
import { progressSummary } from './outline'

/** A course in a list of what a person learns: how far they are, and what to do next. */
export function learningRow(
  texts: Texts,
  course: Published,
  learned: LearnerCourse | undefined,
  look: CourseLook,
) {
  const published = learned?.published ?? course
  const isDone = (slug: string) =>
    learned?.progress.steps.some(({ lesson, done }) => done && lesson.slug === slug) ?? false
  return {
    href: `/courses/${published.slug}`,
    title: published.content.title,
    language: courseLanguage(published),
    cover: courseCover(texts, published, look, lesson => isDone(lesson.slug)),
    strip: learned && learned.state !== 'closed' ? courseStrip(texts, learned) : null,
    meta: learned ? learnedMeta(texts, learned) : notBegunMeta(texts, course),
    action: learned ? learnedAction(texts, learned) : startAction(texts, course),
  }
}

function learnedMeta(texts: Texts, { enrolment, progress, state }: LearnerCourse): string {
  const { t, date } = texts
  if (state === 'closed') return t('academy:learning.closed')
  if (enrolment.completedAt) return t('academy:learning.completedOn', { day: date(enrolment.completedAt) })
  if (!hasBegun(enrolment)) {
    const facts = [t('academy:facts.lessons', { count: progress.total }), texts.minutes(progress.minutesLeft)]
    const since = t('academy:learning.yours', { day: date(enrolment.startedAt) })
    return [since, t('academy:learning.notStarted'), ...facts].join(' · ')
  }
  const summary = progressSummary(texts, progress)
  return progress.next
    ? `${summary} · ${t('academy:learning.next', { title: progress.next.title })}`
    : summary
}

/** Whether a learner has opened a lesson of a course that is theirs. */
export const hasBegun = ({ lastLesson }: LearnerCourse['enrolment']) => lastLesson !== null

function notBegunMeta(
  { t, minutes, money }: Texts,
  { lessons, minutes: length, content }: Published,
): string {
  const price = content.price ? money(content.price.amount, content.price.currency) : t('academy:facts.free')
  return [t('academy:facts.lessons', { count: lessons.length }), minutes(length), price].join(' · ')
}

/** `label` names the course for screen readers, since the visible text is the same for every course. */
function learnedAction({ t }: Texts, { enrolment, published, progress, state }: LearnerCourse) {
  const { title: course, certificate } = published.content
  if (state === 'closed') return null
  if (state === 'completed') {
    if (!certificate) return null
    const href = `/courses/${published.slug}/certificate`
    return { href, text: t('academy:learning.certificate'), label: null }
  }
  const { next } = progress
  const isBegun = hasBegun(enrolment)
  const number = next ? published.lessons.indexOf(next) + 1 : 1
  return {
    href: next ? lessonPath(published, next) : `/courses/${published.slug}`,
    text: t(isBegun ? 'academy:learning.continue' : 'academy:learning.start', { number }),
    label: t(isBegun ? 'academy:learning.continueLabel' : 'academy:learning.startLabel', { number, course }),
  }
}

function startAction({ t }: Texts, { slug, content }: Published) {
  return {
    href: `/courses/${slug}`,
    text: t(content.price ? 'academy:learning.look' : 'academy:learning.open'),
    label: t(content.price ? 'academy:learning.lookLabel' : 'academy:learning.openLabel', {
      course: content.title,
    }),
  }
}
