import { setImmediate as nextTurn } from 'node:timers/promises'
import { cached } from '../platform/cached'
import { answerTo, grade } from '../courses/grade'
import { isGraded } from '../courses/kinds/kinds'
import type { Published } from '../courses/published'
import { hasChoices, type Question } from '../courses/question'
import { questionsOf } from '../courses/quiz'
import { Attempts } from './attempt'
import { answersIn } from './kept-answers'
import { median } from './lesson-figures'

/** The most attempts that figures are computed from, so that a page takes no longer with a million of them. */
const maxAttempts = 500
/** With fewer answers, a coefficient is mostly chance: its 95% interval is wider than ±0.36. */
export const minAnswers = 30
/** Milliseconds. */
const refreshAfter = 600_000
/** A typed answer that fewer people gave is theirs, not a common mistake. */
const minSameAnswers = 3
const maxMistakes = 5
const maxTurnMs = 10

/** How learners answered one question, on their first attempt. */
export type QuestionFigures = {
  answered: number
  /** How many answers were completely right. */
  right: number
  /** How many chose each choice, by its text; empty for other kinds. */
  chosen: Map<string, number>
  /** The commonest wrong answers that were typed, most common first; empty for other kinds. */
  mistakes: { text: string; count: number }[]
  /**
   * The point-biserial correlation, -1 to 1, of a right answer with the share of the points that the rest of the same
   * attempt earned. Null with fewer than `minAnswers`, or when one of the two never varies.
   */
  discrimination: number | null
}

export type QuizFigures = {
  /** How many first attempts these are: all at the version, or the newest 500. */
  attempts: number
  isSample: boolean
  passed: number
  /** The median seconds of an attempt; null when none was measured. */
  seconds: number | null
  questions: Map<string, QuestionFigures>
}

/**
 * Returns how learners answered the quiz of a revision's lesson, at most 10 minutes old: from the newest 500 first
 * attempts. Later ones know what the first one got wrong. Null for a lesson that isn't graded.
 */
export const quizFigures = cached<{ published: Published; lesson: string }, QuizFigures | null>(
  refreshAfter,
  readFigures,
  { max: 50, nameOf: ({ published, lesson }) => `${published.revision}:${lesson}` },
)

async function readFigures({
  published: { revision, lessons },
  lesson: slug,
}: {
  published: Published
  lesson: string
}): Promise<QuizFigures | null> {
  const lesson = lessons.find(each => each.slug === slug)
  if (!lesson || !isGraded(lesson)) return null
  const fields = { questions: 1, answers: 1, passed: 1, durationSeconds: 1 } as const
  const attempts = await Attempts.find({ revision, lesson: slug, number: 1 }, fields)
    .sort({ at: -1 })
    .limit(maxAttempts)
  const questions = questionsOf(lesson.body)
  const byId = new Map(questions.map(question => [question.id, question]))
  const sums = new Map(questions.map(question => [question.id, emptySums(question)]))
  let since = performance.now()
  for (const attempt of attempts) {
    const asked = attempt.questions?.flatMap(id => byId.get(id) ?? []) ?? questions
    const answers = answersIn(attempt.answers, asked)
    const { results, points, possible } = grade(asked, answers, lesson.credit)
    for (const result of results) {
      const rest = possible - result.possible
      const share = rest ? (points - result.points) / rest : null
      add(sums.get(result.id)!, answerTo(answers, result.id), result.isCorrect, share)
    }
    if (performance.now() - since < maxTurnMs) continue
    // To grade all attempts at once would keep other requests waiting.
    await nextTurn()
    since = performance.now()
  }
  return {
    attempts: attempts.length,
    isSample: attempts.length === maxAttempts,
    passed: attempts.filter(({ passed }) => passed).length,
    seconds: median(attempts.flatMap(({ durationSeconds }) => durationSeconds ?? [])),
    questions: new Map([...sums].map(([id, each]) => [id, figuresOf(each)])),
  }
}

type Sums = {
  question: Question
  answered: number
  right: number
  chosen: number[]
  typed: Map<string, number>
  /** Of the attempts with other questions: whether this one was right, and the share that the rest earned. */
  pairs: { isCorrect: boolean; rest: number }[]
}

function emptySums(question: Question): Sums {
  const chosen = hasChoices(question) ? question.choices.map(() => 0) : []
  return { question, answered: 0, right: 0, chosen, typed: new Map(), pairs: [] }
}

function add(
  sums: Sums,
  answer: readonly (number | string)[],
  isCorrect: boolean,
  rest: number | null,
): void {
  sums.answered++
  if (isCorrect) sums.right++
  if (rest !== null) sums.pairs.push({ isCorrect, rest })
  if (hasChoices(sums.question)) {
    for (const index of answer) if (typeof index === 'number' && index in sums.chosen) sums.chosen[index]!++
  } else if (!isCorrect && (sums.question.kind === 'text' || sums.question.kind === 'number')) {
    const text = String(answer[0] ?? '')
      .trim()
      .toLowerCase()
    if (text) sums.typed.set(text, (sums.typed.get(text) ?? 0) + 1)
  }
}

function figuresOf({ question, answered, right, chosen, typed, pairs }: Sums): QuestionFigures {
  return {
    answered,
    right,
    chosen: hasChoices(question)
      ? new Map(question.choices.map(({ content }, index) => [content, chosen[index]!]))
      : new Map(),
    mistakes: [...typed]
      .map(([text, count]) => ({ text, count }))
      .filter(({ count }) => count >= minSameAnswers)
      .sort((a, b) => b.count - a.count)
      .slice(0, maxMistakes),
    discrimination: pairs.length < minAnswers ? null : pointBiserial(pairs),
  }
}

/**
 * Returns the point-biserial correlation of being right with the result of the rest: (M₁ − M₀) / s × √(p q), where M₁
 * and M₀ are the means of those who were right and wrong, s the standard deviation of all, and p and q their shares.
 * Null when all were right, all were wrong, or the rest never varies.
 */
export function pointBiserial(pairs: readonly { isCorrect: boolean; rest: number }[]): number | null {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const all = pairs.map(({ rest }) => rest)
  const right = pairs.filter(({ isCorrect }) => isCorrect).map(({ rest }) => rest)
  const wrong = pairs.filter(({ isCorrect }) => !isCorrect).map(({ rest }) => rest)
  if (!right.length || !wrong.length) return null
  const middle = mean(all)
  const deviation = Math.sqrt(mean(all.map(value => (value - middle) ** 2)))
  if (deviation < 1e-9) return null
  const [p, q] = [right.length / all.length, wrong.length / all.length]
  return ((mean(right) - mean(wrong)) / deviation) * Math.sqrt(p * q)
}
