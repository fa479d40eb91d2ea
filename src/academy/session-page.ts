import type { Request, Response } from 'express'
import { renderMarkdown } from '../courses/render'
import { coursesOf } from '../courses/shown-courses'
import type { Published } from '../courses/published'
import { Certificates } from '../learning/certificate'
import { firstNameOf } from '../people/first-name'
import type { Person } from '../people/person'
import { later, minutes, now } from '../platform/clock'
import { bookingsOf, type SessionBooking } from '../sessions/booking'
import { phaseOf, type LiveSession, type SessionSeries } from '../sessions/live-session'
import { hasMaterials } from '../sessions/materials'
import {
  placeInWaitlist,
  seatCountsOf,
  sessionSeries,
  sessionsOf,
  type SeatCounts,
} from '../sessions/shown-sessions'
import { cityOf } from '../web/formatters'
import { initialsOf } from '../web/initials'
import { signInPath } from '../web/local-path'
import { pageZone } from '../web/reader-zone'
import { textsOf, type Texts } from '../web/texts'
import { bookAllView } from './book-all'
import { addToCalendar } from './calendar-links'
import { shelfLink } from './group-context'
import { sessionJsonLd } from './json-ld'
import { boxOf, boxView, outlookText, seatsView } from './session-box'
import { colleagueLink } from './session-colleagues'
import { sessionContextOf } from './session-context'
import { questionsView } from './session-questions'
import { ownStates, placeText, seriesPath, sessionLanguage, sessionPath, timesIn } from './session-row'

/** How many other dates, and parts of a series, a page names. */
const [maxDates, maxParts] = [4, 20]

/** Returns the view model of a session's page, as it is for its reader. */
export async function sessionModel(request: Request, response: Response, person: Person | null) {
  const { session, booking } = sessionContextOf(response)
  const texts = textsOf(response)
  const { brand, baseUrl } = response.locals
  const zone = pageZone(request)
  const [courses, all, series] = await Promise.all([
    coursesOf(brand, person),
    sessionsOf(brand, person),
    session.series ? sessionSeries(session.series) : null,
  ])
  const others = otherSessions(session, series, all)
  const [counts, bookings, certificate] = await Promise.all([
    seatCountsOf([session, ...others.dates]),
    person && others.parts.length ? bookingsOf(person._id) : null,
    booking?.outcome === 'attended' ? certificateOf(session, series, booking) : null,
  ])
  const seats = counts.get(String(session._id))
  const course = courses.find(each => session.course?.equals(each.course))
  const { t, zoneName, leafIn, timeIn, languageName } = texts
  const path = sessionPath(session)
  const phase = phaseOf(session)
  const isPublic =
    session.state !== 'draft' && (course ? isOpenCourse(course) : session.visibility === 'public')
  const box = boxOf(session, seats, booking)
  const place = person && box === 'waiting' ? await placeInWaitlist(session, person._id) : null
  const title = session.title
  return {
    head: {
      title,
      description: session.summary,
      canonical: path,
      ...(isPublic
        ? {
            image: `${path}/cover.png?v=${session.changes}-${session.sequence}`,
            jsonLd: sessionJsonLd(session, t('layout:name'), seats),
          }
        : { noindex: true }),
    },
    nav: 'sessions',
    scripts: ['/js/zone.js', ...(box === 'booked' ? ['/js/copy.js'] : [])],
    zone,
    path,
    title,
    language: sessionLanguage(session),
    summary: session.summary,
    course: course && { href: `/courses/${course.slug}`, text: course.content.title },
    leaf: leafIn(session.startsAt, zone),
    iso: session.startsAt.toISOString(),
    day: texts.dayIn(session.startsAt, zone),
    times: timesIn(texts, session, zone),
    zoneText: t('academy:sessions.yourTime', { zone: zoneName(zone, session.startsAt) }),
    hostTime: hostTime(texts, session, zone),
    changeZone: `/time-zone?back=${encodeURIComponent(path)}`,
    calendar: phase === 'past' || box === 'cancelled' ? null : addToCalendar(texts, session, baseUrl),
    box: {
      /** It says where things stand, instead of a price. */
      isState: box !== 'free' && box !== 'full',
      ...boxView(texts, {
        session,
        booking,
        seats,
        place,
        box,
        zone,
        isSignedIn: person !== null,
      }),
      plan:
        box === 'past' || box === 'cancelled' || !seats
          ? ''
          : seatsView(texts, seats, box === 'booked' || box === 'offered' || box === 'paying'),
      outlook: box === 'waiting' || box === 'full' ? await outlookText(texts, session, place, seats) : '',
    },
    facts: factsView(texts, session, languageName(session.language)),
    salesSee: t('academy:sessions.salesSee'),
    addToShelf: await shelfLink(brand, person, { session: session.slug }),
    certificate,
    signIn: person ? null : signInPath(path),
    allDates: others.dates.length && series ? seriesPath(series) : null,
    dates: others.dates.map(each => dateView(texts, each, counts.get(String(each._id)), zone)),
    series:
      series?.kind === 'parts'
        ? {
            title: series.title === title ? t('academy:sessions.seriesPage.allParts') : series.title,
            href: seriesPath(series),
            bookAll: bookAllView(texts, series, others.parts, bookings),
            certificate: series.certificate
              ? t('academy:sessions.seriesCertificate', { count: series.required ?? others.parts.length })
              : null,
            parts: others.parts.map(each => ({
              ...dateView(texts, each, undefined, zone),
              number: each.part && t('academy:sessions.seriesPage.part', { number: each.part }),
              title: each.title,
              status: ownStatus(texts, bookings, each),
              isHere: each._id.equals(session._id),
              isCancelled: each.state === 'cancelled',
            })),
          }
        : null,
    agenda: session.agenda.map(({ minute, text }) => ({
      time: timeIn(later(session.startsAt, minutes(minute)), zone),
      text,
    })),
    description: session.description
      ? renderMarkdown(session.description, [], session.language, 2, null).trim()
      : '',
    questions: await questionsView(response, session, person, 'page'),
    hosts: session.hosts.map(({ name, role }) => ({ name, role, initials: initialsOf(name) })),
    hostsTitle: t('academy:sessions.hostsTitle', { count: session.hosts.length }),
    materials: materialsView(texts, session, booking),
    colleagues: person && box === 'booked' && isPublic ? colleagueLink(baseUrl, session, person) : null,
  }
}

/** The address of the certificate for a session that someone attended, or for its series. */
async function certificateOf(
  session: LiveSession,
  series: SessionSeries | null,
  { person }: SessionBooking,
): Promise<string | null> {
  const certified = [...(session.certificate ? [session] : []), ...(series?.certificate ? [series] : [])]
  for (const { _id: course } of certified) {
    const found = await Certificates.findOne({ person, course, replacedBy: null, revokedAt: null })
    if (found) return `/certificates/${found._id}`
  }
  return null
}

/** Whether the reader has a seat in a part, waits for one or was there; empty otherwise. */
function ownStatus({ t }: Texts, bookings: SessionBooking[] | null, { _id }: LiveSession): string {
  const booking = bookings?.find(({ session }) => _id.equals(session))
  if (booking?.outcome === 'attended') return t('academy:sessions.attended')
  const state = ownStates.find(each => each === booking?.state)
  return state && booking?.outcome !== 'missed' ? t(`academy:sessions.own.${state}`) : ''
}

/** Sessions of a restricted course aren't for search engines. */
const isOpenCourse = ({ content }: Published) => (content.visibility ?? 'public') === 'public'

/** The time where the host or the room is; empty when the reader's is the same. */
function hostTime({ t, timeIn, dayIn }: Texts, session: LiveSession, zone: string): string {
  const { startsAt, timeZone, hosts, kind } = session
  const there = timeIn(startsAt, timeZone)
  const isSameDay = dayIn(startsAt, timeZone) === dayIn(startsAt, zone)
  if (there === timeIn(startsAt, zone) && isSameDay) return ''
  const time = isSameDay ? there : `${dayIn(startsAt, timeZone)}, ${there}`
  const values = { time, city: cityOf(timeZone), name: firstNameOf(hosts[0]?.name ?? '') }
  if (kind === 'room' && timeZone.includes('/')) return t('academy:sessions.placeTime', values)
  // UTC is nobody's place.
  return t(`academy:sessions.${hosts.length && timeZone.includes('/') ? 'hostTime' : 'cityTime'}`, values)
}

function factsView(texts: Texts, session: LiveSession, language: string) {
  const { t, money } = texts
  const { kind, place, price } = session
  const where =
    kind === 'room'
      ? {
          icon: 'map-pin',
          text: [placeText(texts, session), place?.address].filter(Boolean).join(', '),
          href: place?.mapUrl,
        }
      : { icon: 'video-camera', text: t('academy:sessions.fact.online') }
  return [
    ...(price
      ? [
          {
            icon: 'ticket',
            text: t('academy:sessions.fact.price', { price: money(price.amount, price.currency) }),
          },
        ]
      : []),
    where,
    ...(session.hasCaptions
      ? [{ icon: 'closed-captioning', text: t('academy:sessions.fact.captions', { language }) }]
      : []),
    ...(session.isRecorded ? [{ icon: 'record', text: t('academy:sessions.fact.recorded') }] : []),
    ...(session.certificate ? [{ icon: 'seal-check', text: t('academy:sessions.fact.certificate') }] : []),
    ...(session.hasCaptions
      ? []
      : [{ icon: 'globe', text: t('academy:sessions.fact.language', { language }) }]),
  ]
}

/** Other dates of the same session, and the parts of its series. */
function otherSessions(session: LiveSession, series: SessionSeries | null, all: readonly LiveSession[]) {
  if (!series) return { dates: [], parts: [] }
  const inSeries = all.filter(each => series._id.equals(each.series ?? ''))
  if (series.kind === 'parts') return { dates: [], parts: inSeries.slice(0, maxParts) }
  const moment = now()
  const isAhead = (each: LiveSession) => each.state === 'published' && each.startsAt > moment
  const dates = inSeries.filter(each => !each._id.equals(session._id) && isAhead(each))
  return { dates: dates.slice(0, maxDates), parts: [] }
}

function dateView(texts: Texts, session: LiveSession, seats: SeatCounts | undefined, zone: string) {
  const { t, dayIn, timeIn } = texts
  const left = seats && Math.max(0, seats.capacity - seats.taken)
  return {
    href: sessionPath(session),
    text: `${dayIn(session.startsAt, zone)}, ${timeIn(session.startsAt, zone)}`,
    seats:
      left === undefined
        ? ''
        : left
          ? t('academy:sessions.left', { count: left })
          : t('academy:sessions.full'),
  }
}

/** What there is afterwards: all of it for those who had a seat, and for others what everyone may have. */
function materialsView({ t }: Texts, session: LiveSession, booking: SessionBooking | null) {
  const mayHave = hasMaterials(session, booking)
  return session.materials
    .filter(({ isPublic }) => isPublic || mayHave)
    .map(({ id, kind, title }) => ({
      href: `${sessionPath(session)}/materials/${id}`,
      icon: kind === 'recording' ? 'play-circle' : kind === 'slides' ? 'file-text' : 'link',
      kind: t(`academy:sessions.material.${kind}`),
      title,
    }))
}
