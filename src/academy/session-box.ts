import { hours, later, minutes } from '../platform/clock'
import type { SessionBooking } from '../sessions/booking'
import { hasStarted, joinMinutes, phaseOf, type LiveSession } from '../sessions/live-session'
import { isSessionFull, type SeatCounts } from '../sessions/shown-sessions'
import { waitlistOutlook } from '../sessions/waitlist-outlook'
import { seatPlan } from '../web/charts/seat-plan'
import type { TextLink, Texts } from '../web/texts'
import { isActiveBooking } from './session-context'
import { isBookable, sessionPath } from './session-row'

/** What the box beside a session says, by where it stands and what its reader has booked. */
type Box =
  'cancelled' | 'past' | 'draft' | 'booked' | 'offered' | 'paying' | 'waiting' | 'free' | 'full' | 'closed'

/** Returns what the box says: where the session stands, or what the reader has booked. */
export function boxOf(
  session: LiveSession,
  seats: SeatCounts | undefined,
  booking: SessionBooking | null,
): Box {
  if (session.state === 'cancelled') return 'cancelled'
  if (session.state === 'draft') return 'draft'
  if (phaseOf(session) === 'past') return 'past'
  // After the start, a free seat is for whoever takes it.
  const isFree = seats !== undefined && isBookable(session, seats) && !isSessionFull(seats, session)
  if (booking && isActiveBooking(booking)) {
    const { state } = booking
    if (state === 'waiting' && isFree && hasStarted(session)) return 'free'
    if (state === 'booked' || state === 'offered' || state === 'paying' || state === 'waiting') return state
  }
  if (!seats || !isBookable(session, seats)) return 'closed'
  return isFree ? 'free' : 'full'
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
export function boxView(texts: Texts, { session, booking, seats, place, box, zone, isSignedIn }: BoxData) {
  const { t, money, timeIn, dateIn } = texts
  const path = sessionPath(session)
  const { price } = session
  const opens = timeIn(later(session.startsAt, -minutes(joinMinutes)), zone)
  const until = booking?.until ? dateIn(booking.until, zone) : ''
  const text = (key: string, values: object = {}) => t(`academy:sessions.box.${key}`, { ...values })
  const isOnline = session.kind === 'online'
  const isOpen = phaseOf(session) !== 'ahead'
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
    case 'booked': {
      const isIn = Boolean(booking?.presence?.checkedInAt)
      const notes = isOnline
        ? [isOpen ? text('joinNow') : text('opensAt', { time: opens })]
        : [text(isIn ? 'checkedIn' : isOpen ? 'scan' : 'bring')]
      const room = isOnline ? text('join') : t('academy:liveSession.checkIn.room')
      return {
        ...kept,
        title: text('booked'),
        action: isOpen
          ? { href: `${path}/room`, text: room, isForm: false }
          : { href: `${path}/calendar.ics`, text: t('academy:sessions.addToCalendar'), isForm: false },
        notes: [...notes, ...(price ? [refundText(texts, session, zone)] : [])],
        cancel: isIn ? null : text('cancel'),
      }
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
      // Who waits has answered them.
      const isForm = isSignedIn && (booking?.state === 'waiting' || session.questions.length === 0)
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
export function seatsView({ t }: Texts, { capacity, taken }: SeatCounts, isOwn: boolean) {
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

/** How likely a place in the wait-list was to become a seat before; empty when that is unknown. */
export async function outlookText(
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
