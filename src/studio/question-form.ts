import type { z } from 'zod'
import {
  questionCaps,
  questionKinds,
  questionSchema,
  type Question,
  type QuestionKind,
} from '../courses/question'
import type { WrittenQuestion } from '../courses/write-question'
import { normaliseText } from '../platform/text'
import type { Translate } from '../web/i18n'

/** A column of the table of a question's entries. Its texts are `studio:quizEditor.columns.<name>`. */
export type QuestionColumn = {
  name:
    | 'isCorrect'
    | 'content'
    | 'value'
    | 'tolerance'
    | 'credit'
    | 'item'
    | 'match'
    | 'kind'
    | 'accept'
    | 'wrong'
    | 'points'
    | 'explanation'
  type: 'right' | 'text' | 'number' | 'lines' | 'gap'
}

const right: QuestionColumn = { name: 'isCorrect', type: 'right' }
const text = (name: QuestionColumn['name']): QuestionColumn => ({ name, type: 'text' })
const number = (name: QuestionColumn['name']): QuestionColumn => ({ name, type: 'number' })
const lines = (name: QuestionColumn['name']): QuestionColumn => ({ name, type: 'lines' })

type Entries = { list: 'choices' | 'answers' | 'pairs' | 'gaps'; columns: QuestionColumn[]; maximum: number }

const choices: Entries = {
  list: 'choices',
  columns: [right, text('content'), text('explanation'), number('credit')],
  maximum: questionCaps.choices,
}

/** The table of each kind; null for one that is a list of lines. */
const entriesOf: Record<QuestionKind, Entries | null> = {
  single: choices,
  multiple: choices,
  'true-false': choices,
  text: {
    list: 'answers',
    columns: [text('content'), text('explanation'), number('credit')],
    maximum: questionCaps.answers,
  },
  number: {
    list: 'answers',
    columns: [number('value'), number('tolerance'), text('explanation'), number('credit')],
    maximum: questionCaps.answers,
  },
  match: {
    list: 'pairs',
    columns: [text('item'), text('match'), text('explanation')],
    maximum: questionCaps.pairs,
  },
  order: null,
  cloze: {
    list: 'gaps',
    columns: [
      { name: 'kind', type: 'gap' },
      ...[lines('accept'), lines('wrong'), number('tolerance'), number('points'), text('explanation')],
    ],
    maximum: questionCaps.gaps,
  },
}

/** Fields of one kind that aren't in its table, as the form asks for them. */
export const ownFields: Record<
  QuestionKind,
  readonly ('shuffle' | 'spelling' | 'unit' | 'others' | 'items' | 'text')[]
> = {
  single: ['shuffle'],
  multiple: ['shuffle'],
  'true-false': [],
  text: ['spelling'],
  number: ['unit'],
  match: ['others'],
  order: ['items'],
  cloze: ['text'],
}

/** What a form of a question holds: the typed texts by field name. Fields of row `n` are `content.n`. */
export type QuestionValues = Record<string, string>

export const entriesOfKind = (kind: QuestionKind): Entries | null => entriesOf[kind]

/** Returns the kind in a form; the first one without a valid one. */
export function kindIn(fields: Record<string, unknown>): QuestionKind {
  return questionKinds.find(kind => kind === fields.kind) ?? questionKinds[0]!
}

/** Returns how many rows of a table are filled in. */
export function rowCount(kind: QuestionKind, values: QuestionValues): number {
  const rows = entriesOf[kind]
  if (!rows) return 0
  const filled = Array.from({ length: rows.maximum }, (_, n) => isFilled(rows, values, n))
  return filled.lastIndexOf(true) + 1
}

function isFilled({ columns }: Entries, values: QuestionValues, n: number): boolean {
  return columns.some(
    ({ name, type }) => type !== 'right' && type !== 'gap' && values[`${name}.${n}`]?.trim(),
  )
}

/** The fields of every question that are texts. */
const commonTexts = ['prompt', 'pool', 'image', 'imageAlt', 'caption', 'lesson', 'explanation']

/** Returns a question as its form shows it. */
export function valuesOfQuestion(question: Question): QuestionValues {
  const plain: Record<string, unknown> = question
  const { kind } = question
  const values: QuestionValues = { kind }
  for (const name of [...commonTexts, 'points', ...ownFields[kind]]) {
    values[name] = textOf(plain[name])
  }
  values.topics = (question.topics ?? []).join(', ')
  if ('shuffle' in question && question.shuffle !== undefined)
    values.shuffle = question.shuffle ? 'yes' : 'no'
  const rows = entriesOf[kind]
  if (!rows) return values
  for (const [n, row] of (plain[rows.list] as Record<string, unknown>[]).entries()) {
    for (const { name, type } of rows.columns) {
      if (type === 'right') values[`right.${n}`] = row[name] ? 'on' : ''
      else values[`${name}.${n}`] = textOf(row[name])
    }
  }
  return values
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join('\n')
  return value === undefined || value === null ? '' : String(value)
}

/** Returns the typed texts of a form. The right one of several radio buttons is `right`, with the number of its row. */
export function typedValues(fields: Record<string, unknown>): QuestionValues {
  const values: QuestionValues = {}
  for (const [name, value] of Object.entries(fields)) {
    const [last] = [value].flat().slice(-1)
    if (typeof last === 'string') values[name] = normaliseText(last.replace(/\r\n?/g, '\n'))
  }
  for (const n of [fields.right].flat()) if (typeof n === 'string') values[`right.${n}`] = 'on'
  return values
}

/** Reads a form: the question, or the errors by field name. */
export function readQuestion(
  values: QuestionValues,
  t: Translate,
):
  | { question: WrittenQuestion; errors?: undefined }
  | { question?: undefined; errors: Record<string, string> } {
  const kind = kindIn(values)
  const typed = (name: string) => values[name]?.trim() || undefined
  const rows = entriesOf[kind]
  const numbers = rows
    ? Array.from({ length: rows.maximum }, (_, n) => n).filter(n => isFilled(rows, values, n))
    : []
  const given: Record<string, unknown> = {
    kind,
    prompt: typed('prompt') ?? '',
    points: numberOf(typed('points')),
    ...Object.fromEntries(commonTexts.slice(1).map(name => [name, typed(name)])),
    topics: listOr(typed('topics')?.split(/[,\n]/)),
    ...Object.fromEntries(ownFields[kind].map(name => [name, ownValue(name, typed(name))])),
    ...(rows && { [rows.list]: numbers.map(n => rowOf(rows, values, n)) }),
  }
  const read = questionSchema(given).safeParse(withoutEmpty(given))
  if (read.success) return { question: read.data as WrittenQuestion }
  const errors: Record<string, string> = {}
  for (const issue of read.error.issues) {
    const field = fieldAt(issue.path, rows, numbers)
    errors[field] ??= problemOf(issue, t)
  }
  return { errors }
}

function ownValue(name: string, typed: string | undefined): unknown {
  if (name === 'shuffle') return typed === undefined ? undefined : typed === 'yes'
  return name === 'others' || name === 'items'
    ? (listOr(typed?.split('\n')) ?? (name === 'items' ? [] : undefined))
    : typed
}

/** Returns a row as in a question's block; its empty fields are undefined. */
function rowOf({ columns }: Entries, values: QuestionValues, n: number): Record<string, unknown> {
  return withoutEmpty(
    Object.fromEntries(
      columns.map(({ name, type }) => {
        const typed = values[`${name}.${n}`]?.trim() || undefined
        if (type === 'right') return [name, values[`right.${n}`] === 'on']
        if (type === 'number') return [name, numberOf(typed)]
        if (type === 'lines') return [name, listOr(typed?.split('\n'))]
        return [name, typed]
      }),
    ),
  )
}

function withoutEmpty(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function listOr(items: string[] | undefined): string[] | undefined {
  const filled = [...new Set((items ?? []).map(item => item.trim()).filter(Boolean))]
  return filled.length ? filled : undefined
}

/** Returns a typed number, or the text itself, which the schema refuses: `1,000` may be one or a thousand. */
function numberOf(typed: string | undefined): number | string | undefined {
  if (typed === undefined || /^[-−+]?[1-9]\d{0,2},\d{3}$/.test(typed)) return typed
  const number = Number(typed.replace(',', '.').replace('−', '-'))
  return Number.isFinite(number) ? number : typed
}

function fieldAt(path: readonly PropertyKey[], rows: Entries | null, numbers: number[]): string {
  const [first, n, name] = path
  if (!rows || first !== rows.list) return String(first ?? 'form')
  const column = name === undefined ? rows.columns.find(({ type }) => type !== 'right')!.name : String(name)
  const row = typeof n === 'number' ? numbers[n] : (numbers.at(-1) ?? -1) + 1
  return `${column === 'isCorrect' ? 'content' : column}.${row}`
}

function problemOf(issue: z.core.$ZodIssue, t: Translate): string {
  switch (issue.code) {
    case 'too_big':
      return issue.origin === 'number'
        ? t('studio:quizEditor.errors.tooLarge', { maximum: Number(issue.maximum) })
        : t('studio:quizEditor.errors.tooLong', { maximum: Number(issue.maximum) })
    case 'too_small':
      if (issue.origin === 'array')
        return t('studio:quizEditor.errors.tooFew', { count: Number(issue.minimum) })
      return issue.origin === 'number'
        ? t('studio:quizEditor.errors.tooSmall', { minimum: Number(issue.minimum) })
        : t('studio:quizEditor.errors.empty')
    case 'invalid_type':
      return issue.expected === 'number' || issue.expected === 'int'
        ? t('studio:quizEditor.errors.number')
        : t('studio:quizEditor.errors.empty')
    default:
      return t('studio:quizEditor.errors.empty')
  }
}
