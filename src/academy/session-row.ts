import { firstNameOf } from '../people/first-name'
import { now } from '../platform/clock'
import type { SessionBooking } from '../sessions/booking'
import { phaseOf, type LiveSession, type SessionSeries } from '../sessions/live-session'
import { isSessionFull, type SeatCounts } from '../sessions/shown-sessions'
import { directionOf } from '../web/i18n'
import { initialsOf } from '../web/initials'
import type { Texts } from '../web/texts'

/** How many hosts a row has initials of. */
const maxInitials = 2
/** At most so many free seats are few. */
const fewSeats = 5

/** What a row says of a reader's own booking, in place of the seats. */
export const ownStates = ['booked', 'waiting', 'offered', 'paying'] as const
type OwnState = (typeof ownStates)[number]

export const sessionPath = ({ slug }: Pick<LiveSession, 'slug'>): string => `/sessions/${slug}`
export const seriesPath = ({ slug }: Pick<SessionSeries, 'slug'>): string => `/sessions/series/${slug}`

/** The attributes of a session's texts: its language and the direction it is written in. */
export function sessionLanguage({ language }: Pick<LiveSession, 'language'>) {
  return { lang: language, dir: directionOf(language) }
}

type RowData = {
  /** The reader's time zone. */
  zone: string
  /** Undefined while it isn't known, such as of a session that is over. */
  seats?: SeatCounts | undefined
  booking?: Pick<SessionBooking, 'state'> | undefined
}

/** Returns a session as a row of a list. */
export function sessionRow(texts: Texts, session: LiveSession, { zone, seats, booking }: RowData) {
  const { t, leafIn } = texts
  const leaf = leafIn(session.startsAt, zone)
  const isOver = session.endsAt <= now()
  const own = ownStates.find(state => state === booking?.state)
  const isFull = seats !== undefined && isSessionFull(seats, session)
  const isCancelled = session.state === 'cancelled'
  const when = `${leaf.weekday}, ${timesIn(texts, session, zone)}`
  return {
    href: sessionPath(session),
    title: session.title,
    language: sessionLanguage(session),
    leaf,
    iso: session.startsAt.toISOString(),
    when: session.part === null ? when : `${partText(texts, session.part)} · ${when}`,
    place: placeText(texts, session),
    hosts: {
      initials: session.hosts.slice(0, maxInitials).map(({ name }) => initialsOf(name)),
      names: hostNames(texts, session),
    },
    status: isOver && !isCancelled ? null : statusOf(texts, { isCancelled, own, isFull, seats }),
    action: isCancelled || isOver || own ? null : t(`academy:sessions.${isFull ? 'joinWaitlist' : 'book'}`),
    actionLabel: t(`academy:sessions.${isFull ? 'joinWaitlistOf' : 'bookOf'}`, { title: session.title }),
    recording: session.materials.some(({ kind, isPublic }) => kind === 'recording' && isPublic)
      ? t('academy:sessions.hasRecording')
      : null,
  }
}

/** What tells the sessions of a training apart, which have one title. */
const partText = ({ t }: Texts, number: number) => t('academy:sessions.seriesPage.part', { number })

type Status = {
  isCancelled: boolean
  own: OwnState | undefined
  isFull: boolean
  seats: SeatCounts | undefined
}

/** What stands at the end of a row: whether it is cancelled, one's own seat, or how many are left. */
function statusOf({ t }: Texts, { isCancelled, own, isFull, seats }: Status) {
  if (isCancelled) return { class: 'is-cancelled', text: t('academy:sessions.cancelled') }
  if (own)
    return { class: own === 'booked' ? 'is-own' : 'is-waiting', text: t(`academy:sessions.own.${own}`) }
  if (!seats) return null
  const { capacity, taken, waitingCount } = seats
  if (isFull) {
    const text = waitingCount
      ? t('academy:sessions.fullWaiting', { count: waitingCount })
      : t('academy:sessions.full')
    return { class: 'is-few', text }
  }
  const left = capacity - taken
  return {
    class: left <= fewSeats ? 'is-few' : '',
    text: t('academy:sessions.seatsLeft', { count: left, capacity }),
  }
}

/** `15:00 to 15:45`; with the day of its end when that is another one. */
export function timesIn(
  { t, timeIn, dayIn }: Texts,
  { startsAt, endsAt }: Pick<LiveSession, 'startsAt' | 'endsAt'>,
  zone: string,
): string {
  const isLong = dayIn(startsAt, zone) !== dayIn(endsAt, zone)
  const to = isLong ? `${dayIn(endsAt, zone)}, ${timeIn(endsAt, zone)}` : timeIn(endsAt, zone)
  return t('academy:sessions.times', { from: timeIn(startsAt, zone), to })
}

/** `Online`, or the name of the room. */
export function placeText({ t }: Texts, { kind, place }: LiveSession): string {
  return kind === 'room' && place ? place.name : t('academy:sessions.online')
}

/** The first names of the hosts, as in `Rafael and Samuel`. */
function hostNames({ listed }: Texts, { hosts }: LiveSession): string {
  return listed(hosts.map(({ name }) => firstNameOf(name)))
}

/** Whether someone can still take a seat or a place in the wait-list. */
export function isBookable(session: LiveSession, seats: Pick<SeatCounts, 'isOpen'> | undefined): boolean {
  return session.state === 'published' && phaseOf(session) !== 'past' && seats?.isOpen !== false
}
