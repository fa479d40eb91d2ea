import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { record } from '../events/record'
import { People, type Person } from '../people/person'
import { areColleagues } from '../people/team-member'
import { days } from '../platform/clock'
import { hmacOf, isHmacOf } from '../platform/hmac'
import type { LiveSession } from '../sessions/live-session'
import { signedCookie } from '../web/signed-cookie'
import { sessionPath } from './session-row'

/*
 * A link for colleagues. It opens nothing: it only says who sent it, so that someone at the same company who books from
 * it counts as an active colleague of the sender.
 */

const cookie = signedCookie('session-colleague', days(7))

/** Returns the address of a session that a learner sends to colleagues. */
export function colleagueLink(baseUrl: string, session: LiveSession, { _id }: Pick<Person, '_id'>): string {
  return `${baseUrl}${sessionPath(session)}?via=${_id}.${hmacOf('session-colleague', `${session._id}.${_id}`)}`
}

/** Remembers in the browser who sent the link that was opened. Returns whether it is one. */
export function rememberColleague(request: Request, response: Response, session: LiveSession): boolean {
  const { via } = request.query
  if (typeof via !== 'string') return false
  const [person = '', signature = ''] = via.split('.')
  const isOurs = isHmacOf('session-colleague', `${session._id}.${person}`, signature)
  if (isOurs) cookie.set(response, `${session._id}.${person}`)
  return true
}

/** Records for the sender of the link that a colleague takes part, if they are colleagues; once. */
export async function recordColleague(
  request: Request,
  response: Response,
  session: LiveSession,
  person: Person,
): Promise<void> {
  const [id, sender = ''] = cookie.read(request)?.split('.') ?? []
  if (id !== String(session._id) || !Types.ObjectId.isValid(sender)) return
  cookie.clear(response)
  const from = await People.findById(sender)
  if (!from || from._id.equals(person._id) || from.role !== 'prospect' || !areColleagues(from, person)) return
  await record({
    name: 'colleague.active',
    person: from._id,
    idempotencyKey: [person._id],
    data: { colleague: String(person._id), name: person.name, title: person.title },
  })
}
