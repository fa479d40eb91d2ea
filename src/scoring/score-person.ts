import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People, type Person } from '../people/person'
import { hasObjected } from '../people/suppression'
import { headlineOf } from './evidence'
import { fitOf, gradeOf } from './fit'
import { eligibilityOf, type Eligibility } from './eligibility'
import { activeModel, type Model } from './model'
import { ledgerVersionOf, readLedger, type Ledger } from './read-ledger'
import { fallsBelow, computeScore } from './rules'
import { saveIfNewer } from './save-if-newer'
import { Scores } from './score'
import { searchWords } from './search-words'
import { Snapshots, type Snapshot } from './snapshot'
import { decideQualification, qualificationStateOf, type Decision } from './qualification-state'

/** The figures of a score that its lead shows too. */
export type LeadFigures = { score: number; fit: number; grade: string }

/**
 * Scores one person as of now, and records `lead.qualified` or `lead.disqualified` when the rules say so. A decision is stored
 * in the ledger under an id made of the person and the hand-off number, so two workers that score the same person at
 * once, or one that is cut off, end the same.
 *
 * @returns the new figures; 'erased' once the person and their score are gone; null when there is nothing to show or a newer
 * computation is already stored.
 */
export async function scorePerson(id: Types.ObjectId): Promise<LeadFigures | 'erased' | null> {
  const person = await People.findById(id).lean<Person>()
  if (!person || person.erasedAt) {
    await deleteScore(id)
    return 'erased'
  }
  if (person.role !== 'prospect') return null
  const [model, objected] = await Promise.all([activeModel(), hasObjected(person.email)])
  // A decision is an event, and the next look finds it in the ledger: a second round decides nothing more.
  for (let round = 1; ; round++) {
    const judged = evaluate(person, await readLedger(id), model, objected)
    if (judged.decision.action === 'none' || round === 3) return saveScore(person, model, judged)
    await recordDecision(id, judged)
  }
}

export type Evaluation = {
  at: Date
  ledger: Ledger
  eligibility: Eligibility
  fit: number
  grade: string
  scored: ReturnType<typeof computeScore>
  sequence: number
  decision: Decision
  isQualified: boolean
}

/** Everything that follows from somebody's record, ledger and model at this moment; writes nothing. */
export function evaluate(
  person: Person,
  ledger: Ledger,
  model: Model,
  objected: boolean,
  at = now(),
): Evaluation {
  const { content } = model
  const gate = eligibilityOf(person, ledger, content.blocked, objected)
  const scored = computeScore(gate.mayScore ? ledger : [], content, at)
  const fit = fitOf(person, content.fit).points
  const grade = gradeOf(fit, scored.points, content)
  const standing = qualificationStateOf(ledger)
  const about = { closed: gate.ineligibleReason, engagement: scored.points, grade, ledger }
  const decision = decideQualification(standing, about, content, at)
  return {
    at,
    ledger,
    eligibility: gate,
    fit,
    grade,
    scored,
    sequence: standing.sequence,
    decision,
    isQualified: standing.isQualified,
  }
}

async function recordDecision(person: Types.ObjectId, judged: Evaluation): Promise<void> {
  const { decision, at, eligibility, scored, fit, grade } = judged
  const points = eligibility.mayScore ? scored.points : null
  if (decision.action === 'qualify') {
    const sequence = judged.sequence + 1
    const { trigger } = decision
    const data = { trigger, band: grade, score: points, fit, sequence }
    await record({ name: 'lead.qualified', person, at, idempotencyKey: [sequence], data })
  } else if (decision.action === 'disqualify') {
    const { reason } = decision
    const data = { reason, score: points }
    await record({ name: 'lead.disqualified', person, at, idempotencyKey: [judged.sequence, reason], data })
  }
}

async function saveScore(person: Person, model: Model, judged: Evaluation): Promise<LeadFigures | null> {
  const { at, eligibility, scored, isQualified, ledger } = judged
  const shown = eligibility.mayScore
  const { qualifyAt, disqualifyBelow } = model.content
  const before = await saveIfNewer(Scores, person._id, {
    ledgerVersion: ledgerVersionOf(ledger),
    at,
    model: model._id,
    engagement: shown ? scored.points : null,
    fit: shown ? judged.fit : null,
    grade: shown ? judged.grade : null,
    rawPointsByRule: scored.sums,
    pointsByGroup: shown ? scored.groups : null,
    reasons: shown ? headlineOf(ledger, at) : [],
    isQualified,
    isNearThreshold:
      !eligibility.ineligibleReason &&
      !isQualified &&
      scored.points >= disqualifyBelow &&
      scored.points < qualifyAt,
    search: eligibility.ineligibleReason ? [] : searchWords(person),
    dueAt: nextCheckAt(judged, model),
    lastError: null,
  })
  if (before === undefined || !shown) return null
  if (before?.grade !== judged.grade) {
    const id = `${person._id}:${ledgerVersionOf(ledger)}:${judged.grade}`
    await saveSnapshot(id, person._id, 'band', before?.grade ?? null, judged, model)
  }
  return { score: scored.points, fit: judged.fit, grade: judged.grade }
}

/**
 * When time alone may change something: the fall below the exit, the end of a waiting time, and once a day as long as the
 * score is high enough to be shown in a list.
 */
function nextCheckAt(judged: Evaluation, model: Model): Date | null {
  const { at, scored, decision, eligibility } = judged
  if (eligibility.ineligibleReason) return null
  const daily =
    scored.points >= model.content.disqualifyBelow || judged.isQualified ? later(at, days(1)) : null
  const falls = judged.isQualified
    ? fallsBelow(scored.sums, model.content, at, model.content.disqualifyBelow)
    : null
  const again = decision.action === 'none' ? decision.nextCheckAt : null
  const moments = [daily, falls, again].filter(moment => moment !== null)
  return moments.length ? new Date(Math.min(...moments.map(Number))) : null
}

/** Reaction to `lead.qualified`: keeps what the score was made of at that moment, however late this runs. */
export async function snapshotHandOff(event: Event<'lead.qualified'>): Promise<void> {
  const person = await People.findById(event.person).lean<Person>()
  if (!person || person.erasedAt) return
  const model = await activeModel()
  const past = (await readLedger(event.person)).filter(each => each.at <= event.at)
  const judged = evaluate(person, past, model, false, event.at)
  await saveSnapshot(event._id, person._id, 'hand-off', null, { ...judged, grade: event.data.band }, model)
}

async function saveSnapshot(
  id: string,
  person: Types.ObjectId,
  kind: Snapshot['kind'],
  before: string | null,
  judged: Evaluation,
  model: Model,
): Promise<void> {
  const snapshot: Omit<Snapshot, '_id'> = {
    person,
    at: judged.at,
    kind,
    grade: judged.grade,
    before,
    engagement: judged.scored.points,
    fit: judged.fit,
    model: model._id,
    contributions: judged.scored.contributions,
  }
  await Snapshots.updateOne({ _id: id }, { $setOnInsert: snapshot }, { upsert: true })
}

async function deleteScore(person: Types.ObjectId): Promise<void> {
  await Scores.deleteOne({ _id: person })
  await Snapshots.deleteMany({ person })
}
