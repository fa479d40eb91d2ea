import type { Types, UpdateQuery } from 'mongoose'
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
}

/**
 * Reaction to the events of the funnel: stores when each step was first reached. `$min` makes it safe to repeat and to
 * reorder.
 */
export async function recordFunnelStep(event: Event): Promise<void> {
  const step = stepOf[event.name]
  if (!step) return
  const times = { [`steps.${step}`]: event.at }
  if (event.course && (step === 'enrolled' || step === 'active' || step === 'completed')) {
    times[`courses.${event.course}.${step}`] = event.at
  }
  await changeFunnelProgress(event.person, { $min: times })
}

/** Changes a person's progress, creating it when there is none. Staff try things out, so they don't count. */
export async function changeFunnelProgress(
  id: Types.ObjectId,
  change: UpdateQuery<FunnelProgress>,
): Promise<void> {
  const person = await People.load(id)
  if (!person || person.role !== 'prospect') return
  const { signedUpAt, firstTouch, brand } = person
  const begin = { signedUpAt, source: sourceOf(firstTouch), ...(brand && { brand }) }
  await FunnelProgresses.update({ _id: id }, { ...change, $setOnInsert: begin }, { upsert: true })
}
