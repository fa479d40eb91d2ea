import { Types } from 'mongoose'
import { audit } from '../events/audit'
import { days, later, now } from '../platform/clock'
import { retained, type DependOn } from '../platform/retained'
import {
  boolean,
  date,
  defineRecord,
  list,
  nullable,
  objectId,
  oneOf,
  string,
  type RecordOf,
} from '../platform/record'
import type { Person } from './person'
import { recordProfileChange } from './update-profile'

export const questionTypes = ['text', 'choice', 'number'] as const

/** A question about a learner that an administrator asks, with the reason that the learner reads beside it. */
const ProfileQuestions = defineRecord(
  'ProfileQuestion',
  'profile_questions',
  {
    label: string(),
    /** One sentence that says what the answer is for. */
    purpose: string(),
    type: oneOf(questionTypes),
    choices: list(string()),
    /** Asked again a week after someone has skipped it; an optional one isn't. */
    required: boolean(),
    /** Whether sales sees the answers of people who share what they learn. */
    forSales: boolean(),
    createdAt: date(),
  },
  { indexes: [[{ createdAt: 1, _id: 1 }]] },
)
export type ProfileQuestion = RecordOf<typeof ProfileQuestions>

/** What a learner has answered, or that they skipped it. */
export const ProfileAnswers = defineRecord(
  'ProfileAnswer',
  'profile_answers',
  {
    /** `person:question` */
    _id: string(),
    person: objectId(),
    question: objectId(),
    /** Null for a skipped question, or an answer that was taken back. */
    value: nullable(string()),
    at: date(),
  },
  { indexes: [[{ person: 1 }], [{ question: 1 }]] },
)
export type ProfileAnswer = RecordOf<typeof ProfileAnswers>

/** The most questions, characters of an answer, and choices of a question. */
export const maxQuestions = 20
export const maxAnswer = 300
export const maxChoices = 20

/** Returns the questions in the order in which they are asked. */
export const profileQuestions: () => Promise<ProfileQuestion[]> = retained(
  (_: void, dependOn) => {
    dependOn(ProfileQuestions)
    return ProfileQuestions.find({}).sort({ createdAt: 1, _id: 1 }).limit(maxQuestions).exec()
  },
  { max: 1 },
)

/**
 * Adds a question; again with the same id adds nothing.
 *
 * @returns false when there are as many as there may be.
 */
export async function addProfileQuestion(
  question: Omit<ProfileQuestion, 'createdAt'>,
  by: Types.ObjectId,
): Promise<boolean> {
  if (!(await ProfileQuestions.insertOnce({ ...question, createdAt: now() }))) return true
  // Counted with this one: of several at once, the last one sees all the others.
  const all = await ProfileQuestions.find({}, { _id: 1 })
    .sort({ createdAt: 1, _id: 1 })
    .limit(maxQuestions + 1)
  if (all.length > maxQuestions) {
    await ProfileQuestions.deleteOne({ _id: question._id })
    return false
  }
  await audit({ actor: by, action: 'profile_question.added', subject: question.label })
  return true
}

/** Removes a question with all its answers. */
export async function removeProfileQuestion(_id: Types.ObjectId, by: Types.ObjectId): Promise<void> {
  const question = await ProfileQuestions.findById(_id)
  await ProfileQuestions.deleteOne({ _id })
  await ProfileAnswers.deleteMany({ question: _id })
  if (question) await audit({ actor: by, action: 'profile_question.removed', subject: question.label })
}

/** Returns what was typed as it is stored: trimmed, or null when it isn't an answer to the question. */
export function storedAnswer(
  { type, choices }: Pick<ProfileQuestion, 'type' | 'choices'>,
  typed: string,
): string | null {
  const text = typed.trim()
  if (!text || text.length > maxAnswer) return null
  if (type === 'choice') return choices.includes(text) ? text : null
  if (type === 'number') return /^\d{1,9}(?:[.,]\d{1,3})?$/.test(text) ? text.replace(',', '.') : null
  return text
}

/** An answer to a question; null for one that is skipped or taken back. */
type NewAnswer = { question: ProfileQuestion; value: string | null }

/** Saves answers. One that sales sees counts for the score too, so a change of it is an event. */
export async function saveAnswers(person: Pick<Person, '_id'>, answers: readonly NewAnswer[]): Promise<void> {
  const before = new Map((await answersOf(person)).map(({ question, value }) => [String(question), value]))
  for (const { question, value } of answers) {
    const change = { $set: { person: person._id, question: question._id, value, at: now() } }
    await ProfileAnswers.updateOne({ _id: `${person._id}:${question._id}` }, change, { upsert: true })
  }
  const isChanged = ({ question, value }: NewAnswer) =>
    question.forSales && (before.get(String(question._id)) ?? null) !== value
  if (answers.some(isChanged)) await recordProfileChange(person)
}

/** Returns the answers that sales may see, by person and question; only to the questions that are given. */
export async function answersForSales(
  people: readonly Types.ObjectId[],
  questions: readonly string[],
): Promise<Map<string, Record<string, string>>> {
  const open = (await profileQuestions())
    .filter(({ _id, forSales }) => forSales && questions.includes(String(_id)))
    .map(({ _id }) => _id)
  const found = open.length ? await ProfileAnswers.find({ person: { $in: people } }) : []
  const byPerson = new Map<string, Record<string, string>>()
  for (const { person, question, value } of found) {
    if (value === null || !open.some(id => id.equals(question))) continue
    const answers = byPerson.get(String(person)) ?? {}
    byPerson.set(String(person), { ...answers, [String(question)]: value })
  }
  return byPerson
}

/** Says that a read depends on what a person has answered, and on the questions. */
export function dependOnAnswers(person: Types.ObjectId, dependOn: DependOn): void {
  dependOn(ProfileQuestions)
  dependOn(ProfileAnswers, 'person', person)
}

/** Returns a learner's answers and skipped questions. */
export const answersOf: (person: Pick<Person, '_id'>) => Promise<ProfileAnswer[]> = retained(
  ({ _id }: Pick<Person, '_id'>, dependOn) => {
    dependOnAnswers(_id, dependOn)
    return ProfileAnswers.find({ person: _id }).exec()
  },
  { max: 500, nameOf: ({ _id }) => String(_id) },
)

/** How long nothing is asked after a question, and a required one isn't asked again. */
const pause = days(1)
const againAfter = days(7)

/**
 * Returns the question to ask now; undefined for none. At most one a day, never one that is answered, and one that was
 * skipped only if it is required, a week later.
 */
export function nextQuestion<Question extends Pick<ProfileQuestion, '_id' | 'required'>>(
  questions: Question[],
  answers: Pick<ProfileAnswer, 'question' | 'value' | 'at'>[],
): Question | undefined {
  if (answers.some(({ at }) => later(at, pause) > now())) return undefined
  return questions.find(({ _id, required }) => {
    const answer = answers.find(({ question }) => question.equals(_id))
    if (!answer) return true
    return required && answer.value === null && later(answer.at, againAfter) <= now()
  })
}
