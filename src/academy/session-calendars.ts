import type { Response } from 'express'
import { z } from 'zod'
import { calendarFeed, invitationFile } from '../mail/calendar'
import type { Person } from '../people/person'
import { hours } from '../platform/clock'
import { notFound } from '../platform/errors'
import { secretRoutes, secretUrl } from '../platform/secret-routes'
import { bookingsOf } from '../sessions/booking'
import { calendarEventOf } from '../sessions/calendar-event'
import {
  calendarOfToken,
  calendarToken,
  createCalendar,
  endCalendar,
  sessionCalendarOf,
} from '../sessions/session-calendar'
import { LiveSessions, type LiveSession } from '../sessions/live-session'
import { sessionsOf } from '../sessions/shown-sessions'
import { setFlash } from '../web/flash'
import type { Handler, MemberHandler } from '../web/handler'
import { keepForEveryoneInLanguage } from '../web/public-response'
import { textsOf } from '../web/texts'
import { isActiveBooking, sessionContextOf } from './session-context'
import { shownSeries } from './session-series'

/** How often calendars shall read a feed, and how long before a session they remind. */
const [refreshAfter, remindBefore] = [hours(2), [hours(1)]]
/** The most sessions in a feed. */
const maxEvents = 300

function sendCalendar(response: Response, name: string, text: string): void {
  response.attachment(name).type('text/calendar').send(text)
}

/**
 * `GET /sessions/:slug/calendar.ics`: the session as everyone may know it; for who has a seat, the invitation in their
 * name.
 */
export const showSession: Handler = (_request, response, person) => {
  const { session, booking } = sessionContextOf(response)
  if (session.state === 'draft') throw notFound()
  const event = calendarEventOf(session, response.locals.brand)
  const isBooked = booking?.state === 'booked' && isActiveBooking(booking)
  const text =
    person && isBooked && session.state === 'published'
      ? invitationFile(event, person, 'REQUEST')
      : calendarFeed([event], { name: '' })
  sendCalendar(response, `${session.slug}.ics`, text)
}

/** `GET /sessions.ics`: all sessions of the brand that everyone may see. */
export const showAll: Handler = async (_request, response) => {
  const sessions = await sessionsOf(response.locals.brand, null)
  const name = textsOf(response).t('academy:sessions.calendar.all')
  keepForEveryoneInLanguage(response, 300)
  sendFeed(response, 'sessions.ics', sessions, name)
}

/** `GET /sessions/series/:slug/calendar.ics`: the sessions of a series that the reader sees. */
export const showSeries: Handler = async (request, response, person) => {
  const { series, sessions } = await shownSeries(response, request.params.slug!, person)
  sendFeed(response, `${series.slug}.ics`, sessions, series.title)
}

function sendFeed(response: Response, file: string, sessions: readonly LiveSession[], name: string): void {
  const events = sessions.slice(-maxEvents).map(session => calendarEventOf(session, response.locals.brand))
  sendCalendar(response, file, calendarFeed(events, { name, remindBefore, refreshAfter }))
}

/** `GET /learning/calendar`: the address of the reader's own calendar, and how to begin, replace and end it. */
export const showOwnAddress: MemberHandler = async (_request, response, person) => {
  const { t } = textsOf(response)
  const calendar = await sessionCalendarOf(person._id)
  const url =
    calendar && secretUrl(response.locals.baseUrl, secretRoutes.sessionCalendar, calendarToken(calendar))
  response.render('academy/session-calendar', {
    head: { title: t('academy:sessions.calendar.title'), noindex: true },
    nav: 'learning',
    scripts: ['/js/copy.js'],
    url,
    /** Opens the reader's calendar where there is one. */
    appUrl: url?.replace(/^https?:/, 'webcal:') ?? null,
    number: calendar?.number ?? null,
  })
}

/** `POST /learning/calendar`: gives the reader an address of their own. */
export const createOwn: MemberHandler = async (_request, response, person) => {
  await createCalendar(person._id)
  done(response, 'created')
}

const numberForm = z.object({ number: z.coerce.number().int().min(1).max(1e9) })

/** `POST /learning/calendar/rotation`: another address. The one before it answers nothing. */
export const replaceOwn: MemberHandler = (request, response, person) =>
  end(request.body, response, person, false)

/** `POST /learning/calendar/removal`: no address. */
export const removeOwn: MemberHandler = (request, response, person) =>
  end(request.body, response, person, true)

async function end(body: unknown, response: Response, person: Person, isRemoved: boolean): Promise<void> {
  const { data } = numberForm.safeParse(body)
  if (!data) throw notFound()
  await endCalendar(person._id, { ...data, isRemoved })
  done(response, isRemoved ? 'removed' : 'rotated')
}

function done(response: Response, what: string): void {
  setFlash(response, { kind: 'done', bold: textsOf(response).t(`academy:sessions.calendar.done.${what}`) })
  response.redirect(303, '/learning/calendar')
}

/**
 * `GET /session-calendars/:token`: the sessions in which the owner has a seat; those that were cancelled stay, as
 * cancelled ones.
 *
 * @throws 404 for an address that was replaced or removed, whose owner may not sign in, or that isn't ours.
 */
export const showBooked: Handler = async (request, response) => {
  const owner = await calendarOfToken(request.params.token)
  if (!owner) throw notFound()
  const bookings = (await bookingsOf(owner._id)).filter(
    ({ state }) => state === 'booked' || state === 'cancelled',
  )
  const byId = new Map(bookings.map(booking => [String(booking.session), booking]))
  const sessions = await LiveSessions.find({ _id: { $in: bookings.map(({ session }) => session) } })
  const events = sessions
    .filter(({ _id, state }) => byId.get(String(_id))?.state === 'booked' || state === 'cancelled')
    .filter(({ state }) => state !== 'draft')
    .slice(0, maxEvents)
    .map(session => calendarEventOf(session, response.locals.brand))
  const name = textsOf(response).t('academy:sessions.calendar.own')
  response.type('text/calendar').send(calendarFeed(events, { name, remindBefore, refreshAfter }))
}
