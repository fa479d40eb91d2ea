import { createHash } from 'node:crypto'
import type { GradedLesson } from './kinds/kinds'
import { hasChoices, optionsOfGap, optionsOfMatch, type Question } from './question'

/** How a quiz is put together for an attempt. */
export type QuizRules = Pick<GradedLesson, 'draw' | 'shuffle'>

/**
 * A question as one attempt shows it. `orders` says in which order: of the choices, of the options of a `match`, of the
 * items of an `order`, or of the options of each gap of a `cloze`. Each order lists indices as the author wrote them.
 */
export type ShownQuestion = { question: Question; orders: number[][] }

/**
 * Returns the questions of an attempt. Every pool in `draw` gives as many of its questions as that says; questions
 * without a pool, or of another one, are always asked. The same seed gives the same questions in the same order.
 *
 * @param seed a text that learners can't know: it says where the right answers are.
 */
export function drawQuiz(
  { draw, shuffle }: QuizRules,
  questions: readonly Question[],
  seed: string,
): ShownQuestion[] {
  const drawn = new Set(
    draw.flatMap(({ pool, questions: count }) =>
      byHash(
        questions.filter(question => question.pool === pool),
        ({ id }) => `${seed}:draw:${id}`,
      ).slice(0, count),
    ),
  )
  const pools = new Set(draw.map(({ pool }) => pool))
  const asked = questions.filter(question => !pools.has(question.pool ?? '') || drawn.has(question))
  const ordered =
    shuffle === 'questions' || shuffle === 'both'
      ? byHash(asked, ({ id }) => `${seed}:question:${id}`)
      : asked
  return ordered.map(question => showQuestion(question, seed, shuffle === 'answers' || shuffle === 'both'))
}

/** Returns how many questions an attempt has. */
export function drawnCount({ draw }: Pick<QuizRules, 'draw'>, questions: readonly Question[]): number {
  const pools = new Map(draw.map(({ pool, questions: count }) => [pool, count]))
  const inPool = (name: string) => questions.filter(({ pool }) => pool === name).length
  const always = questions.filter(({ pool }) => !pools.has(pool ?? '')).length
  return [...pools].reduce((sum, [pool, count]) => sum + Math.min(count, inPool(pool)), always)
}

/**
 * Returns a question with the orders for a seed. What learners put in order or match is always shuffled, and never in
 * the right order, unless it is one of only two; choices are when the question says so, or `shuffleChoices` unless it
 * says otherwise.
 */
export function showQuestion(question: Question, seed: string, shuffleChoices = false): ShownQuestion {
  const shuffled = (count: number, part = 0) =>
    byHash(inOrder(count), index => `${seed}:${question.id}:${part}:${index}`)
  if (hasChoices(question)) {
    const { choices, kind, shuffle = shuffleChoices } = question
    const count = choices.length
    return { question, orders: [shuffle && kind !== 'true-false' ? shuffled(count) : inOrder(count)] }
  }
  switch (question.kind) {
    case 'text':
    case 'number':
      return { question, orders: [] }
    case 'match':
      return { question, orders: [shuffled(optionsOfMatch(question).length)] }
    case 'order': {
      const order = shuffled(question.items.length)
      // Of two orders, the other one would give the right one away.
      const isSolved = order.length > 2 && order.every((item, place) => item === place)
      return { question, orders: [isSolved ? [...order.slice(1), order[0]!] : order] }
    }
    case 'cloze':
      return { question, orders: question.gaps.map((gap, n) => shuffled(optionsOfGap(gap).length, n)) }
  }
}

const inOrder = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Sorts by the SHA-256 of a name of each: a shuffle that depends on nothing else. */
function byHash<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  return items
    .map(item => ({ item, hash: createHash('sha256').update(nameOf(item)).digest('hex') }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
    .map(({ item }) => item)
}
