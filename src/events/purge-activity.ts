import { days, later, now } from '../platform/clock'
import { Events, type EventName } from './event'

/** What learners did, piece by piece. What somebody is (joined, enrolled, certified, a lead, an order) stays as long as they do. */
const activity: EventName[] = [
  'lesson.opened',
  'lesson.completed',
  'quiz.attempted',
  'needs_assessment.completed',
  'question.asked',
  'colleague.active',
  'pricing.viewed',
  'plans.compared',
]

/** Deletes deeds older than 13 months (facts/trust.md, rule 7). Of a half-life of four weeks less than 0.01 % is left by then. */
export async function purgeOldActivity(): Promise<void> {
  await Events.deleteMany({ name: { $in: activity }, at: { $lt: later(now(), -days(396)) }, dueAt: null })
}
