import type { SessionBooking } from '../sessions/booking'
import type { LiveSession, SessionSeries } from '../sessions/live-session'
import type { Texts } from '../web/texts'
import { isActiveBooking } from './session-context'
import { isBookable, seriesPath } from './session-row'

/** Returns the parts that a learner can book in one step: free ones that ask nothing and that they haven't booked. */
export function openParts(
  sessions: readonly LiveSession[],
  bookings: readonly SessionBooking[],
): LiveSession[] {
  const own = new Set(bookings.filter(isActiveBooking).map(({ session }) => String(session)))
  return sessions.filter(
    each =>
      isBookable(each, undefined) &&
      each.price === null &&
      !each.questions.some(({ isRequired }) => isRequired) &&
      !own.has(String(each._id)),
  )
}

/**
 * Returns the button that books every part of a training; null when it would book fewer than two.
 *
 * @param bookings those of the reader; null for who isn't signed in.
 */
export function bookAllView(
  { t }: Pick<Texts, 't'>,
  series: Pick<SessionSeries, 'slug' | 'kind'>,
  sessions: readonly LiveSession[],
  bookings: readonly SessionBooking[] | null,
) {
  const open = series.kind === 'parts' ? openParts(sessions, bookings ?? []) : []
  if (open.length < 2) return null
  const ahead = sessions.filter(each => isBookable(each, undefined))
  const path = seriesPath(series)
  return {
    isForm: bookings !== null,
    href: bookings ? `${path}/bookings` : `/sign-up?next=${encodeURIComponent(path)}`,
    text: t(`academy:sessions.seriesPage.${open.length === ahead.length ? 'bookAll' : 'bookMore'}`, {
      count: open.length,
    }),
  }
}
