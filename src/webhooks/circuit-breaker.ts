import { later, now, seconds } from '../platform/clock'
import { minFailureSpan, Endpoints, disableAfter, type Endpoint } from './endpoint'
import type { CallResult } from './post'
import type { Slot } from './slots'

const unansweredLimit = 5
const breaker = seconds(30)

/**
 * Notes on a receiver what came of a call, and gives the turn back. Five calls in a row without any answer open the breaker for
 * 30 s. It is switched off for good by a 410, and by itself after 120 h without a success, if it failed at moments at least 12 h
 * apart. Answers the receiver as it stands afterwards.
 */
export async function recordCall(turn: Slot, answer: CallResult): Promise<Endpoint> {
  const moment = now()
  const back = { $pull: { slots: { token: turn.token } } }
  if (answer.ok) {
    return changed(turn, {
      ...back,
      $set: { lastSuccessAt: moment, failingSince: null, unanswered: 0, breakerUntil: null },
    })
  }
  const unanswered = answer.status === null
  await Endpoints.updateOne({ _id: turn.endpoint, failingSince: null }, { $set: { failingSince: moment } })
  const after = await changed(turn, {
    ...back,
    $set: {
      lastFailure: { at: moment, status: answer.status, error: answer.error },
      ...(unanswered ? {} : { unanswered: 0 }),
    },
    ...(unanswered ? { $inc: { unanswered: 1 } } : {}),
  })
  const change = consequence(after, answer, moment)
  return change ? changed(turn, { $set: change }) : after
}

/** What a failed call changes about a receiver beyond its counters. */
function consequence(endpoint: Endpoint, answer: CallResult, moment: Date): Partial<Endpoint> | null {
  if (endpoint.state !== 'active') return null
  if (answer.status === 410) return { state: 'disabled_gone' }
  const since = endpoint.lastSuccessAt ?? endpoint.createdAt
  const silence = moment.getTime() - since.getTime()
  const spread = moment.getTime() - (endpoint.failingSince ?? moment).getTime()
  if (silence >= disableAfter && spread >= minFailureSpan) return { state: 'disabled_auto' }
  return endpoint.unanswered >= unansweredLimit ? { breakerUntil: later(moment, breaker) } : null
}

async function changed(turn: Slot, update: Record<string, unknown>): Promise<Endpoint> {
  const endpoint = await Endpoints.findOneAndUpdate({ _id: turn.endpoint }, update, {
    returnDocument: 'after',
  }).lean<Endpoint>()
  if (!endpoint) throw new Error(`there is no receiver ${turn.endpoint}`)
  return endpoint
}
