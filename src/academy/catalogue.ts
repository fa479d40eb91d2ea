import type { Published } from '../courses/published'
import { catalogueOrder, inCatalogueOrder } from '../courses/catalogue-order'
import { coursesOf } from '../courses/shown-courses'
import type { Handler } from '../web/handler'
import { courseLooks, type CourseLooks } from '../web/course-palette'
import { courseCard } from './course-card'
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
import { queryText, search } from './search-index'
import { anonymousPage } from './anonymous-page'
import { catalogueJsonLd } from './json-ld'
import { textsOf, type Texts } from '../web/texts'

/** The catalogue, narrowed by the filters and the search term in the query string. */
export const index: Handler = async (request, response, person) => {
  const courses = await inCatalogueOrder(await coursesOf(response.locals.brand, person))
  const { lists } = response.locals
  const chosen = readFacets(request.query, lists)
  const term = queryText(request.query.q)
  const values = async () =>
    cataloguePage(textsOf(response), courses, chosen, term, {
      looks: await courseLooks(response.locals.brand),
      featured: (await catalogueOrder()).featured,
    })
  if (!term && !isChosen(chosen)) return anonymousPage(request, response, 'academy/catalogue', values)
  response.render('academy/catalogue', await values())
}

async function cataloguePage(
  texts: Texts,
  courses: Published[],
  chosen: Chosen,
  term: string,
  { looks, featured }: Pick<ListData, 'looks' | 'featured'>,
) {
  const { t } = texts
  const found = term ? await search(courses, term) : null
  const slugs = new Set(found?.hits.map(({ entry }) => entry.course.slug))
  const all = found ? courses.filter(course => slugs.has(course.slug)) : courses
  const corrected = found?.isCorrected ? found.words.join(' ') : null
  const narrowed = narrow(all, chosen, texts.lists)
  const hasPreview = courses.some(({ lessons }) => lessons.some(lesson => lesson.preview))
  return {
    head: {
      title: t('academy:catalogue.title'),
      description: t(`academy:catalogue.${hasPreview ? 'description' : 'descriptionNoPreview'}`),
      canonical: '/courses',
      noindex: term !== '' || isChosen(chosen),
      jsonLd: catalogueJsonLd(narrowed),
    },
    nav: 'courses',
    lede: t(`academy:catalogue.${hasPreview ? 'lede' : 'ledeNoPreview'}`),
    scripts: ['/js/catalogue.js'],
    list: {
      ...listView(texts, {
        ...{ all, matching: narrowed, chosen, term, corrected, looks, featured },
        hasCourses: courses.length > 0,
      }),
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
  /** The words searched for instead, when the term contains typing errors. */
  corrected: string | null
  /** Whether the brand shows any courses at all. */
  hasCourses: boolean
  looks: CourseLooks
  /** The id of the course that is first, as chosen in the studio. */
  featured: string | null
}

/** The list of courses with its filters, on the home page and in the catalogue. */
export function listView(texts: Texts, data: ListData) {
  const { t } = texts
  const { all, matching: courses, chosen, term, corrected, hasCourses, looks, featured } = data
  const isNarrowed = term !== '' || isChosen(chosen)
  return {
    title: t(isNarrowed ? 'academy:catalogue.matching' : 'academy:catalogue.all'),
    status: statusText(texts, courses.length, corrected ?? term),
    term,
    isNarrowed,
    facets: hasCourses ? facetGroups(texts, all, chosen) : [],
    courses: courses.map(course => ({
      ...courseCard(texts, course, looks(course.slug)),
      tag: String(course.course) === featured ? t('academy:catalogue.featured') : null,
    })),
    empty: hasCourses
      ? {
          title: t('academy:catalogue.none'),
          text: t('academy:catalogue.noneText'),
          link: { href: '/courses', text: t('academy:facets.clear') },
        }
      : { title: t('academy:catalogue.comingSoon') },
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
    .filter(({ options }) => options.length > 0)
}

function facetOption({ t, listName }: Texts, name: FacetName, { value, count, chosen }: Facet) {
  const list = listOfFacet[name]
  const label = list ? listName(list, value) : t(`academy:facets.${name}.${value}`)
  return { value, count, label, isChosen: chosen }
}

function statusText({ t }: Texts, count: number, term: string): string {
  if (!count) return ''
  return term
    ? t('academy:catalogue.countFor', { count, word: term })
    : t('academy:catalogue.count', { count })
}
