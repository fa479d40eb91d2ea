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
import { without } from './filter-view'
import { countList, listFilter, maxCounted, sortColumns, type ListQuery } from './lead-list'
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
  const countsWith = (some: LeadFilters) =>
    isQueue ? countsAmong(queueFilter({ ...queue, filters: some })) : countsIn({ ...list, filters: some })
  const counts = await countsWith(filters)
  const parameters = filterParameters(filters)
  const fields = await Promise.all(
    filterNames.map(async name => ({
      name,
      label: t(`sales:filter.names.${name}`),
      // What is chosen already narrows the list to itself: its other choices are those without it.
      options: await optionsOf(
        name,
        {
          chosen: parameters[name],
          counts: parameters[name] ? await countsWith(without(filters, name)) : counts,
          reader,
        },
        texts,
      ),
    })),
  )
  const brands = await brandChoices()
  const kept = Object.entries(parametersOf(request)).filter(
    (entry): entry is [string, string] => /^(tab|view|order|q)$/.test(entry[0]) && !!entry[1],
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
      // On a phone, the list has no heads of columns to sort it by.
      sorts: isQueue
        ? null
        : sortColumns.map(column => ({
            value: column,
            text: t(`sales:column.${column}`),
            isSelected: list.sort?.column === column && !list.sort.isReversed,
          })),
      isLate: filters.isLate,
      brands: brands.map(({ id, name }) => ({ value: id, text: name, isSelected: id === filters.brand?.id })),
      clear: Object.keys(parameters).length
        ? `${action}?${new URLSearchParams(kept.filter(([name]) => name !== 'q'))}`
        : null,
    },
  })
}

/** How many leads of a list a choice `among` so many would leave; null where that isn't known. */
type Counts = (name: FilterName, value: string, among: number) => Promise<number | null>
/** A filter with more choices isn't counted in a long list: each choice is a count of its own. */
const maxChoicesCounted = 20

async function optionsOf(
  name: FilterName,
  { chosen, counts, reader }: { chosen: string | undefined; counts: Counts; reader: Person },
  texts: SalesTexts,
) {
  const choices = await choicesOf(name, reader, texts)
  const options = await Promise.all(
    choices.map(async ({ value, text }) => {
      const count = await counts(name, value, choices.length)
      const shown = count === null ? text : `${text} (${countText(count, texts)})`
      return { value, text: shown, isSelected: value === chosen, count }
    }),
  )
  return options.filter(({ count, isSelected }) => isSelected || count !== 0)
}

/** Counts among the leads of a short list, which are read once; of a long one that isn't narrowed, by the indexes. */
async function countsIn(query: ListQuery): Promise<Counts> {
  if ((await countList(query)) <= maxCounted || isFiltered(query.filters))
    return countsAmong(listFilter(query))
  return (name, value, among) =>
    name === 'age' || among > maxChoicesCounted
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
