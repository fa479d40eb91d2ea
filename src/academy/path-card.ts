import { lessonProgress } from '../web/charts/lesson-progress'
import type { Texts } from '../web/texts'
import type { PathSummary } from './stats'

/** The view model of a learning path in a list. */
export function pathCard({ t, minutes, within, dir }: Texts, path: PathSummary) {
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
