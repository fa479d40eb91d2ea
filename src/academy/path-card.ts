import { lessonProgress } from '../web/charts/lesson-progress'
import type { Locale } from './locale'
import type { PathSummary } from './stats'

/** The view model of a learning path in a list. */
export function pathCard({ t, minutes, within, dir }: Locale, path: PathSummary) {
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
    meta: t('academy:paths.meta', {
      audience: within(path.audience),
      count: path.courses.length,
      time: minutes(path.minutes),
    }),
  }
}
