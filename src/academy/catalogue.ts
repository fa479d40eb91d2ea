import type { Response } from 'express'
import { catalogueOrder, inCatalogueOrder } from '../courses/catalogue-order'
import type { Published } from '../courses/published'
import { queryText, search } from '../courses/search-index'
import { coursesOf } from '../courses/shown-courses'
import type { Person } from '../people/person'
import { remembered } from '../platform/cached'
import { days, later, now } from '../platform/clock'
import { courseLooks, type CourseLooks } from '../web/course-palette'
import type { Handler } from '../web/handler'
import { textsOf, type Texts } from '../web/texts'
import { anonymousPage } from './anonymous-page'
import { courseCard, learnerCard } from './course-card'
import {
  countFacets,
  facetNames,
  isChosen,
  listOfFacet,
  narrow,
  readFacets,
  type Chosen,
  type Facet,
  type FacetName,
} from './facets'
import { catalogueJsonLd } from './json-ld'
import { learnerCourses, type LearnerCourse } from './learner-courses'
import { recommendationsFor, type Recommendation } from './recommendations'

/** How many courses a page shows. */
const pageSize = 48

/** A catalogue with more courses than these shows a learner's own under headings. */
const fewCourses = 9

/** How many courses are recommended in the catalogue. */
const maxRecommended = 3

/** For how many days a course counts as new. */
const newDays = 30

const sorts = ['recommended', 'newest', 'title', 'shortest'] as const
type Sort = (typeof sorts)[number]

/** What a visitor asks for: the query string of the catalogue. */
type Asked = { chosen: Chosen; term: string; sort: Sort; page: number }

/** What is known of a learner; null for an anonymous visitor. */
type Learner = { learned: LearnerCourse[]; recommended: Recommendation[] } | null

/** The catalogue, narrowed by the filters and the search term in the query string, in the order that it names. */
export const index: Handler = async (request, response, person) => {
  const courses = await inCatalogueOrder(await coursesOf(response.locals.brand, person))
  const { page, sort, q } = request.query
  const asked: Asked = {
    chosen: readFacets(request.query, response.locals.lists),
    term: queryText(q),
    sort: sorts.find(each => each === sort) ?? 'recommended',
    page: typeof page === 'string' && /^[1-9]\d{0,3}$/.test(page) ? Number(page) : 1,
  }
  const values = async () => cataloguePage(response, courses, asked, person)
  if (isPlain(asked)) return anonymousPage(request, response, 'academy/catalogue', values)
  response.render('academy/catalogue', await values())
}

const isNarrowed = ({ term, chosen }: Asked) => term !== '' || isChosen(chosen)
const isPlain = (asked: Asked) => !isNarrowed(asked) && asked.sort === 'recommended' && asked.page === 1

async function cataloguePage(response: Response, courses: Published[], asked: Asked, person: Person | null) {
  const texts = textsOf(response)
  const { t } = texts
  const { brand } = response.locals
  const { term, page } = asked
  const found = term ? await search(courses, term) : null
  const slugs = new Set(found?.hits.map(({ entry }) => entry.course.slug))
  const all = found ? courses.filter(course => slugs.has(course.slug)) : courses
  const learned = person ? await learnerCourses(brand, person) : []
  const recommended = person ? await recommendationsFor(texts, brand, person, learned, maxRecommended) : []
  const data: ListData = {
    all,
    asked,
    corrected: found?.isCorrected ? found.words.join(' ') : null,
    total: courses.length,
    looks: await courseLooks(brand),
    featured: (await catalogueOrder()).featured,
    learner: person && { learned, recommended },
    newOnes: newCourses(all),
  }
  const model = person && isPlain(asked) ? ownList(texts, data, learned, recommended) : null
  const list = model?.list ?? { ...listView(texts, data), isSmallHeading: true }
  const hasPreview = courses.some(({ lessons }) => lessons.some(lesson => lesson.preview))
  return {
    head: {
      title: t('academy:catalogue.title'),
      description: t(`academy:catalogue.${hasPreview ? 'description' : 'descriptionNoPreview'}`),
      canonical: page > 1 ? `/courses?page=${page}` : '/courses',
      noindex: isNarrowed(asked),
      jsonLd: catalogueJsonLd(list.shown),
    },
    nav: 'courses',
    lede: t(`academy:catalogue.${hasPreview && !person ? 'lede' : 'ledeNoPreview'}`),
    scripts: ['/js/catalogue.js'],
    list,
    model,
  }
}

/**
 * The list without any choice, as a learner sees it: the same object, whose HTML is kept, as long as it says the same.
 */
function ownList(
  texts: Texts,
  data: ListData,
  learned: LearnerCourse[],
  recommended: Recommendation[],
): { list: CatalogueList } {
  const from = [
    ...[texts.t, texts.lists, data.all, data.looks, data.featured],
    ...[...recommended.flatMap(({ course, reason }) => [course, reason]), null, ...data.newOnes],
  ]
  return rememberedList(learned, '', from, () => ({
    list: { ...listView(texts, data), isSmallHeading: true },
  }))
}

type CatalogueList = ReturnType<typeof listView> & { isSmallHeading: boolean }
const rememberedList = remembered<{ list: CatalogueList }>()

type ListData = {
  /** The courses that match the search term, in the order of the catalogue. */
  all: Published[]
  asked: Asked
  /** The words searched for instead, when the term contains typing errors. */
  corrected: string | null
  /** How many courses the brand shows at all. */
  total: number
  looks: CourseLooks
  /** The id of the course that is first, as chosen in the studio. */
  featured: string | null
  learner: Learner
  /** The courses that are shown as new. */
  newOnes: ReadonlySet<Published>
}

/** The list of courses with its filters, as an anonymous visitor sees it without any choice: for the home page. */
export function plainListView(texts: Texts, data: Pick<ListData, 'all' | 'looks' | 'featured'>) {
  const asked: Asked = { chosen: readFacets({}, texts.lists), term: '', sort: 'recommended', page: 1 }
  const newOnes = newCourses(data.all)
  return listView(texts, { ...data, asked, corrected: null, total: data.all.length, learner: null, newOnes })
}

function listView(texts: Texts, data: ListData) {
  const { t } = texts
  const { all, asked, corrected, total, learner } = data
  const matching = narrow(all, asked.chosen, texts.lists)
  const sorted = inOrder(matching, asked.sort, learner)
  const pages = Math.max(1, Math.ceil(sorted.length / pageSize))
  const page = Math.min(asked.page, pages)
  const shown = sorted.slice((page - 1) * pageSize, page * pageSize)
  return {
    shown,
    title: t(isNarrowed(asked) ? 'academy:catalogue.matching' : 'academy:catalogue.all'),
    status: statusText(texts, matching.length, corrected ?? asked.term),
    term: asked.term,
    sort: asked.sort,
    sorts: sorts.map(value => ({
      value,
      text: t(`academy:catalogue.sort.${sortText(value, learner)}`),
      isChosen: value === asked.sort,
    })),
    isNarrowed: isNarrowed(asked),
    chips: chipsOf(texts, asked),
    facets: total ? facetGroups(texts, all, asked.chosen) : [],
    groups: groupsOf(texts, shown, page, data),
    pages: pageLinks(texts, asked, page, pages),
    empty: total
      ? {
          title: t('academy:catalogue.none'),
          text: t('academy:catalogue.noneText'),
          link: { href: '/courses', text: t('academy:facets.clear') },
        }
      : { title: t('academy:catalogue.comingSoon') },
    wider: matching.length || !total ? [] : widerLinks(texts, all, asked),
  }
}

const sortText = (sort: Sort, learner: Learner) =>
  sort === 'recommended' && learner ? 'recommendedForYou' : sort

/** What a learner is in the middle of is first, then what is recommended to them; what they have completed is last. */
function inOrder(courses: Published[], sort: Sort, learner: Learner): Published[] {
  switch (sort) {
    case 'newest':
      return courses.toSorted((a, b) => b.publishedAt.getTime() - a.publishedAt.getTime())
    case 'title':
      return courses.toSorted((a, b) => a.content.title.localeCompare(b.content.title))
    case 'shortest':
      return courses.toSorted((a, b) => a.minutes - b.minutes)
    case 'recommended': {
      if (!learner) return courses
      const open = learner.learned.filter(({ state }) => state === 'open')
      const order = [
        ...open.map(({ published }) => String(published.course)),
        ...learner.recommended.map(({ course }) => String(course.course)),
      ]
      const completed = new Set(
        learner.learned
          .filter(({ state }) => state !== 'open')
          .map(({ published }) => String(published.course)),
      )
      const placeOf = ({ course }: Published) => {
        const place = order.indexOf(String(course))
        return place !== -1 ? place : completed.has(String(course)) ? Infinity : order.length
      }
      return order.length || completed.size
        ? courses.toSorted((a, b) => {
            const [first, second] = [placeOf(a), placeOf(b)]
            return first === second ? 0 : first - second
          })
        : courses
    }
  }
}

type CardGroup = { title: string | null; courses: ReturnType<typeof listedCard>[] }

/** In a large catalogue, what a learner has begun and what is recommended have headings of their own. */
function groupsOf(texts: Texts, shown: Published[], page: number, data: ListData): CardGroup[] {
  const { t } = texts
  const { asked, learner, total, newOnes: isNew } = data
  const card = (course: Published) => listedCard(texts, course, data, isNew.has(course))
  const isGrouped =
    learner && total > fewCourses && !isNarrowed(asked) && asked.sort === 'recommended' && page === 1
  if (!isGrouped) return [{ title: null, courses: shown.map(card) }]
  const open = new Set(
    learner.learned.filter(({ state }) => state === 'open').map(({ published }) => String(published.course)),
  )
  const recommended = new Set(learner.recommended.map(({ course }) => course))
  const groupOf = (course: Published) => {
    if (open.has(String(course.course))) return 'continue'
    if (recommended.has(course)) return 'recommended'
    return isNew.has(course) ? 'new' : 'others'
  }
  return (['continue', 'recommended', 'new', 'others'] as const)
    .map(group => ({
      title: t(`academy:catalogue.groups.${group}`),
      courses: shown.filter(course => groupOf(course) === group).map(card),
    }))
    .filter(({ courses }) => courses.length > 0)
}

function listedCard(texts: Texts, course: Published, { looks, featured, learner }: ListData, isNew: boolean) {
  const { t } = texts
  const learned = learner?.learned.find(({ published }) => published.course.equals(course.course))
  const isFeatured = String(course.course) === featured
  return {
    ...courseCard(texts, course, looks(course.slug)),
    tag: isFeatured ? t('academy:catalogue.featured') : isNew && !learned ? t('academy:catalogue.new') : null,
    reason: learner?.recommended.find(each => each.course === course)?.reason ?? null,
    own: learned && learned.state !== 'closed' ? learnerCard(texts, learned) : null,
  }
}

/** Returns the courses that were published first in the last 30 days, unless all were. */
function newCourses(courses: Published[]): ReadonlySet<Published> {
  const since = later(now(), -days(newDays))
  const recent = courses.filter(({ number, publishedAt }) => number === 1 && publishedAt > since)
  return new Set(recent.length < courses.length ? recent : [])
}

/** Returns the address of the catalogue with these choices. */
function hrefOf({ chosen, term, sort }: Asked, changed: Partial<Chosen> = {}, page = 1): string {
  const query = new URLSearchParams()
  if (term) query.set('q', term)
  for (const name of facetNames) for (const value of changed[name] ?? chosen[name]) query.append(name, value)
  if (sort !== 'recommended') query.set('sort', sort)
  if (page > 1) query.set('page', String(page))
  return query.size ? `/courses?${query}` : '/courses'
}

/** Returns a link for each chosen filter, which takes it away. */
function chipsOf(texts: Texts, asked: Asked) {
  return facetNames.flatMap(name =>
    asked.chosen[name].map(value => {
      const text = labelOf(texts, name, value)
      return {
        text,
        label: texts.t('academy:facets.remove', { filter: text }),
        href: hrefOf(asked, { [name]: asked.chosen[name].filter(each => each !== value) }),
      }
    }),
  )
}

/** Returns which group of filters to take away when nothing matches, and how many courses that brings. */
function widerLinks(texts: Texts, all: Published[], asked: Asked) {
  return facetNames
    .filter(name => asked.chosen[name].length > 0)
    .map(name => ({
      count: narrow(all, asked.chosen, texts.lists, name).length,
      href: hrefOf(asked, { [name]: [] }),
      filter: asked.chosen[name].map(value => labelOf(texts, name, value)).join(', '),
    }))
    .filter(({ count }) => count > 0)
    .map(({ count, filter, href }) => ({ href, text: texts.t('academy:facets.wider', { count, filter }) }))
}

function pageLinks({ t }: Texts, asked: Asked, page: number, pages: number) {
  return {
    text: pages > 1 ? t('academy:catalogue.page', { page, pages }) : '',
    previous: page > 1 ? hrefOf(asked, {}, page - 1) : null,
    next: page < pages ? hrefOf(asked, {}, page + 1) : null,
  }
}

/** The groups that have something to choose. */
function facetGroups(texts: Texts, courses: Published[], chosen: Chosen) {
  const counted = countFacets(courses, chosen, texts.lists)
  return facetNames
    .map(name => ({
      name,
      title: texts.t(`academy:facets.${name}.title`),
      options: counted[name].map(facet => facetOption(texts, name, facet)),
    }))
    .filter(({ name, options }) => options.length > 1 || chosen[name].length > 0)
}

function facetOption(texts: Texts, name: FacetName, { value, count, chosen }: Facet) {
  return { value, count, label: labelOf(texts, name, value), isChosen: chosen }
}

function labelOf({ t, listName, languageName }: Texts, name: FacetName, value: string): string {
  const list = listOfFacet[name]
  if (list) return listName(list, value)
  if (name === 'instructor') return value
  if (name === 'language') return languageName(value)
  return t(`academy:facets.${name}.${value}`)
}

function statusText({ t }: Texts, count: number, term: string): string {
  if (!count) return ''
  return term
    ? t('academy:catalogue.countFor', { count, word: term })
    : t('academy:catalogue.count', { count })
}
