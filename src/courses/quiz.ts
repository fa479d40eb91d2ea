import { createHash } from 'node:crypto'
import { courseFault, type CourseFault } from './course-fault'
import { memoized } from '../platform/cached'
import { markdownFacts, hashOf } from './markdown'
import { questionSchema, type Question } from './question'
import { readYaml } from './read-yaml'

/** A question, and the line of the text where its block begins. */
export type PlacedQuestion = Question & { line: number }

/**
 * Limits of a lesson's questions. The largest valid question has 800 YAML tokens; blocks after `faults` wrong ones
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
    const { question, faults: found } = readBlock(fence.text)
    faults.push(...found.map(fault => ({ ...fault, line: fault.line! + line - 1 })))
    if (!question) continue
    const { id } = question
    if (questions.has(id)) faults.push(courseFault('', line, 'studio:faults.sameQuestion', { id }))
    else questions.set(id, { ...question, line })
  }
  return { questions: [...questions.values()], faults }
}

/** Reads one block. Saving a lesson changes few of its blocks, so each is cached by itself; lines begin at 1. */
const readBlock = memoized(
  (text: string): { question?: Question; faults: CourseFault[] } => {
    const { value, faults } = readYaml(questionSchema, text, '', 1, quizCaps.tokens)
    return { question: value && ({ ...value, id: value.id ?? idFor(value.prompt) } as Question), faults }
  },
  { max: 5000, nameOf: hashOf, sizeOf: text => text.length },
)

/** Returns the questions of a lesson that passed the check; unreadable blocks are left out. */
export function questionsOf(body: string): Question[] {
  return readQuestions(body).questions.map(({ line: _line, ...question }) => question)
}

function idFor(prompt: string): string {
  return `q-${createHash('sha256').update(prompt).digest('hex').slice(0, 8)}`
}
