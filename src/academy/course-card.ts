import type { Published } from '../courses/published'
import { progressStrip } from '../web/charts/progress-strip'
import { courseCover } from '../web/course-cover'
import type { CourseLook } from '../web/course-palette'
import { initialsOf } from '../web/initials'
import type { Texts } from '../web/texts'
import { courseLanguage } from './course-language'
import type { LearnerCourse } from './learner-courses'
import { progressSummary } from './outline'

type Card = ReturnType<typeof makeCard>

/** Cards are the same for everyone, and a catalogue has hundreds: by the reader's texts, which stay the same object. */
const cards = new WeakMap<Texts['t'], WeakMap<Published, { key: string; card: Card }>>()

/** The view model of a course in a list. */
export function courseCard(texts: Texts, course: Published, look: CourseLook): Card {
  const ofTexts = cards.get(texts.t) ?? new WeakMap<Published, { key: string; card: Card }>()
  cards.set(texts.t, ofTexts)
  const key = [texts.lists.number, look.palette, look.isDrawn].join()
  const known = ofTexts.get(course)
  if (known?.key === key) return known.card
  const card = makeCard(texts, course, look)
  ofTexts.set(course, { key, card })
  return card
}

function makeCard(texts: Texts, course: Published, look: CourseLook) {
  const { t, minutes, money, listName } = texts
  const { title, summary, level, price, authors } = course.content
  const [author, ...others] = authors
  return {
    slug: course.slug,
    href: `/courses/${course.slug}`,
    title,
    language: courseLanguage(course),
    summary,
    length: minutes(course.minutes),
    isTour: course.lessons.every(({ kind }) => kind === 'tour' || kind === 'quiz'),
    author: author && {
      initials: initialsOf(author.name),
      name: others.length
        ? t('academy:facts.authors', { name: author.name, count: others.length })
        : author.name,
    },
    facts: [t('academy:facts.lessons', { count: course.lessons.length }), listName('levels', level)],
    isPaid: price !== null,
    price: price ? money(price.amount, price.currency) : t('academy:facts.free'),
    cover: courseCover(texts, course, look),
  }
}

/** What a learner's own card says besides: how far they are. */
export function learnerCard(texts: Texts, { published, progress, state }: LearnerCourse) {
  const { t } = texts
  const isCompleted = state === 'completed'
  return {
    strip: courseStrip(texts, { published, progress }),
    progress: isCompleted ? null : progressSummary(texts, progress),
    completed: isCompleted
      ? [
          t('academy:learning.completed'),
          ...(published.content.certificate ? [t('academy:learning.certificate')] : []),
        ]
      : null,
  }
}

/** Returns a learner's progress in a course as a strip. */
export function courseStrip(
  { t }: Texts,
  { published, progress }: Pick<LearnerCourse, 'published' | 'progress'>,
): string {
  const { modules } = published.content
  const moduleOf = modules.flatMap(({ lessons }, n) => lessons.map(() => n))
  const label = t('academy:lessonProgress.label', { done: progress.done, count: progress.total })
  return progressStrip(
    progress.steps.map(({ lesson, done }, n) => ({
      state: done ? 'done' : lesson === progress.next ? 'current' : 'todo',
      module: moduleOf[n]!,
    })),
    label,
  )
}
