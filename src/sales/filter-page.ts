import { Leads } from '../leads/lead'
import { facet, leadFacetNames } from '../leads/lead-facets'
import type { Person } from '../people/person'
import { brandChoices } from '../brand/brand'
import type { RouteRequest } from '../web/handler'
import type { Response } from 'express'
import { parametersOf } from '../web/parameters'
import {
  choicesOf,
  filterNames,
  filterParameters,
  isFiltered,
  type FilterName,
  type LeadFilters,
} from './lead-filters'
import { countList, listFilter, maxCounted, type ListQuery } from './lead-list'
import { readListQuery } from './leads-page'
import { countText } from './leads-view'
import { queueFilter } from './queue-list'
import { readQueueQuery } from './queue'
import { salesTextsOf, type SalesTexts } from './sales-texts'

/**
 * `GET /sales/lead-filters`: everything that the list of leads, or with `page=queue` the queue, can be narrowed by; the
 * browser shows it as a dialog. Where it is cheap, each choice has the number of leads that it would leave.
 */
export async function show(request: RouteRequest, response: Response, reader: Person): Promise<void> {
  const texts = salesTextsOf(response)
  const { t } = texts
  const isQueue = parametersOf(request).page === 'queue'
  const list = await readListQuery(request, reader)
  const queue = await readQueueQuery(request, reader)
  const { filters } = list
  const counts = isQueue ? await countsAmong(queueFilter(queue)) : await countsIn(list)
  const parameters = filterParameters(filters)
  const fields = await Promise.all(
    filterNames.map(async name => ({
      name,
      label: t(`sales:filter.names.${name}`),
      options: await optionsOf(name, { filters, counts, reader }, texts),
    })),
  )
  const brands = await brandChoices()
  const kept = Object.entries(parametersOf(request)).filter(
    (entry): entry is [string, string] => /^(tab|sort|view|order|q)$/.test(entry[0]) && !!entry[1],
  )
  const action = isQueue ? '/sales/queue' : '/sales/leads'
  response.render('sales/lead-filters', {
    layout: 'workspace',
    nav: isQueue ? 'queue' : 'leads',
    head: { title: t('sales:filter.title') },
    filter: {
      action,
      kept,
      // A choice of which there is one changes nothing.
      fields: fields.filter(
        ({ options }) => options.length > 1 || options.some(({ isSelected }) => isSelected),
      ),
      isLate: filters.isLate,
      brands: brands.map(({ id, name }) => ({ value: id, text: name, isSelected: id === filters.brand?.id })),
      clear: Object.keys(parameters).length
        ? `${action}?${new URLSearchParams(kept.filter(([name]) => name !== 'q'))}`
        : null,
    },
  })
}

/** How many leads of a list each facet would leave; null where that isn't known. */
type Counts = (name: FilterName, value: string) => Promise<number | null>

async function optionsOf(
  name: FilterName,
  { filters, counts, reader }: { filters: LeadFilters; counts: Counts; reader: Person },
  texts: SalesTexts,
) {
  const chosen = filterParameters(filters)[name]
  const choices = await choicesOf(name, reader, texts)
  const options = await Promise.all(
    choices.map(async ({ value, text }) => {
      // What is chosen already narrows the list to itself.
      const count = chosen ? null : await counts(name, value)
      const isSelected = value === chosen
      return {
        value,
        text: count === null ? text : `${text} (${countText(count, texts)})`,
        isSelected,
        count,
      }
    }),
  )
  return options.filter(({ count, isSelected }) => isSelected || count !== 0)
}

/** Counts among the leads of a short list, which are read once; of a long one that isn't narrowed, by the indexes. */
async function countsIn(query: ListQuery): Promise<Counts> {
  if ((await countList(query)) <= maxCounted || isFiltered(query.filters))
    return countsAmong(listFilter(query))
  return (name, value) =>
    name === 'age'
      ? Promise.resolve(null)
      : countList({ ...query, filters: { ...query.filters, facets: { [name]: value } } })
}

async function countsAmong(filter: Parameters<typeof Leads.find>[0]): Promise<Counts> {
  const leads = await Leads.find(filter, { facets: 1 }).limit(maxCounted + 1)
  const isWhole = leads.length <= maxCounted
  const counts = new Map<string, number>()
  for (const { facets } of leads) for (const each of facets) counts.set(each, (counts.get(each) ?? 0) + 1)
  return async (name, value) =>
    name === 'age' || !isWhole
      ? null
      : (counts.get(
          facet(
            leadFacetNames.find(each => each === name)!,
            value,
          ),
        ) ?? 0)
}
