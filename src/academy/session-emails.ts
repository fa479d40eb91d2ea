import { brandOf, type ShownBrand } from '../brand/brand'
import type { Event } from '../events/event'
import { Events } from '../events/event'
import { eventId } from '../events/record'
import { invitationFile } from '../mail/calendar'
import { queueEmail } from '../mail/queue-email'
import { firstNameOf } from '../people/first-name'
import { People, timeZoneOf, type Person } from '../people/person'
import type { BookingEffects } from '../sessions/advance-bookings'
import type { SessionNotices } from '../sessions/advance-sessions'
import { calendarEventOf, roomText } from '../sessions/calendar-event'
import { bookingId, SessionBookings, type SessionBooking } from '../sessions/booking'
import { LiveSessions, lengthOf, type LiveSession, type TimeAndPlace } from '../sessions/live-session'
import { SessionSeats, standingOf } from '../sessions/seats'
import type { TellOfDates } from '../sessions/series-news'
import { showsSession } from '../sessions/shown-sessions'
import { formattersFor } from '../web/formatters'
import { signInPath } from '../web/local-path'
import { renderEmail } from '../web/render-email'
import { languagesOf } from '../web/shown-brand'
import { colleagueLink } from './session-colleagues'
import { seriesPath, sessionPath } from './session-row'

/*
 * What people are told about live sessions: about their own booking by its events and by the queue of bookings, about a
 * change by the queue of sessions. Each email has an id that follows from what it is about, so that it is sent once
 * whatever is interrupted. The address of the meeting is in none of them.
 */

type Values = Record<string, unknown>
type BookingEvent = Event<'session.booked' | 'session.waitlisted' | 'session.booking_cancelled'>
type Told = { to: Person; booking: SessionBooking; session: LiveSession; brand: ShownBrand }

/** Reaction to `session.booked`: confirms a seat, with the invitation for the calendar. */
export async function emailBookedSeat(event: Event<'session.booked'>): Promise<void> {
  const told = await toldBy(event)
  if (told?.booking.state !== 'booked' || told.session.state !== 'published') return
  await send('sessionBooked', `sessionBooked:${event._id}`, told, {}, 'REQUEST')
}

/** Reaction to `session.waitlisted`: says which place it is, and what happens when a seat comes free. */
export async function emailWaitlisted(event: Event<'session.waitlisted'>): Promise<void> {
  const told = await toldBy(event)
  if (told?.booking.state !== 'waiting' || told.session.state !== 'published') return
  const seats = await SessionSeats.findById(told.session._id)
  const place = seats && standingOf(seats, event.person).place
  if (!place) return
  const { claimHours } = told.session
  await send('sessionWaitlisted', `sessionWaitlisted:${event._id}`, told, { position: place, claimHours })
}

/**
 * Reaction to `session.booking_cancelled`: takes the session out of the calendar of those who had a seat, and says why.
 * Leaving the wait-list by oneself brings no email.
 */
export async function emailCancelledSeat(event: Event<'session.booking_cancelled'>): Promise<void> {
  const told = await toldBy(event)
  if (!told) return
  const { session } = told
  const { by } = event.data
  const hadSeat = await wasBooked(event)
  const method = hadSeat ? 'CANCEL' : undefined
  const id = `sessionCancelled:${event._id}`
  if (by === 'expired') await send('sessionLapsed', id, told, {})
  else if (by === 'person') {
    if (hadSeat) await send('sessionGivenUp', id, told, {}, method)
  } else {
    const { because, text: words } = session.cancellation ?? { because: 'host' as const, text: '' }
    const view = session.state === 'cancelled' ? 'sessionCancelled' : 'sessionRemoved'
    await send(view, id, told, { because, words, others: `${told.brand.baseUrl}/sessions` }, method)
  }
}

export const bookingNotices: Pick<BookingEffects, 'offer' | 'remind'> = {
  offer: async (booking, session) => {
    const told = await toldAbout(booking, session)
    if (!told || !booking.until) return
    const until = whenOf(told, booking.until)
    // The same for one that is made longer, because nobody knew whether this was sent.
    const id = `sessionOffered:${booking._id}:${booking.number}`
    await send('sessionOffered', id, told, { until })
  },
  remind: async (booking, session, hours) => {
    const told = await toldAbout(booking, session)
    if (!told) return
    const id = `sessionReminder:${booking._id}:${hours}:${session.startsAt.getTime()}`
    const room = `${told.brand.baseUrl}${sessionPath(session)}/room`
    await send('sessionReminder', id, told, { room, isSoon: hours === 1 })
  },
}

export const sessionNotices: SessionNotices = {
  changed: async (bookings, session, before) => {
    for (const told of await toldOfPage(bookings, session)) {
      const { booking } = told
      const id = `sessionChanged:${booking._id}:${session.sequence}`
      const hasSeat = booking.state === 'booked'
      const earlier = before && { ...factsOf(told, before), isSameTime: isSameTime(before, session) }
      await send('sessionChanged', id, told, { before: earlier, hasSeat }, hasSeat ? 'REQUEST' : undefined)
    }
  },
  cancelled: async session => {
    const ids = session.hosts.flatMap(({ person }) => person ?? [])
    for (const host of await People.find({ _id: { $in: ids }, erasedAt: null, suspendedAt: null })) {
      const brand = await brandOf(host.brand)
      const language = languagesOf(brand)[0]!
      const when = formattersFor(language).dateIn(session.startsAt, timeZoneOf(host))
      await queueEmail({
        _id: `sessionCancelledHost:${session._id}:${session.sequence}:${host._id}`,
        person: host._id,
        to: host.email,
        kind: 'service',
        ...renderEmail(
          'sessionCancelledHost',
          {
            name: firstNameOf(host.name),
            title: session.title,
            when,
            because: session.cancellation?.because ?? 'host',
            minimum: session.minimum?.seats ?? 0,
            words: session.cancellation?.text ?? '',
            href: hrefOf({ brand, session }),
          },
          brand,
          language,
        ),
      })
    }
  },
  materials: async (bookings, session) => {
    for (const told of await toldOfPage(bookings, session)) {
      const { booking } = told
      const isAttended = booking.outcome === 'attended'
      const values = {
        words: session.messages?.[isAttended ? 'attended' : 'missed'] ?? '',
        materials: session.materials.map(({ kind, title }) => ({ kind, title })),
        colleagues: colleagueLink(told.brand.baseUrl, session, told.to),
        hadSeat: booking.state === 'booked',
        href: `${hrefOf(told)}#materials`,
      }
      const view = isAttended ? 'sessionMaterials' : 'sessionMissed'
      await send(view, `sessionMaterials:${booking._id}`, told, values)
    }
  },
}

/** Tells people of a series about dates that were added to it: those of them that each may see. */
export const emailAddedDates: TellOfDates = async (bookings, series, added) => {
  const people = await People.find({
    _id: { $in: bookings.map(({ person }) => person) },
    ...{ erasedAt: null, suspendedAt: null },
  })
  for (const to of people) {
    const brand = await brandOf(to.brand)
    const shown = await Promise.all(added.map(each => showsSession(brand, each, to)))
    const sessions = added.filter((_, n) => shown[n])
    if (!sessions.length) continue
    const language = languagesOf(brand)[0]!
    const { dateIn } = formattersFor(language)
    const zone = bookings.find(({ person }) => person.equals(to._id))?.timeZone
    const values = {
      ...{ name: firstNameOf(to.name), title: series.title, kind: series.kind },
      dates: sessions.map(session => ({
        when: dateIn(session.startsAt, zone ?? session.timeZone),
        title: session.title,
        href: brand.baseUrl + sessionPath(session),
      })),
      href: brand.baseUrl + seriesPath(series),
    }
    await queueEmail({
      _id: `sessionDates:${added[0]!._id}:${to._id}`,
      ...{ person: to._id, to: to.email, kind: 'service' },
      ...renderEmail('sessionDates', values, brand, language),
    })
  }
}

/** Whether a booking that was cancelled had been more than a place in the wait-list. */
function wasBooked({ _id, person, data }: BookingEvent): Promise<boolean> {
  // The last part of the id is how often the person has booked.
  const number = _id.split(':').at(-1)!
  return Events.exists({
    _id: eventId({ name: 'session.booked', person, idempotencyKey: [data.session, number] }),
  })
}

async function toldBy({ person, data }: BookingEvent): Promise<Told | null> {
  const session = await LiveSessions.findById(data.session)
  const booking = session && (await SessionBookings.findById(bookingId(session._id, person)))
  return booking && toldAbout(booking, session)
}

async function toldAbout(booking: SessionBooking, session: LiveSession): Promise<Told | null> {
  return (await toldOfPage([booking], session))[0] ?? null
}

/** Returns whom to write to about bookings: nobody who is erased or suspended. */
async function toldOfPage(bookings: readonly SessionBooking[], session: LiveSession): Promise<Told[]> {
  const ids = bookings.map(({ person }) => person)
  const people = await People.find({ _id: { $in: ids }, erasedAt: null, suspendedAt: null })
  const byId = new Map(people.map(person => [String(person._id), person]))
  const told = bookings.map(async booking => {
    const to = byId.get(String(booking.person))
    return to && { to, booking, session, brand: await brandOf(to.brand) }
  })
  return (await Promise.all(told)).filter(each => each !== undefined)
}

/** The time zone in which someone reads times: that of their browser when they booked, or the host's. */
const zoneFor = ({ booking, session }: Told) => booking.timeZone ?? session.timeZone

/** The page of the session, for who is signed in: nobody else sees there what they have booked. */
const hrefOf = ({ brand, session }: Pick<Told, 'brand' | 'session'>) =>
  brand.baseUrl + signInPath(sessionPath(session))

function whenOf(told: Told, at: Date): string {
  return formattersFor(languagesOf(told.brand)[0]!).dateIn(at, zoneFor(told))
}

/** Returns when and where it is, in words. */
function factsOf(told: Told, { startsAt, endsAt, kind, place }: TimeAndPlace) {
  const { zoneName } = formattersFor(languagesOf(told.brand)[0]!)
  return {
    when: whenOf(told, startsAt),
    length: lengthOf({ startsAt, endsAt }),
    zone: zoneName(zoneFor(told), startsAt),
    place: kind === 'room' ? roomText({ place }) : '',
    mapUrl: (kind === 'room' && place?.mapUrl) || null,
  }
}

function isSameTime(before: TimeAndPlace, after: TimeAndPlace): boolean {
  return before.startsAt.getTime() === after.startsAt.getTime() && lengthOf(before) === lengthOf(after)
}

/**
 * Queues an email.
 *
 * @param method of the invitation that is attached for the calendar, or its cancellation; none without it.
 */
async function send(
  view: string,
  id: string,
  told: Told,
  values: Values,
  method?: 'REQUEST' | 'CANCEL',
): Promise<void> {
  const { to, booking, session, brand } = told
  const language = languagesOf(brand)[0]!
  const href = hrefOf(told)
  const own = { name: firstNameOf(to.name), title: session.title, href, ...factsOf(told, session) }
  await queueEmail({
    _id: id,
    person: to._id,
    to: to.email,
    kind: 'service',
    ...(method && {
      calendar: { method, text: invitationFile(calendarEventOf(session, brand), to, method) },
      series: seriesOf(booking, session, method),
    }),
    ...renderEmail(view, { ...own, ...values }, brand, language),
  })
}

/** A newer invitation or cancellation overtakes one that wasn't sent yet: booking again, a change, giving it up. */
function seriesOf({ _id, number }: SessionBooking, { sequence }: LiveSession, method: 'REQUEST' | 'CANCEL') {
  return { name: `session:${_id}`, number: number * 10_000 + sequence * 2 + (method === 'CANCEL' ? 1 : 0) }
}
