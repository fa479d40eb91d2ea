import type { Response } from 'express'
import { z } from 'zod'
import type { Person } from '../people/person'
import { forbidden, HttpError } from '../platform/errors'
import { later, minutes, now } from '../platform/clock'
import { addPageSeconds, joinSession, roomPhaseOf, roomTimesOf } from '../sessions/attendance'
import type { SessionBooking } from '../sessions/booking'
import type { LiveSession } from '../sessions/live-session'
import { setFlash } from '../web/flash'
import type { MemberHandler } from '../web/handler'
import { pageZone } from '../web/reader-zone'
import { partOf, sendState } from '../web/live-state'
import { textsOf } from '../web/texts'
import { pathsOf, runsSession, seatIn } from './room-context'
import { sessionContextOf } from './session-context'
import { roomPollsView } from './session-polls'
import { questionsView } from './session-questions'

/**
 * `GET /sessions/:slug/room`: where people with a seat, and the hosts, are during a session. Everyone else is led to
 * the session's page.
 */
export const show: MemberHandler = async (request, response, person) => {
  const { session } = sessionContextOf(response)
  const { page, room } = pathsOf(session)
  const texts = textsOf(response)
  const { t, timeIn, dateIn, zoneName } = texts
  const [booking, isHost] = [seatIn(response), runsSession(person, session)]
  if (!(booking || isHost) || session.state !== 'published') {
    setFlash(response, { kind: 'warning', bold: t('academy:liveSession.room.noSeat') })
    return response.redirect(303, page)
  }
  const timeZone = pageZone(request)
  const phase = roomPhaseOf(session)
  const { opensAt } = roomTimesOf(session)
  const isOnline = session.kind === 'online'
  const isOpen = phase === 'open'
  const times = { from: timeIn(session.startsAt, timeZone), to: timeIn(session.endsAt, timeZone) }
  const sentences = {
    ahead: t('academy:liveSession.room.ahead', { time: dateIn(opensAt, timeZone) }),
    open: t(`academy:liveSession.room.open.${session.kind}`, times),
    over: t('academy:liveSession.room.over'),
  }
  response.render('academy/session/room', {
    head: { title: t('academy:liveSession.room.title', { title: session.title }), noindex: true },
    nav: 'sessions',
    scripts: ['/js/zone.js', '/js/room.js'],
    zone: timeZone,
    title: session.title,
    back: { href: page, text: t('academy:liveSession.room.back') },
    sentence: sentences[phase],
    zoneText: t('academy:liveSession.room.zone', { zone: zoneName(timeZone) }),
    phase,
    room,
    join: isOpen && isOnline && booking ? joinView(response, session, booking) : null,
    place: session.kind === 'room' ? session.place : null,
    attendance: t(`academy:liveSession.room.attendance.${session.kind}`),
    heartbeat: isOpen && isOnline && booking?.presence?.joinedAt ? `${room}/heartbeats` : null,
    hand: isOpen && booking ? handView(response, session, booking) : null,
    host: isHost ? `/studio/sessions/${String(session._id)}/live` : null,
    ...(await liveParts(request, response, session, person)),
  })
}

function joinView(response: Response, session: LiveSession, { presence }: SessionBooking) {
  const { t } = textsOf(response)
  if (!session.joinUrl) return { href: null, text: t('academy:liveSession.room.noAddress') }
  return {
    href: `${pathsOf(session).room}/meeting`,
    text: t(`academy:liveSession.room.${presence?.joinedAt ? 'joinAgain' : 'join'}`),
  }
}

function handView(response: Response, session: LiveSession, { handRaisedAt }: SessionBooking) {
  const { t } = textsOf(response)
  const href = `${pathsOf(session).page}/contact-request`
  return { href, raised: handRaisedAt && t('academy:liveSession.hand.raised') }
}

/** What changes while people are in the room. */
async function liveParts(...[request, response, session, person]: [...Rest, LiveSession, Person]) {
  const [questions, polls] = await Promise.all([
    questionsView(response, session, person, 'room'),
    roomPollsView(response, session, person),
  ])
  const open = polls.find(({ isOpen }) => isOpen)
  const { t } = textsOf(response)
  const announce = open ? t('academy:liveSession.polls.opened', { question: open.question }) : ''
  return { questions, polls, announce, agenda: agendaView(response, session, pageZone(request)) }
}
type Rest = [request: Parameters<MemberHandler>[0], response: Response]

/** Returns what happens by the minute, with what is on now. */
function agendaView(response: Response, { startsAt, endsAt, agenda }: LiveSession, timeZone: string) {
  const { timeIn } = textsOf(response)
  const moment = now()
  const points = [...agenda].sort((a, b) => a.minute - b.minute)
  const startOf = (n: number) => (points[n] ? later(startsAt, minutes(points[n].minute)) : endsAt)
  return points.map(({ text }, n) => ({
    text,
    time: timeIn(startOf(n), timeZone),
    isNow: startOf(n) <= moment && moment < startOf(n + 1),
  }))
}

/**
 * `GET /sessions/:slug/room/state`: what changes in the room, as HTML by the id of its part, and what to announce. Its
 * page asks for it every 10 seconds, and gets 204 while nothing has changed.
 */
export const sendRoomState: MemberHandler = async (request, response, person) => {
  const { session } = sessionContextOf(response)
  if (!runsSession(person, session) && !seatIn(response)) throw forbidden()
  const values = await liveParts(request, response, session, person)
  const html = (view: string) => partOf(response, `academy/session/${view}`, values)
  sendState(request, response, {
    parts: {
      agenda: html('room-agenda'),
      polls: html('polls'),
      ...(values.questions && { 'question-list': html('question-list') }),
    },
    announce: values.announce,
  })
}

/**
 * `GET /sessions/:slug/room/meeting`: leads to the meeting, whose address no page has. A link, since our policy keeps
 * forms on this site; opening it twice changes nothing.
 */
export const goToMeeting: MemberHandler = async (_request, response, person) => {
  const { session } = sessionContextOf(response)
  const isIn = session.joinUrl !== '' && (await joinSession(session, person._id))
  if (!isIn) return response.redirect(303, pathsOf(session).room)
  response.set('referrer-policy', 'no-referrer').redirect(303, session.joinUrl)
}

const heartbeatSchema = z.object({ seconds: z.coerce.number().min(0).max(86_400) })

/** `POST /sessions/:slug/room/heartbeats`: how long the room was before someone since the last one. */
export const createHeartbeat: MemberHandler = async (request, response, person) => {
  const { success, data } = heartbeatSchema.safeParse(request.body)
  if (!success) throw new HttpError(422, 'academy:errors.unreadableHeartbeat')
  await addPageSeconds(sessionContextOf(response).session, person._id, data.seconds)
  response.status(204).end()
}
