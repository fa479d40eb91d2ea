import { conjuncts } from './bounds'
import { candidateScans, type Candidate, type IndexScan } from './candidates'
import type { Collection } from './catalog'
import type { Filter, Predicate } from './filter'
import { compileFilter } from './match'
import type { SortField } from './sort'

/**
 * How the documents are found: by reading the collection, by one index, by an index for each branch of an
 * $or, or not at all because the collection does not exist.
 */
export type AccessPath =
  { stage: 'COLLSCAN' } | IndexScan | { stage: 'OR'; scans: IndexScan[] } | { stage: 'EOF' }

/** How a query is executed. */
export interface Plan {
  access: AccessPath
  /** Tests every document that the access path finds. An index only proposes candidates. */
  test: Predicate
  matchesAll: boolean
  /** True when the access path returns the documents in the requested order. */
  sorted: boolean
}

/**
 * Chooses how to execute a filter and a sort: with the index whose bounds and order help most, otherwise by
 * reading the whole collection.
 */
export function choosePlan(collection: Collection | undefined, filter: Filter, sort: SortField[] = []): Plan {
  const test = compileFilter(filter)
  const matchesAll = filter.op === '$and' && filter.filters.length === 0
  const rest = { test, matchesAll }
  if (!collection) return { access: { stage: 'EOF' }, sorted: true, ...rest }
  const best = bestScan(collection, filter, sort)
  if (best && (best.useful || !isOr(filter))) return { access: best.scan, sorted: best.sorted, ...rest }
  const scans = planOr(collection, filter)
  if (scans) return { access: { stage: 'OR', scans }, sorted: sort.length === 0, ...rest }
  if (best) return { access: best.scan, sorted: best.sorted, ...rest }
  return { access: { stage: 'COLLSCAN' }, sorted: sort.length === 0, ...rest }
}

function isOr(filter: Filter): boolean {
  return conjuncts(filter).some(part => part.op === '$or')
}

/** Plans an $or by indexes, which needs one for every branch. */
function planOr(collection: Collection, filter: Filter): IndexScan[] | undefined {
  for (const part of conjuncts(filter)) {
    if (part.op !== '$or') continue
    const scans = part.filters.map(branch => {
      const found = bestScan(
        collection,
        { op: '$and', filters: [branch, ...conjuncts(filter).filter(other => other !== part)] },
        [],
      )
      return found?.useful ? found.scan : undefined
    })
    if (scans.every(scan => scan !== undefined)) return scans
  }
  return undefined
}

function bestScan(collection: Collection, filter: Filter, sort: SortField[]): Candidate | undefined {
  const [first, ...others] = candidateScans(collection, filter, sort)
  return first && others.reduce((best, each) => (each.score > best.score ? each : best), first)
}
