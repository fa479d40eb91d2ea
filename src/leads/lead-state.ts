import { Types } from 'mongoose'
import type { Event } from '../events/event'
import type { EventName, EventData } from '../events/definitions'
import { dealsAfter, type Deal } from '../scoring/deals'
import { ownDecisions } from '../scoring/eligibility'
import { handOffOrder, type SalesInterest } from '../scoring/qualification-state'
import type { Disposition, Lead, LeadStatus } from './lead'
import { nextAlert, responseDue, type AlertKind } from './response-clock'

/** The fields of a lead that follow from the ledger; see `leadState`. */
export type LeadState = Pick<
  Lead,
  | 'status'
  | 'rank'
  | 'stage'
  | 'shared'
  | 'owner'
  | 'ownerTimeZone'
  | 'ownerClock'
  | 'assignedWhy'
  | 'crmOwner'
  | 'assignedAt'
  | 'qualifiedAt'
  | 'awaitedSince'
  | 'respondBy'
  | 'alert'
  | 'alertsDone'
  | 'snooze'
  | 'nextStep'
  | 'trigger'
  | 'sequence'
  | 'holdOut'
  | 'changeCount'
  | 'disposition'
  | 'closed'
  | 'deals'
>

type LedgerEvent = Pick<Event, '_id' | 'name' | 'at' | 'data'>

const rank: Record<LeadStatus, number> = {
  new: 0,
  accepted: 1,
  contacted: 1,
  opportunity: 1,
  won: 2,
  rejected: 3,
  lost: 4,
  returned: 4,
  closed: 5,
}

/**
 * Returns the state of a lead from the events of its person, in the order they happened (a CRM reports late and out of
 * order); null before the first hand-off. Sales pages, messages to the CRM, emails and insights all read this.
 *
 * - Once sales has accepted a lead or a deal is open, the score informs and no longer decides: the lead doesn't cool.
 * - A lead that can't be handed off any more, for example because its person paused sharing, is closed with the reason.
 *   When the reason ends, the next hand-off brings back the lead as it was.
 * - Each deal has its own state (`dealsAfter`). An open one makes the lead an opportunity, otherwise a won one makes it
 *   won.
 * - An outcome dated before the first hand-off counts as after it: the CRM's clock is slow, or it knows only the day.
 */
export function leadState(ledger: readonly LedgerEvent[]): LeadState | null {
  const events = ledger.filter(({ name }) => name in steps).sort(byTime)
  const handOff = events.findIndex(({ name }) => name === 'lead.qualified')
  if (handOff < 0) return null
  events.unshift(...events.splice(handOff, 1))
  return events.reduce<LeadState | null>((state, event) => leadStateAfter(state, event), null)
}

/** Returns the state after one more event, which must not be older than those before it. */
export function leadStateAfter(state: LeadState | null, event: LedgerEvent): LeadState | null {
  const step = steps[event.name] as Step | undefined
  if (!step) return state
  if (!state && event.name !== 'lead.qualified') return null
  const next = { ...(state ?? firstState), ...step(state ?? firstState, event), ...crmOwnerIn(event) }
  const status = statusOf(next)
  return { ...next, status, rank: rank[status], alert: status === 'new' ? alertOf(next) : null }
}

/** Whom the event's CRM names as the owner. */
function crmOwnerIn({ data, at }: LedgerEvent): Partial<LeadState> {
  return 'crmOwner' in data && data.crmOwner ? { crmOwner: { teammate: data.crmOwner, at } } : {}
}

function alertOf({ owner, shared, awaitedSince, alertsDone, ...state }: LeadState): LeadState['alert'] {
  return owner && shared && awaitedSince ? nextAlert(waitOf(awaitedSince, state), alertsDone) : null
}

/** True while sales works on a lead: it was accepted or contacted, or a deal is open. */
function isWithSales(state: LeadState | null): boolean {
  return state !== null && (['accepted', 'contacted'].includes(state.stage) || hasDeal(state, 'open'))
}

/**
 * Returns what scoring must take into account: whether sales works on the lead, or would see it again once a reason
 * ends.
 */
export function salesInterestIn(ledger: readonly LedgerEvent[]): SalesInterest {
  const state = leadState(ledger)
  if (!state) return { isWithSales: false, isOpen: false, wasOpen: false }
  const isHeld = isWithSales(state)
  const wasOpen = !state.closed || state.closed.wasOpen || isHeld || hasDeal(state, 'won')
  return { isWithSales: isHeld, isOpen: !state.closed, wasOpen }
}

/**
 * Returns the deal that a list shows: an open one, or else a won one, or else the one lost most recently. Null without
 * deals.
 */
export function mainDeal({ deals }: Pick<LeadState, 'deals'>): Deal | null {
  const inState = (state: Deal['state']) => deals.findLast(deal => deal.state === state)
  return inState('open') ?? inState('won') ?? inState('lost') ?? null
}

const firstState: LeadState = {
  status: 'new',
  rank: 0,
  stage: 'new',
  shared: true,
  owner: null,
  ownerTimeZone: 'UTC',
  ownerClock: null,
  assignedWhy: null,
  crmOwner: null,
  assignedAt: null,
  qualifiedAt: new Date(0),
  awaitedSince: null,
  respondBy: new Date(0),
  alert: null,
  alertsDone: [],
  snooze: null,
  nextStep: null,
  trigger: 'score',
  sequence: 0,
  holdOut: null,
  changeCount: 0,
  disposition: null,
  closed: null,
  deals: [],
}

function statusOf(state: LeadState): LeadStatus {
  if (state.closed) return 'closed'
  if (hasDeal(state, 'open')) return 'opportunity'
  return hasDeal(state, 'won') ? 'won' : state.stage
}

const hasDeal = ({ deals }: LeadState, state: Deal['state']) => deals.some(deal => deal.state === state)

/** Returns what an event changes. */
type Step = (state: LeadState, event: LedgerEvent) => Partial<LeadState>

const steps: { [N in EventName]?: Step } = {
  'lead.qualified': (state, event) => {
    const { trigger, sequence, group } = event.data as EventData['lead.qualified']
    const back = {
      ...{ sequence, shared: true, closed: null },
      ...(group && { holdOut: { group, at: event.at } }),
    }
    const isUnderWay = isWithSales(state) || hasDeal(state, 'won')
    if (trigger === 'resumed') {
      return state.stage === 'new' && !isUnderWay ? { ...back, ...awaitedAgain(event.at, state) } : back
    }
    if (isUnderWay) return { ...back, trigger }
    return {
      ...back,
      ...awaitedAgain(event.at, { ...state, snooze: null }),
      snooze: null,
      trigger,
      stage: 'new',
      qualifiedAt: event.at,
      disposition: null,
    }
  },
  'lead.disqualified': (state, event) => {
    const { reason } = event.data as EventData['lead.disqualified']
    const wasOpen = state.closed ? state.closed.reason !== 'cooled' && state.closed.wasOpen : true
    const closed = { reason, at: event.at, wasOpen }
    if (ownDecisions.has(reason)) return { closed, shared: false }
    const hasBought = hasDeal(state, 'won')
    if (reason !== 'cooled') return { closed: hasBought ? null : closed, shared: true }
    // Only someone who shares with sales cools, and only before sales has responded.
    const cools = !hasBought && !isWithSales(state) && (state.closed !== null || state.stage === 'new')
    return { closed: cools ? { ...closed, wasOpen: false } : null, shared: true }
  },
  'lead.assigned': (state, event) => {
    const { owner, timeZone, clock = null, why = null } = event.data as EventData['lead.assigned']
    const given = { ownerTimeZone: timeZone ?? 'UTC', ownerClock: clock }
    return {
      ...given,
      changeCount: state.changeCount + 1,
      owner: idOrNull(owner),
      assignedAt: event.at,
      assignedWhy: why,
      // The deadline stays: a new owner must not make a person who asked to be contacted wait longer.
      ...(state.awaitedSince && awaited(state.awaitedSince, { ...state, ...given })),
      ...(why?.cause === 'overdue' && { alertsDone: withAlert(state, 'reassign') }),
    }
  },
  'lead.reminded': state => ({ alertsDone: withAlert(state, 'remind') }),
  'lead.escalated': state => ({ alertsDone: withAlert(state, 'escalate') }),
  'lead.accepted': (state, event) => {
    const disposition = dispositionOf(state, event, 'accepted')
    const isTakenOver = disposition.by && !disposition.by.equals(state.owner ?? undefined)
    return {
      ...changed(state),
      disposition,
      // A late acceptance doesn't set a conversation back.
      stage: state.stage === 'contacted' ? 'contacted' : 'accepted',
      ...(isTakenOver && {
        owner: disposition.by,
        ownerTimeZone: (event.data as EventData['lead.accepted']).timeZone ?? 'UTC',
        ownerClock: null,
        assignedWhy: null,
        assignedAt: event.at,
      }),
    }
  },
  'lead.rejected': (state, event) => ({
    ...changed(state),
    stage: 'rejected',
    disposition: dispositionOf(state, event, 'rejected'),
  }),
  'lead.returned': (state, event) => ({
    ...changed(state),
    stage: 'returned',
    disposition: dispositionOf(state, event, 'returned'),
  }),
  'lead.acceptance_undone': state => undo(state, 'accepted'),
  'lead.rejection_undone': state => undo(state, 'rejected'),
  'lead.snoozed': (state, event) => {
    const { by, until, text } = event.data as EventData['lead.snoozed']
    const before = stillSnoozed(state.snooze, event.at)
    const snooze = { until: new Date(until), by: new Types.ObjectId(by), at: event.at, text, before }
    return { ...changed(state), ...snoozed(state, state.stage === 'new' ? snooze : null) }
  },
  'lead.snooze_ended': (state, event) => {
    const { isUndo } = event.data as EventData['lead.snooze_ended']
    const before = isUndo ? stillSnoozed(state.snooze?.before ?? null, event.at) : null
    return { ...changed(state), ...snoozed(state, before && { ...before, before: null }) }
  },
  'lead.next_step_set': (_state, event) => {
    const { by, text, due } = event.data as EventData['lead.next_step_set']
    return { nextStep: text ? { text, due, by: new Types.ObjectId(by), at: event.at } : null }
  },
  'lead.contacted': (state, event) => ({
    ...changed(state),
    ...((state.stage === 'new' || state.stage === 'accepted') && {
      stage: 'contacted',
      disposition: state.disposition ?? dispositionOf(state, event, 'contacted'),
    }),
  }),
  'opportunity.opened': withDeal,
  'opportunity.won': withDeal,
  'opportunity.lost': (state, event) => {
    const next = withDeal(state, event)
    return { ...next, ...(next.deals.every(deal => deal.state === 'lost') && { stage: 'lost' }) }
  },
  'opportunity.reopened': withDeal,
}

function withDeal(state: LeadState, event: LedgerEvent) {
  return { ...stillOpen(state), deals: dealsAfter(state.deals, event) }
}

/** The events that change a lead. */
export const leadEventNames = Object.keys(steps) as EventName[]

type Awaited = Pick<LeadState, 'ownerTimeZone' | 'ownerClock' | 'snooze'>

/** Starts the clock for the first response. */
function awaited(since: Date, state: Awaited): Pick<LeadState, 'awaitedSince' | 'respondBy'> {
  return { awaitedSince: since, respondBy: responseDue(waitOf(since, state)) }
}

/** Starts the clock with everything that happens in time ahead of it. */
const awaitedAgain = (since: Date, state: Awaited) => ({ ...awaited(since, state), alertsDone: [] })

const waitOf = (since: Date, { ownerTimeZone, ownerClock, snooze }: Awaited) => ({
  since,
  timeZone: ownerTimeZone,
  clock: ownerClock,
  snoozedUntil: snooze && snooze.until,
})

const withAlert = ({ alertsDone }: LeadState, done: AlertKind) => [...new Set([...alertsDone, done])]

/** Returns a snooze that isn't over at a moment, without the one before it. */
function stillSnoozed(
  snooze: NonNullable<LeadState['snooze']>['before'],
  at: Date,
): NonNullable<LeadState['snooze']>['before'] {
  if (!snooze || snooze.until <= at) return null
  const { until, by, at: since, text } = snooze
  return { until, by, at: since, text }
}

function snoozed(state: LeadState, snooze: LeadState['snooze']) {
  return { snooze, ...(state.awaitedSince && awaited(state.awaitedSince, { ...state, snooze })) }
}

/** Counts a change by a teammate or the CRM. A response to a lead that has just cooled opens it again. */
const changed = (state: LeadState) => ({
  ...stillOpen(state),
  changeCount: state.changeCount + 1,
  snooze: null,
})
const stillOpen = ({ closed }: LeadState) => ({ closed: closed?.reason === 'cooled' ? null : closed })
const idOrNull = (id: string | null) => (id ? new Types.ObjectId(id) : null)

function dispositionOf(state: LeadState, event: LedgerEvent, kind: Disposition['kind']): Disposition {
  const data = event.data as EventData['lead.accepted'] & Partial<EventData['lead.rejected']>
  const { stage, owner, ownerTimeZone, ownerClock, assignedWhy, assignedAt, snooze } = state
  return {
    kind,
    by: idOrNull(data.by),
    at: event.at,
    source: data.source,
    reason: data.reason ?? null,
    text: data.text ?? '',
    before: { stage, owner, ownerTimeZone, ownerClock, assignedWhy, assignedAt, snooze },
  }
}

/** Returns the state before a disposition of this kind; a different one since then stays. */
function undo(state: LeadState, kind: Disposition['kind']): Partial<LeadState> {
  const { disposition } = state
  if (disposition?.kind !== kind || state.stage !== kind) return changed(state)
  return { ...changed(state), ...disposition.before, disposition: null }
}

function byTime(a: LedgerEvent, b: LedgerEvent): number {
  return a.at.getTime() - b.at.getTime() || order(a) - order(b) || (a._id < b._id ? -1 : 1)
}

/**
 * Orders events at the same moment: within a hand-off, what teammates did by its number (see change-lead.ts), then the
 * disqualification; what a CRM reported comes after all of them.
 */
function order({ _id, name, at, data }: LedgerEvent): number {
  if (name === 'lead.qualified' || name === 'lead.disqualified') {
    return handOffOrder({ _id, name, at, data }) + (name === 'lead.disqualified' ? 0.5 : 0)
  }
  // A next step changes nothing else, so it has no number.
  const isNumbered = name === 'lead.assigned' || ('by' in data && data.by && name !== 'lead.next_step_set')
  if (isNumbered) {
    const [sequence, number] = _id.split(':').slice(-2).map(Number)
    return sequence! + (1 + number!) / 1e6
  }
  return 1e9 + Object.keys(steps).indexOf(name)
}
