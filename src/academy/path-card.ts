import { courseCover, coverImage } from '../web/course-cover'
import { lessonProgress } from '../web/charts/lesson-progress'
import type { CourseLooks } from '../web/course-palette'
import type { Texts } from '../web/texts'
import type { PathSummary } from './stats'

/** What several courses cost together: `€240 + £90`, or `Free`. */
export function priceText({ t, money }: Texts, prices: PathSummary['prices']): string {
  return prices.map(({ amount, currency }) => money(amount, currency)).join(' + ') || t('academy:facts.free')
}

/** Whom a path is for, how many courses it has, how long they take and what they cost. */
function pathFacts(texts: Texts, { audience, courses, minutes, prices }: PathSummary): string {
  const { t, within } = texts
  return [
    ...(audience ? [t('academy:course.for', { audience: within(audience) })] : []),
    t('academy:path.courses', { count: courses.length }),
    texts.minutes(minutes),
    priceText(texts, prices),
  ].join(' · ')
}

/** The view model of a learning path in a list. */
export function pathCard(texts: Texts, path: PathSummary) {
  const { t, dir } = texts
  return {
    href: `/paths/${path.slug}`,
    title: path.title,
    summary: path.summary,
    progress: lessonProgress({
      lessons: Array.from({ length: path.lessons }, () => ({})),
      begun: false,
      label: t('academy:paths.lessons', { count: path.lessons }),
      rtl: dir === 'rtl',
    }),
    meta: pathFacts(texts, path),
  }
}

/** The pictures of a path's first courses. Drawn ones say nothing that the progress strip doesn't. */
export function pathCovers(texts: Texts, { courses }: PathSummary, looks: CourseLooks): string[] {
  return courses
    .filter(course => coverImage(course, looks(course.slug)))
    .slice(0, 3)
    .map(course => courseCover(texts, course, looks(course.slug)))
}
