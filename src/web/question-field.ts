import { answerTo, type Answers } from '../courses/grade'
import type { ShownQuestion } from '../courses/draw'
import { clozeParts, hasChoices, optionsOfGap, optionsOfMatch, type QuestionOf } from '../courses/question'
import type { Translate } from './i18n'

/** The most characters that a learner may type into a field or a gap. */
export const maxTyped = 300

/** The name of a part of a question's answer in a form: a pair, a place or a gap, counted from 0. */
export const partName = (question: string, part: number) => `q-${question}.${part}`

type FieldOption = { value: string | number; text: string; isSelected: boolean }

/**
 * Returns the controls of a question with what was answered so far, for the view `partials/question-<control>`. Nothing
 * in it says which answer is right: values are positions as shown.
 */
export function questionField(t: Translate, shown: ShownQuestion, answers: Answers) {
  const { question } = shown
  const name = `q-${question.id}`
  return {
    name,
    kind: question.kind,
    prompt: question.prompt,
    hint: hintOf(t, shown),
    ...controlOf(t, shown, answers, name),
  }
}

function hintOf(t: Translate, { question }: ShownQuestion): string | null {
  switch (question.kind) {
    case 'multiple':
      return t('academy:quiz.selectAll')
    case 'match':
    case 'order':
      return t(`academy:quiz.hint.${question.kind}`)
    default:
      return null
  }
}

function controlOf(t: Translate, { question, orders }: ShownQuestion, answers: Answers, name: string) {
  const answer = answerTo(answers, question.id)
  const [order = []] = orders
  if (hasChoices(question)) {
    const isMultiple = question.kind === 'multiple'
    return {
      control: 'choices' as const,
      isMultiple,
      inputType: isMultiple ? 'checkbox' : 'radio',
      choices: order.map((index, position) => ({
        value: position,
        key: String.fromCharCode('A'.charCodeAt(0) + position),
        text: question.choices[index]!.content,
        isChecked: answer.includes(index),
      })),
    }
  }
  switch (question.kind) {
    case 'text':
    case 'number':
      return {
        control: 'text' as const,
        value: answer[0] ?? '',
        maxlength: maxTyped,
        inputmode: question.kind === 'number' ? 'decimal' : null,
        unit: question.kind === 'number' ? (question.unit ?? null) : null,
        label: t(`academy:quiz.label.${question.kind}`),
      }
    case 'match': {
      const options = optionsOfMatch(question)
      return {
        control: 'match' as const,
        rows: question.pairs.map(({ item }, n) => ({
          name: partName(question.id, n),
          id: `${name}-${n}`,
          item,
          options: order.map((index, position): FieldOption => ({
            value: position,
            text: options[index]!,
            isSelected: answer[n] === index,
          })),
        })),
      }
    }
    case 'order':
      return { control: 'order' as const, rows: orderRows(t, question, order, answer) }
    case 'cloze':
      return { control: 'cloze' as const, parts: clozeFields(t, question, orders, answer) }
  }
}

/** The items as shown, each with the place that was chosen for it. */
function orderRows(
  t: Translate,
  { id, items }: QuestionOf<'order'>,
  order: number[],
  answer: readonly (number | string)[],
) {
  return order.map((index, row) => ({
    name: partName(id, row),
    id: `q-${id}-${row}`,
    item: items[index]!,
    label: t('academy:quiz.place', { item: items[index] }),
    up: t('academy:quiz.moveUp', { item: items[index] }),
    down: t('academy:quiz.moveDown', { item: items[index] }),
    options: items.map((_, place): FieldOption => ({
      value: place + 1,
      text: String(place + 1),
      isSelected: answer[place] === index,
    })),
  }))
}

function clozeFields(
  t: Translate,
  { id, text, gaps }: QuestionOf<'cloze'>,
  orders: number[][],
  answer: readonly (number | string)[],
) {
  const used = new Set<number>()
  return clozeParts(text).map(part => {
    const gap = typeof part === 'number' ? gaps[part] : undefined
    // A placeholder without a gap, or a second one, is text; the check before publishing reports it.
    if (typeof part === 'string' || !gap || used.has(part)) {
      return { control: 'text', text: typeof part === 'string' ? part : `{${part + 1}}` }
    }
    used.add(part)
    const options = optionsOfGap(gap)
    return {
      control: gap.kind === 'select' ? 'select' : 'input',
      name: partName(id, part),
      label: t('academy:quiz.gap', { number: part + 1, total: gaps.length }),
      value: answer[part] ?? '',
      maxlength: maxTyped,
      inputmode: gap.kind === 'number' ? 'decimal' : null,
      options:
        gap.kind === 'select'
          ? orders[part]!.map((index): FieldOption => ({
              value: options[index]!,
              text: options[index]!,
              isSelected: answer[part] === options[index],
            }))
          : null,
    }
  })
}
