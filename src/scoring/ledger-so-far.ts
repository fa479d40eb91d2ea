import { definitionOf, leadEvents, type EventName } from '../events/definitions'
import { days, later, minutes } from '../platform/clock'
import type { ModelContent } from './model-content'
import { evidenceAfter, type EvidenceSoFar } from './evidence-so-far'
import { versionOfTimes, type Ledger } from './read-ledger'
import { inTime, isLater, placeInTime, type PlaceInTime, type PointsByRule } from './rules'
import { runnerOf, type Runner, type StoredRunningScore } from './running-score'
import type { LastActivity } from './qualification-state'

/*
 * WHAT A LONG LEDGER LEAVES BEHIND, stored with the score: the next event then costs the same, however many came
 * before. It is only ever a shortcut. Whatever doesn't simply go on, such as an event from before the last one, another
 * model or deleted activity, makes the whole ledger be read again, which always comes to the same.
 */

/** What points follow: a version of the model. */
type Scoring = { hash: string; content: ModelContent }

/** What is known of a ledger besides points; of what its person did, not of what sales does with the lead. */
export type LedgerFacts = {
  /** When an event with this name last happened. */
  lastAt: [name: EventName, at: number][]
  /** Ids of courses, and topics; the latest first. */
  courses: string[]
  topics: string[]
}

export type LedgerSoFar = LedgerFacts & {
  /** Of this record: another one is read again. */
  form: number
  /** The hash of the model that its points follow. */
  model: string
  score: StoredRunningScore
  evidence: EvidenceSoFar
  /** When the whole ledger was last read. */
  readAt: number
  /** The last event of what the person did. */
  last: PlaceInTime | null
  /** When the last event was recorded, and the ids of those recorded shortly before. */
  through: number
  recent: [id: string, recordedAt: number][]
  /** When the oldest activity happened that is deleted after its time; null without any. */
  oldestActivity: number | null
}

const form = 2
/** A shorter ledger is read as a whole: that costs less than what would be stored. */
const longLedger = 200
/** The whole is read again after this time, before activity that `LedgerSum` counts is deleted. */
const wholeAgainAfter = days(20)
/** An event may become visible so long after the moment at which it says that it was recorded. */
export const recordedWithin = minutes(2)
const maxRecent = 500
const maxKnown = 40

type Recorded = Ledger[number]
const recordedAtOf = ({ at, recordedAt = at }: Recorded) => recordedAt.getTime()
const isOfPerson = ({ name }: Recorded) => !leadEvents.has(name)

/** Returns what a whole ledger leaves behind; null for one that is short, or whose last events are still to come. */
export function soFarOf(ledger: Ledger, model: Scoring, at: Date, from = longLedger): LedgerSoFar | null {
  if (ledger.length < from) return null
  const start: LedgerSoFar = {
    ...{ form, model: model.hash, readAt: at.getTime(), last: null, through: 0, recent: [] },
    ...{ oldestActivity: null, lastAt: [], courses: [], topics: [], evidence: {} },
    score: runnerFor(model).store(runnerFor(model).start()),
  }
  return soFarAfter(start, ledger, model, at)
}

/** Returns facts of a whole ledger. */
export function ledgerFactsOf(ledger: Ledger): LedgerFacts {
  return factsAfter({ lastAt: [], courses: [], topics: [] }, ledger.filter(isOfPerson).sort(inTime))
}

/** Returns whether what is stored can be gone on with: nothing in it has been deleted since, and it isn't too old. */
export function canGoOn(
  { form: itsForm, readAt, through, oldestActivity }: LedgerSoFar,
  purgedBefore: Date,
  at: Date,
): boolean {
  const isKept = oldestActivity === null || oldestActivity >= purgedBefore.getTime()
  // A clock that was set back says of new events that they are old.
  const isPast = Math.max(readAt, through) <= at.getTime()
  return itsForm === form && isKept && isPast && readAt > later(at, -wholeAgainAfter).getTime()
}

/** Returns the events that were read since and aren't part of it yet. */
export function newTo({ recent }: LedgerSoFar, read: Ledger): Ledger {
  const known = new Set(recent.map(([id]) => id))
  return read.filter(({ _id }) => !known.has(_id))
}

/**
 * Returns what is left behind after more events, in any order; null when the whole ledger has to be read instead.
 *
 * @param at a moment, which must not be before any of them.
 */
export function soFarAfter(before: LedgerSoFar, added: Ledger, model: Scoring, at: Date): LedgerSoFar | null {
  if (before.model !== model.hash) return null
  const own = added.filter(isOfPerson).sort(inTime)
  const first = own[0]
  if (first && before.last && !isLater(placeInTime(first), before.last)) return null
  if (own.length && own.at(-1)!.at > at) return null
  const runner = runnerFor(model)
  const score = runner.restore(before.score)
  for (const event of own) if (!runner.add(score, event)) return null
  const evidence = evidenceAfter(before.evidence, own)
  if (!evidence) return null
  const through = added.reduce((latest, event) => Math.max(latest, recordedAtOf(event)), before.through)
  const recent = [
    ...before.recent,
    ...added.map((event): [string, number] => [event._id, recordedAtOf(event)]),
  ].filter(([, recordedAt]) => recordedAt > through - recordedWithin)
  if (recent.length > maxRecent) return null
  const activities = added.filter(({ name }) => definitionOf(name).retention === 'activity')
  const oldest = activities.reduce(
    (first, each) => Math.min(first, +each.at),
    before.oldestActivity ?? Infinity,
  )
  return {
    ...before,
    ...factsAfter(before, own),
    ...{ score: runner.store(score), evidence, through, recent },
    last: own.length ? placeInTime(own.at(-1)!) : before.last,
    oldestActivity: Number.isFinite(oldest) ? oldest : null,
  }
}

/** Returns facts after more events, which must be in the order of time, and not before those known. */
function factsAfter(before: LedgerFacts, events: Ledger): LedgerFacts {
  const lastAt = new Map(before.lastAt)
  let { courses, topics } = before
  for (const { name, at, course, data } of events) {
    lastAt.set(name, Math.max(at.getTime(), lastAt.get(name) ?? -Infinity))
    if (course) courses = withFirst(courses, [String(course)])
    const about = (data as { topics?: readonly string[] }).topics
    if (about?.length) topics = withFirst(topics, about)
  }
  return { lastAt: [...lastAt], courses, topics }
}

function withFirst(known: string[], first: readonly string[]): string[] {
  if (first.length === 1 && first[0] === known[0]) return known
  return [...first, ...known.filter(each => !first.includes(each))].slice(0, maxKnown)
}

/** Returns the version of the ledger, as it follows from the whole one. */
export function versionOfSoFar({ recent }: LedgerSoFar): number {
  return versionOfTimes(recent.map(([, recordedAt]) => recordedAt))
}

/** Returns the raw points by rule and the last activity at a moment, which must not be before the last event. */
export function pointsOfSoFar(
  { score: stored }: LedgerSoFar,
  model: Scoring,
  at: Date,
): { rawPointsByRule: PointsByRule; activity: LastActivity } {
  const runner = runnerFor(model)
  const score = runner.restore(stored)
  const moment = (time: number | null) => (time === null ? null : new Date(time))
  return {
    rawPointsByRule: runner.rawPointsAt(score, at.getTime()),
    activity: { requestedAt: moment(stored.requestAt), countedAt: moment(stored.countedAt) },
  }
}

let latest: { hash: string; runner: Runner } | null = null

/** The runner of a model, made once: nearly every score follows the active one. */
function runnerFor({ hash, content }: Scoring): Runner {
  if (latest?.hash !== hash) latest = { hash, runner: runnerOf(content) }
  return latest.runner
}
