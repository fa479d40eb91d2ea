import type { RequestHandler } from 'express'
import { publishedCourses } from '../courses/published'
import type { Translate } from '../web/i18n'
import { search } from './search-index'

/** What was looked for, in courses and lessons. */
export const index: RequestHandler = async (request, response) => {
  const t = response.locals.t as Translate
  const typed = request.query.q
  const words = typeof typed === 'string' ? typed.trim().slice(0, 100) : ''
  const courses = await publishedCourses()
  response.render('academy/search', {
    head: {
      title: words ? t('academy:search.titleFor', { words }) : t('academy:search.title'),
      noindex: true,
    },
    nav: 'courses',
    words,
    hits: search(courses, words),
    courses,
  })
}
