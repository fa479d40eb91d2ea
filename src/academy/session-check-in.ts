import type { Response } from 'express'
import type { Person } from '../people/person'
import { minutes, now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { checkIn, isCheckInOpen } from '../sessions/attendance'
import { bookSeat, claimSeat } from '../sessions/book-seat'
import { isCheckInCode } from '../sessions/check-in-code'
import { LiveSessions, type LiveSession } from '../sessions/live-session'
import { isSessionFull, seatCountsOf, showsSession } from '../sessions/shown-sessions'
import type { Handler, MemberHandler } from '../web/handler'
import { signInPath } from '../web/local-path'
import { signedCookie } from '../web/signed-cookie'
import { textsOf } from '../web/texts'
import { pathsOf } from './room-context'
import { sessionContextOf } from './session-context'

/** Signing in, or up, takes longer than the code works: this browser was in the room when it scanned it. */
const proofMinutes = 20
const proof = signedCookie('check-in', minutes(proofMinutes))

/**
 * `GET /check-in/:token`: what the code in the room leads to. The token is the session's id and the code. It works
 * while it is shown and for half a minute more; a photo sent to a friend is useless then.
 */
export const scan: Handler = async (request, response, person) => {
  const [, id = '', code = ''] = /^([0-9a-f]{24})\.([\w-]{43})$/.exec(request.params.token) ?? []
  const session = id ? await LiveSessions.findById(id) : null
  if (!session) throw notFound()
  const isShown = await showsSession(response.locals.brand, session, person)
  // Whether there is such a session is only said to those who may know it, or are in its room.
  if (!isCheckInCode(session._id, code)) {
    if (!isShown) throw notFound()
    return showOutcome(response.status(410), session, 'old')
  }
  proof.set(response, `${id} ${now().getTime()}`)
  const { checkIn: path } = pathsOf(session)
  response.redirect(303, person ? path : signInPath(path))
}

/** `GET /sessions/:slug/check-in`: checks in who has a seat and has scanned the code; others can take a free seat. */
export const show: MemberHandler = async (request, response, person) => {
  const { session, booking } = sessionContextOf(response)
  const isIn = booking?.state === 'booked' && booking.presence?.checkedInAt
  if (isIn) return showOutcome(response, session, 'done')
  if (!hasProof(proof.read(request), session)) return showOutcome(response, session, 'scan')
  if (!isCheckInOpen(session)) return showOutcome(response, session, 'closed')
  if (await checkIn(session, person._id, 'code')) {
    // One scan is one person: nobody checks their friends in by signing in as each of them.
    proof.clear(response)
    return showOutcome(response, session, 'done')
  }
  const seats = (await seatCountsOf([session])).get(String(session._id))
  const isKept = booking?.state === 'offered' || booking?.state === 'paying'
  if (!isKept && (!seats || isSessionFull(seats, session))) return showOutcome(response, session, 'full')
  return showOutcome(response, session, isForWalkIns(session) ? 'noSeat' : 'bookFirst')
}

/** Whether a seat can be taken at the door: it costs nothing, and nothing has to be answered first. */
function isForWalkIns({ price, questions }: LiveSession): boolean {
  return price === null && !questions.some(({ isRequired }) => isRequired)
}

/** `POST /sessions/:slug/check-in`: takes a free seat for someone in the room, and checks them in. */
export const create: MemberHandler = async (request, response, person) => {
  const { session } = sessionContextOf(response)
  const isOpen = hasProof(proof.read(request), session) && isCheckInOpen(session)
  if (isOpen && isForWalkIns(session)) await takeSeatInRoom(session, person)
  response.redirect(303, pathsOf(session).checkIn)
}

/**
 * Takes a free seat, or the one that is offered to the person. Before the start, others who wait come first; from then
 * on it is whoever is in the room.
 */
async function takeSeatInRoom(session: LiveSession, { _id }: Person): Promise<void> {
  const { state } = await bookSeat(session, _id)
  if (state === 'offered') await claimSeat(session, _id)
}

function hasProof(text: string | null, { _id }: LiveSession): boolean {
  const [id, at] = (text ?? '').split(' ')
  const age = now().getTime() - Number(at)
  return id === String(_id) && age >= 0 && age <= minutes(proofMinutes)
}

type Outcome = 'done' | 'full' | 'noSeat' | 'bookFirst' | 'old' | 'scan' | 'closed'

function showOutcome(response: Response, session: LiveSession, outcome: Outcome): void {
  const { t } = textsOf(response)
  const { page, room, checkIn: action } = pathsOf(session)
  const title = t(`academy:liveSession.checkIn.${outcome}.title`)
  const isIn = outcome === 'done'
  response.render('academy/session/check-in', {
    head: { title, noindex: true },
    nav: 'sessions',
    outcomeIcon: isIn ? 'check-circle-fill' : null,
    title,
    text: t(`academy:liveSession.checkIn.${outcome}.text`, { title: session.title }),
    take: outcome === 'noSeat' ? { action, text: t('academy:liveSession.checkIn.take') } : null,
    link: isIn
      ? { href: room, text: t('academy:liveSession.checkIn.room') }
      : { href: page, text: session.title },
  })
}
