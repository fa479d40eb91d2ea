import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { later, minutes, now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import { countAnswers, recordAnswered } from './answer-question'
import { recordAsked } from './ask-question'
import { ModerationCases, type ModerationCase } from './moderation-case'
import { Posts, type Post } from './post'
import { ModerationRecords, forGood } from './moderation-record'
import { Threads, type Thread } from './thread'
import { deleteUnsentDigests, deleteUnsentNotices } from './unsent-notices'

type About = Pick<ModerationCase, '_id' | 'kind' | 'course' | 'thread' | 'person'>

/**
 * Hides something from everyone but the team: emails about it that haven't left are deleted. Its place says that it is
 * hidden.
 */
export async function hidePost(about: About, by: Types.ObjectId): Promise<void> {
  const { _id, kind, thread } = about
  // What its writer has just removed, too: they could put it back otherwise.
  const shown = { _id, state: { $ne: 'hidden' as const } }
  const change = { $set: { state: 'hidden' as const, removedAt: null, dueAt: null } }
  await (kind === 'thread' ? Threads.updateOne(shown, change) : Posts.updateOne(shown, change))
  if (kind === 'post') {
    await Threads.updateOne({ _id: thread, accepted: _id }, { $set: { accepted: null, acceptedBy: null } })
    await countAnswers(thread)
  }
  await deleteUnsentNotices(kind, _id)
  await deleteUnsentDigests(about.person)
  await decided(about, 'hidden', by)
  await audit({ actor: by, action: 'post.hidden', subject: String(_id), detail: { kind } })
}

/**
 * Shows something to everyone: what was held or hidden, or was reported without need. Whoever waits for what was held
 * is told then, and it counts as asked or answered. What its writer has deleted meanwhile is decided, and nothing else.
 *
 * @param about the title of its lesson, or of its course.
 */
export async function keepPost(subject: About, by: Types.ObjectId, about: string): Promise<void> {
  const { _id, kind, thread: id } = subject
  const [thread, post] = await Promise.all([
    Threads.findById(id),
    kind === 'post' ? Posts.findById(_id) : null,
  ])
  const found = kind === 'post' ? post : thread
  if (thread && found) await show(thread, found, about)
  await decided(subject, 'kept', by)
  await audit({ actor: by, action: 'post.kept', subject: String(_id), detail: { kind } })
}

async function show(thread: Thread, found: Thread | Post, about: string): Promise<void> {
  const { _id } = found
  const isUnseen = { _id, state: { $in: ['held', 'hidden'] as ('held' | 'hidden')[] } }
  const change = { $set: { state: 'shown' as const, ...(found.state === 'held' && { dueAt: now() }) } }
  if (!('answer' in found)) {
    await Threads.updateOne(isUnseen, change)
    await recordAsked(thread, about)
    wakeWorker.emit('due', Threads.queue)
  } else {
    await Posts.updateOne(isUnseen, change)
    await countAnswers(thread._id)
    await recordAnswered(thread, found, about)
    wakeWorker.emit('due', Posts.queue)
  }
}

async function decided(
  { _id, kind, course, thread, person }: About,
  state: 'kept' | 'hidden',
  by: Types.ObjectId,
): Promise<void> {
  const moment = now()
  const none = { kind, course, thread, person, reports: [], count: 0, openedAt: moment, at: moment }
  await ModerationCases.update(
    { _id },
    { $setOnInsert: none, $set: { state, decidedBy: by, decidedAt: moment } },
    { upsert: true },
  )
}

/** Tells a person by email what they must not do again. Sent twice within a minute, it counts once. */
export async function warn(person: Types.ObjectId, by: Types.ObjectId, text: string): Promise<void> {
  const at = now()
  const last = (await ModerationRecords.findById(person))?.warnings.at(-1)
  if (last?.text === text && last.at > later(at, -minutes(1))) return
  await ModerationRecords.update(
    { _id: person },
    { $push: { warnings: { at, by, text } }, $set: { dueAt: at, attempts: 0, failedAt: null } },
    { upsert: true },
  )
  wakeWorker.emit('due', ModerationRecords.queue)
  await audit({ actor: by, action: 'learner.warned', subject: String(person), detail: {} })
}

/** Lets a person only read until a day, or for good (null). What they have written stays. */
export async function suspendFromCommunity(
  person: Types.ObjectId,
  by: Types.ObjectId,
  until: Date | null,
): Promise<void> {
  const suspendedUntil = until ?? forGood
  await ModerationRecords.update(
    { _id: person },
    { $set: { suspendedAt: now(), suspendedBy: by, suspendedUntil } },
    { upsert: true },
  )
  const detail = { until: until ? until.toISOString() : null }
  await audit({ actor: by, action: 'learner.suspended_from_community', subject: String(person), detail })
}

/** Lets them ask and answer again. @throws 404 for someone who isn't suspended */
export async function endSuspension(person: Types.ObjectId, by: Types.ObjectId): Promise<void> {
  const { matchedCount } = await ModerationRecords.updateOne(
    { _id: person, suspendedUntil: { $ne: null } },
    { $set: { suspendedUntil: null } },
  )
  if (!matchedCount) throw notFound()
  await audit({ actor: by, action: 'learner.readmitted_to_community', subject: String(person), detail: {} })
}
