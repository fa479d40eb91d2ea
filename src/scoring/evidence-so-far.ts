import { days } from '../platform/clock'
import {
  utcDayOf,
  evidenceKindNames,
  evidenceKinds,
  evidenceStart,
  firstEvidenceDay,
  namedColleagues,
  type EvidenceKind,
  type Seen,
  type SeenEvidence,
} from './evidence'
import type { Ledger } from './read-ledger'

/**
 * What is stored of the evidence of a long ledger: counts by day, and ids of the events that sentences name. Words and
 * names stay in the ledger, where they can be blanked.
 */
export type EvidenceSoFar = Partial<Record<EvidenceKind, KindSoFar>>

type KindSoFar = {
  /** The days that had any, the oldest first; see `utcDayOf`. */
  days: [day: number, count: number, firstAt: number][]
  /** The oldest first. Of those about the same, only the newest may be here. */
  named: [id: string, at: number, about: string][]
}

type Recorded = Ledger[number]

/** What sentences tell apart within a kind. */
const aboutOf: Partial<Record<EvidenceKind, (event: Recorded) => string>> = {
  passed: ({ course }) => String(course),
  colleagues: ({ data }) => ((data as { name: string }).name ? 'named' : 'unnamed'),
}
/** More colleagues than a sentence names, since some may be erased. */
const knownColleagues = 10
/** How many of those about the same are needed; one, unless it is said here. */
const neededOf: Partial<Record<EvidenceKind, number>> = {
  colleagues: knownColleagues,
  opened: Infinity,
  closed: Infinity,
}
/** With more, the whole ledger is read each time. */
const maxNamed = 60

/** Returns what is stored after more events, which come in the order of time and after those before; null: too many. */
export function evidenceAfter(before: EvidenceSoFar, added: Ledger): EvidenceSoFar | null {
  const last = added.at(-1)
  if (!last) return before
  const firstDay = firstEvidenceDay(last.at)
  const result: EvidenceSoFar = {}
  for (const kind of evidenceKindNames) {
    const known = kindAfter(kind, before[kind], added.filter(evidenceKinds[kind]), firstDay)
    if (known.named.length > maxNamed) return null
    if (known.days.length) result[kind] = known
  }
  return result
}

function kindAfter(
  kind: EvidenceKind,
  before: KindSoFar = { days: [], named: [] },
  added: Ledger,
  firstDay: number,
): KindSoFar {
  const daysOfKind = new Map(before.days.map(each => [each[0], each]))
  let { named } = before
  for (const event of added) {
    const at = event.at.getTime()
    const [day, count, firstAt] = daysOfKind.get(utcDayOf(at)) ?? [utcDayOf(at), 0, at]
    daysOfKind.set(day, [day, count + 1, firstAt])
    const about = aboutOf[kind]?.(event) ?? ''
    const needed = neededOf[kind] ?? 1
    const same = named.filter(each => each[2] === about)
    const dropped = same.length >= needed ? same[0] : undefined
    named = [...named.filter(each => each !== dropped), [event._id, at, about]]
  }
  return {
    days: [...daysOfKind.values()].filter(([day]) => day >= firstDay),
    named: named.filter(([, at]) => utcDayOf(at) >= firstDay),
  }
}

/** Returns the ids of the events that sentences name at a moment. */
export function namedEvents(evidence: EvidenceSoFar, at: Date): string[] {
  const from = evidenceStart(at).getTime()
  const named = evidenceKindNames.flatMap(kind => evidence[kind]?.named ?? [])
  return [...new Set(named.filter(each => each[1] >= from).map(([id]) => id))]
}

/**
 * Returns what was seen at a moment that isn't before the last event, from the events that `namedEvents` asks for; null
 * when some of them are gone, so that the whole ledger has to be read.
 */
export function seenSoFar(evidence: EvidenceSoFar, read: Ledger, at: Date): SeenEvidence | null {
  const byId = new Map(read.map(event => [event._id, event]))
  const firstDay = firstEvidenceDay(at)
  const seen: Partial<Record<EvidenceKind, Seen>> = {}
  for (const kind of evidenceKindNames) {
    const known = evidence[kind]
    const counts = known?.days.filter(([day]) => day >= firstDay) ?? []
    const named = known?.named.filter(each => each[1] >= days(firstDay)) ?? []
    const latest = named.flatMap(([id]) => byId.get(id) ?? []).reverse()
    if (latest.length < named.length) return null
    if (kind === 'colleagues' && isMissingNames(named, latest)) return null
    seen[kind] = {
      count: counts.reduce((sum, [, count]) => sum + count, 0),
      latest: latest as Seen['latest'],
      firstAt: counts[0] ? new Date(counts[0][2]) : null,
      ids: [],
    }
  }
  return seen as SeenEvidence
}

/** Whether colleagues were erased since, and older ones would be named in their place. */
function isMissingNames(named: KindSoFar['named'], latest: Ledger): boolean {
  const wereNamed = named.filter(([, , about]) => about === 'named').length
  const stillNamed = latest.filter(({ data }) => (data as { name: string }).name).length
  return wereNamed >= knownColleagues && stillNamed < namedColleagues
}
