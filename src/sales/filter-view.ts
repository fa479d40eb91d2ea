import type { Person } from '../people/person'
import { brandChoices } from '../brand/brand'
import { choicesOf, filterNames, filterParameters, type FilterName, type LeadFilters } from './lead-filters'
import type { SalesTexts } from './sales-texts'

export type Chip = { text: string; href: string }

/**
 * Returns a chip for each filter that is chosen, whose link leaves it out.
 *
 * @param hrefOf the address of the same list with other filters.
 */
export async function chipsOf(
  filters: LeadFilters,
  reader: Person,
  hrefOf: (filters: LeadFilters) => string,
  texts: SalesTexts,
): Promise<Chip[]> {
  const { t } = texts
  const parameters = filterParameters(filters)
  const named = filterNames.filter(name => parameters[name])
  const chips = await Promise.all(
    named.map(async (name): Promise<Chip> => {
      const value = parameters[name]!
      const choice = (await choicesOf(name, reader, texts)).find(each => each.value === value)
      return {
        text: t('sales:filter.chip', { name: t(`sales:filter.names.${name}`), value: choice?.text ?? value }),
        href: hrefOf(without(filters, name)),
      }
    }),
  )
  if (filters.isLate) chips.push({ text: t('sales:queue.late'), href: hrefOf({ ...filters, isLate: false }) })
  const brand = filters.brand && (await brandChoices()).find(({ id }) => id === filters.brand?.id)
  if (brand) chips.push({ text: brand.name, href: hrefOf({ ...filters, brand: undefined }) })
  return chips
}

/** Returns filters with one of them taken away. */
export function without(filters: LeadFilters, name: FilterName): LeadFilters {
  if (name === 'age') return { ...filters, age: undefined }
  return { ...filters, facets: { ...filters.facets, [name]: undefined } }
}
