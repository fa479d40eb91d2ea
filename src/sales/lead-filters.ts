import type { Request } from 'express'
import { Types, type QueryFilter } from 'mongoose'
import { brandChoices, peopleAt } from '../brand/brand'
import { catalogueLists, nameIn } from '../courses/catalogue-lists'
import { coursesFor } from '../courses/shown-courses'
import { assignableTeam } from '../leads/assignable-team'
import { anyLead, facet, leadFacetNames, noOwner, type LeadFacetName } from '../leads/lead-facets'
import { leadStatuses, type Lead } from '../leads/lead'
import { activeRouting } from '../leads/routing-rules'
import { countryOptions } from '../people/countries'
import type { Person } from '../people/person'
import { sources } from '../people/source'
import { days, later, now } from '../platform/clock'
import { searchFilter } from '../platform/fold'
import { parametersOf } from '../web/parameters'
import type { SalesTexts } from './sales-texts'

/** How long ago a lead qualified: within so many days, or before. */
const ages = ['1', '7', '30', '90', 'over7', 'over30', 'over90'] as const
type Age = (typeof ages)[number]

/** What narrows a list of leads; all of it is in the address. */
export type LeadFilters = {
  facets: Partial<Record<LeadFacetName, string>>
  age?: Age
  /** Only new leads whose response is late. */
  isLate: boolean
  /** The brand that the people joined, and what `peopleAt` returns for it. */
  brand?: { id: string; people: { $in: (string | null)[] } }
  /** The beginnings of words in the name, the company or the email address. */
  search: string
}

export const noFilters: LeadFilters = { facets: {}, isLate: false, search: '' }

/** What a facet's value in an address has to look like; for courses, see `readFilters`. */
const shapes: Record<LeadFacetName, RegExp> = {
  grade: /^[ABC][123]?$/,
  status: /^[a-z]+$/,
  course: /^[0-9a-f]{24}$/,
  topic: /^.{1,100}$/su,
  country: /^[A-Z]{2}$/,
  source: /^[a-z]+$/,
  owner: /^(?:[0-9a-f]{24}|none)$/,
  rule: /^(?:[a-z0-9-]{1,80}|kind\.[a-zA-Z]{1,20})$/,
}

/**
 * Reads the filters in an address. What nobody could choose counts as not chosen, such as a course that the reader
 * can't see.
 */
export async function readFilters(request: Pick<Request, 'query'>, reader: Person): Promise<LeadFilters> {
  const parameters = parametersOf(request)
  const facets: LeadFilters['facets'] = {}
  for (const name of leadFacetNames) {
    const value = parameters[name]
    if (value && shapes[name].test(value)) facets[name] = value
  }
  if (facets.course) {
    const courses = await coursesFor(reader)
    if (!courses.some(({ course }) => String(course) === facets.course)) delete facets.course
  }
  const { age, late, brand, q } = parameters
  const chosen = brand ? (await brandChoices()).find(({ id }) => id === brand) : undefined
  return {
    facets,
    age: ages.find(each => each === age),
    isLate: late === '1',
    brand: chosen && { id: chosen.id, people: await peopleAt(chosen.id) },
    search: (q ?? '').trim().slice(0, 100),
  }
}

/** Returns the parameters of filters in an address, empty for none. */
export function filterParameters({
  facets,
  age,
  isLate,
  brand,
  search,
}: LeadFilters): Record<string, string> {
  const all = { ...facets, age, late: isLate ? '1' : '', brand: brand?.id, q: search }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => !!entry[1]))
}

export const hasFacets = ({ facets }: LeadFilters): boolean => Object.values(facets).some(Boolean)

export const isFiltered = (filters: LeadFilters): boolean => Object.keys(filterParameters(filters)).length > 0

/**
 * Returns the filter in the database.
 *
 * @param everyone what a list begins with that nothing narrows: a facet, as the indexes do.
 */
export function filterOf(
  { facets, age, isLate, brand, search }: LeadFilters,
  inList: { facets?: string[]; where?: QueryFilter<Lead>[] } = {},
  everyone: QueryFilter<Lead> = { facets: anyLead },
): QueryFilter<Lead> {
  const chosen = leadFacetNames.flatMap(name => (facets[name] ? [facet(name, facets[name])] : []))
  const all = [...new Set([...(inList.facets ?? []), ...chosen])]
  return {
    $and: [
      ...(all.length ? all.map(each => ({ facets: each })) : [everyone]),
      ...(inList.where ?? []),
      ...(age ? [{ qualifiedAt: qualifiedWithin(age) }] : []),
      ...(isLate ? [{ rank: 0, respondBy: { $lt: now() } }] : []),
      ...(brand ? [{ brand: brand.people }] : []),
      ...(search ? [searchFilter(search)] : []),
    ],
  }
}

function qualifiedWithin(age: Age) {
  const at = later(now(), -days(Number(age.replace('over', ''))))
  return age.startsWith('over') ? { $lt: at } : { $gte: at }
}

/** What assigns leads besides the rules, as the filter has it. */
export const withoutRule = ['kind.demo', 'kind.fallback', 'kind.overflow'] as const

export type Choice = { value: string; text: string }

/** Everything that a list can be narrowed by, as its form names it. */
export const filterNames = [...leadFacetNames, 'age'] as const
export type FilterName = (typeof filterNames)[number]

/** Returns what can be chosen in a filter. Courses are those that the reader may see. */
export async function choicesOf(name: FilterName, reader: Person, texts: SalesTexts): Promise<Choice[]> {
  const { t } = texts
  const named = (values: readonly string[], textOf: (value: string) => string) =>
    values.map(value => ({ value, text: textOf(value) }))
  switch (name) {
    case 'grade':
      return ['A', 'B', 'C'].flatMap(fit => [
        { value: fit, text: t('sales:queue.fit', { grade: fit }) },
        ...['1', '2', '3'].map(n => ({ value: fit + n, text: fit + n })),
      ])
    case 'status':
      return named(leadStatuses, status => t(`sales:status.${status}`))
    case 'course':
      return (await coursesFor(reader)).map(({ course, content }) => ({
        value: String(course),
        text: content.title,
      }))
    case 'topic': {
      const { topics } = await catalogueLists()
      return topics.map(({ id }) => ({ value: id, text: nameIn(topics, id, texts.lang) }))
    }
    case 'country':
      return countryOptions(texts.lang)
    case 'source':
      return named(sources, source => t(`insights:sources.${source}`))
    case 'owner':
      return [
        ...(await assignableTeam()).map(({ _id, name: text }) => ({ value: String(_id), text })),
        { value: noOwner, text: t('sales:lead.noOwner') },
      ]
    case 'rule': {
      const { content } = await activeRouting()
      return [
        ...content.rules.map(({ id, name: text }) => ({ value: id, text })),
        ...named(withoutRule, kind => t(`sales:routing.withoutRule.${kind.slice('kind.'.length)}`)),
      ]
    }
    case 'age':
      return named(ages, age => t(`sales:filter.ages.${age}`))
  }
}

/** Returns an owner's id in the filters, unless it is that of no owner. */
export function ownerIn({ facets }: LeadFilters): Types.ObjectId | null {
  return facets.owner && facets.owner !== noOwner ? new Types.ObjectId(facets.owner) : null
}
