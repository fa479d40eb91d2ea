import { days } from '../platform/clock'
import { keyOfChange } from './apply-change'
import { daysToBuy, type ComparedPerson, type Purchase, type ReplayedLead } from './compare-models'
import type { ModelChange } from './model-changes'
import { rankingOf, type Estimate, type Ranking } from './ranking'

/** What became of someone after a hand-off: `open` until they have bought or lost, or 90 days are over. */
export type ReplayOutcome = 'won' | 'lost' | 'open'

type Both<T> = { active: T; draft: T }

export type ReplayReport = {
  from: Date
  until: Date
  people: number
  events: number
  /** Leads that the team can call in a week. */
  capacity: number
  changes: ModelChange[]
  /** People that the team would have called under either model, and whose 90 days are over. */
  outcomes: number
  /** Of those it would have called, how many bought. */
  winRate: Both<Estimate> & { difference: Estimate; finished: Estimate }
  /** Of those who bought, how many it would have called before. */
  recall: Both<Estimate> & { difference: Estimate }
  /** The win rate as a multiple of that of everyone who finished a course. */
  lift: Both<Estimate>
  ranking: Ranking
  /** By the Monday of each week, UTC. */
  weeks: ({ week: Date } & Both<number>)[]
  moves: ({ direction: 'in' | 'out'; change: string; people: number } & Record<ReplayOutcome, number>)[]
  /** By the grade at the hand-off, of those whose 90 days are over. */
  grades: ({ grade: string } & Both<Won>)[]
  /** By the score at the hand-off, from the lowest: from a number of points to below that of the next. */
  bands: ({ from: number } & Both<Won>)[]
  /** What buyers paid whom only the active model hands off, by currency, in minor units. */
  missed: { people: number; money: { currency: string; amount: number }[] }
}

/** Of so many leads whose 90 days are over, how many bought. */
export type Won = { leads: number; won: number }

/** The lowest score of each band in which win rates are compared; contact requests can have any. */
const bandsFrom = [0, 45, 60, 75, 90]

/** So many times the people are drawn again for an interval. */
const draws = 2000
const buyWithin = days(daysToBuy)

/** Returns what became of someone after a moment, as of another, both in milliseconds. */
export function outcomeAfter(
  { purchases, lostAt }: Pick<ComparedPerson, 'purchases' | 'lostAt'>,
  at: number,
  until: number,
): ReplayOutcome {
  if (purchaseAfter(purchases, at)) return 'won'
  const isLost = at + buyWithin <= until || lostAt.some(each => each > at)
  return isLost ? 'lost' : 'open'
}

/** Returns the first purchase within 90 days after a moment. */
export function purchaseAfter(purchases: readonly Purchase[], at: number): Purchase | undefined {
  return purchases.find(purchase => purchase.at > at && purchase.at <= at + buyWithin)
}

type Given = {
  from: Date
  until: Date
  events: number
  capacity: number
  changes: ModelChange[]
  /** Decides the draws: the same seed gives the same report. */
  seed: number
  /** Is awaited often, so that others get a turn. */
  rest: () => Promise<void> | void
}

/** Returns what the comparison of everyone amounts to. */
export async function replayReport(
  people: readonly ComparedPerson[],
  { from, until, events, capacity, changes, seed, rest }: Given,
): Promise<ReplayReport> {
  const end = until.getTime()
  const isOver = (at: number) => at + buyWithin <= end
  const called = {
    active: calledAmong(people, 'active', capacity),
    draft: calledAmong(people, 'draft', capacity),
  }
  await rest()
  const counts = people.map(person => {
    const sides = (['active', 'draft'] as const).map(side => {
      const at = called[side].get(person.person)
      const bought = at !== undefined && purchaseAfter(person.purchases, at) !== undefined
      return { isCalled: at !== undefined && isOver(at), bought }
    })
    const { finishedAt, purchases } = person
    const wasCustomer = finishedAt !== null && purchases.some(({ at }) => at <= finishedAt)
    const isFinished = finishedAt !== null && isOver(finishedAt) && !wasCustomer
    const isBuyer = purchases.some(({ at }) => at >= from.getTime())
    const [active, draft] = sides as [(typeof sides)[number], (typeof sides)[number]]
    return flagsOf({
      calledActive: active.isCalled,
      wonActive: active.isCalled && active.bought,
      calledDraft: draft.isCalled,
      wonDraft: draft.isCalled && draft.bought,
      finished: isFinished,
      wonFinished: isFinished && purchaseAfter(purchases, finishedAt) !== undefined,
      buyer: isBuyer,
      reachedActive: isBuyer && active.bought,
      reachedDraft: isBuyer && draft.bought,
    })
  })
  await rest()
  const estimates = await estimated(counts, seed, rest)
  return {
    ...{ from, until, people: people.length, events, capacity, changes },
    outcomes: counts.filter(flags => flags & (flag.calledActive | flag.calledDraft)).length,
    ...estimates,
    ranking: rankingOf(
      people.map(({ peaks, purchases }) => ({
        scores: peaks,
        isBuyer: purchases.some(({ at }) => at >= from.getTime()),
      })),
    ),
    weeks: weeksOf(people, from, until),
    moves: movesOf(people, changes, end),
    grades: gradesOf(people, isOver),
    bands: bandsOf(people, isOver),
    missed: missedAmong(people),
  }
}

/**
 * Returns when the team would first have called each person: every week, as many as it can, contact requests first and
 * then the highest scores.
 */
function calledAmong(
  people: readonly ComparedPerson[],
  side: 'active' | 'draft',
  capacity: number,
): Map<string, number> {
  const byWeek = new Map<number, { person: string; lead: ReplayedLead }[]>()
  for (const person of people) {
    for (const lead of person[side]) {
      const week = weekOf(lead.at)
      const leads = byWeek.get(week) ?? []
      byWeek.set(week, leads)
      leads.push({ person: person.person, lead })
    }
  }
  const called = new Map<string, number>()
  for (const leads of byWeek.values()) {
    const ranked = leads.sort(
      (a, b) =>
        Number(b.lead.isRequest) - Number(a.lead.isRequest) ||
        b.lead.score - a.lead.score ||
        (a.person < b.person ? -1 : 1),
    )
    for (const { person, lead } of ranked.slice(0, capacity)) {
      called.set(person, Math.min(lead.at, called.get(person) ?? Infinity))
    }
  }
  return called
}

/** The first day of 1970 was a Thursday. */
const weekOf = (at: number) => Math.floor((at / days(1) + 3) / 7)
const mondayOf = (week: number) => new Date(days(week * 7 - 3))

const flagNames = [
  'calledActive',
  'wonActive',
  'calledDraft',
  'wonDraft',
  'finished',
  'wonFinished',
  'buyer',
  'reachedActive',
  'reachedDraft',
] as const
type FlagName = (typeof flagNames)[number]
const flag = Object.fromEntries(flagNames.map((name, n) => [name, 1 << n])) as Record<FlagName, number>
const flagsOf = (set: Record<FlagName, boolean>) =>
  flagNames.reduce((flags, name) => flags | (set[name] ? flag[name] : 0), 0)

type Sums = Record<FlagName, number>
type Ratio = (sums: Sums) => number | null
const ratio = (part: number, whole: number) => (whole ? part / whole : null)
const minus = (a: number | null, b: number | null) => (a === null || b === null ? null : a - b)
const winRateOf: Both<Ratio> & { finished: Ratio } = {
  active: sums => ratio(sums.wonActive, sums.calledActive),
  draft: sums => ratio(sums.wonDraft, sums.calledDraft),
  finished: sums => ratio(sums.wonFinished, sums.finished),
}
const ratios = {
  ...winRateOf,
  difference: sums => minus(winRateOf.draft(sums), winRateOf.active(sums)),
  recallActive: sums => ratio(sums.reachedActive, sums.buyer),
  recallDraft: sums => ratio(sums.reachedDraft, sums.buyer),
  recallDifference: sums => ratio(sums.reachedDraft - sums.reachedActive, sums.buyer),
  liftActive: sums => ratio(winRateOf.active(sums) ?? NaN, winRateOf.finished(sums) ?? 0),
  liftDraft: sums => ratio(winRateOf.draft(sums) ?? NaN, winRateOf.finished(sums) ?? 0),
} satisfies Record<string, Ratio>
type RatioName = keyof typeof ratios

/**
 * Returns the ratios with their intervals: the same people, drawn again 2,000 times with replacement, each time for
 * both models. People about whom nothing is known change no ratio, so they aren't drawn.
 */
async function estimated(counts: readonly number[], seed: number, rest: Given['rest']) {
  const known = Uint16Array.from(counts.filter(flags => flags !== 0))
  const random = randomOf(seed)
  const kinds = [...new Set(known)].sort((a, b) => a - b)
  const values = Object.fromEntries(Object.keys(ratios).map(name => [name, [] as number[]]))
  const measure = (ofKind: Uint32Array) => {
    const sums = Object.fromEntries(flagNames.map(name => [name, 0])) as Sums
    for (const kind of kinds) {
      for (const name of flagNames) if (kind & flag[name]) sums[name] += ofKind[kind]!
    }
    return sums
  }
  const ofKind = new Uint32Array(1 << flagNames.length)
  for (const kind of known) ofKind[kind]!++
  const actual = measure(ofKind)
  for (let draw = 0; draw < (known.length ? draws : 0); draw++) {
    ofKind.fill(0)
    for (let n = 0; n < known.length; n++) {
      ofKind[known[Math.floor(random() * known.length)]!]!++
      if (n % 20_000 === 19_999) await rest()
    }
    const sums = measure(ofKind)
    for (const [name, valueOf] of Object.entries<Ratio>(ratios)) {
      const value = valueOf(sums)
      if (value !== null && !Number.isNaN(value)) values[name]!.push(value)
    }
    await rest()
  }
  const estimate = (name: RatioName): Estimate => {
    const value = ratios[name](actual)
    if (value === null || Number.isNaN(value)) return null
    const sorted = values[name]!.sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!
    return { value, low: at(0.025), high: at(0.975) }
  }
  return {
    winRate: {
      active: estimate('active'),
      draft: estimate('draft'),
      difference: estimate('difference'),
      finished: estimate('finished'),
    },
    recall: {
      active: estimate('recallActive'),
      draft: estimate('recallDraft'),
      difference: estimate('recallDifference'),
    },
    lift: { active: estimate('liftActive'), draft: estimate('liftDraft') },
  }
}

/** Returns numbers from 0 to 1 that follow from a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function weeksOf(people: readonly ComparedPerson[], from: Date, until: Date): ReplayReport['weeks'] {
  const first = weekOf(from.getTime())
  const weeks = Array.from({ length: weekOf(until.getTime()) - first + 1 }, (_, n) => ({
    week: mondayOf(first + n),
    active: 0,
    draft: 0,
  }))
  for (const person of people) {
    for (const { at } of person.active) weeks[weekOf(at) - first]!.active++
    for (const { at } of person.draft) weeks[weekOf(at) - first]!.draft++
  }
  return weeks
}

function movesOf(
  people: readonly ComparedPerson[],
  changes: readonly ModelChange[],
  until: number,
): ReplayReport['moves'] {
  const moves = new Map<string, ReplayReport['moves'][number]>()
  for (const person of people) {
    if (!person.move) continue
    const { direction, change, at } = person.move
    const key = keyOfChange(changes[change]!)
    const row = moves.get(direction + key) ?? {
      ...{ direction, change: key, people: 0 },
      ...{ won: 0, lost: 0, open: 0 },
    }
    moves.set(direction + key, row)
    row.people++
    row[outcomeAfter(person, at, until)]++
  }
  const order = ({ change }: { change: string }) => changes.findIndex(each => keyOfChange(each) === change)
  return [...moves.values()].sort(
    (a, b) => a.direction.localeCompare(b.direction) || b.people - a.people || order(a) - order(b),
  )
}

function gradesOf(
  people: readonly ComparedPerson[],
  isOver: (at: number) => boolean,
): ReplayReport['grades'] {
  const grades = new Map<string, ReplayReport['grades'][number]>()
  forFirstLeads(people, isOver, (side, lead, isWon) => {
    const row = grades.get(lead.grade) ?? { grade: lead.grade, active: noLeads(), draft: noLeads() }
    grades.set(lead.grade, row)
    row[side].leads++
    if (isWon) row[side].won++
  })
  return [...grades.values()].sort((a, b) => (a.grade < b.grade ? -1 : 1))
}

function bandsOf(people: readonly ComparedPerson[], isOver: (at: number) => boolean): ReplayReport['bands'] {
  const bands = bandsFrom.map(from => ({ from, active: noLeads(), draft: noLeads() }))
  forFirstLeads(people, isOver, (side, { score }, isWon) => {
    const row = bands.findLast(({ from }) => score >= from)![side]
    row.leads++
    if (isWon) row.won++
  })
  return bands
}

const noLeads = (): Won => ({ leads: 0, won: 0 })

/** Visits the first hand-off of each person under each model whose 90 days are over. */
function forFirstLeads(
  people: readonly ComparedPerson[],
  isOver: (at: number) => boolean,
  visit: (side: 'active' | 'draft', lead: ReplayedLead, isWon: boolean) => void,
): void {
  for (const person of people) {
    for (const side of ['active', 'draft'] as const) {
      const lead = person[side][0]
      if (lead && isOver(lead.at)) visit(side, lead, purchaseAfter(person.purchases, lead.at) !== undefined)
    }
  }
}

function missedAmong(people: readonly ComparedPerson[]): ReplayReport['missed'] {
  const money = new Map<string, number>()
  let missed = 0
  for (const { move, purchases } of people) {
    const bought = move?.direction === 'out' && purchaseAfter(purchases, move.at)
    if (!bought) continue
    missed++
    const { amount, currency } = bought
    if (amount !== null && currency !== null) money.set(currency, (money.get(currency) ?? 0) + amount)
  }
  const sums = [...money].map(([currency, amount]) => ({ currency, amount }))
  return { people: missed, money: sums.sort((a, b) => b.amount - a.amount) }
}
