import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import {
  boolean,
  date,
  defineRecord,
  mapKey,
  mapOf,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'

/** What a weekly goal counts. */
export const goalUnits = ['lessons', 'minutes'] as const

/**
 * What a learner wants to do in a week, and by when: theirs alone, so it is no event and sales never sees it. The date
 * of a course is in its enrolment.
 */
export const LearningGoals = defineRecord(
  'LearningGoal',
  'learning_goals',
  {
    /** The person's id. */
    _id: objectId(),
    /** Null for no goal. */
    unit: nullable(oneOf(goalUnits)),
    /** Lessons or minutes a week; 0 for no goal. */
    target: withDefault(number(), 0),
    /** The day that their weeks begin with: 1 for Monday to 7 for Sunday; null for that of their language. */
    weekStart: nullable(number()),
    /** IANA time zone of their days; null before they have saved one. */
    timeZone: nullable(string()),
    /** Whether they have switched off all of it: the week, the dates, what they can do now, and the emails. */
    isOff: withDefault(boolean(), false),
    /** Whether they get an email in a week with a date of theirs. */
    reminders: withDefault(boolean(), false),
    /** How many of these emails there were, and when the last one was queued. */
    reminderCount: withDefault(number(), 0),
    remindedAt: nullable(date()),
    /** The days that they want to finish learning paths by, `YYYY-MM-DD`, by the path's slug. */
    pathDates: mapOf(string()),
    changedAt: date(),
  },
  { indexes: [[{ reminders: 1 }, { partialFilterExpression: { reminders: true } }]] },
)
export type LearningGoal = RecordOf<typeof LearningGoals>

/** Returns a person's goal; null before they have set anything. */
export function goalOf(person: Types.ObjectId): Promise<LearningGoal | null> {
  return LearningGoals.findById(person).exec()
}

type GoalSettings = Pick<LearningGoal, 'unit' | 'target' | 'weekStart' | 'timeZone' | 'isOff' | 'reminders'>

/** Saves a person's goal, or a part of it. Saving it twice changes nothing more. */
export async function saveGoal(person: Types.ObjectId, goal: Partial<GoalSettings>): Promise<void> {
  await LearningGoals.updateOne({ _id: person }, { $set: { ...goal, changedAt: now() } }, { upsert: true })
}

/** Most learning paths of an academy; a person's dates are for some of them. */
const maxPathDates = 100

/** Sets the day that a person wants to finish a learning path by; null takes it away. */
export async function setPathDate(person: Types.ObjectId, path: string, day: string | null): Promise<void> {
  const key = `pathDates.${mapKey(path)}`
  if (day === null) {
    await LearningGoals.updateOne({ _id: person }, { $unset: { [key]: '' } })
    return
  }
  const goal = await goalOf(person)
  if (Object.keys(goal?.pathDates ?? {}).length >= maxPathDates && !pathDateOf(goal, path)) return
  const change = { $set: { [key]: day, changedAt: now() } }
  await LearningGoals.updateOne({ _id: person }, change, { upsert: true })
}

/** Returns the day that a person wants to finish a learning path by; null without one. */
export function pathDateOf(goal: LearningGoal | null, path: string): string | null {
  return goal?.pathDates[mapKey(path)] ?? null
}

/** Returns the people who get emails about their dates and had none for a week. */
export function goalsToRemind() {
  const aWeekAgo = later(now(), -days(7))
  return LearningGoals.find({
    reminders: true,
    isOff: false,
    $or: [{ remindedAt: null }, { remindedAt: { $lte: aWeekAgo } }],
  }).cursor()
}

/** Notes that an email about a person's dates is in the outbox; after a crash, the same one is noted again. */
export async function noteReminder({ _id, reminderCount }: LearningGoal): Promise<void> {
  const change = { $set: { remindedAt: now() }, $inc: { reminderCount: 1 } }
  await LearningGoals.updateOne({ _id, reminderCount }, change)
}

/** Ends the emails about a person's dates. */
export async function stopReminders(person: Types.ObjectId): Promise<void> {
  await LearningGoals.updateOne({ _id: person }, { $set: { reminders: false, changedAt: now() } })
}
