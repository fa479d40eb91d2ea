import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { Consents, activeConsent, latestConsent, type Purpose } from './consent'
import { People } from './person'
import { suppress } from './suppression'

/**
 * Withdraws a consent immediately. The proof stays, with the date of the withdrawal. Withdrawing consent to marketing
 * also suppresses the address, which outlives the account. Does nothing without a consent.
 */
export async function withdrawConsent(_id: Types.ObjectId, purpose: Purpose): Promise<void> {
  const active = await activeConsent(_id, purpose)
  const person = await People.findById(_id)
  const isPaused = purpose === 'share_with_sales' && person?.sharingPausedAt
  if (!active && !isPaused && !person?.consents.includes(purpose)) return
  // A second press may come when the first has ended the consent and not yet the rest: it's the same withdrawal.
  const consent = active ?? (await latestConsent(_id, purpose))
  const at = consent?.withdrawnAt ?? now()
  const data = { purpose, consent: consent?._id ?? null }
  await record({
    name: 'consent.withdrawn',
    person: _id,
    at,
    idempotencyKey: [consent?._id ?? 'none', purpose],
    data,
  })
  await applyWithdrawal(_id, purpose, at)
}

/** Reaction to `consent.withdrawn`: finishes a withdrawal that was interrupted before its last step. */
export async function applyWithdrawnConsent(event: Event<'consent.withdrawn'>): Promise<void> {
  const purpose = event.data.purpose as Purpose
  const isGivenAgain = await Consents.exists({
    person: event.person,
    purpose,
    withdrawnAt: null,
    givenAt: { $gt: event.at },
  })
  if (!isGivenAgain) await applyWithdrawal(event.person, purpose, event.at)
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
  )
  if (purpose === 'marketing_email' && person && !person.erasedAt)
    await suppress(person.email, 'unsubscribed')
}
