import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { normaliseEmail } from '../people/email-address'
import type { ConsentInput } from '../people/give-consent'
import { hashOfToken, issueLink } from '../people/link'
import { hashPassword } from '../people/password'
import { People, type Person } from '../people/person'
import { touchesOf, type Visitor } from '../people/visit'
import { sendAlreadySignedUpEmail, sendSignUpEmail } from './sign-in-emails'

export type SignUpRequest = {
  email: string
  name: string
  /** Null for who wants to sign in by link only. */
  password: string | null
  consents: ConsentInput[]
  visitor: Visitor
  next: string | null
}

/**
 * Takes an application to join. Whether the address has an account shows neither in the answer nor in its time: in both
 * cases a letter goes out, and only whoever reads it gets in. Answers the hash of the link in it.
 */
export async function requestSignUp(application: SignUpRequest): Promise<string> {
  const email = normaliseEmail(application.email)
  const { name, password, consents, visitor, next } = application
  const passwordHash = password === null ? null : await hashPassword(password)
  const [known, touches] = await Promise.all([People.findOne({ email }).lean<Person>(), touchesOf(visitor)])
  const joining = { person: new Types.ObjectId(), name, passwordHash, consents, touches, at: now() }
  const token = await issueLink(
    known ? { purpose: 'sign-in', email, next } : { purpose: 'sign-up', email, next, signUp: joining },
  )
  await (known ? sendAlreadySignedUpEmail(known, token) : sendSignUpEmail(email, name, token))
  return hashOfToken(token)
}
