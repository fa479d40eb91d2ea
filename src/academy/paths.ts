import type { RequestHandler } from 'express'
import { config } from '../platform/config'
import { publishedCourses } from '../courses/published'
import { notFound } from '../platform/errors'
import { Enrolments, type Enrolment } from '../learning/enrolment'
import { coursePalettes } from '../web/course-palette'
import type { Translate } from '../web/i18n'
import { pathSummaries } from './stats'
import { spellNumberFirst } from './lesson-icons'

/** All paths: courses in the order for one purpose. */
export const index: RequestHandler = async (_request, response) => {
  const t = response.locals.t as Translate
  response.render('academy/paths', {
    head: {
      title: t('academy:paths.title'),
      description: t('academy:paths.lede'),
      canonical: `${config.baseUrl}/paths`,
    },
    nav: 'paths',
    paths: await pathSummaries(await publishedCourses()),
  })
}

/** A path with its courses in order; for its learners, what is done. */
export const show: RequestHandler<{ slug: string }> = async (request, response) => {
  const t = response.locals.t as Translate
  const path = (await pathSummaries(await publishedCourses())).find(each => each.slug === request.params.slug)
  if (!path) throw notFound()
  const enrolments = request.user
    ? await Enrolments.find({ person: request.user._id }).lean<Enrolment[]>()
    : []
  const state = path.courses.map(course => enrolments.find(each => each.course.equals(course.course)))
  response.render('academy/path', {
    head: { title: path.title, description: path.summary, canonical: `${config.baseUrl}/paths/${path.slug}` },
    nav: 'paths',
    learningPath: path,
    counted: spellNumberFirst(t, path.courses.length),
    floors: await coursePalettes(),
    steps: path.courses.map((course, n) => ({
      course,
      begun: state[n] !== undefined,
      done: state[n]?.completedAt instanceof Date,
    })),
  })
}
