import { isObjectIdOrHexString, type Types } from 'mongoose'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { namesOf } from '../people/names'
import { now } from '../platform/clock'
import { conflict, notFound } from '../platform/errors'
import {
  boolean,
  date,
  defineRecord,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import { retained } from '../platform/retained'
import { sessionData } from './book-seat'
import type { LiveSession } from './live-session'
import { roomPhaseOf } from './attendance'

/** A question that is hidden is seen by those who run the session only. */
const questionStates = ['open', 'live', 'written', 'hidden'] as const

/** The most questions of one person, and of all, in one session; and the most characters of one and of its answer. */
export const sessionQuestionCaps = { own: 10, all: 300, text: 300, answer: 3000 }

/** What people ask the hosts, before the day and during it. */
export const SessionQuestions = defineRecord(
  'SessionQuestion',
  'session_questions',
  {
    session: objectId(),
    person: objectId(),
    text: string(),
    /** Asked without a name: neither the others nor the hosts or sales learn who it was. */
    isNameHidden: boolean(),
    /** Everyone who wants it answered, once. */
    voters: list(objectId()),
    /** How many they are. */
    votes: withDefault(number(), 0),
    /** `live`: answered in the session; `written`: afterwards, in `answer`. */
    state: withDefault(oneOf(questionStates), 'open'),
    /** `by` is a teammate; the name is empty once they were erased. */
    answer: nullable(nested({ text: string(), name: string(), by: objectId(), at: date() })),
    askedAt: date(),
  },
  { indexes: [[{ session: 1, person: 1 }], [{ person: 1 }], [{ voters: 1 }], [{ 'answer.by': 1 }]] },
)
export type SessionQuestion = RecordOf<typeof SessionQuestions>

/**
 * Asks the hosts something, from when the session is published until its room closes. Asking under one's own name is an
 * event, which sales sees of those who share; a question without a name is none.
 *
 * @param question `_id` follows from the form, so that sending it twice asks once.
 * @throws 409 when nobody can ask any more, or this person or everyone has asked too much.
 */
export async function askSessionQuestion(
  session: LiveSession,
  question: Pick<SessionQuestion, '_id' | 'person' | 'text' | 'isNameHidden'>,
): Promise<void> {
  const { _id, person, text, isNameHidden } = question
  if (!isAskingOpen(session)) throw conflict('academy:errors.sessions.askingOver')
  const isNew = await SessionQuestions.insertOnce({ ...question, session: session._id, askedAt: now() })
  if (isNew) {
    // Counted afterwards: any number of requests at once stay within the limits.
    const [own, all] = await Promise.all([
      SessionQuestions.count({ session: session._id, person }),
      SessionQuestions.count({ session: session._id }),
    ])
    const isTooMuch = own > sessionQuestionCaps.own || all > sessionQuestionCaps.all
    if (isTooMuch) {
      await SessionQuestions.deleteOne({ _id })
      const key = own > sessionQuestionCaps.own ? 'askedEnough' : 'allAsked'
      throw conflict(`academy:errors.sessions.${key}`)
    }
  }
  if (isNameHidden) return
  await record({
    name: 'session.question_asked',
    person,
    course: session.course,
    idempotencyKey: [session._id, _id],
    data: { ...sessionData(session), question: String(_id), text },
  })
}

/** Whether people can ask and vote: until the room of a published session closes. */
export function isAskingOpen(session: Pick<LiveSession, 'state' | 'startsAt' | 'endsAt'>): boolean {
  return session.state === 'published' && roomPhaseOf(session) !== 'over'
}

/**
 * Says that a person wants a question answered, or no longer does. Each counts once.
 *
 * @throws 404 for a question that isn't in the session, or is hidden; 409 when the room has closed.
 */
export async function setQuestionVote(
  session: LiveSession,
  question: string,
  person: Types.ObjectId,
  isWanted: boolean,
): Promise<void> {
  if (!isAskingOpen(session)) throw conflict('academy:errors.sessions.askingOver')
  if (!isObjectIdOrHexString(question)) throw notFound()
  const shown = { _id: question, session: session._id, state: { $ne: 'hidden' as const } }
  const { matchedCount } = isWanted
    ? await SessionQuestions.updateOne(
        { ...shown, voters: { $ne: person } },
        { $push: { voters: person }, $inc: { votes: 1 } },
      )
    : await SessionQuestions.updateOne(
        { ...shown, voters: person },
        { $pull: { voters: person }, $inc: { votes: -1 } },
      )
  if (!matchedCount && !(await SessionQuestions.exists(shown))) throw notFound()
}

/**
 * Says that a question was answered in the session, hides it from everyone else, or takes either back: a question with
 * an answer in writing is answered again.
 *
 * @throws 404 for a question that isn't in the session.
 */
export async function setQuestionState(
  session: Types.ObjectId,
  question: string,
  state: 'open' | 'live' | 'hidden',
): Promise<void> {
  const found = isObjectIdOrHexString(question)
    ? await SessionQuestions.findOne({ _id: question, session }, { answer: 1 })
    : null
  if (!found) throw notFound()
  const next = state === 'open' && found.answer ? 'written' : state
  await SessionQuestions.updateOne({ _id: question, session }, { $set: { state: next } })
}

/**
 * Answers a question in writing, under the name of who answers; an earlier answer is replaced.
 *
 * @throws 404 for a question that isn't in the session.
 */
export async function answerInWriting(
  session: Types.ObjectId,
  question: string,
  answer: { text: string; name: string; by: Types.ObjectId },
): Promise<void> {
  const { matchedCount } = isObjectIdOrHexString(question)
    ? await SessionQuestions.updateOne(
        { _id: question, session },
        { $set: { answer: { ...answer, at: now() }, state: 'written' } },
      )
    : { matchedCount: 0 }
  if (!matchedCount) throw notFound()
}

/**
 * Returns the questions of a session: those that are open, with the most votes first, and then those that are answered.
 *
 * @param isHost whether to include those that are hidden, last.
 */
export async function sessionQuestionsOf(
  session: Types.ObjectId,
  isHost = false,
): Promise<SessionQuestion[]> {
  const found = await readQuestions(session)
  const order = { open: 0, live: 1, written: 1, hidden: 2 }
  return found
    .filter(({ state }) => isHost || state !== 'hidden')
    .sort(
      (a, b) =>
        order[a.state] - order[b.state] || b.votes - a.votes || a.askedAt.getTime() - b.askedAt.getTime(),
    )
}

/** Returns the names of those who asked under their own, by their ids. */
export function namesOfAskers(questions: readonly SessionQuestion[]): Promise<Map<string, string>> {
  return namesOf(questions.filter(({ isNameHidden }) => !isNameHidden).map(({ person }) => person))
}

/** Reaction to `person.erased`: deletes what they have asked, their votes, and their name from what they answered. */
export async function deleteQuestionsOfErased({ person }: Pick<Event, 'person'>): Promise<void> {
  await SessionQuestions.deleteMany({ person })
  await SessionQuestions.updateMany({ voters: person }, { $pull: { voters: person }, $inc: { votes: -1 } })
  await SessionQuestions.updateMany({ 'answer.by': person }, { $set: { 'answer.name': '' } })
}

const readQuestions = retained(
  (session: Types.ObjectId, dependOn) => {
    dependOn(SessionQuestions)
    return SessionQuestions.find({ session }).exec()
  },
  { max: 100 },
)
