import type { Request, Response } from 'express'
import { isObjectIdOrHexString, Types } from 'mongoose'
import { namesOf } from '../people/names'
import { notFound } from '../platform/errors'
import { secretRoutes, secretUrl } from '../platform/secret-routes'
import { fold } from '../platform/fold'
import { checkIn, isCheckInOpen, undoCheckIn } from '../sessions/attendance'
import { SessionBookings } from '../sessions/booking'
import { checkInCode, checkInStep, qrCode } from '../sessions/check-in-code'
import type { LiveSession } from '../sessions/live-session'
import { setFlash } from '../web/flash'
import type { MemberHandler } from '../web/handler'
import { partOf, sendState } from '../web/live-state'
import { parametersOf } from '../web/parameters'
import { pageZone } from '../web/reader-zone'
import { textsOf, type Texts } from '../web/texts'
import { sessionOf } from './session-guard'
import { sessionUrl } from './session-page'

const pathOf = (session: LiveSession) => `${sessionUrl(session)}/check-in`
const maxListed = 300

/** `GET /studio/sessions/:id/check-in?q=`: the code to scan, and the list of those who have booked. */
export const show: MemberHandler = async (request, response) => {
  const session = await sessionOf(request)
  if (session.kind !== 'room') throw notFound()
  const texts = textsOf(response)
  const { t } = texts
  const { q = '', reload } = parametersOf(request)
  // Without scripts, the page loads itself again often enough for the code in it to work.
  if (reload) response.set('refresh', String(checkInStep / 2000))
  response.render('studio/session/check-in', {
    layout: 'studio',
    nav: 'sessions',
    head: { title: t('studio:liveSession.checkIn.title', { title: session.title }), noindex: true },
    scripts: ['/js/room.js', '/js/zone.js'],
    zone: pageZone(request),
    title: session.title,
    path: pathOf(session),
    back: {
      href: `${sessionUrl(session)}/live`,
      text: t('studio:liveSession.checkIn.back'),
    },
    search: { value: q.slice(0, 100), label: t('studio:liveSession.checkIn.find') },
    list: await listView(texts, session, q.slice(0, 100), pageZone(request)),
    code: await codeView(response, session),
  })
}

/** `GET …/check-in/state`: the code of now and how many have come, or 204. */
export const sendCode: MemberHandler = async (request: Request, response) => {
  const code = await codeView(response, await sessionOf(request))
  sendState(request, response, {
    parts: { code: partOf(response, 'studio/session/check-in-code', { code }) },
    announce: '',
  })
}

async function codeView(response: Response, session: LiveSession) {
  const { t, number } = textsOf(response)
  const booked = { session: session._id, state: 'booked' as const }
  const [total, came] = await Promise.all([
    SessionBookings.count(booked),
    SessionBookings.count({ ...booked, 'presence.checkedInAt': { $ne: null } }),
  ])
  const token = `${String(session._id)}.${checkInCode(session._id)}`
  const isOpen = isCheckInOpen(session)
  return {
    svg: isOpen ? await qrCode(secretUrl(response.locals.baseUrl, secretRoutes.checkIn, token)) : null,
    closed: t('studio:liveSession.checkIn.closed'),
    came: number(came),
    of: t('studio:liveSession.checkIn.came', { count: total }),
  }
}

/** The people with a seat, by name; those whose names have what is searched for. */
async function listView({ t, timeIn }: Texts, session: LiveSession, q: string, timeZone: string) {
  const bookings = await SessionBookings.find(
    { session: session._id, state: 'booked' },
    { person: 1, presence: 1, outcome: 1 },
  )
  const names = await namesOf(bookings.map(({ person }) => person))
  const wanted = fold(q.trim())
  const found = bookings
    .map(({ person, presence, outcome }) => ({
      person,
      presence,
      outcome,
      name: names.get(String(person)) ?? '',
    }))
    .filter(({ name }) => fold(name).includes(wanted))
    .sort((a, b) => a.name.localeCompare(b.name))
  return {
    rows: found.slice(0, maxListed).map(({ person, presence, outcome, name }) => {
      const at = presence?.checkedInAt ?? null
      const action = `${sessionUrl(session)}/attendees/${String(person)}/check-in`
      return {
        id: `attendee-${String(person)}`,
        name,
        came: at && t('studio:liveSession.checkIn.cameAt', { time: timeIn(at, timeZone) }),
        action: at ? `${action}/removal` : action,
        // What was counted is in the ledger.
        canChange: !at || outcome === null,
        button: t(`studio:liveSession.checkIn.${at ? 'undo' : 'checkIn'}`),
        label: t(`studio:liveSession.checkIn.${at ? 'undoLabel' : 'checkInLabel'}`, { name }),
      }
    }),
    none: t(`studio:liveSession.checkIn.${bookings.length ? 'noneFound' : 'nobody'}`),
    more: t('studio:liveSession.checkIn.more', { count: found.length - maxListed }),
    hasMore: found.length > maxListed,
  }
}

/** `POST …/attendees/:person/check-in`: a host checks someone in. */
export const create: MemberHandler = async (request, response) => {
  const session = await sessionOf(request)
  const isIn = await checkIn(session, attendee(request.params.person), 'host')
  if (!isIn) {
    setFlash(response, { kind: 'error', bold: textsOf(response).t('studio:liveSession.checkIn.notNow') })
  }
  response.redirect(303, `${pathOf(session)}#attendee-${request.params.person}`)
}

/** `POST …/attendees/:person/check-in/removal`: takes that back. */
export const destroy: MemberHandler = async (request, response) => {
  const session = await sessionOf(request)
  await undoCheckIn(session, attendee(request.params.person))
  response.redirect(303, `${pathOf(session)}#attendee-${request.params.person}`)
}

function attendee(id: string): Types.ObjectId {
  if (!isObjectIdOrHexString(id)) throw notFound()
  return new Types.ObjectId(id)
}
