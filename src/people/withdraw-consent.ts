import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { Consents, activeConsent, type Purpose } from './consent'
import { People, type Person } from './person'
import { suppress } from './suppression'

/**
 * Takes a consent back, at once and for good; the proof stays with the day of its end. Without marketing mail the address
 * is also suppressed, which outlives the account. Withdrawing what is not given changes nothing.
 */
export async function withdrawConsent(_id: Types.ObjectId, purpose: Purpose): Promise<void> {
  const consent = await activeConsent(_id, purpose)
  const person = await People.findOne({ _id }).lean<Person>()
  const paused = purpose === 'share_with_sales' && person?.sharingPausedAt
  if (!consent && !paused && !person?.consents.includes(purpose)) return
  const at = now()
  const data = { purpose, consent: consent?._id ?? null }
  await record({
    name: 'consent.withdrawn',
    person: _id,
    at,
    idempotencyKey: [consent?._id ?? at.getTime(), purpose],
    data,
  })
  await applyWithdrawal(_id, purpose, at)
}

/** Reaction to `consent.withdrawn`: repeats the last step, should the process have died before it. */
export async function applyWithdrawnConsent(event: Event<'consent.withdrawn'>): Promise<void> {
  const purpose = event.data.purpose as Purpose
  const givenAgain = await Consents.exists({
    person: event.person,
    purpose,
    withdrawnAt: null,
    givenAt: { $gt: event.at },
  })
  if (!givenAgain) await applyWithdrawal(event.person, purpose, event.at)
}

async function applyWithdrawal(_id: Types.ObjectId, purpose: Purpose, at: Date): Promise<void> {
  await Consents.updateMany(
    { person: _id, purpose, withdrawnAt: null, givenAt: { $lte: at } },
    { $set: { withdrawnAt: at } },
  )
  const person = await People.findOneAndUpdate(
    { _id },
    {
      $pull: { consents: purpose },
      ...(purpose === 'share_with_sales' ? { $set: { sharingPausedAt: null } } : {}),
    },
  ).lean<Person>()
  if (purpose === 'marketing_email' && person && !person.erasedAt)
    await suppress(person.email, 'unsubscribed')
}
