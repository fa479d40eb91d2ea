import type { BookingEffects } from '../sessions/advance-bookings'

/** What people are told about their bookings. */
export const bookingNotices: Pick<BookingEffects, 'offer' | 'remind'> = {
  offer: () => Promise.resolve(),
  remind: () => Promise.resolve(),
}
