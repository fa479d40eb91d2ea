import type { Request, RequestHandler, Response } from 'express'
import { config } from '../platform/config'
import { publishedCourses, type Published } from '../courses/published'
import type { Translate } from '../web/i18n'
import { coursePalettes, newestFirst } from '../web/course-palette'
import { countFacets, isChosen, narrow, readFacets, type Chosen } from './facets'
import { learnersThisMonth, pathSummaries } from './stats'
import { search } from './search-index'
import { anonymousPage } from './anonymous-page'
import { catalogueJsonLd } from './json-ld'
import { spellNumber, spellNumberFirst } from './lesson-icons'

/** The front door: what this is, three walks, and the whole catalogue. */
export const home: RequestHandler = async (request, response) => {
  const courses = newestFirst(await publishedCourses())
  await anonymousPage(request, response, 'academy/home', () => homePage(response, courses))
}

/** The catalogue alone, narrowed by what stands in the address. */
export const index: RequestHandler = async (request, response) => {
  const courses = newestFirst(await publishedCourses())
  const chosen = readFacets(request.query)
  const word = wordIn(request)
  if (!word && !isChosen(chosen)) {
    return anonymousPage(request, response, 'academy/catalogue', async () =>
      cataloguePage(response, courses, courses, chosen),
    )
  }
  const found = word ? foundBy(courses, word) : courses
  const page = await cataloguePage(response, found, narrow(found, chosen), chosen, word)
  response.render('academy/catalogue', page)
}

async function homePage(response: Response, courses: Published[]) {
  const t = response.locals.t as Translate
  const [learners, paths] = await Promise.all([learnersThisMonth(), pathSummaries(courses)])
  const first = courses.flatMap(course =>
    course.lessons.filter(each => each.preview).map(lesson => ({ course, lesson })),
  )
  const shortest = first.sort((a, b) => a.lesson.minutes - b.lesson.minutes)[0]
  return {
    ...(await cataloguePage(response, courses, courses, readFacets({}))),
    head: {
      title: t('academy:home.title'),
      description: t('academy:home.description'),
      canonical: `${config.baseUrl}/`,
      image: courses[0] && `${config.baseUrl}/courses/${courses[0].slug}/cover.png`,
      jsonLd: catalogueJsonLd(courses),
    },
    counted: spellNumberFirst(t, courses.length),
    begin: shortest && {
      href: `/courses/${shortest.course.slug}/lessons/${shortest.lesson.slug}`,
      minutes: shortest.lesson.minutes,
      inWords: spellNumber(t, shortest.lesson.minutes),
    },
    learners,
    paths: paths.slice(0, 3),
    walks: spellNumberFirst(t, Math.min(3, paths.length)),
  }
}

async function cataloguePage(
  response: Response,
  all: Published[],
  courses: Published[],
  chosen: Chosen,
  word = '',
) {
  const t = response.locals.t as Translate
  return {
    head: {
      title: t('academy:catalogue.title'),
      description: t('academy:catalogue.description'),
      canonical: `${config.baseUrl}/courses`,
      noindex: word !== '' || isChosen(chosen),
      jsonLd: catalogueJsonLd(courses),
    },
    nav: 'courses',
    scripts: ['/js/catalogue.js'],
    facets: countFacets(all, chosen),
    isNarrowed: word !== '' || isChosen(chosen),
    word,
    courses,
    floors: await coursePalettes(),
  }
}

function wordIn(request: Request): string {
  const { q } = request.query
  return typeof q === 'string' ? q.trim().slice(0, 100) : ''
}

function foundBy(courses: Published[], word: string): Published[] {
  const found = new Set(search(courses, word).map(hit => hit.course.slug))
  return courses.filter(course => found.has(course.slug))
}
