import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import {
  date,
  defineRecord,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'

export const proposalKinds = ['session', 'group'] as const
const proposalStates = ['open', 'accepted', 'declined'] as const

/**
 * What a learner who has completed a course would like to meet others about: a live session that they would hold or
 * hear, or a study group. One for each course and learner; the team decides, and sees it alone until then.
 */
export const SessionProposals = defineRecord(
  'SessionProposal',
  'session_proposals',
  {
    /** `course:person`. */
    _id: string(),
    person: objectId(),
    course: objectId(),
    kind: oneOf(proposalKinds),
    title: string(),
    text: string(),
    state: withDefault(oneOf(proposalStates), 'open'),
    /** 1 for the first one about the course; each later one replaces a decided one. */
    number: withDefault(number(), 1),
    /** What the team answers; may be empty. */
    answer: withDefault(string(), ''),
    decidedBy: nullable(objectId()),
    decidedAt: nullable(date()),
    createdAt: date(),
  },
  { indexes: [[{ person: 1 }], [{ state: 1, createdAt: 1 }]] },
)
export type SessionProposal = RecordOf<typeof SessionProposals>

/** The most proposals that the team sees at once; more than these wait at most. */
const maxProposals = 200

type NewProposal = Pick<SessionProposal, 'course' | 'kind' | 'title' | 'text'>

/**
 * Proposes a session or a study group. Sending the same form twice proposes it once.
 *
 * @throws 409 while another proposal of theirs about the course waits for an answer, and when too many wait.
 */
export async function propose(person: Types.ObjectId, proposal: NewProposal): Promise<void> {
  const _id = `${proposal.course}:${person}`
  const before = await SessionProposals.findById(_id)
  if (before?.state === 'open') {
    const isSame = before.title === proposal.title && before.text === proposal.text
    if (isSame) return
    throw conflict('academy:errors.sessions.proposalOpen')
  }
  const waiting = await SessionProposals.find({ state: 'open' }, { _id: 1 }).limit(maxProposals)
  if (waiting.length >= maxProposals) throw conflict('academy:errors.sessions.proposalsFull')
  const fields = {
    ...{ ...proposal, person, state: 'open' as const, answer: '', createdAt: now() },
    ...{ decidedBy: null, decidedAt: null },
  }
  if (!before) await SessionProposals.insertOnce({ _id, number: 1, ...fields })
  else {
    await SessionProposals.updateOne(
      { _id, number: before.number, state: before.state },
      { $set: fields, $inc: { number: 1 } },
    )
  }
}

/** Returns the proposals that wait for an answer, the oldest one first. */
export async function openProposals(): Promise<SessionProposal[]> {
  return SessionProposals.find({ state: 'open' }).sort({ createdAt: 1 }).limit(maxProposals)
}

/** Returns a person's proposals. */
export async function proposalsOf(person: Types.ObjectId): Promise<SessionProposal[]> {
  return SessionProposals.find({ person })
}

/**
 * Accepts or declines a proposal. Doing it twice changes nothing.
 *
 * @param number of the proposal that the decision is about.
 * @throws 409 when someone has decided it otherwise, or another one has taken its place.
 */
export async function decideProposal(
  { _id, number }: Pick<SessionProposal, '_id' | 'number'>,
  decision: { state: 'accepted' | 'declined'; answer: string },
  by: Types.ObjectId,
): Promise<void> {
  const change = { ...decision, decidedBy: by, decidedAt: now() }
  const { matchedCount } = await SessionProposals.updateOne({ _id, number, state: 'open' }, { $set: change })
  if (matchedCount || (await SessionProposals.exists({ _id, number, state: decision.state }))) return
  throw conflict('academy:errors.sessions.proposalDecided')
}
