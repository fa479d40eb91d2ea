import { Types } from 'mongoose'
import type { ShownBrand } from '../brand/brand'
import { now } from '../platform/clock'
import { normaliseEmail } from '../people/email-address'
import type { ConsentInput } from '../people/consent'
import { hashOfToken, issueLink } from '../people/link'
import { hashPassword } from '../people/password'
import { People, type Touches } from '../people/person'
import { sendAlreadySignedUpEmail, sendSignUpEmail } from './sign-in-emails'

export type SignUpRequest = {
  email: string
  name: string
  /** Null for a person who wants to sign in by link only. */
  password: string | null
  consents: ConsentInput[]
  /** How the visitor got here, when it is known. */
  touches: Touches | null
  next: string | null
  /** The id of the invitation to a course that they opened before. */
  invitation?: string | null
  /** The brand of the page, which a new account joins. */
  brand: ShownBrand
}

/**
 * Accepts a sign-up form. Neither the response nor its timing reveals whether the address has an account: an email is
 * sent in both cases, and only its recipient gets in.
 *
 * @returns the hash of the token of the link in the email
 */
export async function requestSignUp(input: SignUpRequest): Promise<string> {
  const email = normaliseEmail(input.email)
  const { name, password, consents, touches, next, invitation = null, brand } = input
  const passwordHash = password === null ? null : await hashPassword(password)
  const account = await People.findOne({ email })
  const pending = {
    person: new Types.ObjectId(),
    name,
    passwordHash,
    consents,
    touches,
    brand: brand.id,
    at: now(),
  }
  const token = await issueLink(
    account
      ? { purpose: 'sign-in', email, next, invitation }
      : { purpose: 'sign-up', email, next, invitation, signUp: pending },
  )
  await (account ? sendAlreadySignedUpEmail(account, token, brand) : sendSignUpEmail(email, token, brand))
  return hashOfToken(token)
}
