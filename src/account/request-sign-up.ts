import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { normaliseEmail } from '../people/email-address'
import type { Tick } from '../people/give-consent'
import { hashOfToken, issueLink } from '../people/link'
import { hashPassword } from '../people/password'
import { People, type Person } from '../people/person'
import { touchesOf, type Visitor } from '../people/visit'
import { writeAlreadyJoined, writeJoin } from './sign-in-emails'

export type Application = {
  email: string
  name: string
  /** Null for who wants to sign in by link only. */
  password: string | null
  ticks: Tick[]
  visitor: Visitor
  next: string | null
}

/**
 * Takes an application to join. Whether the address has an account shows neither in the answer nor in its time: in both
 * cases a letter goes out, and only whoever reads it gets in. Answers the hash of the link in it.
 */
export async function askToJoin(application: Application): Promise<string> {
  const email = normaliseEmail(application.email)
  const { name, password, ticks, visitor, next } = application
  const passwordHash = password === null ? null : await hashPassword(password)
  const [known, touches] = await Promise.all([People.findOne({ email }).lean<Person>(), touchesOf(visitor)])
  const joining = { person: new Types.ObjectId(), name, passwordHash, ticks, touches, at: now() }
  const token = await issueLink(
    known ? { purpose: 'sign-in', email, next } : { purpose: 'join', email, next, joining },
  )
  await (known ? writeAlreadyJoined(known, token) : writeJoin(email, name, token))
  return hashOfToken(token)
}
