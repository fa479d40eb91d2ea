import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { defineQueue, wakeWorker, work, type Consumer } from '../platform/queue'
import { free, nested, nullable, number, withDefault, type RecordOf } from '../platform/record'
import { questionsAskedBy } from '../scoring/fit'
import { countHistories, readHistories } from '../scoring/histories'
import { modelVersion, type Model } from '../scoring/model'
import { exampleOf, suggestModel, type Example, type Suggestion } from '../scoring/suggestion'
import {
  longRun,
  longRunCancelled,
  longRunEnd,
  longRunFields,
  longRunIndexes,
  longRunPolicy,
  untilStopped,
} from './long-run'

/**
 * A model that past leads suggest in place of the active one. It is computed in the worker, scores nobody and records
 * no event; of people it keeps only counts.
 */
export const ScoringSuggestions = defineQueue(
  'ScoringSuggestion',
  'scoring_suggestions',
  {
    ...longRunFields,
    progress: withDefault(nested({ people: number(), of: number() }), { people: 0, of: 0 }),
    result: nullable(free<Suggestion>()),
  },
  {
    queue: 'scoring-suggestions',
    indexes: [...longRunIndexes, [{ at: 1 }]],
    onDiscard: { state: 'failed' },
  },
)
export type ScoringSuggestion = RecordOf<typeof ScoringSuggestions>

/** Starts a suggestion and returns its id; that of the one that runs already. */
export async function startSuggestion(by: Types.ObjectId, active: Model): Promise<Types.ObjectId> {
  for (;;) {
    const _id = new Types.ObjectId()
    const isOnly = await ScoringSuggestions.insertOnce({
      ...{ _id, by, at: now(), state: 'running', dueAt: now() },
      ...{ version: active._id, activeHash: active.hash },
    })
    const running = isOnly ? { _id } : await ScoringSuggestions.findOne({ state: 'running' }, { _id: 1 })
    if (!running) continue
    wakeWorker.emit('due', ScoringSuggestions.queue)
    return running._id
  }
}

/** Cancels a suggestion; its worker stops within a second. Returns false when it isn't running. */
export async function cancelSuggestion(_id: Types.ObjectId): Promise<boolean> {
  const { matchedCount } = await ScoringSuggestions.updateOne(
    { _id, state: 'running' },
    { $set: longRunCancelled },
  )
  return matchedCount > 0
}

/** Returns the newest suggestion, whatever became of it; null when nobody has asked for one. */
export async function latestSuggestion(): Promise<ScoringSuggestion | null> {
  const [latest] = await ScoringSuggestions.find({}).sort({ at: -1 }).limit(1)
  return latest ?? null
}

/** The consumer of suggestions. */
export const runSuggestions: Consumer = work(ScoringSuggestions, longRunPolicy, suggestion =>
  untilStopped(async () => {
    const startedAt = performance.now()
    const active = await modelVersion(suggestion.version)
    if (!active) throw new Error(`There is no scoring model ${suggestion.version}`)
    const progress = { people: 0, of: await countHistories() }
    const { save, rest } = longRun(ScoringSuggestions, suggestion, progress)
    const examples: Example[] = []
    for await (const portion of readHistories(questionsAskedBy(active.content))) {
      for (const history of portion) {
        const example = exampleOf(history, active.content, suggestion.at)
        if (example) examples.push(example)
        progress.people++
        await rest()
      }
    }
    const result = suggestModel(examples, active.content)
    await save({ result, progress, took: performance.now() - startedAt, ...longRunEnd })
  }),
)
