import type { Lesson } from '../courses/course'
import { mapKey } from '../platform/record'
import type { ShownStep } from '../courses/kinds/tour/tour'
import type { Enrolment, LessonProgress } from '../learning/enrolment'
import { seenSteps } from '../learning/progress'
import { stepSeconds } from '../learning/watch-lesson'
import type { Texts } from '../web/texts'
import type { CourseContext } from './course-context'
import { signedTimestamp } from './signed-timestamp'

/** How wide browsers show a picture of a tour: beside the list of steps, or across the window. */
const tourImageSizes = '(min-width: 56.3em) calc(100vw - 22rem), 100vw'

/** Returns what the page of a tour shows besides its pictures: the list of steps, and how far the learner is. */
export function tourView(
  texts: Texts,
  { published, enrolment, hasAccess }: CourseContext,
  lesson: Lesson,
  { steps }: { steps: ShownStep[] },
) {
  const { t } = texts
  const progress = hasAccess ? enrolment!.lessons[mapKey(lesson.slug)] : undefined
  const { seen, label } = tourProgress(texts, lesson, progress)
  const counted = progress?.seconds ?? 0
  return {
    facts: t('academy:tour.facts', { count: steps.length, minutes: texts.minutes(lesson.minutes) }),
    outline: { href: `/courses/${published.slug}`, text: t('academy:tour.outline') },
    progress: label,
    steps: steps.map(step => ({ ...step, isSeen: seen.includes(step.id) })),
    page: hasAccess
      ? { shown: signedTimestamp(tourPurpose(enrolment!, lesson.slug, counted)), counted: String(counted) }
      : null,
    isDone: progress?.completedAt !== undefined,
    sizes: tourImageSizes,
    stepSeconds,
  }
}

/** Returns the steps of a tour that a learner has seen, and says how many these are. */
export function tourProgress({ t }: Texts, lesson: Lesson, progress: LessonProgress | undefined) {
  const { seen, ids } = seenSteps(lesson, progress)
  return { seen, label: t('academy:tour.progress', { seen: seen.length, total: ids.length }) }
}

/** The purpose that the time of a tour's page is signed for. */
export function tourPurpose(enrolment: Readonly<Enrolment>, lesson: string, counted: number): string {
  return `tour:${enrolment._id}:${lesson}:${counted}`
}
