import { createHash } from 'node:crypto'
import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { Consents, activeConsent, textVersions, type Consent } from './consent'
import { People, type Person } from './person'
import { endObjection } from './suppression'

/** A box that somebody ticked: its words as they were shown, in which language, on which page. */
export type ConsentInput = Pick<Consent, 'purpose' | 'text' | 'locale' | 'page'>

/**
 * Keeps the proof of a consent and lets the purpose count from now on; marketing mail counts only once its letter's link
 * is used (`confirmMarketing`). Giving what is given already changes nothing.
 */
export async function giveConsent(person: Types.ObjectId, tick: ConsentInput, at = now()): Promise<Consent> {
  const consent = (await activeConsent(person, tick.purpose)) ?? (await saveProof(person, tick, at))
  await record({
    name: 'consent.given',
    person,
    at: consent.givenAt,
    idempotencyKey: [consent._id],
    data: { purpose: consent.purpose, consent: consent._id },
  })
  await applyConsent(consent)
  return consent
}

/** Reaction to `consent.given`: repeats the last step, should the process have died before it. */
export async function applyGivenConsent(event: Event<'consent.given'>): Promise<void> {
  const consent = await Consents.findOne({ _id: event.data.consent, withdrawnAt: null }).lean<Consent>()
  if (consent) await applyConsent(consent)
}

/**
 * Lets a purpose count if it may: marketing mail is confirmed first, and sharing that is paused stays paused. Whoever had objected, and
 * now agrees to be scored or shown to sales, has changed their mind: only letters stay off.
 */
async function applyConsent({ _id, person: id, purpose, givenAt, confirmedAt }: Consent): Promise<void> {
  if (purpose === 'marketing_email' && !confirmedAt) return
  const person = await People.findOneAndUpdate(
    { _id: id, erasedAt: null, ...(purpose === 'share_with_sales' ? { sharingPausedAt: null } : {}) },
    { $addToSet: { consents: purpose } },
  ).lean<Person>()
  if (person && purpose !== 'marketing_email') await endObjection(person.email, givenAt)
  // A reaction that comes late may meet a withdrawal between its reading and its writing.
  const isWithdrawn = await Consents.exists({ _id, withdrawnAt: { $ne: null } })
  if (isWithdrawn && !(await activeConsent(id, purpose)))
    await People.updateOne({ _id: id }, { $pull: { consents: purpose } })
}

/** The first consent, or the first after so many withdrawals, is one record: of two forms at once, both find the same. */
async function saveProof(person: Types.ObjectId, tick: ConsentInput, at: Date): Promise<Consent> {
  const ended = await Consents.countDocuments({ person, purpose: tick.purpose, withdrawnAt: { $ne: null } })
  const _id = `${person}:${tick.purpose}:${ended}`
  const proof: Omit<Consent, '_id'> = {
    person,
    purpose: tick.purpose,
    basis: 'consent',
    textVersion: textVersions[tick.purpose],
    textHash: createHash('sha256').update(tick.text).digest('hex'),
    text: tick.text,
    locale: tick.locale,
    page: tick.page,
    givenAt: at,
    confirmedAt: null,
    confirmedBy: null,
    withdrawnAt: null,
  }
  try {
    await Consents.create({ _id, ...proof })
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
  }
  return (await Consents.findById(_id).lean<Consent>())!
}
