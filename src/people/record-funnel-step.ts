import type { UpdateQuery } from 'mongoose'
import type { Event } from '../events/event'
import type { EventName } from '../events/definitions'
import { FunnelProgresses, type FunnelProgress, type Step } from './funnel-progress'
import { People } from './person'
import { sourceOf } from './source'

/** The funnel step of each event. Completing a lesson makes a learner active. */
const stepOf: Partial<Record<EventName, Step>> = {
  'person.signed_up': 'signedUp',
  'course.enrolled': 'enrolled',
  'lesson.completed': 'active',
  'course.completed': 'completed',
  'lead.qualified': 'qualified',
  'lead.accepted': 'accepted',
  'opportunity.won': 'won',
}

/**
 * Reaction to the events of the funnel: stores the first time of each step. `$min` makes it safe to repeat and to
 * reorder.
 */
export async function recordFunnelStep(event: Event): Promise<void> {
  const step = stepOf[event.name]
  if (!step && event.name !== 'opportunity.reopened') return
  const person = await People.findById(event.person, { signedUpAt: 1, firstTouch: 1, role: 1 })
  // Staff try things out, and must not count.
  if (!person || person.role !== 'prospect') return
  const change: UpdateQuery<FunnelProgress> = {
    $setOnInsert: { signedUpAt: person.signedUpAt, source: sourceOf(person.firstTouch) },
  }
  if (step) {
    change.$min = { [`steps.${step}`]: event.at }
    if (event.course && (step === 'enrolled' || step === 'active' || step === 'completed')) {
      change.$min[`courses.${event.course}.${step}`] = event.at
    }
  }
  await FunnelProgresses.updateOne({ _id: event.person }, change, { upsert: true })
  if (step === 'won') await recordDeal(event as Event<'opportunity.won'>)
  if (event.name === 'opportunity.reopened')
    await FunnelProgresses.updateOne(
      { _id: event.person, 'won.at': { $lt: event.at } },
      { $unset: { won: 1, 'steps.won': 1 } },
    )
}

/** Stores the newest deal. */
async function recordDeal({ person, at, data }: Event<'opportunity.won'>): Promise<void> {
  await FunnelProgresses.updateOne(
    { _id: person, $or: [{ won: { $exists: false } }, { 'won.at': { $lte: at } }] },
    { $set: { won: { amount: data.amount ?? 0, currency: data.currency ?? 'EUR', at } } },
  )
}
