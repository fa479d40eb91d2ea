import type { Request, Response } from 'express'
import { config } from '../platform/config'
import { publishedCourses, type Published } from '../courses/published'
import type { Handler } from '../web/handler'
import { cover, type Palette } from '../web/charts/cover'
import { coursePalettes, newestFirst } from '../web/course-palette'
import { courseCard } from './course-card'
import { countFacets, isChosen, narrow, readFacets, type Chosen, type Facet } from './facets'
import { learnersThisMonth, pathSummaries, type PathSummary } from './stats'
import { search } from './search-index'
import { anonymousPage } from './anonymous-page'
import { catalogueJsonLd } from './json-ld'
import { localeOf, type Locale } from './locale'
import { lessonPath } from './lesson-path'
import { pathCard } from './path-card'

/** The home page: what the academy offers, up to three learning paths, and the whole catalogue. */
export const home: Handler = async (request, response) => {
  await anonymousPage(request, response, 'academy/home', () => homePage(response))
}

/** The catalogue, narrowed by the filters and the search term in the query string. */
export const index: Handler = async (request, response) => {
  const courses = newestFirst(await publishedCourses())
  const chosen = readFacets(request.query)
  const term = searchTerm(request)
  const values = async () =>
    cataloguePage(localeOf(response), {
      courses: term ? await matching(courses, term) : courses,
      chosen,
      term,
      palettes: await coursePalettes(),
    })
  if (!term && !isChosen(chosen)) return anonymousPage(request, response, 'academy/catalogue', values)
  response.render('academy/catalogue', await values())
}

async function homePage(response: Response) {
  const courses = newestFirst(await publishedCourses())
  const [learners, paths, palettes] = await Promise.all([
    learnersThisMonth(),
    pathSummaries(courses),
    coursePalettes(),
  ])
  return homeView(localeOf(response), { courses, learners, paths, palettes })
}

type HomeData = {
  courses: Published[]
  learners: number
  paths: PathSummary[]
  palettes: ReadonlyMap<string, Palette>
}

function homeView(locale: Locale, { courses, learners, paths, palettes }: HomeData) {
  const { t, html, number, dir } = locale
  const lesson = shortestPreview(courses)
  return {
    head: {
      title: t('academy:home.title'),
      description: t('academy:home.description'),
      canonical: `${config.baseUrl}/`,
      image: courses[0] && `${config.baseUrl}/courses/${courses[0].slug}/cover.png`,
      jsonLd: catalogueJsonLd(courses),
    },
    nav: 'courses',
    scripts: ['/js/catalogue.js'],
    lede: t('academy:home.lede', { count: courses.length }),
    tryLesson: lesson && {
      href: lesson.href,
      text: t('academy:home.tryLesson', { count: lesson.minutes }),
    },
    cover: cover({
      id: 'aristotle',
      palette: 'sand',
      lessons: [{ minutes: 9 }, { minutes: 9 }, { minutes: 9 }, { minutes: 14, blue: true }, { minutes: 9 }],
      format: 'home',
      walkers: true,
      rtl: dir === 'rtl',
    }),
    learners:
      learners > 0 ? html('academy:home.learners', { count: learners, people: number(learners) }) : null,
    sharing: html('academy:home.sharing'),
    paths: paths.slice(0, 3).map(path => pathCard(locale, path)),
    list: {
      ...listView(locale, { all: courses, matching: courses, chosen: readFacets({}), term: '', palettes }),
      isSmallHeading: false,
    },
  }
}

function shortestPreview(courses: Published[]): { href: string; minutes: number } | undefined {
  return courses
    .flatMap(course =>
      course.lessons
        .filter(lesson => lesson.preview)
        .map(lesson => ({ href: lessonPath(course, lesson), minutes: lesson.minutes })),
    )
    .sort((a, b) => a.minutes - b.minutes)[0]
}

type CatalogueData = Pick<ListData, 'chosen' | 'term' | 'palettes'> & { courses: Published[] }

function cataloguePage(locale: Locale, { courses: all, chosen, term, palettes }: CatalogueData) {
  const { t } = locale
  const narrowed = narrow(all, chosen)
  return {
    head: {
      title: t('academy:catalogue.title'),
      description: t('academy:catalogue.description'),
      canonical: `${config.baseUrl}/courses`,
      noindex: term !== '' || isChosen(chosen),
      jsonLd: catalogueJsonLd(narrowed),
    },
    nav: 'courses',
    scripts: ['/js/catalogue.js'],
    list: {
      ...listView(locale, { all, matching: narrowed, chosen, term, palettes }),
      isSmallHeading: true,
    },
  }
}

type ListData = {
  /** The courses that match the search term. */
  all: Published[]
  /** Those of them that match the filters too. */
  matching: Published[]
  chosen: Chosen
  term: string
  palettes: ReadonlyMap<string, Palette>
}

/** The list of courses with its filters, on the home page and in the catalogue. */
function listView(locale: Locale, { all, matching: courses, chosen, term, palettes }: ListData) {
  const { t } = locale
  const isNarrowed = term !== '' || isChosen(chosen)
  return {
    title: t(isNarrowed ? 'academy:catalogue.matching' : 'academy:catalogue.all'),
    status: statusText(locale, courses.length, term),
    term,
    isNarrowed,
    facets: Object.entries(countFacets(all, chosen)).map(([name, facets]) => ({
      name,
      title: t(`academy:facets.${name}.title`),
      options: facets.map(facet => facetOption(locale, name, facet)),
    })),
    courses: courses.map(course => courseCard(locale, course, palettes.get(course.slug))),
    empty: {
      title: t('academy:catalogue.none'),
      text: t('academy:catalogue.noneText'),
      link: { href: '/courses', text: t('academy:facets.clear') },
    },
  }
}

function facetOption({ t }: Locale, name: string, { value, label, count, chosen }: Facet) {
  return { value, count, label: label ?? t(`academy:facets.${name}.${value}`), isChosen: chosen }
}

function statusText({ t }: Locale, count: number, term: string): string {
  if (!count) return ''
  return term
    ? t('academy:catalogue.countFor', { count, word: term })
    : t('academy:catalogue.count', { count })
}

function searchTerm(request: Request): string {
  const { q } = request.query
  return typeof q === 'string' ? q.trim().slice(0, 100) : ''
}

async function matching(courses: Published[], term: string): Promise<Published[]> {
  const found = new Set((await search(courses, term)).map(hit => hit.course.slug))
  return courses.filter(course => found.has(course.slug))
}
