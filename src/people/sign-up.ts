import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'
import type { Happenings } from '../events/event'
import { record } from '../events/record'
import { companyOf } from './company'
import { normaliseEmail } from './email-address'
import { giveConsent, type Tick } from './give-consent'
import { People, type Person, type Role, type Touches } from './person'

export type Newcomer = {
  email: string
  name: string
  how: Happenings['person.joined']['how']
  /** argon2id (see password.ts); null or left out for who signs in by link only. */
  passwordHash?: string | null
  role?: Role
  /** The boxes they ticked. */
  ticks?: Tick[]
  /** How they came here, kept from their visit. */
  touches?: Touches | null
  title?: string | null
  country?: string | null
  /** Said beforehand where the same joining may be repeated. */
  id?: Types.ObjectId
  /** When the form was sent; now, unless said. */
  at?: Date
}

/**
 * Makes an account for somebody whose address is known to be theirs. An address has one account: joining again, also with
 * other words, changes nothing and answers who is there, with `isNew: false`. Repeating the very same joining (same
 * `id`) finishes what a crash has cut off.
 */
export async function joinAcademy(newcomer: Newcomer): Promise<{ person: Person; isNew: boolean }> {
  const { how, ticks = [], at = now() } = newcomer
  const { person, isNew } = await makePerson(newcomer, at)
  if (!isNew && String(person._id) !== String(newcomer.id)) return { person, isNew }
  await record({ name: 'person.joined', person: person._id, at: person.joinedAt, once: [], data: { how } })
  await record({ name: 'person.confirmed', person: person._id, at: person.joinedAt, once: [], data: {} })
  for (const tick of ticks) await giveConsent(person._id, tick, at)
  return { person: (await People.findOne({ _id: person._id }).lean<Person>())!, isNew }
}

async function makePerson(newcomer: Newcomer, at: Date): Promise<{ person: Person; isNew: boolean }> {
  const email = normaliseEmail(newcomer.email)
  try {
    const made = await People.create({
      _id: newcomer.id ?? new Types.ObjectId(),
      email,
      name: newcomer.name,
      role: newcomer.role ?? 'prospect',
      passwordHash: newcomer.passwordHash ?? null,
      joinedAt: at,
      confirmedAt: now(),
      title: newcomer.title ?? null,
      country: newcomer.country ?? null,
      ...companyOf(email),
      firstTouch: newcomer.touches?.first ?? null,
      lastTouch: newcomer.touches?.last ?? null,
    })
    return { person: made.toObject(), isNew: true }
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    const person = await People.findOne({ email }).lean<Person>()
    if (!person) throw error
    return { person, isNew: false }
  }
}
