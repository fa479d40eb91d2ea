import { hmacOf, isHmacOf } from '../platform/hmac'
import { now } from '../platform/clock'
import { date, defineRecord, string } from '../platform/record'
import { hashOfEmail } from './email-address'
import { hasObjected } from './suppression'

/** Addresses whose owners want no invitations from other people. Stored as hashes, like suppressions. */
const InvitationStops = defineRecord('InvitationStop', 'invitation_stops', {
  /** SHA-256 of the normalised address. */
  _id: string(),
  at: date(),
})

/** Whether an address may be sent an invitation: its owner has neither stopped them nor objected to marketing. */
export async function canBeInvited(email: string): Promise<boolean> {
  return !(await InvitationStops.exists({ _id: hashOfEmail(email) })) && !(await hasObjected(email))
}

/** Returns the token of the link that stops invitations to an address; it doesn't contain the address. */
export function stopInvitationsToken(email: string): string {
  const hash = hashOfEmail(email)
  return `${hash}.${hmacOf('stop-invitations', hash)}`
}

/** Returns whether a token is of this academy. */
export function isStopToken(token: string): boolean {
  const [hash = '', signature = ''] = token.split('.')
  return isHmacOf('stop-invitations', hash, signature)
}

/** Stops invitations to the address of a token that `isStopToken` knows. Doing it again changes nothing. */
export async function stopInvitations(token: string): Promise<void> {
  await InvitationStops.insertOnce({ _id: token.split('.')[0]!, at: now() })
}
