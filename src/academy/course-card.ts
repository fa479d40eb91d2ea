import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'
import { courseLanguage } from './course-language'
import { cover, type Palette } from '../web/charts/cover'
import type { Texts } from '../web/texts'

/** The view model of a course in a list. */
export function courseCard(
  texts: Texts,
  course: Published,
  palette: Palette | undefined,
  isHighlighted = (lesson: Lesson) => lesson.preview,
) {
  const { t, minutes, money, listName } = texts
  const { title, summary, level, price } = course.content
  return {
    href: `/courses/${course.slug}`,
    title,
    language: courseLanguage(course),
    summary,
    facts: [
      t('academy:facts.lessons', { count: course.lessons.length }),
      minutes(course.minutes),
      listName('levels', level),
    ],
    isPaid: price !== null,
    price: price ? money(price.amount, price.currency) : t('academy:facts.free'),
    cover: listCover(texts, course, palette, isHighlighted),
  }
}

/** The cover of a course in a list, as SVG; highlighted lessons are blue columns. */
export function listCover(
  { dir }: Texts,
  course: Published,
  palette: Palette | undefined,
  isHighlighted: (lesson: Lesson) => boolean,
): string {
  return cover({
    id: course.slug,
    topic: course.content.topic,
    palette,
    lessons: course.lessons.map(lesson => ({ minutes: lesson.minutes, blue: isHighlighted(lesson) })),
    format: 'list',
    rtl: dir === 'rtl',
  })
}
