import { hours } from '../platform/clock'
import { signedCookie } from './signed-cookie'

/** The id of the invitation that a visitor has opened, for the sign-in or sign-up that follows. */
export const invitationCookie = signedCookie('course-invitation', hours(24))
