import { conjuncts } from './bounds'
import { candidateScans, type Candidate, type IndexScan } from './candidates'
import type { Catalog, Collection } from './catalog'
import type { Filter, Predicate } from './filter'
import { compileFilter } from './match'
import type { SortField } from './sort'
import { countUpTo, type Storage } from './storage'

/**
 * How the documents are found: by reading the collection, by one index, by an index for each branch of an
 * $or, or not at all because the collection does not exist.
 */
export type AccessPath =
  { stage: 'COLLSCAN' } | IndexScan | { stage: 'OR'; scans: IndexScan[] } | { stage: 'EOF' }

/** Returns a function that says why a plan cannot be followed any further: its collection or an index of it is gone. */
export function watchPlan(
  catalog: Catalog,
  before: Collection | undefined,
  { access, first }: Pick<Plan, 'access' | 'first'>,
): () => string | undefined {
  if (!before) return () => undefined
  const scans = access.stage === 'IXSCAN' ? [access] : access.stage === 'OR' ? access.scans : []
  const used = [...scans, ...(first ? [first.access] : [])].flatMap(({ index, narrowedBy }) => [
    index,
    ...narrowedBy.map(other => other.index),
  ])
  return () => {
    const now = catalog.find(before.database, before.name)
    if (now?.id !== before.id) return `collection dropped: ${before.database}.${before.name}`
    const gone = used.find(index => !now.indexes.some(({ id }) => id === index.id))
    return gone && `index '${gone.name}' dropped`
  }
}

/** An index that could be used, and how many keys of it were counted before the choice was made. */
export interface Considered {
  candidate: Candidate
  keys: number
  /** True when the index has more keys in its ranges than were counted. */
  isMore: boolean
}

/** How a query is executed. */
export interface Plan {
  access: AccessPath
  /** Tests every document that the access path finds. An index only proposes candidates. */
  test: Predicate
  matchesAll: boolean
  /** True when the access path returns the documents in the requested order. */
  sorted: boolean
  /**
   * True when the access path, narrowed, finds matching documents and no others, so that counting needs no documents.
   */
  isExact: boolean
  /** A scan in the requested order, which is tried first. It may find the first documents sooner than a sort does. */
  first?: { access: IndexScan; maxKeys: number }
  considered: Considered[]
  /** A sentence that says why this plan was chosen. */
  reason: string
}

/** What a query needs of the documents that match. */
export interface Demand {
  sort?: SortField[]
  /** How many documents are read at most. */
  limit?: number
}

/**
 * Chooses how to execute a query. Of several indexes, the one with few keys in its ranges is taken, then the one that
 * restricts the most fields and delivers the order; without an index, the whole collection is read.
 */
export function choosePlan(
  storage: Storage,
  collection: Collection | undefined,
  filter: Filter,
  { sort = [], limit = Infinity }: Demand = {},
): Plan {
  const test = compileFilter(filter)
  const matchesAll = filter.op === '$and' && filter.filters.length === 0
  const rest = { test, matchesAll, considered: [], isExact: matchesAll }
  if (!collection)
    return { ...rest, access: { stage: 'EOF' }, sorted: true, reason: 'The collection does not exist.' }
  const candidates = candidateScans(collection, filter, sort)
  const helps = candidates.some(({ useful }) => useful)
  const scans = !helps && isOr(filter) ? planOr(storage, collection, filter) : undefined
  if (scans) {
    const reason = 'Every branch of the $or has an index.'
    return { ...rest, access: { stage: 'OR', scans }, sorted: sort.length === 0, reason }
  }
  if (candidates.length > 0) {
    const choice = chooseCandidate(storage, candidates, sort, limit)
    const isExact = narrow(choice.access, candidates, conjuncts(filter))
    if (choice.first) narrow(choice.first.access, candidates, conjuncts(filter))
    return { ...rest, ...choice, isExact }
  }
  const reason = matchesAll
    ? 'The query is for all documents.'
    : 'No index has a field that the query restricts first.'
  return { ...rest, access: { stage: 'COLLSCAN' }, sorted: sort.length === 0, reason }
}

function isOr(filter: Filter): boolean {
  return conjuncts(filter).some(part => part.op === '$or')
}

/**
 * Adds to a scan what decides the conditions that its own index doesn't.
 *
 * @returns whether all of them together find matching documents and no others
 */
function narrow(scan: IndexScan, candidates: Candidate[], parts: Filter[]): boolean {
  const own = candidates.find(candidate => candidate.scan === scan)!
  const decided = own.decides()
  let undecided = parts.filter(part => !decided.includes(part))
  if (undecided.length === 0 || own.isUnique) return undecided.length === 0
  const others = candidates.map(candidate => ({ scan: candidate.scan, decides: candidate.decides() }))
  while (undecided.length > 0) {
    const decides = (other: (typeof others)[number]) =>
      undecided.filter(part => other.decides.includes(part)).length
    const best = others.reduce((a, b) => (decides(b) > decides(a) ? b : a))
    if (decides(best) === 0) return false
    scan.narrowedBy.push(best.scan)
    undecided = undecided.filter(part => !best.decides.includes(part))
  }
  return true
}

/** The most conditions, over all branches of an $or, for which indexes are looked for. */
const maxOrConditions = 20_000

/** Plans an $or by indexes, which needs one for every branch. */
function planOr(storage: Storage, collection: Collection, filter: Filter): IndexScan[] | undefined {
  const parts = conjuncts(filter)
  for (const part of parts) {
    if (part.op !== '$or' || part.filters.length * parts.length > maxOrConditions) continue
    const others = parts.filter(other => other !== part)
    const scans: IndexScan[] = []
    for (const branch of part.filters) {
      const useful = candidateScans(collection, { op: '$and', filters: [branch, ...others] }, []).filter(
        candidate => candidate.useful,
      )
      if (useful.length === 0) break
      scans.push(fewestKeys(storage, useful).best.scan)
    }
    if (scans.length === part.filters.length) return scans
  }
  return undefined
}

/** How many keys of each candidate are counted, at first and at most. */
const counts = [16, 128, 1024]
/** A sort of this many documents is not worth avoiding. */
const fewKeys = 128

/**
 * Takes the candidate with the best score among those with few keys. Keys are counted in rounds, so that a choice that
 * is clear costs little, and indexes that differ little are chosen by what they do and not by chance.
 */
function fewestKeys(
  storage: Storage,
  candidates: Candidate[],
): { best: Candidate; considered: Considered[]; reason: string } {
  const ranked = [...candidates].sort((a, b) => b.score - a.score)
  const [best, ...others] = ranked as [Candidate, ...Candidate[]]
  const uncounted = ranked.map(candidate => ({ candidate, keys: 0, isMore: true }))
  if (best.isUnique)
    return { best, considered: uncounted, reason: 'The index is unique, and its fields are known.' }
  if (others.length === 0) return { best, considered: uncounted, reason: 'It is the only index that helps.' }
  let considered: Considered[] = []
  const restrictions = ranked.map(candidate => candidate.restriction())
  for (const most of counts) {
    const known = new Map<string, number>()
    considered = ranked.map((candidate, n) => {
      const keys = known.get(restrictions[n]!) ?? countKeys(storage, candidate, most)
      known.set(restrictions[n]!, keys)
      return { candidate, keys: Math.min(keys, most), isMore: keys > most }
    })
    const found = considered.find(({ isMore }) => !isMore)
    if (found) return { best: found.candidate, considered, reason: `It has at most ${most} keys to read.` }
  }
  return {
    best,
    considered,
    reason: `All have more than ${counts.at(-1)} keys, and it restricts or sorts most.`,
  }
}

/** Returns how many keys a scan reads, or more than `most` when there are more. A range counts as a key. */
export function countKeys(
  storage: Storage,
  { scan: { ranges } }: Pick<Candidate, 'scan'>,
  most: number,
): number {
  let keys = 0
  for (const { start, end } of ranges) {
    keys += Math.max(1, countUpTo(storage, start, end, most))
    if (keys > most) break
  }
  return keys
}

type Choice = Pick<Plan, 'sorted' | 'first' | 'considered' | 'reason'> & { access: IndexScan }

function chooseCandidate(
  storage: Storage,
  candidates: Candidate[],
  sort: SortField[],
  limit: number,
): Choice {
  const { best, considered, reason } = fewestKeys(storage, candidates)
  const choice = { access: best.scan, sorted: best.sorted, considered, reason }
  if (sort.length === 0 || limit === Infinity || best.isUnique) return choice
  // With a limit, the order of one index competes with the selectivity of another.
  const inOrder = best.sorted ? choice : considered.find(({ candidate }) => candidate.sorted)
  const selective = considered.find(({ candidate }) => !candidate.sorted && candidate.useful)
  const ordered = best.sorted ? best : inOrder && 'candidate' in inOrder ? inOrder.candidate : undefined
  if (!ordered || !selective) return choice
  const known = considered.find(({ candidate }) => candidate === best)!
  if (!known.isMore && (best.sorted || known.keys <= fewKeys)) return choice
  const sortIt = best.sorted ? selective : known
  return {
    access: sortIt.candidate.scan,
    sorted: false,
    first: { access: ordered.scan, maxKeys: sortIt.keys },
    considered,
    reason:
      `${ordered.scan.index.name} is read in order until it has found enough, or has read as many keys as ` +
      `${sortIt.candidate.scan.index.name} has, which is then read and sorted.`,
  }
}
