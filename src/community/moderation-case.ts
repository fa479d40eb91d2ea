import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import {
  date,
  defineRecord,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  optional,
  string,
  type RecordOf,
} from '../platform/record'
import type { Post } from './post'
import type { HeldFor } from './rules'
import type { Thread } from './thread'

export const reportReasons = ['spam', 'rude', 'personal', 'wrong'] as const
export type ReportReason = (typeof reportReasons)[number]
const caseStates = ['open', 'kept', 'hidden'] as const

/** The most characters of what a reporter writes; and the most reports that are kept of one thing. */
export const reportCaps = { text: 500, reports: 50 }

/** A question, an answer or a reply that someone reported, or that the rules hold, until a moderator has decided. */
export const ModerationCases = defineRecord(
  'ModerationCase',
  'moderation_cases',
  {
    /** The id of what it is about. */
    _id: objectId(),
    kind: oneOf(['thread', 'post'] as const),
    course: objectId(),
    thread: objectId(),
    /** Who wrote it. */
    person: objectId(),
    reports: list(nested({ by: objectId(), reason: oneOf(reportReasons), text: string(), at: date() })),
    /** How many people have reported it. */
    count: number(),
    /** Why the rules hold it; missing when they don't. */
    heldFor: optional(string<HeldFor>()),
    state: oneOf(caseStates),
    openedAt: date(),
    /** The latest report, or when it was held. */
    at: date(),
    decidedBy: nullable(objectId()),
    decidedAt: nullable(date()),
  },
  {
    indexes: [
      [{ state: 1, at: -1, _id: -1 }],
      [{ person: 1, state: 1 }],
      [{ 'reports.by': 1 }],
      [{ thread: 1 }],
    ],
  },
)
export type ModerationCase = RecordOf<typeof ModerationCases>

type Subject = {
  kind: ModerationCase['kind']
  thread: Pick<Thread, '_id' | 'course'>
  of: Pick<Post, '_id' | 'person'>
}

function opened({ kind, thread, of }: Subject, moment: Date) {
  return {
    ...{ kind, course: thread.course, thread: thread._id, person: of.person },
    ...{ openedAt: moment, decidedBy: null, decidedAt: null },
  }
}

/**
 * Reports something to the moderators. A person's second report takes the place of the first. What was kept is open
 * again; what is hidden stays hidden.
 *
 * @throws 409 when it has enough reports already, or is one's own
 */
export async function report(
  subject: Subject,
  by: Types.ObjectId,
  { reason, text }: { reason: ReportReason; text: string },
): Promise<void> {
  const { _id, person } = subject.of
  if (person.equals(by)) throw conflict('academy:errors.community.ownReport')
  const moment = now()
  await ModerationCases.update(
    { _id },
    { $setOnInsert: { ...opened(subject, moment), state: 'open', count: 0, at: moment, reports: [] } },
    { upsert: true },
  )
  await ModerationCases.updateOne(
    { _id, 'reports.by': by },
    { $pull: { reports: { by } }, $inc: { count: -1 } },
  )
  const { matchedCount } = await ModerationCases.updateOne(
    { _id, 'reports.by': { $ne: by }, count: { $lt: reportCaps.reports } },
    { $push: { reports: { by, reason, text, at: moment } }, $inc: { count: 1 }, $set: { at: moment } },
  )
  if (!matchedCount) throw conflict('academy:errors.community.reportedEnough')
  await ModerationCases.updateOne({ _id, state: 'kept' }, { $set: { state: 'open' } })
}

/** Puts what the rules hold before the moderators. */
export async function openHeldCase(subject: Subject, heldFor: HeldFor): Promise<void> {
  const moment = now()
  await ModerationCases.update(
    { _id: subject.of._id },
    {
      $setOnInsert: { ...opened(subject, moment), state: 'open', count: 0, at: moment, reports: [] },
      $set: { heldFor },
    },
    { upsert: true },
  )
}

/** The same for something with new words, which a moderator may have decided about before. */
export async function reopenHeldCase(subject: Subject, heldFor: HeldFor): Promise<void> {
  await openHeldCase(subject, heldFor)
  await ModerationCases.updateOne({ _id: subject.of._id }, { $set: { state: 'open', at: now() } })
}

/** Counts what waits for a moderator, up to 100. */
export function countOpenCases(): Promise<number> {
  return ModerationCases.count({ state: 'open' }, 100)
}

/** Returns what a person has reported, without whose it was. */
export async function reportsBy(person: Types.ObjectId) {
  const found = await ModerationCases.find({ 'reports.by': person }, { reports: 1 })
  return found.flatMap(({ reports }) =>
    reports.filter(({ by }) => by.equals(person)).map(({ reason, text, at }) => ({ reason, text, at })),
  )
}
