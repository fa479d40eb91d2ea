import type { Response } from 'express'
import { z } from 'zod'
import { HttpError } from '../platform/errors'
import type { Person } from '../people/person'
import type { LiveSession } from '../sessions/live-session'
import { pollsOf, pollVotesOf, voteInPoll } from '../sessions/poll'
import type { MemberHandler } from '../web/handler'
import { pollView } from '../web/poll-view'
import { textsOf } from '../web/texts'
import { openRoom, pathsOf } from './room-context'

// Nothing chosen is no vote for the first option.
const schema = z.object({
  option: z
    .string()
    .regex(/^\d{1,2}$/)
    .transform(Number),
})

/** `POST /sessions/:slug/polls/:entry/vote`: votes in a poll, or changes the vote while it is open. */
export const create: MemberHandler = async (request, response, person) => {
  const session = openRoom(response)
  const { success, data } = schema.safeParse(request.body)
  if (!success) throw new HttpError(422, 'web:errors.chooseOne')
  await voteInPoll(session._id, request.params.entry, person._id, data.option)
  response.redirect(303, `${pathsOf(session).room}#polls`)
}

/** Returns the polls that people in the room see: open ones to vote in, closed ones, and results. */
export async function roomPollsView(response: Response, session: LiveSession, person: Person) {
  const texts = textsOf(response)
  const polls = (await pollsOf(session._id)).filter(({ state }) => state !== 'prepared')
  const votes = polls.length ? await pollVotesOf(session._id, person._id) : new Map<string, number>()
  return polls.reverse().map(poll => ({
    ...pollView(texts, poll, poll.state === 'shown' ? poll.counts : null, votes.get(String(poll._id))),
    action: `${pathsOf(session).page}/polls/${String(poll._id)}/vote`,
  }))
}
