import { createHash } from 'node:crypto'
import type { Types } from 'mongoose'
import { now } from '../clock'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { Consents, livingConsent, textVersions, type Consent } from './consent'
import { People } from './person'

/** A box that somebody ticked: its words as they were shown, in which language, on which page. */
export type Tick = Pick<Consent, 'purpose' | 'text' | 'locale' | 'page'>

/**
 * Keeps the proof of a consent and lets the purpose count from now on; marketing mail counts only once its letter's link
 * is used (`confirmMarketing`). Giving what is given already changes nothing.
 */
export async function giveConsent(person: Types.ObjectId, tick: Tick, at = now()): Promise<Consent> {
  const consent = (await livingConsent(person, tick.purpose)) ?? (await keepProof(person, tick, at))
  await record({
    name: 'consent.given',
    person,
    at: consent.givenAt,
    once: [consent._id],
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

/** Lets a purpose count if it may: marketing mail is confirmed first, and sharing that is paused stays paused. */
async function applyConsent({ person, purpose, confirmedAt }: Consent): Promise<void> {
  if (purpose === 'marketing_email' && !confirmedAt) return
  await People.updateOne(
    { _id: person, erasedAt: null, ...(purpose === 'share_with_sales' ? { sharingPausedAt: null } : {}) },
    { $addToSet: { consents: purpose } },
  )
}

async function keepProof(person: Types.ObjectId, tick: Tick, at: Date): Promise<Consent> {
  const _id = `${person}:${tick.purpose}:${at.getTime()}`
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
  await Consents.updateOne({ _id }, { $setOnInsert: proof }, { upsert: true })
  return { _id, ...proof }
}
