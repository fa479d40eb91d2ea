import { createHash } from 'node:crypto'
import type { Types } from 'mongoose'
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
import { modelContentOf, type ModelContent, type StoredContent } from './model-content'
import { Scores } from './score'

export type Publication = { reason: string; by: Types.ObjectId | null; comparison: string | null }

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
    content: immutable(free<StoredContent>()),
    createdAt: immutable(date()),
    activeSince: nullable(date()),
    /** Why it was published, by whom, and the id of the replay that compared it; null for what ships. */
    publication: immutable(nullable(free<Publication>())),
  },
  { indexes: [[{ status: 1, _id: -1 }]] },
)
type StoredModel = RecordOf<typeof Models>
export type Model = Omit<StoredModel, 'content'> & { content: ModelContent }

/**
 * Returns a stored version with its content in today's shape.
 *
 * @throws Error when what is stored doesn't match its hash.
 */
function modelOf(stored: StoredModel): Model {
  if (stored.hash !== hashOfModel(stored.content)) {
    throw new Error(`Scoring model ${stored._id} has been changed in the database: its hash doesn't match`)
  }
  return { ...stored, content: modelContentOf(stored.content) }
}

/**
 * Returns the active model, cached in this process for a minute. The first call in an empty database writes version 1.
 * A model that follows an older formula stays as it was; the next version follows the current one, and every score is
 * computed again.
 *
 * @throws Error when the stored content doesn't match its hash.
 */
export const activeModel = cached<void, Model>(minutes(1), readActive, { max: 1 })

async function readActive(): Promise<Model> {
  const model = (await newestActive()) ?? (await writeFirst())
  if ((model.content.formula ?? 1) >= firstModel.formula!) return model
  await activate(model._id + 1, withCurrentFormula(model.content))
  await Scores.updateMany({}, { $set: { dueAt: now() } })
  return (await newestActive())!
}

/** Formula 2 counts finished lessons, courses and certificates in proportion to attention. */
function withCurrentFormula(content: ModelContent): ModelContent {
  const shipped = new Map(firstModel.rules.map(rule => [rule.id, rule]))
  return {
    ...content,
    formula: firstModel.formula,
    rules: content.rules.map(rule => {
      const attention = shipped.get(rule.id)?.attention
      return attention ? { ...rule, attention } : rule
    }),
  }
}

/**
 * Writes a version, activates it and retires the earlier ones.
 *
 * @returns false, without a change, when the version exists.
 */
export async function activate(
  version: number,
  content: ModelContent,
  publication: Publication | null = null,
): Promise<boolean> {
  const moment = now()
  const dates = { createdAt: moment, activeSince: moment }
  const hash = hashOfModel(content)
  const model = { _id: version, status: 'active' as const, hash, content, publication, ...dates }
  const isNew = await Models.insertOnce(model)
  if (isNew)
    await Models.updateMany({ _id: { $lt: version }, status: 'active' }, { $set: { status: 'retired' } })
  return isNew
}

/** Returns the model that was active at a moment; the first one for an earlier moment. */
export async function modelAt(at: Date): Promise<Model> {
  const [model] = await Models.find({ activeSince: { $ne: null, $lte: at } })
    .sort({ _id: -1 })
    .limit(1)
  const found = model ?? (await Models.findById(1))
  return found ? modelOf(found) : activeModel()
}

/** Returns a version; null for one that doesn't exist. */
export async function modelVersion(version: number): Promise<Model | null> {
  const stored = await Models.findById(version)
  return stored && modelOf(stored)
}

/** Returns the SHA-256 of a model's content as JSON, hex. */
export function hashOfModel(content: StoredContent): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

async function newestActive(): Promise<Model | null> {
  const [stored] = await Models.find({ status: 'active' }).sort({ _id: -1 }).limit(1)
  return stored ? modelOf(stored) : null
}

async function writeFirst(): Promise<Model> {
  await activate(1, firstModel)
  return (await newestActive())!
}
