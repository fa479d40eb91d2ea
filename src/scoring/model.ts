import { createHash } from 'node:crypto'
import { model as mongooseModel, Schema } from 'mongoose'
import { minutes, now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'
import { cached } from '../platform/cached'
import { firstModel } from './first-model'
import type { ModelContent } from './model-content'

export type Model = {
  /** 1, 2, 3… */
  _id: number
  status: 'draft' | 'shadow' | 'active' | 'retired'
  /** SHA-256 of the content as JSON, hex. */
  hash: string
  content: ModelContent
  createdAt: Date
  activeSince: Date | null
}

const schema = new Schema<Model>(
  {
    _id: { type: Number, required: true },
    status: { type: String, enum: ['draft', 'shadow', 'active', 'retired'], required: true },
    // Immutable: a change is a new version, so that every old score can still be explained.
    hash: { type: String, required: true, immutable: true },
    content: { type: Schema.Types.Mixed, required: true, immutable: true },
    createdAt: { type: Date, required: true, immutable: true },
    activeSince: { type: Date, default: null },
  },
  { versionKey: false, minimize: false },
)
schema.index({ status: 1, _id: -1 })

export const Models = mongooseModel<Model>('ScoringModel', schema, 'scoring_models')

/**
 * Returns the active model, cached in this process for a minute. The first call in an empty database writes version 1.
 *
 * @throws Error when the stored content doesn't match its hash.
 */
export const activeModel = cached<void, Model>(minutes(1), async () => {
  const model = (await newestActive()) ?? (await writeFirst())
  if (model.hash !== hashOfModel(model.content)) {
    throw new Error(`Scoring model ${model._id} has been changed in the database: its hash doesn't match`)
  }
  return model
})

/** Returns the SHA-256 of a model's content as JSON, hex. */
export function hashOfModel(content: ModelContent): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

function newestActive(): Promise<Model | null> {
  return Models.findOne({ status: 'active' }).sort({ _id: -1 }).lean<Model>().exec()
}

async function writeFirst(): Promise<Model> {
  const moment = now()
  const first: Model = {
    _id: 1,
    status: 'active',
    hash: hashOfModel(firstModel),
    content: firstModel,
    createdAt: moment,
    activeSince: moment,
  }
  try {
    await Models.create(first)
    return first
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    return (await newestActive())!
  }
}
