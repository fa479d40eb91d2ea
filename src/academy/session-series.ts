import type { Response } from 'express'
import { Certificates } from '../learning/certificate'
import type { Person } from '../people/person'
import { now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { bookSeat } from '../sessions/book-seat'
import { bookingsOf, type SessionBooking } from '../sessions/booking'
import { SessionSeries, type LiveSession } from '../sessions/live-session'
import { seatCountsOf, sessionsOf, type SeatCounts } from '../sessions/shown-sessions'
import { setFlash } from '../web/flash'
import type { Handler, MemberHandler } from '../web/handler'
import { pageZone, readerZone } from '../web/reader-zone'
import { textsOf, type Texts } from '../web/texts'
import { anonymousPage } from './anonymous-page'
import { bookAllView, openParts } from './book-all'
import { recordColleague } from './session-colleagues'
import { isBookable, seriesPath, sessionRow } from './session-row'

/**
 * Returns a series with those of its sessions that the brand shows to the visitor, by time.
 *
 * @throws 404 when that is none of them.
 */
export async function shownSeries(response: Response, slug: string, person: Person | null) {
  const series = await SessionSeries.findOne({ slug })
  const shown = series ? await sessionsOf(response.locals.brand, person) : []
  const sessions = shown.filter(each => series?._id.equals(each.series ?? ''))
  if (!series || !sessions.length) throw notFound()
  return { series, sessions }
}

/** `GET /sessions/series/:slug`: the dates of a series, and which of them the reader has booked and attended. */
export const show: Handler = async (request, response, person) => {
  const { series, sessions } = await shownSeries(response, request.params.slug!, person)
  const zone = pageZone(request)
  await anonymousPage(request, response, 'academy/session-series', () =>
    seriesModel(response, person, { series, sessions, zone }),
  )
}

type Shown = { series: SessionSeries; sessions: LiveSession[]; zone: string }

async function seriesModel(response: Response, person: Person | null, { series, sessions, zone }: Shown) {
  const texts = textsOf(response)
  const { t, zoneName } = texts
  const moment = now()
  const ahead = sessions.filter(({ endsAt }) => endsAt > moment)
  const past = sessions.filter(({ endsAt, state }) => endsAt <= moment && state === 'published').reverse()
  const [seats, bookings, certificate] = await Promise.all([
    seatCountsOf(ahead),
    person ? bookingsOf(person._id) : [],
    person && series.certificate
      ? Certificates.findOne({ person: person._id, course: series._id, replacedBy: null, revokedAt: null })
      : null,
  ])
  const booked = new Map(bookings.map(booking => [String(booking.session), booking]))
  const row = (session: LiveSession) => {
    const id = String(session._id)
    return seriesRow(texts, session, { zone, seats: seats.get(id), booking: booked.get(id) })
  }
  const held = sessions.filter(({ state }) => state === 'published')
  const attended = held.filter(({ _id }) => booked.get(String(_id))?.outcome === 'attended').length
  const needed = series.required ?? held.length
  const path = seriesPath(series)
  const lede = t(`academy:sessions.seriesPage.${series.kind}`, { count: held.length })
  const open = await sessionsOf(response.locals.brand, null)
  const isPublic = sessions.some(each => open.includes(each))
  return {
    head: {
      ...{ title: series.title, description: lede, canonical: path },
      ...(!isPublic && { noindex: true }),
    },
    nav: 'sessions',
    scripts: ['/js/zone.js'],
    zone,
    title: series.title,
    lede,
    zoneText: t('academy:sessions.zone', { zone: zoneName(zone) }),
    changeZone: `/time-zone?back=${encodeURIComponent(path)}`,
    calendar: ahead.length ? `${path}/calendar.ics` : null,
    bookAll: bookAllView(texts, series, sessions, person && bookings),
    certificate:
      series.certificate && series.kind === 'parts'
        ? {
            text: t('academy:sessions.seriesCertificate', { count: needed }),
            progress: person && t('academy:sessions.seriesPage.progress', { attended, count: needed }),
            href: certificate && `/certificates/${certificate._id}`,
          }
        : null,
    ahead: ahead.map(row),
    past: past.map(row),
  }
}

type RowData = { zone: string; seats: SeatCounts | undefined; booking: SessionBooking | undefined }

/** A row that says of a past session whether the reader was there. */
function seriesRow(texts: Texts, session: LiveSession, data: RowData) {
  const { t } = texts
  const made = sessionRow(texts, session, data)
  const outcome = data.booking?.outcome
  return {
    ...made,
    ...(outcome && {
      status:
        outcome === 'attended'
          ? { class: 'is-own', text: t('academy:sessions.attended') }
          : { class: '', text: t('academy:sessions.seriesPage.missed') },
    }),
  }
}

/**
 * `POST /sessions/series/:slug/bookings`: takes a seat, or the last place in the wait-list, in each part of a training
 * that costs nothing and asks nothing. What the learner has booked stays as it is.
 */
export const bookParts: MemberHandler = async (request, response, person) => {
  const { series, sessions } = await shownSeries(response, request.params.slug!, person)
  if (series.kind !== 'parts') throw notFound()
  for (const session of openParts(sessions, await bookingsOf(person._id))) {
    await bookSeat(session, person._id, { timeZone: readerZone(request) })
    await recordColleague(request, response, session, person)
  }
  tell(response, sessions, await bookingsOf(person._id))
  response.redirect(303, seriesPath(series))
}

/** Says in how many parts the learner has a seat now, and in how many they wait for one. */
function tell(response: Response, sessions: LiveSession[], bookings: SessionBooking[]): void {
  const { t } = textsOf(response)
  const ahead = new Set(sessions.filter(each => isBookable(each, undefined)).map(({ _id }) => String(_id)))
  const own = bookings.filter(({ session }) => ahead.has(String(session)))
  const booked = own.filter(({ state }) => state === 'booked').length
  const waiting = own.filter(({ state }) => state === 'waiting' || state === 'offered').length
  const seats = booked ? t('academy:sessions.seriesPage.seats', { count: booked }) : ''
  const places = waiting ? t('academy:sessions.seriesPage.places', { count: waiting }) : ''
  if (!seats && !places) return
  setFlash(response, { kind: 'done', bold: seats || places, ...(seats && places && { text: places }) })
}
