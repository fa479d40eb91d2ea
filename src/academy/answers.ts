import type { Answer, Answers } from '../courses/grade'
import type { ShownQuestion } from '../courses/draw'
import { hasChoices } from '../courses/question'
import { maxTyped, partName } from '../web/question-field'

/**
 * Reads answers from a form or a query string. Choices are `q-<question>=<n>`, repeated for a question that allows
 * several; what is typed is `q-<question>=<text>`. Parts have names of their own (`partName`): the number of the option
 * of a pair, the place of an item counted from 1, the text of a gap. Numbers are positions as the question was shown,
 * which say nothing about what is right. Anything else is ignored.
 */
export function readAnswers(shown: readonly ShownQuestion[], fields: Record<string, unknown>): Answers {
  const answers = shown.map(each => [each.question.id, readAnswer(each, fields)] as const)
  return Object.fromEntries(answers.filter(([, answer]) => answer.length))
}

function readAnswer({ question, orders }: ShownQuestion, fields: Record<string, unknown>): Answer {
  const { id } = question
  const [order = []] = orders
  const textAt = (name: string) => [fields[name]].flat().find(value => typeof value === 'string') ?? ''
  const typed = (name: string) => textAt(name).slice(0, maxTyped).trim()
  const number = (text: string) => (/^\d{1,2}$/.test(text) ? Number(text) : -1)
  const isGiven = (part: number | string) => part !== -1 && part !== ''
  const unlessEmpty = (parts: Answer) => (parts.some(isGiven) ? parts : [])
  if (hasChoices(question)) {
    const chosen = [fields[`q-${id}`]]
      .flat()
      .flatMap(value => (typeof value === 'string' ? (order[number(value)] ?? []) : []))
    return question.kind === 'multiple' ? chosen : chosen.slice(0, 1)
  }
  switch (question.kind) {
    case 'text':
    case 'number':
      return unlessEmpty([typed(`q-${id}`)])
    case 'match':
      return unlessEmpty(question.pairs.map((_, n) => order[number(textAt(partName(id, n)))] ?? -1))
    case 'order': {
      const places: number[] = question.items.map(() => -1)
      for (const [row, item] of order.entries()) {
        const place = number(textAt(partName(id, row))) - 1
        if (places[place] === -1) places[place] = item
      }
      return unlessEmpty(places)
    }
    case 'cloze':
      return unlessEmpty(question.gaps.map((_, n) => typed(partName(id, n))))
  }
}
