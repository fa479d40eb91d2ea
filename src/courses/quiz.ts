import { createHash } from 'node:crypto'
import { z } from 'zod'
import { courseFault, type CourseFault } from './course-fault'
import { fencesIn } from './markdown'
import { readYaml } from './read-yaml'

const questionKinds = ['single', 'multiple', 'true-false'] as const

export type Question = {
  /** Unique within the lesson; set by the author, otherwise derived from the prompt. */
  id: string
  kind: (typeof questionKinds)[number]
  prompt: string
  /** What the question is about, if narrower than the lesson's topics. */
  topics?: string[]
  /** Slug of the lesson that explains it; otherwise lessons about the same topics do. */
  lesson?: string
  choices: Choice[]
}
type Choice = { content: string; isCorrect: boolean; explanation: string }

const schema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,59}$/)
    .optional(),
  kind: z.enum(questionKinds),
  prompt: z.string().trim().min(1).max(1000),
  topics: z.array(z.string().trim().min(1).max(40)).max(5).optional(),
  lesson: z.string().trim().min(1).max(100).optional(),
  choices: z
    .array(
      z.strictObject({
        content: z.string().trim().min(1).max(500),
        isCorrect: z.boolean().default(false),
        explanation: z
          .string()
          .trim()
          .max(1000)
          .nullish()
          .transform(text => text ?? ''),
      }),
    )
    .min(2)
    .max(10),
})

/** A question, and the line of the text where its block begins. */
export type PlacedQuestion = Question & { line: number }

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
  const questions: PlacedQuestion[] = []
  const faults: CourseFault[] = []
  for (const fence of fencesIn(body)) {
    if (fence.language !== 'quiz') continue
    const line = fence.line + firstLine - 1
    const read = readYaml(schema, fence.text, file, line)
    faults.push(...read.faults)
    if (!read.value) continue
    const id = read.value.id ?? idFor(read.value.prompt)
    if (questions.some(question => question.id === id)) {
      faults.push(courseFault(file, line, 'studio:faults.sameQuestion', { id }))
    } else {
      questions.push({ ...read.value, id, line })
    }
  }
  return { questions, faults }
}

/** Returns the questions of a lesson that passed the check; unreadable blocks are left out. */
export function questionsOf(body: string): Question[] {
  return readQuestions(body).questions.map(({ line: _line, ...question }) => question)
}

function idFor(prompt: string): string {
  return `q-${createHash('sha256').update(prompt).digest('hex').slice(0, 8)}`
}
