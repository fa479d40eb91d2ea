import { createHash } from 'node:crypto'
import type { CourseFault } from './course-fault'
import { questionSchema, type Question } from './question'
import { blockReader, type Placed } from './yaml-blocks'

/** A question, and the line of the text where its block begins. */
export type PlacedQuestion = Placed<Question>

/** The largest valid question has 800 YAML tokens. */
const readBlocks = blockReader({
  language: 'quiz',
  schema: questionSchema,
  maximum: 200,
  tokens: 1000,
  named: value => ({ ...value, id: value.id ?? idFor(value.prompt) }) as Question,
  faults: { tooMany: 'studio:faults.tooManyQuestions', same: 'studio:faults.sameQuestion' },
})

/**
 * Reads the ```quiz blocks of a lesson. A question without a right choice is read too; the check before publishing
 * reports it (check-course.ts).
 *
 * @param file the file's path, for the faults.
 * @param firstLine the line of the file where the text begins, for the faults.
 */
export function readQuestions(
  body: string,
  file = '',
  firstLine = 1,
): { questions: PlacedQuestion[]; faults: CourseFault[] } {
  const { items, faults } = readBlocks(body, file, firstLine)
  return { questions: items, faults }
}

/** Returns the questions of a lesson that passed the check; unreadable blocks are left out. */
export function questionsOf(body: string): Question[] {
  return readQuestions(body).questions.map(({ line: _line, ...question }) => question)
}

function idFor(prompt: string): string {
  return `q-${createHash('sha256').update(prompt).digest('hex').slice(0, 8)}`
}
