import type { Request } from 'express'
import { searchFilter } from '../platform/fold'
import { People, sharesWithSales } from '../people/person'
import { chosenStates, type ChosenState, type DeliveryChoice } from '../webhooks/delivery-choice'
import type { Endpoint } from '../webhooks/endpoint'
import { messageTypes, type MessageType } from '../webhooks/message-types'
import { edgeOfDay } from '../web/day-range'

/** The filters of a list of deliveries, as the address and the forms have them. Without a value, nothing is asked. */
export type AttemptFilter = {
  state: ChosenState | 'all'
  type: MessageType | ''
  /** The id of an endpoint, in the list of all of them. */
  endpoint: string
  /** The first and the last day, as `YYYY-MM-DD`. */
  from: string
  to: string
  /** A message id, an event, or words of a person's name, company or email address. */
  q: string
}

const longestSearch = 100
/** The most people that a search looks at; a page says when there are more. */
export const maxPeople = 500

/** The choice of all deliveries. */
export const noChoice: DeliveryChoice = {
  ...{ state: null, types: [], since: null, until: null },
  ...{ message: null, people: null, buyers: [] },
}

/** True while something is wrong with an endpoint: it fails, or was disabled for that. */
export function isFailing({ failingSince, state }: Pick<Endpoint, 'failingSince' | 'state'>): boolean {
  return failingSince !== null || state.startsWith('disabled')
}

/**
 * Reads the filters. A failing endpoint shows first what it hasn't got yet.
 *
 * @param endpoint whose list it is; null for that of all endpoints.
 */
export function readFilter(typed: Record<string, unknown>, endpoint: Endpoint | null): AttemptFilter {
  const text = (name: string) => (typeof typed[name] === 'string' ? typed[name].trim() : '')
  const state = chosenStates.find(each => each === text('state'))
  const day = (name: string) => (edgeOfDay(text(name), 'UTC', 'begin') ? text(name) : '')
  return {
    state: state ?? (text('state') === 'all' ? 'all' : defaultState(endpoint)),
    type: messageTypes.find(each => each === text('type')) ?? '',
    endpoint: !endpoint && /^[0-9a-f]{24}$/.test(text('endpoint')) ? text('endpoint') : '',
    from: day('from'),
    to: day('to'),
    q: text('q').slice(0, longestSearch),
  }
}

const defaultState = (endpoint: Endpoint | null): AttemptFilter['state'] =>
  endpoint && isFailing(endpoint) ? 'open' : 'all'

/** Returns the filters that differ from those of the plain page, for an address or hidden fields. */
export function parametersOfFilter(filter: AttemptFilter, endpoint: Endpoint | null): Record<string, string> {
  const { state, ...others } = filter
  const given = Object.entries(others).filter(([, value]) => value)
  return { ...(state !== defaultState(endpoint) && { state }), ...Object.fromEntries(given) }
}

/**
 * Returns what the filters choose, and whether a search names more people than it looks at. People are found by what
 * sales may read about them: those who share with sales, and the others only as buyers.
 */
export async function choiceOf(
  filter: AttemptFilter,
  timeZone: string,
): Promise<{ choice: DeliveryChoice; hasMorePeople: boolean }> {
  const { state, type, from, to, q } = filter
  const isId = q.startsWith('msg_')
  const events = isId || !q ? [] : eventsNamed(q)
  const types = [...(type ? [type] : []), ...events]
  const both = type && events.length ? events.filter(each => each === type) : types
  const found = q && !isId && !events.length ? await peopleFound(q) : null
  const choice = {
    state: state === 'all' ? null : state,
    types: type && events.length && !both.length ? [] : both,
    since: edgeOfDay(from, timeZone, 'begin'),
    until: edgeOfDay(to, timeZone, 'end'),
    // Two events at once match nothing, as an id that no message has does.
    message: isId ? q : type && events.length && !both.length ? 'none' : null,
    people: found?.people ?? null,
    buyers: found?.buyers ?? [],
  }
  return { choice, hasMorePeople: found?.hasMore ?? false }
}

/** Returns the message types that a search names: by their whole name, or by all of one side of the dot. */
function eventsNamed(q: string): MessageType[] {
  const typed = q.toLowerCase().replaceAll(' ', '_')
  return messageTypes.filter(type => type === typed || type.split('.').includes(typed))
}

/** Whom a search names: those who share with sales, and the others, as whom they bought; and if there are more. */
type Found = { people: DeliveryChoice['buyers']; buyers: DeliveryChoice['buyers']; hasMore: boolean }

/** Returns the people whom a search names, at most `maxPeople`. */
async function peopleFound(q: string): Promise<Found> {
  const filter = { ...searchFilter(q), erasedAt: null }
  const all = await People.find(filter, { consents: 1, sharingPausedAt: 1 }).limit(maxPeople + 1)
  const found = all.slice(0, maxPeople)
  const people = found.filter(sharesWithSales).map(({ _id }) => _id)
  const buyers = found.filter(each => !sharesWithSales(each)).map(({ _id }) => _id)
  return { people, buyers, hasMore: all.length > maxPeople }
}

/** Returns the query of an address as fields. */
export const queryOf = (request: Pick<Request, 'query'>) => request.query as Record<string, unknown>
