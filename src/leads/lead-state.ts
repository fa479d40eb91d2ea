import { Types } from 'mongoose'
import { hours, later } from '../platform/clock'
import type { Event } from '../events/event'
import type { EventName, EventData } from '../events/definitions'
import { ownDecisions } from '../scoring/eligibility'
import type { Lead, LeadStatus } from './lead'

/** The fields of a lead that follow from the ledger; see `leadState`. */
export type LeadState = Pick<
  Lead,
  | 'status'
  | 'rank'
  | 'shared'
  | 'qualifiedAt'
  | 'respondBy'
  | 'trigger'
  | 'sequence'
  | 'dispositionCount'
  | 'disposition'
  | 'closedReason'
  | 'amount'
  | 'currency'
  | 'outcomeAt'
  | 'lostReason'
>

/** The first response is due within four hours. */
const responseTime = hours(4)

type LedgerEvent = Pick<Event, '_id' | 'name' | 'at' | 'data'>

const rank: Record<LeadStatus, number> = {
  new: 0,
  accepted: 1,
  contacted: 1,
  opportunity: 1,
  won: 2,
  rejected: 3,
  lost: 4,
  closed: 5,
}

/**
 * Returns the state of a lead from the events of its person, in the order in which they happened (a CRM reports late
 * and out of order); null before the first hand-off.
 *
 * - A won deal stays won unless it is reopened.
 * - Another hand-off of a lead that sales is working on leaves its status as it is.
 * - An outcome dated before the first hand-off counts as after it: the CRM's clock is slow, or it knows only the day.
 */
export function leadState(ledger: readonly LedgerEvent[]): LeadState | null {
  const events = ledger.filter(({ name }) => name in steps).sort(byTime)
  const handOff = events.findIndex(({ name }) => name === 'lead.qualified')
  if (handOff > 0) events.unshift(...events.splice(handOff, 1))
  let state: LeadState | null = null
  for (const event of events) state = (steps[event.name] as Step)(state, event)
  return state && { ...state, rank: rank[state.status] }
}

type Step = (state: LeadState | null, event: LedgerEvent) => LeadState | null

const steps: { [N in EventName]?: Step } = {
  'lead.qualified': (state, event) => {
    const { trigger, sequence } = event.data as EventData['lead.qualified']
    if (state && inProgress.has(state.status)) return { ...state, sequence, trigger, shared: true }
    return {
      status: state?.status === 'won' ? 'won' : 'new',
      rank: 0,
      shared: true,
      qualifiedAt: event.at,
      respondBy: later(event.at, responseTime),
      trigger,
      sequence,
      dispositionCount: state?.dispositionCount ?? 0,
      disposition: null,
      closedReason: null,
      amount: state?.amount ?? null,
      currency: state?.currency ?? null,
      outcomeAt: state?.outcomeAt ?? null,
      lostReason: null,
    }
  },
  'lead.disqualified': (state, event) => {
    if (!state) return state
    const { reason } = event.data as EventData['lead.disqualified']
    const isOwnDecision = ownDecisions.has(reason)
    const closes =
      state.status === 'new' || (isOwnDecision && ['accepted', 'contacted'].includes(state.status))
    return {
      ...state,
      shared: state.shared && !isOwnDecision,
      ...(closes ? { status: 'closed' as const, closedReason: reason } : {}),
    }
  },
  'lead.accepted': unlessWon((state, event) => dispose(state, 'accepted', event)),
  'lead.rejected': unlessWon((state, event) => dispose(state, 'rejected', event)),
  'lead.acceptance_undone': unlessWon(state =>
    state.status === 'accepted'
      ? { ...state, status: 'new', disposition: null, dispositionCount: state.dispositionCount + 1 }
      : state,
  ),
  'lead.contacted': unlessWon(state =>
    state.status === 'new' || state.status === 'accepted' ? { ...state, status: 'contacted' } : state,
  ),
  'opportunity.opened': unlessWon((state, event) => ({ ...state, ...money(event), status: 'opportunity' })),
  'opportunity.won': (state, event) =>
    state && { ...state, ...money(event), status: 'won', outcomeAt: event.at, lostReason: null },
  'opportunity.lost': unlessWon((state, event) => ({
    ...state,
    status: 'lost',
    outcomeAt: event.at,
    lostReason: (event.data as EventData['opportunity.lost']).reason,
  })),
  'opportunity.reopened': state =>
    state && { ...state, status: 'opportunity', outcomeAt: null, lostReason: null },
}

const inProgress = new Set<LeadStatus>(['accepted', 'contacted', 'opportunity'])

function unlessWon(step: (state: LeadState, event: LedgerEvent) => LeadState): Step {
  return (state, event) => (state && state.status !== 'won' ? step(state, event) : state)
}

function dispose(state: LeadState, status: 'accepted' | 'rejected', event: LedgerEvent): LeadState {
  const data = event.data as EventData['lead.accepted'] & Partial<EventData['lead.rejected']>
  return {
    ...state,
    // A late acceptance doesn't set a deal back.
    status: status === 'accepted' && inProgress.has(state.status) ? state.status : status,
    dispositionCount: state.dispositionCount + 1,
    disposition: {
      by: data.by ? new Types.ObjectId(data.by) : null,
      at: event.at,
      source: data.source,
      reason: data.reason ?? null,
      text: data.text ?? '',
    },
    closedReason: null,
  }
}

function money(event: LedgerEvent): Partial<LeadState> {
  const { amount, currency } = event.data as EventData['opportunity.won']
  return amount === null || amount === undefined ? {} : { amount, currency }
}

function byTime(a: LedgerEvent, b: LedgerEvent): number {
  const responses = responseNumber(a) - responseNumber(b)
  return a.at.getTime() - b.at.getTime() || (Number.isNaN(responses) ? order(a) - order(b) : responses)
}

/** Responses of sales are numbered in their ids (see accept-lead.ts); NaN for every other event. */
function responseNumber({ _id, data }: LedgerEvent): number {
  return 'by' in data && data.by ? Number(_id.split(':').at(-1)) : NaN
}

/** At the same moment the hand-off comes first, and a disqualification last. */
function order({ name }: LedgerEvent): number {
  return name === 'lead.disqualified' ? Infinity : Object.keys(steps).indexOf(name)
}
