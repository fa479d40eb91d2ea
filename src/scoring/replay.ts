import { days, later } from '../platform/clock'
import type { EventData, EventName } from '../events/definitions'
import type { Purpose } from '../people/consent'
import { isDealEvent } from './deals'
import { eligibilityOf, type Eligibility } from './eligibility'
import { fitOf, gradeOf } from './fit'
import type { History } from './histories'
import type { ModelContent, Rule } from './model-content'
import {
  decideQualification,
  neverQualified,
  qualificationAfter,
  type Decision,
  type LastActivity,
  type QualificationState,
  type SalesInterest,
} from './qualification-state'
import type { Ledger } from './read-ledger'
import {
  decayed,
  dropsBelowAt,
  engagementOf,
  pointsWhenNew,
  ruleCounts,
  scoreLater,
  type PointsByRule,
} from './rules'
import { isCustomerOf } from './score-person'

/*
 * REPLAY: what would have happened to a person under a model, from their history alone. Pure, and in the order of time:
 * what happened later counts at no moment. Three things are assumed, because nobody knows better:
 *
 * - What sales and the CRM did with a lead, they would have done at the same time. Under a model that hands someone off
 *   later, it counts from the hand-off on; under one that never does, it doesn't count.
 * - Job title, country, company and answers to the academy's own questions were always what they are today. The needs
 *   assessment counts from when it was taken.
 * - A consent that no event mentions was always there.
 */

/** A hand-off as a model would have made it. */
export type HandOff = {
  at: Date
  trigger: EventData['lead.qualified']['trigger']
  score: number
  fit: number
  grade: string
  /** Points at that moment by rule, after the caps; they add up to the score. */
  pointsByRule: PointsByRule
  /** When and why it ended; null when it hasn't. */
  ended: { at: Date; reason: string } | null
}

/** The hand-offs, oldest first, and the highest score within the period that was asked for. */
export type Replayed = { handOffs: HandOff[]; peak: number | null }

/** A model with its rules by the events that they count. */
export type ReplayModel = {
  content: ModelContent
  rulesByEvent: ReadonlyMap<EventName, readonly Rule[]>
}

export function replayModelOf(content: ModelContent): ReplayModel {
  const rulesByEvent = new Map<EventName, Rule[]>()
  for (const rule of content.rules) {
    for (const name of rule.events) rulesByEvent.set(name, [...(rulesByEvent.get(name) ?? []), rule])
  }
  return { content, rulesByEvent }
}

export type ReplayPeriod = {
  /** The end of the replay. */
  until: Date
  /** The period in which the highest score is looked for. */
  peak?: { from: Date; until: Date }
}

/** Returns how sales treats a lead, from a ledger; `leads` knows. */
type InterestIn = (ledger: Ledger) => SalesInterest

/**
 * Replays one person: decides at each of their events, at the deals of their colleagues, and at the moments between at
 * which time alone changes something, as the application does (`scorePerson`).
 */
export function replayPerson(
  history: History,
  model: ReplayModel,
  interestIn: InterestIn,
  { until, peak }: ReplayPeriod,
): Replayed {
  const { ledger } = history
  const run = startOf(history, model, interestIn)
  const deals = momentsOf(history.circumstances.colleagueDeals)
  let [n, deal] = [0, 0]
  while (n < ledger.length || deal < deals.length) {
    const [own, others] = [ledger[n]?.at, deals[deal]]
    const at = !others || (own && own <= others) ? own! : others
    if (at > until) break
    passTime(run, at)
    for (; n < ledger.length && ledger[n]!.at.getTime() === at.getTime(); n++) take(run, ledger[n]!)
    for (; deal < deals.length && deals[deal]!.getTime() === at.getTime(); deal++) run.eligibility = null
    if (run.mostPossible > (run.peak ?? 0) && peak && at >= peak.from && at <= peak.until) {
      if (eligibilityNow(run).mayScore) run.peak = Math.max(run.peak ?? 0, scoreNow(run))
    }
    decide(run)
  }
  passTime(run, until)
  return { handOffs: run.handOffs, peak: run.peak }
}

function momentsOf(deals: readonly (readonly { at: Date }[])[]): Date[] {
  return deals.flatMap(events => events.map(({ at }) => at)).sort((a, b) => a.getTime() - b.getTime())
}

/** What is known at a moment. What is null is worked out when it is needed. */
type Run = {
  history: History
  model: ReplayModel
  interestIn: InterestIn
  at: Date
  /** Raw points by rule as of `countedAt`, when the last of them was added. */
  rawPointsByRule: PointsByRule
  countedAt: Date
  activity: LastActivity
  state: QualificationState
  /** True after negative points: only while they fade does a score rise without an event. */
  canRise: boolean
  consents: Set<Purpose>
  pausedAt: Date | null
  score: number | null
  /** The score is at most this: without an event it only falls, unless it can rise. */
  mostPossible: number
  /** Before the needs assessment, and after it. */
  fit: [before: number | null, after: number | null]
  assessedAt: number
  eligibility: Eligibility | null
  interest: SalesInterest | null
  /** What sales, the CRM and this replay did with the lead until now. */
  sales: Ledger
  handOffs: HandOff[]
  peak: number | null
}

function startOf(history: History, model: ReplayModel, interestIn: InterestIn): Run {
  return {
    ...{ history, model, interestIn, at: new Date(0), canRise: false },
    ...{ rawPointsByRule: {}, countedAt: new Date(0) },
    activity: { requestedAt: null, countedAt: null },
    state: neverQualified,
    ...startsOf(history),
    ...{ score: 0, mostPossible: 0, fit: [null, null] },
    ...{ eligibility: null, interest: null, sales: [], handOffs: [], peak: null },
  }
}

/** Returns what a person had agreed to before the first event that says so, and when they were first assessed. */
function startsOf({ person, ledger }: History): Pick<Run, 'consents' | 'pausedAt' | 'assessedAt'> {
  const { consents: now, sharingPausedAt, needsAssessment } = person
  const consents = new Set(now)
  if (sharingPausedAt) consents.add('share_with_sales')
  let wasPaused = sharingPausedAt !== null
  let assessedAt = needsAssessment?.at.getTime() ?? Infinity
  // The first event about each is the last one to be seen.
  for (let n = ledger.length - 1; n >= 0; n--) {
    const { name, at, data } = ledger[n]!
    if (name === 'consent.given') consents.delete((data as ConsentData).purpose)
    else if (name === 'consent.withdrawn') consents.add((data as ConsentData).purpose)
    else if (name === 'sharing.paused' || name === 'sharing.resumed') {
      // Only someone who shares can pause, and a pause takes the purpose off their record.
      consents.add('share_with_sales')
      wasPaused = name === 'sharing.resumed'
    } else if (name === 'needs_assessment.completed' && needsAssessment) assessedAt = at.getTime()
  }
  return { consents, assessedAt, pausedAt: wasPaused ? new Date(0) : null }
}

type ConsentData = { purpose: Purpose }

/** Lets time pass until a moment, and decides where time alone changes something before it. */
function passTime(run: Run, until: Date): void {
  for (;;) {
    const next = nextCheck(run, until)
    if (!next || next >= until) break
    moveTo(run, next)
    decide(run)
  }
  moveTo(run, until)
}

function moveTo(run: Run, at: Date): void {
  if (at.getTime() === run.at.getTime()) return
  run.at = at
  run.score = null
  if (run.canRise) run.mostPossible = Infinity
}

/** Returns the raw points by rule as of now. */
function rawPointsNow({ rawPointsByRule, countedAt, at, model }: Run): PointsByRule {
  return decayed(rawPointsByRule, model.content, at.getTime() - countedAt.getTime())
}

/** Returns when time alone may change something; null when it can't before a moment. */
function nextCheck(run: Run, until: Date): Date | null {
  const { state, model, at } = run
  if (!state.isQualified && !state.ended && !run.canRise) return null
  if (eligibilityNow(run).ineligibleReason) return null
  const { content } = model
  const decision = decisionNow(run)
  const moments = [decision.action === 'none' ? decision.nextCheckAt : null]
  const isListed = state.isQualified || scoreNow(run) >= content.disqualifyBelow
  if (isListed && run.canRise) moments.push(later(at, days(1)))
  if (state.isQualified && !interestNow(run).isWithSales) {
    const raw = rawPointsNow(run)
    const atTheEnd = scoreLater(raw, content, at, until).points
    if (run.canRise || atTheEnd < content.disqualifyBelow) {
      moments.push(dropsBelowAt(raw, content, at, content.disqualifyBelow))
    }
  }
  const known = moments.filter(moment => moment !== null)
  return known.length ? new Date(Math.min(...known.map(Number))) : null
}

/** Takes in one event of the ledger. What the application decided in reality is what the replay decides itself. */
function take(run: Run, event: Ledger[number]): void {
  const { name, at } = event
  if (name === 'lead.qualified' || name === 'lead.disqualified') return
  if (name === 'contact.requested') run.activity.requestedAt = at
  const { ledger } = run.history
  for (const rule of run.model.rulesByEvent.get(name) ?? []) {
    if (!ruleCounts(rule, event, ledger)) continue
    run.activity.countedAt = at
    const points = pointsWhenNew(rule, event, ledger)
    if (points === 0) continue
    run.canRise ||= points < 0
    if (run.countedAt < at) [run.rawPointsByRule, run.countedAt] = [rawPointsNow(run), at]
    run.rawPointsByRule[rule.id] = (run.rawPointsByRule[rule.id] ?? 0) + points
    ;[run.score, run.mostPossible] = [null, Infinity]
  }
  if (name in consentSteps) {
    consentSteps[name]!(run, event)
    run.eligibility = null
  } else if (isDealEvent(name) || salesEvents.has(name)) {
    run.sales.push(event)
    run.interest = null
    if (isDealEvent(name)) run.eligibility = null
  }
}

const consentSteps: { [N in EventName]?: (run: Run, event: Ledger[number]) => void } = {
  'consent.given': (run, { data }) => void run.consents.add((data as ConsentData).purpose),
  'consent.withdrawn': (run, { data }) => {
    const { purpose } = data as ConsentData
    run.consents.delete(purpose)
    if (purpose === 'share_with_sales') run.pausedAt = null
  },
  'sharing.paused': (run, { at }) => void (run.pausedAt = at),
  'sharing.resumed': run => void (run.pausedAt = null),
}

/** What changes how sales treats a lead; who its owner is doesn't. */
const salesEvents: ReadonlySet<EventName> = new Set<EventName>([
  'lead.accepted',
  'lead.rejected',
  'lead.returned',
  'lead.acceptance_undone',
  'lead.rejection_undone',
  'lead.snoozed',
  'lead.snooze_ended',
  'lead.contacted',
])

/** Decides as of now. A hand-off may end at the same moment, as when its person is a competitor. */
function decide(run: Run): void {
  const { state, activity, model } = run
  const isNothing =
    !state.isQualified && !state.ended && !activity.requestedAt && isBelow(run, model.content.qualifyAt)
  if (isNothing) return
  for (let round = 1; round < 3; round++) {
    const decision = decisionNow(run)
    if (decision.action === 'none') return
    apply(run, decision)
  }
}

function decisionNow(run: Run): Decision {
  const { content } = run.model
  const { mayScore, ineligibleReason } = eligibilityNow(run)
  const engagement = mayScore ? scoreNow(run) : 0
  const current = {
    ...{ ineligibleReason, engagement, activity: run.activity, interest: interestNow(run) },
    grade: gradeOf(fitNow(run), engagement, content),
  }
  return decideQualification(run.state, current, content, run.at)
}

function apply(run: Run, decision: Exclude<Decision, { action: 'none' }>): void {
  const { state, at, model, handOffs } = run
  const score = eligibilityNow(run).mayScore ? scoreNow(run) : 0
  const fit = fitNow(run)
  const grade = gradeOf(fit, score, model.content)
  if (decision.action === 'qualify') {
    const { trigger } = decision
    const { pointsByRule } = engagementOf(rawPointsNow(run), model.content)
    const sequence = state.sequence + 1
    handOffs.push({ at, trigger, score, fit, grade, pointsByRule, ended: null })
    const data = { trigger, band: grade, score, fit, sequence }
    recordStep(run, { _id: `lead.qualified:${sequence}`, name: 'lead.qualified', at, course: null, data })
  } else {
    const { reason } = decision
    const last = handOffs.at(-1)
    if (last && state.isQualified) last.ended = { at, reason }
    const _id = `lead.disqualified:${state.sequence}:${reason}:${state.changes}`
    recordStep(run, { _id, name: 'lead.disqualified', at, course: null, data: { reason, score } })
  }
}

function recordStep(run: Run, event: Ledger[number]): void {
  run.state = qualificationAfter(run.state, event)
  run.sales.push(event)
  run.interest = null
}

function scoreNow(run: Run): number {
  run.score ??= engagementOf(rawPointsNow(run), run.model.content).points
  run.mostPossible = run.score
  return run.score
}

const isBelow = (run: Run, score: number) => run.mostPossible < score || scoreNow(run) < score

function fitNow({ history, model, at, fit, assessedAt }: Run): number {
  const { person, circumstances } = history
  const isAssessed = at.getTime() >= assessedAt
  const which = isAssessed ? 1 : 0
  const known = isAssessed ? person : { ...person, needsAssessment: null }
  return (fit[which] ??= fitOf(known, model.content.fit, circumstances.answers).points)
}

function eligibilityNow(run: Run): Eligibility {
  if (!run.eligibility) {
    const { history, model, at, consents, pausedAt, sales } = run
    const { person, circumstances } = history
    const then = { ...person, consents: [...consents], sharingPausedAt: pausedAt }
    const isCustomer = isCustomerOf(model.content, sales, circumstances.colleagueDeals, at)
    const facts = { objected: circumstances.objected, isCustomer }
    run.eligibility = eligibilityOf(then, model.content.blocked, facts)
  }
  return run.eligibility
}

function interestNow(run: Run): SalesInterest {
  if (!run.handOffs.length) return { isWithSales: false, isOpen: false, wasOpen: false }
  run.interest ??= run.interestIn(run.sales)
  return run.interest
}
