import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People, type Person } from '../people/person'
import { hadBought, readCircumstances, type Circumstances } from './circumstances'
import type { DealEvent } from './deals'
import { headlineOf } from './evidence'
import { fitOf, gradeOf } from './fit'
import { eligibilityOf, type Eligibility } from './eligibility'
import { holdOutGroupOf } from './hold-out'
import { activeModel, modelAt, type Model } from './model'
import type { ModelContent } from './model-content'
import {
  decideQualification,
  latestActivityIn,
  qualificationStateOf,
  type Decision,
  type LastActivity,
  type SalesInterest,
} from './qualification-state'
import { pointsOfSoFar } from './ledger-so-far'
import { readLedger, type Ledger } from './read-ledger'
import { readKnownLedger, type KnownLedger } from './read-so-far'
import {
  computeScore,
  dropsBelowAt,
  engagementOf,
  type Engagement,
  type PointsByRule,
  type ScoredLedger,
} from './rules'
import { saveIfNewer } from './save-if-newer'
import { Scores } from './score'
import { scoreSeal, snapshotSeal } from './score-seal'
import { searchWords } from '../people/search-words'
import { Snapshots, type Snapshot } from './snapshot'

/** The numbers of a score that its lead shows too. */
export type ScoreSummary = { score: number; fit: number; grade: string }

/**
 * Scores a person as of now, and records `lead.qualified` or `lead.disqualified` when the rules say so. A decision is
 * an event whose id consists of the person and the number of the hand-off, so two workers that score the same person at
 * the same time, or one that is interrupted, end up with the same ledger.
 *
 * @param interestIn derives from a ledger how sales treats the lead, which the score must take into account.
 * @param isWhole reads the whole ledger, whatever is stored: `check-scores.ts` corrects scores that way.
 * @returns the new figures; 'erased' once the person and their score are gone; null when there is nothing to show, or a
 * result from a newer ledger is already stored.
 */
export async function scorePerson(
  id: Types.ObjectId,
  interestIn: (ledger: Ledger) => SalesInterest,
  isWhole = false,
): Promise<ScoreSummary | 'erased' | null> {
  const person = await People.load(id)
  if (!person || person.erasedAt) {
    await deleteScore(id)
    return 'erased'
  }
  if (person.role !== 'prospect') return null
  const [model, circumstances] = await Promise.all([activeModel(), readCircumstances(person)])
  // A decision is in the ledger by the next round, which then decides nothing more.
  for (let round = 1; ; round++) {
    const at = now()
    const known = await readKnownLedger(id, model, at, isWhole)
    const interest = interestIn(known.events)
    const evaluation = known.isWhole
      ? evaluate(person, known.events, model, circumstances, at, interest)
      : evaluateSoFar(person, known, model, circumstances, at, interest)
    if (evaluation.decision.action === 'none' || round === 3) {
      return saveScore(person, model, known, evaluation)
    }
    await recordDecision(id, evaluation)
  }
}

/** What is known of points without each event's own. */
type Scored = Engagement & { rawPointsByRule: PointsByRule }

export type Evaluation<S extends Scored = ScoredLedger> = {
  at: Date
  eligibility: Eligibility
  fit: number
  grade: string
  scored: S
  sequence: number
  /** Number of hand-offs and disqualifications so far. */
  changes: number
  decision: Decision
  isQualified: boolean
}

/** What a score needs of a person's record. */
export type ScoredPerson = Pick<
  Person,
  | 'title'
  | 'country'
  | 'company'
  | 'emailKind'
  | 'consents'
  | 'sharingPausedAt'
  | 'needsAssessment'
  | 'firstTouch'
>

/**
 * Returns everything that follows from a person's record, ledger, circumstances and model at a moment. Writes nothing.
 */
export function evaluate(
  person: ScoredPerson,
  ledger: Ledger,
  model: Model,
  circumstances: Circumstances,
  at = now(),
  interest: SalesInterest = { isWithSales: false, isOpen: false, wasOpen: false },
): Evaluation {
  return evaluateBy(person, ledger, model, circumstances, at, interest, mayScore => ({
    scored: computeScore(mayScore ? ledger : [], model.content, at),
    activity: latestActivityIn(ledger, model.content, at),
  }))
}

/** Returns the same from what a long ledger has left behind. */
function evaluateSoFar(
  person: ScoredPerson,
  { events, soFar }: KnownLedger,
  model: Model,
  circumstances: Circumstances,
  at: Date,
  interest: SalesInterest,
): Evaluation<Scored> {
  return evaluateBy(person, events, model, circumstances, at, interest, mayScore => {
    const { rawPointsByRule, activity } = pointsOfSoFar(soFar!, model, at)
    const counted = mayScore ? rawPointsByRule : {}
    return { scored: { ...engagementOf(counted, model.content), rawPointsByRule: counted }, activity }
  })
}

function evaluateBy<S extends Scored>(
  person: ScoredPerson,
  ledger: Ledger,
  { content }: Model,
  { objected, colleagueDeals, answers }: Circumstances,
  at: Date,
  interest: SalesInterest,
  score: (mayScore: boolean) => { scored: S; activity: LastActivity },
): Evaluation<S> {
  const isCustomer = isCustomerOf(content, ledger, colleagueDeals, at)
  const eligibility = eligibilityOf(person, content.blocked, { objected, isCustomer })
  const { scored, activity } = score(eligibility.mayScore)
  const fit = fitOf(person, content.fit, answers).points
  const grade = gradeOf(fit, scored.points, content)
  const state = qualificationStateOf(ledger)
  const { ineligibleReason } = eligibility
  const current = { ineligibleReason, engagement: scored.points, grade, activity, interest }
  const decision = decideQualification(state, current, content, at)
  const { sequence, changes, isQualified } = state
  return { at, eligibility, fit, grade, scored, sequence, changes, decision, isQualified }
}

/** Returns whether the model treats a person as a customer: by their own deals or those of their whole company. */
export function isCustomerOf(
  { blocked: { customers } }: ModelContent,
  ledger: readonly DealEvent[],
  colleagueDeals: Circumstances['colleagueDeals'],
  at: Date,
): boolean {
  if (customers === 'nobody') return false
  return hadBought(customers === 'person' ? [ledger] : [ledger, ...colleagueDeals], at)
}

async function recordDecision(person: Types.ObjectId, evaluation: Evaluation<Scored>): Promise<void> {
  const { decision, at, eligibility, scored, fit, grade } = evaluation
  const score = eligibility.mayScore ? scored.points : null
  if (decision.action === 'qualify') {
    const sequence = evaluation.sequence + 1
    const { trigger } = decision
    // People who are back, or who asked themselves, aren't measured.
    const group = trigger === 'score' && sequence === 1 ? await holdOutGroupOf(person) : null
    const data = { trigger, band: grade, score, fit, sequence, ...(group && { group }) }
    await record({ name: 'lead.qualified', person, at, idempotencyKey: [sequence], data })
  } else if (decision.action === 'disqualify') {
    const { reason } = decision
    const idempotencyKey = [evaluation.sequence, reason, evaluation.changes]
    await record({ name: 'lead.disqualified', person, at, idempotencyKey, data: { reason, score } })
  }
}

async function saveScore(
  person: Person,
  model: Model,
  known: KnownLedger,
  evaluation: Evaluation<Scored>,
): Promise<ScoreSummary | null> {
  const { at, eligibility, scored, fit, grade, isQualified } = evaluation
  const { mayScore, ineligibleReason } = eligibility
  const { qualifyAt, disqualifyBelow } = model.content
  const figures = {
    ledgerVersion: known.version,
    at,
    model: model._id,
    engagement: mayScore ? scored.points : null,
    fit: mayScore ? fit : null,
    grade: mayScore ? grade : null,
    rawPointsByRule: scored.rawPointsByRule,
    pointsByGroup: mayScore ? scored.pointsByGroup : null,
    isQualified,
    isNearThreshold:
      !ineligibleReason && !isQualified && scored.points >= disqualifyBelow && scored.points < qualifyAt,
    ledger: known.sum,
    soFar: mayScore ? known.soFar : null,
  }
  const before = await saveIfNewer(Scores, person._id, {
    ...figures,
    seal: scoreSeal({ _id: person._id, ...figures }),
    reasons: mayScore ? headlineOf(known.evidence) : [],
    search: ineligibleReason ? [] : searchWords(person),
    ...(person.brand && { brand: person.brand }),
    dueAt: nextCheckAt(evaluation, model),
    failedAt: null,
    lastError: null,
  })
  if (before === undefined || !mayScore) return null
  if (before?.grade !== grade) {
    const id = `${person._id}:${known.version}:${grade}`
    const explained = { ...evaluation, scored: await explainedScore(person._id, known, evaluation, model) }
    await saveSnapshot(id, person._id, 'band', before?.grade ?? null, explained, model)
  }
  return { score: scored.points, fit, grade }
}

/** Returns a score with what each event brings, for which a long ledger has to be read after all. */
async function explainedScore(
  person: Types.ObjectId,
  { soFar }: KnownLedger,
  { at, scored }: Evaluation<Scored | ScoredLedger>,
  { content }: Model,
): Promise<ScoredLedger> {
  if ('contributions' in scored) return scored
  const ledger = await readLedger(person)
  // What has come since isn't part of this score.
  const then = ledger.filter(({ at: happenedAt, recordedAt = happenedAt }) => +recordedAt <= soFar!.through)
  return computeScore(then, content, at)
}

/**
 * Returns when time alone may change something: the score drops out, a wait ends, or a day has passed while the score
 * is high enough to be shown in a list. Null when nothing can change.
 */
function nextCheckAt(evaluation: Evaluation<Scored>, model: Model): Date | null {
  const { at, scored, decision, eligibility, isQualified } = evaluation
  const { disqualifyBelow } = model.content
  if (eligibility.ineligibleReason) return null
  const isListed = scored.points >= disqualifyBelow || isQualified
  const moments = [
    isListed ? later(at, days(1)) : null,
    isQualified ? dropsBelowAt(scored.rawPointsByRule, model.content, at, disqualifyBelow) : null,
    decision.action === 'none' ? decision.nextCheckAt : null,
  ].filter(moment => moment !== null)
  return moments.length ? new Date(Math.min(...moments.map(Number))) : null
}

/** Reaction to `lead.qualified`: stores the score and its contributions as of that moment, however late this runs. */
export async function snapshotHandOff(event: Event<'lead.qualified'>): Promise<void> {
  const person = await People.load(event.person)
  if (!person || person.erasedAt) return
  const [model, ledger, { answers }] = await Promise.all([
    modelAt(event.at),
    readLedger(event.person),
    readCircumstances(person),
  ])
  const past = ledger.filter(each => each.at <= event.at)
  const known = { objected: false, colleagueDeals: [], answers }
  const evaluation = evaluate(person, past, model, known, event.at)
  const atHandOff = { ...evaluation, grade: event.data.band }
  await saveSnapshot(event._id, person._id, 'hand-off', null, atHandOff, model)
}

async function saveSnapshot(
  id: string,
  person: Types.ObjectId,
  kind: Snapshot['kind'],
  before: string | null,
  evaluation: Evaluation,
  model: Model,
): Promise<void> {
  const snapshot = {
    _id: id,
    person,
    at: evaluation.at,
    kind,
    grade: evaluation.grade,
    before,
    engagement: evaluation.scored.points,
    fit: evaluation.fit,
    model: model._id,
    contributions: evaluation.scored.contributions,
  }
  await Snapshots.insertOnce({ ...snapshot, seal: snapshotSeal(snapshot) })
}

async function deleteScore(person: Types.ObjectId): Promise<void> {
  await Scores.deleteOne({ _id: person })
  await Snapshots.deleteMany({ person })
}
