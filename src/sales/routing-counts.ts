import type { RoutingContent } from '../leads/routing-rules'
import type { Person } from '../people/person'
import type { Texts } from '../web/texts'
import { noFilters, withoutRule } from './lead-filters'
import { countList } from './lead-list'
import { countText, leadsPath } from './leads-view'

/** A figure and the list that it counts; without a link when there is nothing to see. */
type Figure = { text: string; href: string | null }

/** The leads that something has assigned, and that qualified in the last 90 days. */
const listOf = (rule: string) => ({
  tab: 'all' as const,
  filters: { ...noFilters, facets: { rule }, age: '90' as const },
})

/** Counts the leads of each rule, and of what assigns leads besides. Returns the figure of one of them. */
export async function countByRule(
  { rules }: RoutingContent,
  reader: Pick<Person, '_id'>,
  texts: Texts,
): Promise<(rule: string) => Figure> {
  const all = [...rules.map(({ id }) => id), ...withoutRule]
  const counts = await Promise.all(all.map(rule => countList({ ...listOf(rule), reader: reader._id })))
  return rule => {
    const count = counts[all.indexOf(rule)] ?? 0
    return { text: countText(count, texts), href: count ? leadsPath(listOf(rule)) : null }
  }
}
