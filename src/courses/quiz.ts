import { createHash } from 'node:crypto'
import { z } from 'zod'
import { courseFault, type CourseFault } from './course-fault'
import { memoized } from '../platform/cached'
import { markdownFacts, hashOf } from './markdown'
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
 * Limits of a lesson's questions. The largest valid question has 400 YAML tokens; blocks after `faults` wrong ones
 * aren't read.
 */
const quizCaps = { questions: 200, tokens: 1000, faults: 20 }

type Questions = { questions: PlacedQuestion[]; faults: CourseFault[] }

/**
 * Reads the ```quiz blocks of a lesson. A question without a right choice is read too; the check before publishing
 * reports it (check-course.ts).
 *
 * @param file the file's path, for the faults.
 * @param firstLine the line of the file where the text begins, for the faults.
 */
export function readQuestions(body: string, file = '', firstLine = 1): Questions {
  const { questions, faults } = questionsIn(body)
  if (firstLine === 1 && !file) return { questions, faults }
  const moved = (line: number) => line + firstLine - 1
  return {
    questions: questions.map(question => ({ ...question, line: moved(question.line) })),
    faults: faults.map(fault => ({ ...fault, file, line: moved(fault.line!) })),
  }
}

/** Cached and shared, so its result is never changed. */
const questionsIn = memoized(readBlocks, { max: 5000, nameOf: hashOf, sizeOf: body => body.length })

function readBlocks(body: string): Questions {
  const questions = new Map<string, PlacedQuestion>()
  const faults: CourseFault[] = []
  for (const fence of markdownFacts(body).fences) {
    if (fence.language !== 'quiz') continue
    const { line } = fence
    if (faults.length >= quizCaps.faults) break
    if (questions.size >= quizCaps.questions) {
      faults.push(courseFault('', line, 'studio:faults.tooManyQuestions', { maximum: quizCaps.questions }))
      break
    }
    const read = readYaml(schema, fence.text, '', line, quizCaps.tokens)
    faults.push(...read.faults)
    if (!read.value) continue
    const id = read.value.id ?? idFor(read.value.prompt)
    if (questions.has(id)) faults.push(courseFault('', line, 'studio:faults.sameQuestion', { id }))
    else questions.set(id, { ...read.value, id, line })
  }
  return { questions: [...questions.values()], faults }
}

/** Returns the questions of a lesson that passed the check; unreadable blocks are left out. */
export function questionsOf(body: string): Question[] {
  return readQuestions(body).questions.map(({ line: _line, ...question }) => question)
}

function idFor(prompt: string): string {
  return `q-${createHash('sha256').update(prompt).digest('hex').slice(0, 8)}`
}
