import { now } from '../platform/clock'
import { wakeWorker } from '../platform/queue'
import type { Event } from '../events/event'
import { People } from '../people/person'
import { Scores } from './score'

/** Schedules everyone at these companies to be scored again at a moment. */
export async function rescheduleScores(domains: readonly string[], dueAt: Date): Promise<void> {
  const people = await People.distinct('_id', { 'company.domain': { $in: domains } })
  await Scores.updateMany({ _id: { $in: people } }, { $set: { dueAt } })
  wakeWorker.emit('due', 'scores')
}

/** Reaction to a deal that was won or reopened, which decides whether the buyer's colleagues may be handed off. */
export async function rescoreColleagues({ person }: Pick<Event, 'person'>): Promise<void> {
  const buyer = await People.findById(person, { company: 1 })
  if (buyer?.company) await rescheduleScores([buyer.company.domain], now())
}
