import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { normaliseLine } from '../platform/text'
import type { EventData } from '../events/definitions'
import { record } from '../events/record'
import { companyOf } from './company'
import type { ConsentInput } from './consent'
import { normaliseEmail } from './email-address'
import { giveConsent } from './give-consent'
import { People, type Person, type Role, type Touches } from './person'
import { searchWords } from './search-words'

export type NewAccount = {
  email: string
  name: string
  how: EventData['person.signed_up']['how']
  /** argon2id (see password.ts); null or omitted for a person who signs in by link only. */
  passwordHash?: string | null
  role?: Role
  /** The id of the brand that the person joins; the default one without it. */
  brand?: string
  /** The consents given in the form. */
  consents?: ConsentInput[]
  /** How the person got here, from their visit. */
  touches?: Touches | null
  title?: string | null
  country?: string | null
  /** Set by callers that may repeat the same sign-up. */
  id?: Types.ObjectId
  /** When the form was sent; now by default. */
  at?: Date
}

/**
 * Creates an account for a person who has proved that the email address is theirs. An address has one account: signing
 * up again changes nothing and returns the existing person with `isNew: false`. Repeating a sign-up with the same `id`
 * finishes what a crash interrupted.
 */
export async function signUp(account: NewAccount): Promise<{ person: Person; isNew: boolean }> {
  const { how, consents = [], at = now() } = account
  const { person, isNew } = await createPerson(account, at)
  if (!isNew && String(person._id) !== String(account.id)) return { person, isNew }
  await record({
    name: 'person.signed_up',
    person: person._id,
    at: person.signedUpAt,
    idempotencyKey: [],
    data: { how },
  })
  await record({
    name: 'person.confirmed',
    person: person._id,
    at: person.signedUpAt,
    idempotencyKey: [],
    data: {},
  })
  for (const consent of consents) await giveConsent(person._id, consent, at)
  return { person: (await People.findById(person._id))!, isNew }
}

async function createPerson(account: NewAccount, at: Date): Promise<{ person: Person; isNew: boolean }> {
  const email = normaliseEmail(account.email)
  const affiliation = companyOf(email)
  const { record: person, isNew } = await People.createOrFind(
    {
      _id: account.id ?? new Types.ObjectId(),
      email,
      name: normaliseLine(account.name),
      role: account.role ?? 'prospect',
      brand: account.brand,
      passwordHash: account.passwordHash ?? null,
      signedUpAt: at,
      confirmedAt: now(),
      title: account.title ?? null,
      country: account.country ?? null,
      ...affiliation,
      search: searchWords({ name: account.name, email, company: affiliation.company }),
      firstTouch: account.touches?.first ?? null,
      lastTouch: account.touches?.last ?? null,
    },
    { email },
  )
  return { person, isNew }
}
