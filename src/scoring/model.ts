import { createHash } from 'node:crypto'
import { minutes, now } from '../platform/clock'
import {
  date,
  defineRecord,
  free,
  immutable,
  nullable,
  number,
  oneOf,
  string,
  type RecordOf,
} from '../platform/record'
import { cached } from '../platform/cached'
import { firstModel } from './first-model'
import type { ModelContent } from './model-content'

export const Models = defineRecord(
  'ScoringModel',
  'scoring_models',
  {
    /** The version: 1, 2, 3… */
    _id: number(),
    status: oneOf(['draft', 'shadow', 'active', 'retired']),
    // Immutable: a change is a new version, so that every old score can still be explained.
    /** SHA-256 of the content as JSON, hex. */
    hash: immutable(string()),
    content: immutable(free<ModelContent>()),
    createdAt: immutable(date()),
    activeSince: nullable(date()),
  },
  { indexes: [[{ status: 1, _id: -1 }]] },
)
export type Model = RecordOf<typeof Models>

/**
 * Returns the active model, cached in this process for a minute. The first call in an empty database writes version 1.
 *
 * @throws Error when the stored content doesn't match its hash.
 */
export const activeModel = cached<void, Model>(minutes(1), readActive, { max: 1 })

async function readActive(): Promise<Model> {
  const model = (await newestActive()) ?? (await writeFirst())
  if (model.hash !== hashOfModel(model.content)) {
    throw new Error(`Scoring model ${model._id} has been changed in the database: its hash doesn't match`)
  }
  return model
}

/** Returns the model that was active at a moment; the first one for an earlier moment. */
export async function modelAt(at: Date): Promise<Model> {
  const [model] = await Models.find({ activeSince: { $ne: null, $lte: at } })
    .sort({ _id: -1 })
    .limit(1)
  return model ?? (await Models.findById(1)) ?? activeModel()
}

/** Returns the SHA-256 of a model's content as JSON, hex. */
export function hashOfModel(content: ModelContent): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

async function newestActive(): Promise<Model | null> {
  return (await Models.find({ status: 'active' }).sort({ _id: -1 }).limit(1))[0] ?? null
}

async function writeFirst(): Promise<Model> {
  const moment = now()
  const first = { hash: hashOfModel(firstModel), content: firstModel, createdAt: moment, activeSince: moment }
  await Models.insertOnce({ _id: 1, status: 'active', ...first })
  return (await newestActive())!
}
