import type { Request, Response } from 'express'
import { Types, type QueryFilter } from 'mongoose'
import { z } from 'zod'
import { audit } from '../events/audit'
import { paidSeat } from '../orders/access'
import { normaliseEmail, shownEmail } from '../people/email-address'
import { People, timeZoneOf, type Person } from '../people/person'
import { now } from '../platform/clock'
import { conflict, notFound } from '../platform/errors'
import { attendanceOf, isCheckInOpen } from '../sessions/attendance'
import { bookSeat, cancelBooking } from '../sessions/book-seat'
import { SessionBookings, type SessionBooking } from '../sessions/booking'
import { lengthOf, type LiveSession } from '../sessions/live-session'
import { SessionSeats } from '../sessions/seats'
import { sendCsv, portionsOf } from '../web/csv'
import { setFlash } from '../web/flash'
import { emptyForm, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { pageLinks, pageOfRows, readPage, type At, type KeysetPage } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { sessionOf } from './session-guard'
import { sessionPage, sessionUrl } from './session-page'

const pageSize = 100
const order = { bookedAt: 1, _id: 1 } as const

/** What a list of the people of a session shows. */
export const peopleLists = {
  booked: { state: { $in: ['booked', 'paying'] } },
  waiting: { state: 'waiting' },
  offered: { state: 'offered' },
  gone: { state: { $in: ['cancelled', 'lapsed', 'refused', 'recording'] } },
  attended: { state: 'booked', outcome: 'attended' },
  missed: { state: 'booked', outcome: 'missed' },
  claimed: { state: 'booked', firstPlace: { $gte: 1 } },
} as const satisfies Record<string, QueryFilter<SessionBooking>>
export type PeopleList = keyof typeof peopleLists

const listNames = Object.keys(peopleLists) as PeopleList[]
const outcomeLists: readonly PeopleList[] = ['attended', 'missed']

/** `GET /studio/sessions/:id/people`: who has a seat, who waits in which order, and who came. */
export const index: MemberHandler = async (request, response, person) => {
  await render(await sessionOf(request), { request, response, person }, emptyForm())
}

/** `GET /studio/sessions/:id/people.csv`: everyone who has ever booked it. */
export const download: MemberHandler = async (request, response, person) => {
  const session = await sessionOf(request)
  const texts = textsOf(response)
  const { t } = texts
  const header = (key: string) => ({ key, header: t(`studio:sessions.people.columns.${key}`) })
  const columns = ['name', 'email', 'company', 'state', 'booked', 'minutes', 'outcome'].map(header)
  const asked = session.questions.map(({ id, label }) => ({ key: `q-${id}`, header: label }))
  await audit({ actor: person._id, action: 'session.people_exported', subject: session.slug })
  await sendCsv(response, `${session.slug}-people.csv`, [...columns, ...asked], csvRows(session, texts))
}

async function* csvRows(session: LiveSession, { t }: Texts) {
  const find = (beyond: QueryFilter<SessionBooking>) =>
    SessionBookings.find({ $and: [{ session: session._id }, beyond] })
  for await (const bookings of portionsOf<SessionBooking>(find, { _id: 1 })) {
    const people = await peopleOf(bookings)
    yield bookings.flatMap(booking => {
      const booker = people.get(String(booking.person))
      if (!booker) return []
      return {
        ...{ name: booker.name, email: shownEmail(booker.email), company: booker.company?.name ?? '' },
        ...{ state: stateText(booking, t), booked: booking.bookedAt.toISOString(), minutes: booking.minutes },
        outcome: booking.outcome && t(`studio:sessions.people.lists.${booking.outcome}`),
        ...Object.fromEntries(session.questions.map(({ id }) => [`q-${id}`, booking.answers[id] ?? ''])),
      }
    })
  }
}

const schema = z.object({
  email: z
    .string({ error: 'studio:sessions.errors.email' })
    .trim()
    .max(254, { error: 'web:errors.tooLong' })
    .pipe(z.email({ error: 'studio:sessions.errors.email' })),
})

/** `POST /studio/sessions/:id/people`: gives someone who has an account a seat, or the last place in the wait-list. */
export const create: MemberHandler = async (request, response, user) => {
  const session = await sessionOf(request)
  const { t } = textsOf(response)
  const { data, form } = readForm(schema, request, response)
  const where = { request, response, person: user }
  if (form) return render(session, where, form)
  const email = normaliseEmail(data.email)
  const person = await People.findOne({ email, suspendedAt: null, erasedAt: null })
  if (!person) {
    const errors = { email: t('studio:sessions.errors.noAccount') }
    return render(session, where, { values: { email: data.email }, errors })
  }
  const order = (await paidSeat(person._id, session._id))?._id
  const { state } = await bookSeat(session, person._id, { order })
  await audit({
    actor: user._id,
    action: 'session.person_added',
    subject: session.slug,
    detail: { person: String(person._id) },
  })
  const bold = t(
    `studio:sessions.flash.added.${state === 'waiting' || state === 'refused' ? state : 'booked'}`,
    {
      name: person.name,
    },
  )
  setFlash(response, { kind: state === 'refused' ? 'error' : 'done', bold })
  response.redirect(303, `${sessionUrl(session)}/people${state === 'waiting' ? '?show=waiting' : ''}`)
}

/** `POST /studio/sessions/:id/people/:person/removal`: takes a seat or a place in the wait-list away. */
export const destroy: MemberHandler = async (request, response, user) => {
  const session = await sessionOf(request)
  const person = await personOf(request)
  const { t } = textsOf(response)
  if (session.endsAt <= now()) throw conflict('studio:sessions.errors.ended')
  await cancelBooking(session, person._id, 'academy')
  await audit({
    actor: user._id,
    action: 'session.person_removed',
    subject: session.slug,
    detail: { person: String(person._id) },
  })
  const url = `${sessionUrl(session)}/people`
  setFlash(response, {
    kind: 'done',
    bold: t('studio:sessions.flash.removedPerson', { name: person.name }),
    undo: { action: `${url}/${person._id}/restoration`, text: t('studio:flash.undo') },
  })
  response.redirect(303, url)
}

/** `POST /studio/sessions/:id/people/:person/restoration`: gives the seat back while one is free. */
export const restoreSeat: MemberHandler = async (request, response, user) => {
  const session = await sessionOf(request)
  const person = await personOf(request)
  const { t } = textsOf(response)
  const before = await SessionBookings.findOne({ _id: `${session._id}:${person._id}` })
  if (!before) throw notFound()
  const order = (await paidSeat(person._id, session._id))?._id
  const { state } = await bookSeat(session, person._id, { answers: before.answers, order })
  await audit({
    actor: user._id,
    action: 'session.person_added',
    subject: session.slug,
    detail: { person: String(person._id) },
  })
  const name = state === 'waiting' || state === 'refused' ? state : 'booked'
  setFlash(response, { kind: 'done', bold: t(`studio:sessions.flash.added.${name}`, { name: person.name }) })
  response.redirect(303, `${sessionUrl(session)}/people`)
}

async function personOf({ params }: Pick<Request, 'params'>): Promise<Person> {
  const id = String(params.person)
  const person = Types.ObjectId.isValid(id) ? await People.findById(id) : null
  if (!person) throw notFound()
  return person
}

type Where = { request: Request; response: Response; person: Person }

async function render(session: LiveSession, { request, response, person }: Where, form: Form): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { show: asked, after, before } = parametersOf(request)
  const isCounted = session.finishedAt !== null
  const shown = listNames.filter(name => isCounted || !outcomeLists.includes(name))
  const list = shown.find(name => name === asked) ?? 'booked'
  const at: At = { after, before }
  const seats = await SessionSeats.findById(session._id)
  const waiting = (seats?.waiting ?? []).map((id, n) => ({ place: n + 1, person: id }))
  const offered = seats?.holders.filter(({ kind }) => kind === 'offered').length ?? 0
  const counted: Partial<Record<PeopleList, number>> = {
    booked: (seats?.taken ?? 0) - offered,
    waiting: waiting.length,
    offered,
  }
  const page =
    list === 'waiting' ? await waitingPage(session, waiting, at) : await bookingPage(session, list, at)
  const places = new Map(waiting.map(({ person: id, place }) => [String(id), place]))
  const people = await peopleOf(page.rows)
  const url = `${sessionUrl(session)}/people`
  const frame = await sessionPage(session, person, response, 'people')
  const canRun = frame.permissions.has('run') && session.state === 'published'
  const timeZone = timeZoneOf(person)
  if (Object.keys(form.errors).length) response.status(422)
  response.render('studio/session-people', {
    ...frame,
    form,
    canRun,
    csvUrl: `${url}.csv`,
    lists: shown.map(name => ({
      href: `${url}?show=${name}`,
      text: t(`studio:sessions.people.lists.${name}`),
      count: counted[name] ? texts.number(counted[name]) : '',
      isCurrent: name === list,
    })),
    list,
    isOver: session.endsAt <= now(),
    rows: page.rows.flatMap(booking => {
      const booker = people.get(String(booking.person))
      return booker ? personRow(session, booking, { booker, places, timeZone, canRun }, texts) : []
    }),
    none: t(`studio:sessions.people.none.${list}`),
    field: {
      ...{ name: 'email', type: 'email', label: t('studio:sessions.people.email'), autocomplete: 'off' },
      ...{ hint: t('studio:sessions.people.emailHint'), maxlength: 254, required: true },
    },
    pages: {
      ...pageLinks(
        page,
        (next: At) => `${url}?${new URLSearchParams({ show: list, ...next } as Record<string, string>)}`,
      ),
      notes: [{ text: t('studio:sessions.zone', { zone: texts.zoneName(timeZone) }) }],
    },
  })
}

function bookingPage(session: LiveSession, list: PeopleList, at: At): Promise<KeysetPage<SessionBooking>> {
  const filter: QueryFilter<SessionBooking> = { session: session._id, ...(peopleLists[list] as object) }
  return readPage<SessionBooking>(
    beyond => SessionBookings.find({ $and: [filter, beyond] }),
    order,
    at,
    pageSize,
  )
}

/** The wait-list in its order, which the seats know. */
async function waitingPage(
  session: LiveSession,
  waiting: { place: number; person: Types.ObjectId }[],
  at: At,
): Promise<KeysetPage<SessionBooking>> {
  const page = pageOfRows(waiting, { place: 1 }, at, pageSize)
  const ids = page.rows.map(({ person }) => `${session._id}:${person}`)
  const bookings = await SessionBookings.find({ _id: { $in: ids } })
  const byId = new Map(bookings.map(booking => [booking._id, booking]))
  return { newer: page.newer, older: page.older, rows: ids.flatMap(id => byId.get(id) ?? []) }
}

async function peopleOf(bookings: readonly SessionBooking[]): Promise<Map<string, Person>> {
  const people = await People.find({ _id: { $in: bookings.map(({ person }) => person) } })
  return new Map(people.map(person => [String(person._id), person]))
}

function personRow(
  session: LiveSession,
  booking: SessionBooking,
  {
    booker,
    places,
    timeZone,
    canRun,
  }: { booker: Person; places: Map<string, number>; timeZone: string; canRun: boolean },
  texts: Texts,
) {
  const { t, dayIn, timeIn } = texts
  const { person, minutes, answers, until } = booking
  const place = places.get(String(person))
  const isThere = ['booked', 'paying', 'waiting', 'offered'].includes(booking.state)
  return {
    name: booker.name,
    second: [booker.company?.name, shownEmail(booker.email)].filter(Boolean).join(' · '),
    state: place ? t('studio:sessions.people.place', { place }) : stateText(booking, t),
    until:
      until && booking.state === 'offered'
        ? t('studio:sessions.people.until', { when: `${dayIn(until, timeZone)}, ${timeIn(until, timeZone)}` })
        : '',
    booked: `${dayIn(booking.bookedAt, timeZone)}, ${timeIn(booking.bookedAt, timeZone)}`,
    minutes:
      minutes === null
        ? booking.presence?.checkedInAt
          ? t('studio:sessions.people.checkedIn')
          : ''
        : t('studio:sessions.people.minutes', {
            minutes,
            length: lengthOf(session),
            how: t(`studio:sessions.people.how.${attendanceOf(session, booking.presence).how}`),
          }),
    answers: session.questions.flatMap(({ id, label }) => {
      const text = answers[id]
      return text ? [{ label, text }] : []
    }),
    checkIn:
      canRun && canCheckIn(session, booking)
        ? {
            action: `${sessionUrl(session)}/attendees/${person}/check-in`,
            label: t('studio:sessions.people.checkInLabel', { name: booker.name }),
          }
        : null,
    removal:
      canRun && isThere && session.endsAt > now()
        ? {
            action: `${sessionUrl(session)}/people/${person}/removal`,
            label: t('studio:sessions.people.removeLabel', { name: booker.name }),
          }
        : null,
  }
}

/** Whether a host can still say that someone came, who has a seat in a room. */
function canCheckIn(session: LiveSession, { state, presence }: SessionBooking): boolean {
  const isRoom = session.kind === 'room' && state === 'booked' && !presence?.checkedInAt
  return isRoom && (session.endsAt <= now() || isCheckInOpen(session))
}

const stateText = ({ state }: SessionBooking, t: Texts['t']) => t(`studio:sessions.people.states.${state}`)
