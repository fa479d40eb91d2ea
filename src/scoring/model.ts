import { createHash } from 'node:crypto'
import { model as record, Schema } from 'mongoose'
import { minutes, now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'
import type { EventName } from '../events/event'
import { cached } from '../platform/cached'
import { firstModel } from './first-model'

export const groups = ['learning', 'intent', 'account', 'negative'] as const
export type Group = (typeof groups)[number]

/** What one kind of event is worth. Its name in words is the translation `sales:rules.<id>`. */
export type Rule = {
  id: string
  group: Group
  events: EventName[]
  /** Points of one event when it is new; below zero takes off. */
  weight: number
  /** Days after which an event counts half. */
  halfLife: number
  /** The rule's sum is at most this far from zero. */
  cap: number
  /** An event with fewer visible seconds counts nothing: scanners and glances. */
  minSeconds?: number
}

/** Fit: who somebody is, by profile and company, 0 to 100. Words are compared in lower case, as whole words. */
export type FitRules = {
  seniority: { id: string; words: string[]; points: number }[]
  area: { id: string; words: string[]; points: number }[]
  workEmail: number
  countries: { codes: string[]; points: number }
  answers: { question: string; answer: string; points: number }[]
  answersCap: number
}

export type ModelContent = {
  rules: Rule[]
  groupCaps: Record<Group, number>
  fit: FitRules
  /** Engagement to become ready, and below which one no longer is. */
  qualifyAt: number
  disqualifyBelow: number
  /** Lowest fit of A and B, lowest engagement of 1 and 2. */
  bands: { a: number; b: number; one: number; two: number }
  qualifying: string[]
  /** Whole hours between two changes of mind, whole days between two hand-offs without a contact request. */
  hoursBetweenFlips: number
  daysBetweenHandOffs: number
  blocked: { domains: string[]; titles: string[] }
}

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
    // Immutable: a change is a new version, so that an old score can be explained for ever.
    hash: { type: String, required: true, immutable: true },
    content: { type: Schema.Types.Mixed, required: true, immutable: true },
    createdAt: { type: Date, required: true, immutable: true },
    activeSince: { type: Date, default: null },
  },
  { versionKey: false, minimize: false },
)
schema.index({ status: 1, _id: -1 })

export const Models = record<Model>('ScoringModel', schema, 'scoring_models')

/** The model in force, kept in this process for a minute. The first start writes version 1. */
export const activeModel = cached<void, Model>(minutes(1), async () => {
  const model = (await newestActive()) ?? (await writeFirst())
  if (model.hash !== hashOfModel(model.content)) {
    throw new Error(`Scoring model ${model._id} was changed after it was made: its hash does not match`)
  }
  return model
})

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
