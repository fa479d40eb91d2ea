import { isObjectIdOrHexString, type Types } from 'mongoose'
import type { Event } from '../events/event'
import { now } from '../platform/clock'
import { conflict, HttpError, notFound } from '../platform/errors'
import {
  date,
  defineRecord,
  list,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'

/** A host prepares a poll, opens it, closes it and shows how people voted. */
const pollStates = ['prepared', 'open', 'closed', 'shown'] as const
export type PollState = (typeof pollStates)[number]

/** The most polls of a session and characters of a question and an option, and how many options one has. */
export const pollCaps = { polls: 12, question: 200, option: 120, options: { min: 2, max: 8 } }

/** What a host asks everyone in a session. */
export const SessionPolls = defineRecord(
  'SessionPoll',
  'session_polls',
  {
    session: objectId(),
    question: string(),
    options: list(string()),
    state: withDefault(oneOf(pollStates), 'prepared'),
    /** The votes for each option when the result was last shown; empty before. */
    counts: list(number()),
    createdAt: date(),
  },
  { indexes: [[{ session: 1, createdAt: 1 }]] },
)
export type SessionPoll = RecordOf<typeof SessionPolls>

/** One person's vote in one poll. Only its owner learns it; everyone else sees numbers. */
export const PollVotes = defineRecord(
  'PollVote',
  'session_poll_votes',
  {
    /** `poll:person`: nobody votes twice. */
    _id: string(),
    poll: objectId(),
    session: objectId(),
    person: objectId(),
    /** The number of the option, from 0. */
    option: number(),
    at: date(),
  },
  { indexes: [[{ poll: 1, option: 1 }], [{ session: 1, person: 1 }], [{ person: 1 }]] },
)

/**
 * Prepares a poll.
 *
 * @param poll `_id` follows from the form, so that sending it twice makes one.
 * @throws 409 when the session has too many.
 */
export async function preparePoll(poll: {
  _id: Types.ObjectId
  session: Types.ObjectId
  question: string
  options: string[]
}): Promise<void> {
  const isNew = await SessionPolls.insertOnce({ ...poll, createdAt: now() })
  if (!isNew || (await SessionPolls.count({ session: poll.session })) <= pollCaps.polls) return
  await SessionPolls.deleteOne({ _id: poll._id })
  throw conflict('studio:liveSession.errors.polls', { count: pollCaps.polls })
}

const statesBefore: Record<Exclude<PollState, 'prepared'>, PollState[]> = {
  open: ['prepared', 'closed', 'shown'],
  closed: ['open', 'shown'],
  shown: ['closed', 'open'],
}

/**
 * Opens a poll, which closes another one that is open; closes it, or shows how people voted. Repeating it changes
 * nothing.
 *
 * @throws 404 for a poll that isn't in the session.
 */
export async function setPollState(
  session: Types.ObjectId,
  poll: string,
  state: Exclude<PollState, 'prepared'>,
): Promise<void> {
  const found = await pollIn(session, poll)
  if (state === 'open') {
    await SessionPolls.updateMany(
      { session, _id: { $ne: found._id }, state: 'open' },
      { $set: { state: 'closed' } },
    )
  }
  await SessionPolls.updateOne(
    { _id: found._id, state: { $in: statesBefore[state] } },
    // Nobody votes from here on, so that what is counted next stays true.
    { $set: { state: state === 'shown' ? 'closed' : state } },
  )
  if (state !== 'shown') return
  const counts = await countVotes(found)
  await SessionPolls.updateOne({ _id: found._id, state: 'closed' }, { $set: { state, counts } })
}

/**
 * Removes a poll with its votes.
 *
 * @throws 404 for a poll that isn't in the session.
 */
export async function removePoll(session: Types.ObjectId, poll: string): Promise<void> {
  const { _id } = await pollIn(session, poll)
  await SessionPolls.deleteOne({ _id })
  await PollVotes.deleteMany({ poll: _id })
}

/**
 * Votes in an open poll, or changes the vote.
 *
 * @param option the number of the option, from 0.
 * @throws 404 for a poll that isn't in the session; 409 when it isn't open; 422 for an option that it doesn't have.
 */
export async function voteInPoll(
  session: Types.ObjectId,
  poll: string,
  person: Types.ObjectId,
  option: number,
): Promise<void> {
  const { _id, state, options } = await pollIn(session, poll)
  if (state === 'prepared') throw notFound()
  if (state !== 'open') throw conflict('academy:errors.sessions.pollClosed')
  if (!(option in options)) throw new HttpError(422, 'web:errors.chooseOne')
  await PollVotes.updateOne(
    { _id: `${_id}:${person}` },
    { $set: { poll: _id, session, person, option, at: now() } },
    { upsert: true },
  )
}

/** Returns the votes for each option, in their order. */
export function countVotes({ _id, options }: Pick<SessionPoll, '_id' | 'options'>): Promise<number[]> {
  return Promise.all(options.map((_, option) => PollVotes.count({ poll: _id, option })))
}

/** Returns the polls of a session in the order in which they were prepared. */
export async function pollsOf(session: Types.ObjectId): Promise<SessionPoll[]> {
  return SessionPolls.find({ session }).sort({ createdAt: 1 })
}

/** Returns the options that a person has chosen, by the ids of the polls. */
export async function pollVotesOf(
  session: Types.ObjectId,
  person: Types.ObjectId,
): Promise<Map<string, number>> {
  const votes = await PollVotes.find({ session, person }, { poll: 1, option: 1 })
  return new Map(votes.map(({ poll, option }) => [String(poll), option]))
}

/** Reaction to `person.erased`: deletes their votes. */
export async function deletePollVotesOfErased({ person }: Pick<Event, 'person'>): Promise<void> {
  await PollVotes.deleteMany({ person })
}

async function pollIn(session: Types.ObjectId, poll: string): Promise<SessionPoll> {
  const found = isObjectIdOrHexString(poll) ? await SessionPolls.findOne({ _id: poll, session }) : null
  if (!found) throw notFound()
  return found
}
