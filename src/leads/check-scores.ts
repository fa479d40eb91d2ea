import type { QueryFilter, Types } from 'mongoose'
import { days, hours, later, now } from '../platform/clock'
import { log } from '../platform/log'
import { Events, type Event } from '../events/event'
import { hasItsSeal } from '../events/seal-event'
import { People, type Person } from '../people/person'
import { objectedAmong } from '../people/suppression'
import { missingFrom } from '../scoring/ledger-sum'
import { hashOfModel, Models } from '../scoring/model'
import { modelContentOf, type ModelContent } from '../scoring/model-content'
import { computeScore, scoreLater, type PointsByRule } from '../scoring/rules'
import { Scores } from '../scoring/score'
import { hasScoreSeal, hasSnapshotSeal } from '../scoring/score-seal'
import { Snapshots, type Snapshot } from '../scoring/snapshot'
import type { RecordOf } from '../platform/record'
import { maxFindings, openScoreCheck, ScoreChecks, type LedgerFinding } from './score-check'
import { scoreLeadAnew } from './score-lead'

/** In points. */
const tolerance = 0.01
/** People at a time: six commands, and what is in memory. */
const portion = 100
/** What a score remembers of its ledger is renewed after this time, before activity in it is deleted. */
const renewAfter = days(20)

type Score = RecordOf<typeof Scores>
type Subject = Pick<Person, '_id' | 'email' | 'consents'>
/** What each version of the model says, but for those that were changed. */
type Versions = ReadonlyMap<number, ModelContent>
type Checked = Subject & {
  events: Event[]
  score: Score | undefined
  snapshots: Snapshot[]
  objected: boolean
}

/**
 * The nightly check: goes through all people by id, in portions, and continues where an interrupted one stopped. It
 * checks the seal of each event and snapshot, what each score remembers of its ledger, and computes each score from
 * the ledger with the version of the model that it names. What it finds is logged, kept for the administrators and
 * returned; scores that differ are computed again.
 */
export async function checkScores(): Promise<LedgerFinding[]> {
  const check = await openScoreCheck()
  const { models, changed } = await readModels()
  const findings: LedgerFinding[] = check.after ? [] : changed
  let { after, people, events } = check
  let total = check.total + findings.length
  const kept = [...check.findings, ...findings].slice(0, maxFindings)
  for (let isLast = false; !isLast;) {
    const some = await readPortion(after)
    const found = await confirmedFindings(some, models)
    await repair(some, found)
    for (const finding of found) log.warn(finding, 'score check: what is stored differs from the ledger')
    isLast = some.length < portion
    after = some.at(-1)?._id ?? after
    people += some.length
    events += some.reduce((sum, each) => sum + each.events.length, 0)
    total += found.length
    findings.push(...found)
    kept.push(...found.slice(0, Math.max(0, maxFindings - kept.length)))
    const progress = { after, people, events, total, findings: kept, finishedAt: isLast ? now() : null }
    await ScoreChecks.updateOne({ _id: check._id }, { $set: progress })
  }
  return findings
}

/**
 * Returns what is found about people, also when they are read again: someone who does something while they are read has
 * a score of events that weren't read yet, or the other way round.
 */
async function confirmedFindings(people: readonly Checked[], models: Versions): Promise<LedgerFinding[]> {
  const suspects = people.filter(person => findingsOf(person, models).length > 0)
  if (!suspects.length) return []
  const again = await readPeople({ _id: { $in: suspects.map(({ _id }) => _id) } })
  return again.flatMap(person => findingsOf(person, models))
}

function readPortion(after: Types.ObjectId | null): Promise<Checked[]> {
  return readPeople(after ? { _id: { $gt: after } } : {})
}

async function readPeople(which: QueryFilter<Person>): Promise<Checked[]> {
  const people: Subject[] = await People.find(
    { ...which, role: 'prospect', erasedAt: null },
    { email: 1, consents: 1 },
  )
    .sort({ _id: 1 })
    .limit(portion)
  const ids = people.map(({ _id }) => _id)
  const [events, scores, snapshots, objected] = await Promise.all([
    Events.find({ person: { $in: ids } }),
    Scores.find({ _id: { $in: ids } }),
    Snapshots.find({ person: { $in: ids } }),
    objectedAmong(people.map(({ email }) => email)),
  ])
  const eventsOf = byPerson(events as Event[])
  const snapshotsOf = byPerson(snapshots)
  const scoreOf = new Map(scores.map(score => [String(score._id), score]))
  return people.map(person => {
    const id = String(person._id)
    const ledger = (eventsOf.get(id) ?? []).sort((a, b) => +a.at - +b.at || +a.recordedAt - +b.recordedAt)
    const about = { events: ledger, score: scoreOf.get(id), snapshots: snapshotsOf.get(id) ?? [] }
    return { ...person, ...about, objected: objected.has(person.email) }
  })
}

function byPerson<Row extends { person: Types.ObjectId }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(String(row.person))
    if (group) group.push(row)
    else groups.set(String(row.person), [row])
  }
  return groups
}

function findingsOf(checked: Checked, models: Versions): LedgerFinding[] {
  const { _id: person, events, score, snapshots } = checked
  const findings: LedgerFinding[] = []
  const find = (kind: LedgerFinding['kind'], subject = '', more: Partial<LedgerFinding> = {}) =>
    void findings.push({ kind, person, subject, count: 1, stored: null, computed: null, rules: [], ...more })
  for (const event of events) if (!hasItsSeal(event)) find('eventChanged', event._id)
  for (const snapshot of snapshots) if (!hasSnapshotSeal(snapshot)) find('snapshotChanged', snapshot._id)
  // What is still due hasn't had its reactions, which score the person. None waits longer than for another attempt.
  const soon = later(now(), hours(2))
  if (events.some(({ dueAt }) => dueAt && dueAt <= soon)) return findings
  const missing = new Set<string>()
  if (score && !isAsWritten(score)) find('scoreChanged')
  else if (score?.ledger) {
    const { count, id } = missingFrom(events, score.ledger)
    if (id) missing.add(id)
    if (count) find('eventMissing', id ?? '', { count })
  }
  const ids = new Set(events.map(({ _id }) => _id))
  for (const event of goneFrom(snapshots, ids)) {
    if (!missing.has(event)) find('eventMissing', event)
    missing.add(event)
  }
  const known = new Set(snapshots.map(({ _id }) => _id))
  const isScored = checked.consents.includes('profiling') && !checked.objected
  for (const { _id, name, failedAt } of events)
    if (name === 'lead.qualified' && !failedAt && !known.has(_id)) find('snapshotMissing', _id)
  if (score) {
    const difference = differenceOf(score, isScored ? events : null, models)
    if (difference) find('scoreDiffers', '', difference)
  } else if (
    isScored &&
    events.some(({ name }) => name === 'lead.qualified' || name === 'lesson.completed')
  ) {
    find('scoreMissing')
  }
  return findings
}

/** A score from before there were seals gets one when it is computed again, for which it is due since then. */
function isAsWritten(score: Score): boolean {
  return hasScoreSeal(score) || (score.seal === undefined && score.dueAt !== null && score.dueAt <= now())
}

/**
 * Returns the events that snapshots name and the ledger no longer has, but for activity that has been deleted since.
 */
function goneFrom(snapshots: readonly Snapshot[], ids: ReadonlySet<string>): Set<string> {
  const since = later(now(), -days(395))
  const named = snapshots.flatMap(({ contributions }) => contributions)
  return new Set(named.filter(({ event, at }) => at > since && !ids.has(event)).map(({ event }) => event))
}

/**
 * Compares a score, carried forward to this moment, with what the ledger says.
 *
 * @param events null for someone who may not be scored.
 */
function differenceOf(score: Score, events: Event[] | null, models: Versions): Partial<LedgerFinding> | null {
  const at = now()
  const model = models.get(score.model)
  if (!model) return null
  const computed = events && computeScore(events, model, at)
  const stored = score.engagement === null ? null : scoreLater(score.rawPointsByRule, model, score.at, at)
  if (isSame(stored?.points ?? null, computed?.points ?? null)) return null
  const rules = rulesThatDiffer(stored?.pointsByRule ?? {}, computed?.pointsByRule ?? {})
  return { stored: stored?.points ?? null, computed: computed?.points ?? null, rules }
}

function rulesThatDiffer(stored: PointsByRule, computed: PointsByRule): string[] {
  const rules = [...new Set([...Object.keys(stored), ...Object.keys(computed)])]
  return rules.filter(rule => !isSame(stored[rule] ?? 0, computed[rule] ?? 0))
}

async function readModels(): Promise<{ models: Versions; changed: LedgerFinding[] }> {
  const stored = await Models.find().sort({ _id: 1 })
  const isChanged = ({ hash, content }: (typeof stored)[number]) => hash !== hashOfModel(content)
  const changed = stored.filter(isChanged)
  for (const { _id } of changed) log.error({ version: _id }, 'score check: a scoring model has been changed')
  const none = { person: null, count: 1, stored: null, computed: null, rules: [] }
  return {
    models: new Map(
      stored.filter(model => !isChanged(model)).map(({ _id, content }) => [_id, modelContentOf(content)]),
    ),
    changed: changed.map(({ _id }) => ({ kind: 'modelChanged', subject: String(_id), ...none })),
  }
}

/** Computes again what differs, and lets scores that have been as they are for long remember their ledger anew. */
async function repair(people: readonly Checked[], findings: readonly LedgerFinding[]): Promise<void> {
  const kinds = new Set<LedgerFinding['kind']>([
    'scoreDiffers',
    'scoreChanged',
    'scoreMissing',
    'eventMissing',
  ])
  const differing = new Set(
    findings.filter(({ kind }) => kinds.has(kind)).map(({ person }) => String(person)),
  )
  // A number that was raised would keep every true score from being saved.
  const changed = findings.flatMap(({ kind, person }) => (kind === 'scoreChanged' && person ? [person] : []))
  if (changed.length) await Scores.updateMany({ _id: { $in: changed } }, { $set: { ledgerVersion: 0 } })
  for (const { _id } of people) if (differing.has(String(_id))) await scoreLeadAnew(_id)
  const before = later(now(), -renewAfter)
  const old = people.flatMap(({ _id, score }) => (score && score.at < before ? [_id] : []))
  if (old.length) await Scores.updateMany({ _id: { $in: old } }, { $set: { dueAt: now() } })
}

function isSame(a: number | null, b: number | null): boolean {
  return a === b || (a !== null && b !== null && Math.abs(a - b) <= tolerance)
}
