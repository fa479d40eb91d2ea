import { Types } from 'mongoose'
import type { Event } from '../events/event'
import { days, later, now } from '../platform/clock'
import { defineQueue, wakeWorker } from '../platform/queue'
import {
  date,
  defineRecord,
  free,
  immutable,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import { Models, type Model } from '../scoring/model'
import type { ModelContent } from '../scoring/model-content'
import type { ReplayReport } from '../scoring/replay-report'
import { longRunCancelled, longRunFields, longRunIndexes } from './long-run'
import { ScoringSuggestions } from './scoring-suggestion'

/** What each teammate would have been given by week, in the order of the report's weeks. */
export type RepLoad = { id: string; active: number[]; draft: number[] }

/**
 * The comparison of a draft of the scoring model with the active one over all of history. It runs in the worker, tells
 * nobody and records no event. Once it is finished, it never changes.
 */
export const ScoringReplays = defineQueue(
  'ScoringReplay',
  'scoring_replays',
  {
    ...longRunFields,
    draftHash: immutable(string()),
    draft: immutable(free<ModelContent>()),
    /** Leads that the team can call in a week. */
    capacity: immutable(number()),
    progress: withDefault(nested({ people: number(), of: number(), events: number() }), {
      ...{ people: 0, of: 0, events: 0 },
    }),
    report: nullable(free<ReplayReport>()),
    reps: nullable(free<RepLoad[]>()),
  },
  {
    queue: 'scoring-replays',
    indexes: [[{ state: 1, draftHash: 1, at: -1 }], ...longRunIndexes, [{ at: 1 }]],
    onDiscard: { state: 'failed' },
  },
)
export type ScoringReplay = RecordOf<typeof ScoringReplays>

/** Whom a draft would hand off that the active model doesn't, or the other way round. Never updated. */
export const ReplayMoves = defineRecord(
  'ReplayMove',
  'scoring_replay_moves',
  {
    /** `replay:person` */
    _id: string(),
    replay: objectId(),
    person: objectId(),
    direction: oneOf(['in', 'out']),
    /** The key of the change that decides (`keyOfChange`). */
    change: string(),
    outcome: oneOf(['won', 'lost', 'open']),
    /** When the one model hands them off, and the scores of both at that moment. */
    at: date(),
    active: number(),
    draft: number(),
    /** How many events the rule of the change counted until then, and when the last was. */
    events: number(),
    lastEventAt: nullable(date()),
    /** What they paid within 90 days, in minor units. */
    amount: nullable(number()),
    currency: nullable(string()),
  },
  {
    indexes: [
      [{ replay: 1, at: -1, _id: -1 }],
      [{ replay: 1, direction: 1, at: -1, _id: -1 }],
      [{ replay: 1, direction: 1, change: 1, at: -1, _id: -1 }],
      [{ replay: 1, direction: 1, outcome: 1, amount: -1, _id: -1 }],
      [{ person: 1 }],
    ],
  },
)
export type ReplayMove = RecordOf<typeof ReplayMoves>

/** A comparison that no published version refers to is deleted after so many days. */
const keptDays = 90

type NewReplay = {
  by: Types.ObjectId
  active: Model
  draft: { hash: string; content: ModelContent }
  capacity: number
}

/**
 * Starts a replay of a draft, and returns its id; that of the same one when it runs already. One runs at a time, so any
 * other one is cancelled.
 */
export async function startReplay({ by, active, draft, capacity }: NewReplay): Promise<Types.ObjectId> {
  const same = { draftHash: draft.hash, activeHash: active.hash, capacity }
  for (;;) {
    const running = await ScoringReplays.findOne({ state: 'running', ...same }, { _id: 1 })
    if (running) return running._id
    await ScoringReplays.updateMany({ state: 'running' }, { $set: longRunCancelled })
    const _id = new Types.ObjectId()
    const isOnly = await ScoringReplays.insertOnce({
      ...{ _id, by, at: now(), state: 'running', dueAt: now() },
      ...{ version: active._id, draft: draft.content, ...same },
    })
    if (!isOnly) continue
    wakeWorker.emit('due', ScoringReplays.queue)
    return _id
  }
}

/** What sales leads have set for all replays; one record, `capacity`. */
const ReplaySettings = defineRecord('ReplaySetting', 'scoring_replay_settings', {
  _id: string(),
  /** Leads that the team can call in a week. */
  capacity: number(),
})

/** Returns how many leads the team can call in a week; null while nobody has set it. */
export async function weeklyCapacity(): Promise<number | null> {
  return (await ReplaySettings.load('capacity'))?.capacity ?? null
}

/** Sets it; null goes back to what follows from routing. */
export async function setWeeklyCapacity(capacity: number | null): Promise<void> {
  if (capacity === null) await ReplaySettings.deleteOne({ _id: 'capacity' })
  else await ReplaySettings.updateOne({ _id: 'capacity' }, { $set: { capacity } }, { upsert: true })
}

/** Cancels a replay; its worker stops within a second. Returns false when it isn't running. */
export async function cancelReplay(_id: Types.ObjectId): Promise<boolean> {
  const { matchedCount } = await ScoringReplays.updateOne(
    { _id, state: 'running' },
    { $set: longRunCancelled },
  )
  // One that has finished stays whole. The second click cleans up after a first one that was cut off.
  const isCancelled = matchedCount > 0 || (await ScoringReplays.exists({ _id, state: 'cancelled' }))
  if (isCancelled) await ReplayMoves.deleteMany({ replay: _id })
  return matchedCount > 0
}

/** Returns the newest finished replay of a draft, by the hash of its content; null when there is none. */
export function latestReplayOf(draftHash: string): Promise<ScoringReplay | null> {
  return ScoringReplays.findOne({ state: 'finished', draftHash }).sort({ at: -1 }).exec()
}

/** Deletes suggestions and comparisons after 90 days, except comparisons that a published version refers to. */
export async function purgeOldReplays(): Promise<void> {
  const before = { $lt: later(now(), -days(keptDays)) }
  await ScoringSuggestions.deleteMany({ at: before })
  const old = await ScoringReplays.find({ at: before }, { _id: 1 })
  if (!old.length) return
  const versions = await Models.find({}, { publication: 1 })
  const kept = new Set(versions.map(({ publication }) => publication?.comparison))
  const ids = old.map(({ _id }) => _id).filter(id => !kept.has(String(id)))
  await ReplayMoves.deleteMany({ replay: { $in: ids } })
  await ScoringReplays.deleteMany({ _id: { $in: ids } })
}

/** Reaction to `person.erased`: no comparison says any more what it said about them. */
export async function deleteFromReplays({ person }: Pick<Event<'person.erased'>, 'person'>): Promise<void> {
  await ReplayMoves.deleteMany({ person })
}

/**
 * Returns what comparisons say about a person, and which comparisons and suggestions a teammate asked for, for the copy
 * of their data.
 */
export async function replaysAbout(person: Types.ObjectId): Promise<object[]> {
  const [moves, started, suggested] = await Promise.all([
    ReplayMoves.find({ person }, { at: 1, direction: 1, active: 1, draft: 1, outcome: 1 }),
    ScoringReplays.find({ by: person }, { at: 1, state: 1 }),
    ScoringSuggestions.find({ by: person }, { at: 1, state: 1 }),
  ])
  return [...moves, ...started, ...suggested].map(({ _id: _dropped, ...rest }) => rest)
}
