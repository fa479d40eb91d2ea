import type { Request, Response } from 'express'
import { renderMarkdown } from '../courses/render'
import { coursesOf } from '../courses/shown-courses'
import type { Published } from '../courses/published'
import { firstNameOf } from '../people/first-name'
import type { Person } from '../people/person'
import { hours, later, minutes, now } from '../platform/clock'
import type { SessionBooking } from '../sessions/booking'
import { joinMinutes, phaseOf, type LiveSession, type SessionSeries } from '../sessions/live-session'
import { hasMaterials } from '../sessions/materials'
import {
  placeInWaitlist,
  seatCountsOf,
  sessionSeries,
  sessionsOf,
  type SeatCounts,
} from '../sessions/shown-sessions'
import { waitlistOutlook } from '../sessions/waitlist-outlook'
import { seatPlan } from '../web/charts/seat-plan'
import { cityOf } from '../web/formatters'
import { initialsOf } from '../web/initials'
import { pageZone } from '../web/reader-zone'
import { textsOf, type TextLink, type Texts } from '../web/texts'
import { addToCalendar } from './calendar-links'
import { sessionJsonLd } from './json-ld'
import { colleagueLink } from './session-colleagues'
import { isActiveBooking, sessionContextOf } from './session-context'
import { questionsView } from './session-questions'
import { isBookable, placeText, seriesPath, sessionLanguage, sessionPath, timesIn } from './session-row'

/** How many other dates, and parts of a series, a page names. */
const [maxDates, maxParts] = [4, 20]

/** What the box beside a session says, by where it stands and what its reader has booked. */
type Box =
  'cancelled' | 'past' | 'draft' | 'booked' | 'offered' | 'paying' | 'waiting' | 'free' | 'full' | 'closed'

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
  const counts = await seatCountsOf([session, ...others.dates])
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
    allDates: others.dates.length && series ? seriesPath(series) : null,
    dates: others.dates.map(each => dateView(texts, each, counts.get(String(each._id)), zone)),
    series:
      series?.kind === 'parts'
        ? {
            title: series.title,
            href: seriesPath(series),
            certificate: series.certificate
              ? t('academy:sessions.seriesCertificate', { count: series.required ?? others.parts.length })
              : null,
            parts: others.parts.map(each => ({
              ...dateView(texts, each, undefined, zone),
              number: each.part && t('academy:sessions.seriesPage.part', { number: each.part }),
              title: each.title,
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

/** Sessions of a restricted course aren't for search engines. */
const isOpenCourse = ({ content }: Published) => (content.visibility ?? 'public') === 'public'

function boxOf(session: LiveSession, seats: SeatCounts | undefined, booking: SessionBooking | null): Box {
  if (session.state === 'cancelled') return 'cancelled'
  if (session.state === 'draft') return 'draft'
  if (phaseOf(session) === 'past') return 'past'
  if (booking && isActiveBooking(booking)) {
    const { state } = booking
    if (state === 'booked' || state === 'offered' || state === 'paying' || state === 'waiting') return state
  }
  if (!seats || !isBookable(session, seats)) return 'closed'
  return seats.taken >= seats.capacity || seats.waitingCount > 0 ? 'full' : 'free'
}

type BoxData = {
  session: LiveSession
  booking: SessionBooking | null
  seats: SeatCounts | undefined
  place: number | null
  box: Box
  zone: string
  isSignedIn: boolean
}

/** The words and buttons of the box. `action` is what its button does; a form when it changes something at once. */
function boxView(texts: Texts, { session, booking, seats, place, box, zone, isSignedIn }: BoxData) {
  const { t, money, timeIn, dateIn } = texts
  const path = sessionPath(session)
  const { price } = session
  const opens = timeIn(later(session.startsAt, -minutes(joinMinutes)), zone)
  const until = booking?.until ? dateIn(booking.until, zone) : ''
  const text = (key: string, values: object = {}) => t(`academy:sessions.box.${key}`, { ...values })
  const isOnline = session.kind === 'online'
  const isOpen = isOnline && phaseOf(session) !== 'ahead'
  const kept = {
    action: null as Action | null,
    notes: [] as string[],
    cancel: null as string | null,
    recording: null as RecordingOffer | null,
  }
  switch (box) {
    case 'cancelled':
      return { ...kept, title: text('cancelled'), notes: cancellationNotes(texts, session) }
    case 'past':
      return { ...kept, title: text('past'), notes: pastNotes(texts, session, booking) }
    case 'draft':
      return { ...kept, title: text('draft'), notes: [text('draftNote')] }
    case 'closed':
      return { ...kept, title: text('closed') }
    case 'booked':
      return {
        ...kept,
        title: text('booked'),
        action: isOpen
          ? { href: `${path}/room`, text: text('join'), isForm: false }
          : { href: `${path}/calendar.ics`, text: t('academy:sessions.addToCalendar'), isForm: false },
        notes: [
          isOnline ? (isOpen ? text('joinNow') : text('opensAt', { time: opens })) : text('bring'),
          ...(price ? [refundText(texts, session, zone)] : []),
        ],
        cancel: text('cancel'),
      }
    case 'offered':
      return {
        ...kept,
        title: text('offered'),
        action: price
          ? { href: `${path}/checkout`, text: text('pay'), isForm: false }
          : { href: `${path}/booking/claim`, text: text('claim'), isForm: true },
        notes: [text('claimBy', { when: until })],
        cancel: text('decline'),
      }
    case 'paying':
      return {
        ...kept,
        title: text('paying', { time: booking?.until ? timeIn(booking.until, zone) : '' }),
        action: { href: `${path}/checkout`, text: text('pay'), isForm: false },
        cancel: text('giveUp'),
      }
    case 'waiting':
      return {
        ...kept,
        title: place ? text('waiting', { place }) : text('waitingSoon'),
        notes: [text('waitingNote', { count: session.claimHours })],
        cancel: text('leave'),
      }
    case 'free':
    case 'full': {
      const isFull = box === 'full'
      const isForm = isSignedIn && session.questions.length === 0
      const name = isFull ? 'joinWaitlist' : price ? 'buy' : 'book'
      return {
        ...kept,
        title: isFull
          ? t('academy:sessions.full')
          : price
            ? money(price.amount, price.currency)
            : t('academy:facts.free'),
        action: {
          href: isSignedIn ? `${path}/booking` : `/sign-up?next=${encodeURIComponent(`${path}/booking`)}`,
          text: text(name),
          isForm,
        },
        notes: isFull
          ? [text('fullNote', { count: session.claimHours })]
          : [isOnline ? text('freeNote', { time: opens }) : text('roomNote')],
        ...(isFull && seats && { waiting: waitingText(texts, seats) }),
        recording: isFull ? recordingOffer(texts, { session, booking, isSignedIn }) : null,
      }
    }
  }
}

type RecordingOffer = { note: string | null; action: Action | null }

/** Another way out of a full session; null where there will be no recording, or not for free. */
function recordingOffer(
  { t }: Texts,
  { session, booking, isSignedIn }: Pick<BoxData, 'session' | 'booking' | 'isSignedIn'>,
): RecordingOffer | null {
  if (!session.isRecorded || session.price) return null
  if (booking?.state === 'recording') return { note: t('academy:sessions.box.recordingComes'), action: null }
  const path = sessionPath(session)
  const href = isSignedIn ? `${path}/recording` : `/sign-up?next=${encodeURIComponent(path)}`
  const text = t('academy:sessions.box.recordingInstead')
  return { note: null, action: { href, text, isForm: isSignedIn } }
}

/** Until when a paid seat that is given up is refunded. */
function refundText({ t, dateIn }: Texts, { refundHours, startsAt }: LiveSession, zone: string): string {
  if (refundHours === null) return t('academy:sessions.box.noRefund')
  return t('academy:sessions.box.refundUntil', { when: dateIn(later(startsAt, -hours(refundHours)), zone) })
}

type Action = TextLink & { isForm: boolean }

function waitingText({ t }: Texts, { waitingCount }: SeatCounts) {
  return {
    count: t('academy:sessions.box.othersWait', { count: waitingCount }),
    place: t('academy:sessions.box.yourPlace', { place: waitingCount + 1 }),
  }
}

function cancellationNotes({ t }: Texts, { cancellation }: LiveSession): string[] {
  if (!cancellation) return []
  const reason = cancellation.because === 'minimum' ? [t('academy:sessions.box.tooFew')] : []
  return [...reason, ...(cancellation.text ? [cancellation.text] : [])]
}

function pastNotes({ t }: Texts, { materials }: LiveSession, booking: SessionBooking | null): string[] {
  const attendance = booking?.outcome
    ? [t(`academy:sessions.box.${booking.outcome}`, { count: booking.minutes ?? 0 })]
    : []
  const isMore = !booking && materials.some(({ isPublic }) => !isPublic)
  return [...attendance, ...(isMore ? [t('academy:sessions.box.moreForBooked')] : [])]
}

/** The seats as words, and drawn one by one. */
function seatsView({ t }: Texts, { capacity, taken }: SeatCounts, isOwn: boolean) {
  const left = Math.max(0, capacity - taken)
  return {
    text: left
      ? t('academy:sessions.seatsLeft', { count: left, capacity })
      : t('academy:sessions.allTaken', { count: capacity }),
    drawing: seatPlan(
      { capacity, taken, isOwn },
      t('academy:sessions.seatPlan', { count: capacity, taken: Math.min(taken, capacity) }),
    ),
  }
}

async function outlookText(
  { t }: Texts,
  session: LiveSession,
  own: number | null,
  seats: SeatCounts | undefined,
): Promise<string> {
  const place = own ?? (seats?.waitingCount ?? 0) + 1
  const outlook = await waitlistOutlook(session, place)
  if (!outlook) return ''
  const { reached, total } = outlook
  const key = reached === total ? 'always' : reached ? 'sometimes' : 'never'
  return t(`academy:sessions.outlook.${key}`, { place, reached, count: total })
}

/** The time where the host or the room is; empty when the reader's is the same. */
function hostTime({ t, timeIn, dayIn }: Texts, session: LiveSession, zone: string): string {
  const { startsAt, timeZone, hosts, kind } = session
  const there = timeIn(startsAt, timeZone)
  const isSameDay = dayIn(startsAt, timeZone) === dayIn(startsAt, zone)
  if (there === timeIn(startsAt, zone) && isSameDay) return ''
  const time = isSameDay ? there : `${dayIn(startsAt, timeZone)}, ${there}`
  const values = { time, city: cityOf(timeZone), name: firstNameOf(hosts[0]?.name ?? '') }
  if (kind === 'room') return t('academy:sessions.placeTime', values)
  return t(`academy:sessions.${hosts.length ? 'hostTime' : 'cityTime'}`, values)
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
