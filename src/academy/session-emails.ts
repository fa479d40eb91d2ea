import type { BookingNotices } from '../sessions/advance-bookings'

/** What people are told about their bookings. */
export const bookingNotices: BookingNotices = {
  offer: () => Promise.resolve(),
  remind: () => Promise.resolve(),
}
