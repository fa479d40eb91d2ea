import type { QueryFilter } from 'mongoose'
import type { Texts } from './texts'

type Translate = Texts['t']

type Select = {
  name: string
  label: string
  /** What the choice of everything says. */
  all: string
  options: { value: string; text: string }[]
}

/**
 * Returns the filters of a list as `partials/list-filters` prints them. All of them are in the address, so a filtered
 * list can be sent to a colleague, and its CSV has what it shows.
 *
 * @param path of the list without filters.
 * @param given the filters that are in the address, by name.
 */
export function listFilters(
  path: string,
  given: Partial<Record<string, string>>,
  t: Translate,
  {
    csv,
    search,
    selects,
    hidden = {},
  }: { csv: string; search?: string; selects: Select[]; hidden?: Record<string, string> },
) {
  const query = new URLSearchParams(given as Record<string, string>).toString()
  return {
    action: path,
    search: search ? { label: search, value: given.q ?? '' } : null,
    selects: selects.map(select => ({
      ...select,
      options: select.options.map(option => ({ ...option, isSelected: option.value === given[select.name] })),
    })),
    hidden: Object.entries(hidden),
    from: given.from ?? '',
    to: given.to ?? '',
    clear: query ? path : null,
    csv: { href: `${csv}${query ? `?${query}` : ''}`, text: t('web:filters.csv') },
  }
}

/** A list with more entries has "10,000+": counting them all would take longer than anyone looks. */
const maxCounted = 10_000

/** Returns how many entries match the filters, as a note below the list; none for a list without filters. */
export async function countNotes<T>(
  records: { count: (filter: QueryFilter<T>, limit?: number) => Promise<number> },
  filter: QueryFilter<T>,
  { t, number }: Pick<Texts, 't' | 'number'>,
): Promise<{ text: string }[]> {
  if (!Object.keys(filter).length) return []
  const count = await records.count(filter, maxCounted + 1)
  const shown = count > maxCounted ? `${number(maxCounted)}+` : number(count)
  return [{ text: t('web:filters.entries', { count, number: shown }) }]
}
