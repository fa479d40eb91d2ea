import { isDeepStrictEqual } from 'node:util'
import { HttpError } from '../platform/errors'
import type { Question } from './question'
import { readQuestions, type PlacedQuestion } from './quiz'
import { freeSlug } from './slug'
import { addBlock, blockYaml, moveBlock, removeBlock, replaceBlock, blockSource } from './write-block'

// Changes to the questions of a lesson's text. All are pure, and change no byte outside the blocks that they are about.

/** A question that is to be written: without an id, it gets a free one from its prompt. */
export type WrittenQuestion = Question extends infer Each
  ? Each extends Question
    ? Omit<Each, 'id'> & { id?: string }
    : never
  : never

/** The fields of a block in the order in which they are written. */
const fieldOrder = [
  ...[
    'id',
    'kind',
    'pool',
    'points',
    'topics',
    'lesson',
    'shuffle',
    'spelling',
    'unit',
    'prompt',
    'image',
    'imageAlt',
  ],
  ...['caption', 'text'],
  ...['choices', 'answers', 'pairs', 'others', 'items', 'gaps', 'explanation'],
]

/**
 * Writes a changed question over the one with this id. Fields that are the same keep their bytes where YAML allows it,
 * and the id stays: answers are stored under it.
 *
 * @throws 404 when the text has no such question, 422 when its block can't be changed in place.
 */
export function replaceQuestion(body: string, id: string, changed: WrittenQuestion): string {
  const before = questionIn(body, id)
  const after = { ...changed, id } as Question
  const fields = fieldsOf(after)
  if (isDeepStrictEqual(fieldsOf(before), fields)) return body
  const yaml = blockYaml(blockSource(body, before.line), fieldsOf(before), fields, fieldOrder)
  return checked(body, replaceBlock(body, before.line, yaml), after)
}

/**
 * Adds a question after the one with the id `after`, or at the end. Returns the text and the id that it got.
 *
 * @throws 422 when it would stand in something else, such as code that the text never closes.
 */
export function addQuestion(
  body: string,
  question: WrittenQuestion,
  after?: string,
): { body: string; id: string } {
  const { questions } = readQuestions(body)
  const id = question.id ?? freeId(question.prompt, questions)
  const written = { ...question, id } as Question
  const yaml = blockYaml('', null, fieldsOf(written), fieldOrder)
  const place = questions.find(each => each.id === after)
  return { body: checked(body, addBlock(body, 'quiz', yaml, place?.line ?? null), written), id }
}

/** Adds a copy of a question after it. */
export function duplicateQuestion(body: string, id: string): { body: string; id: string } {
  const { line: _line, id: _id, ...question } = questionIn(body, id)
  return addQuestion(body, question as WrittenQuestion, id)
}

/** Removes a question, and the empty line after its block. */
export function removeQuestion(body: string, id: string): string {
  return removeBlock(body, questionIn(body, id).line)
}

/** Moves a question before another one, or behind the last one. The text between questions stays where it is. */
export function moveQuestion(body: string, id: string, before: string | null): string {
  return moveBlock(body, readQuestions(body).questions, id, before)
}

function questionIn(body: string, id: string): PlacedQuestion {
  const question = readQuestions(body).questions.find(each => each.id === id)
  if (!question) throw new HttpError(404, 'web:errors.notFound')
  return question
}

/** Returns what a question's block says, without what equals its default. */
function fieldsOf(question: Question): Record<string, unknown> {
  const { line: _line, ...given } = question as PlacedQuestion
  const plain = withoutDefaults(given) as Record<string, unknown>
  const named = fieldOrder.flatMap(name => (plain[name] === undefined ? [] : [[name, plain[name]] as const]))
  return Object.fromEntries(named)
}

const defaults: Record<string, unknown> = {
  isCorrect: false,
  explanation: '',
  points: 1,
  credit: 100,
  tolerance: 0,
}

function withoutDefaults(value: unknown, isGap = false): unknown {
  if (Array.isArray(value)) return value.map(each => withoutDefaults(each, isGap))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => {
      if (each === undefined || each === defaults[name] || (isGap && name === 'kind' && each === 'text'))
        return []
      if (Array.isArray(each) && !each.length) return []
      return [[name, withoutDefaults(each, name === 'gaps')]]
    }),
  )
}

function freeId(prompt: string, questions: readonly Question[]): string {
  const words = prompt.split(/\s+/).slice(0, 6).join(' ').slice(0, 50)
  return freeSlug(words, 'question', slug => questions.some(({ id }) => id === slug))
}

/**
 * Returns a changed text when it reads as it should: the question as it was meant, and all others as they were.
 *
 * @throws 422 otherwise, such as for a block within a list whose indentation has two meanings.
 */
function checked(before: string, after: string, meant: Question): string {
  const questions = readQuestions(after)
  const others = (text: string) =>
    readQuestions(text)
      .questions.filter(({ id }) => id !== meant.id)
      .map(fieldsOf)
  const found = questions.questions.find(({ id }) => id === meant.id)
  const isSame =
    found !== undefined &&
    isDeepStrictEqual(fieldsOf(found), fieldsOf(meant)) &&
    isDeepStrictEqual(others(before), others(after))
  if (!isSame) throw new HttpError(422, 'studio:errors.questionInPlace')
  return after
}
