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
import type { EventName } from '../events/definitions'
import { cached } from '../platform/cached'
import { firstModel } from './first-model'

export const groups = ['learning', 'intent', 'account', 'negative'] as const
export type Group = (typeof groups)[number]

/** What one kind of event is worth. Its name is the translation `sales:rules.<id>`. */
export type Rule = {
  id: string
  group: Group
  events: EventName[]
  /** Points of one new event; negative points lower the score. */
  weight: number
  /** Days after which an event counts half. */
  halfLife: number
  /** Upper limit of the absolute value of the rule's sum, in points. */
  cap: number
  /** An event with fewer visible seconds counts nothing, such as a glance or a mail scanner. */
  minSeconds?: number
}

/** Points for who a person is, by profile and company, 0 to 100. Words match as whole words, in lower case. */
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
  /** Lowest engagement at which a person qualifies. */
  qualifyAt: number
  /** A lead with a lower engagement drops out. */
  disqualifyBelow: number
  /** Lowest fit of A and B, lowest engagement of 1 and 2. */
  bands: { a: number; b: number; one: number; two: number }
  /** Grades that qualify, such as `A1`. */
  qualifyingGrades: string[]
  /** Shortest time between qualifying and dropping out, in hours. */
  hoursBetweenChanges: number
  /** Shortest time between two hand-offs without a contact request, in days. */
  daysBetweenHandOffs: number
  blocked: { domains: string[]; titles: string[] }
}

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
