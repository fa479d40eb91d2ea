import { isDeepStrictEqual } from 'node:util'
import { Document, parseDocument, type ToStringOptions } from 'yaml'
import { HttpError } from '../platform/errors'
import { markdownFacts } from './markdown'
import type { Question } from './question'
import { readQuestions, type PlacedQuestion } from './quiz'
import { freeSlug } from './slug'

// Changes to the questions of a lesson's text. All are pure, and change no byte outside the blocks that they are about.

/** A question that is to be written: without an id, it gets a free one from its prompt. */
export type WrittenQuestion = Question extends infer Each
  ? Each extends Question
    ? Omit<Each, 'id'> & { id?: string }
    : never
  : never

/** The lines of a text, and those of a question's block from its first to its last fence, counted from 0. */
type Block = { first: number; last: number }

const options: ToStringOptions = { lineWidth: 0 }

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
  const source = markdownFacts(body).fences.find(({ line }) => line === before.line)!.text
  return checked(body, withBlock(body, before, yamlOf(source, before, fields)), after)
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
  const yaml = yamlOf('', null, fieldsOf({ ...question, id } as Question))
  const lines = body.split('\n')
  const fence = fenceFor(yaml)
  const block = [`${fence}quiz`, ...yaml.trimEnd().split('\n'), fence]
  const place = questions.find(each => each.id === after)
  if (!place) {
    const text = body.trimEnd()
    const longer = `${text ? `${body.replace(/\n*$/, '')}\n\n` : ''}${block.join('\n')}\n`
    return { body: checked(body, longer, { ...question, id } as Question), id }
  }
  lines.splice(blockOf(body, place).last + 1, 0, '', ...block)
  return { body: checked(body, lines.join('\n'), { ...question, id } as Question), id }
}

/** Adds a copy of a question after it. */
export function duplicateQuestion(body: string, id: string): { body: string; id: string } {
  const { line: _line, id: _id, ...question } = questionIn(body, id)
  return addQuestion(body, question as WrittenQuestion, id)
}

/** Removes a question, and the empty line after its block. */
export function removeQuestion(body: string, id: string): string {
  const { first, last } = blockOf(body, questionIn(body, id))
  const lines = body.split('\n')
  const isSpaced = lines[last + 1]?.trim() === '' && (first === 0 || lines[first - 1]!.trim() === '')
  lines.splice(first, last - first + (isSpaced ? 2 : 1))
  return lines.join('\n')
}

/** Moves a question before another one, or behind the last one. The text between questions stays where it is. */
export function moveQuestion(body: string, id: string, before: string | null): string {
  const { questions } = readQuestions(body)
  const from = questions.findIndex(question => question.id === id)
  const rest = questions.filter(question => question.id !== id)
  const to = before === null ? rest.length : rest.findIndex(question => question.id === before)
  if (from === -1 || to === -1) throw new HttpError(404, 'web:errors.notFound')
  const ordered = rest.toSpliced(to, 0, questions[from]!)
  const lines = body.split('\n')
  const blocks = questions.map(question => blockOf(body, question))
  const texts = new Map(
    questions.map((question, n) => [question.id, lines.slice(blocks[n]!.first, blocks[n]!.last + 1)]),
  )
  const moved = blocks.reduceRight(
    (all, { first, last }, n) => all.toSpliced(first, last - first + 1, ...texts.get(ordered[n]!.id)!),
    lines,
  )
  return moved.join('\n')
}

function questionIn(body: string, id: string): PlacedQuestion {
  const question = readQuestions(body).questions.find(each => each.id === id)
  if (!question) throw new HttpError(404, 'web:errors.notFound')
  return question
}

/** Returns the lines of a question's block. */
function blockOf(body: string, { line }: PlacedQuestion): Block {
  const { text } = markdownFacts(body).fences.find(fence => fence.line === line)!
  const first = line - 2
  const lines = body.split('\n')
  const content = text === '' ? 0 : text.replace(/\n$/, '').split('\n').length
  const last = first + 1 + content
  // A block that the text ends in has no closing fence.
  return { first, last: last < lines.length && /[`~]{3,}\s*$/.test(lines[last]!) ? last : last - 1 }
}

/** Returns the text with another content of a block. What stands before its fence stands before each of its lines. */
function withBlock(body: string, question: PlacedQuestion, yaml: string): string {
  const lines = body.split('\n')
  const { first, last } = blockOf(body, question)
  const [, before = '', fence = '```', info = 'quiz'] = /^(.*?)([`~]{3,})(.*)$/.exec(lines[first]!) ?? []
  const margin = before.replace(/[^>\s]/g, ' ')
  const needed = fenceFor(yaml, fence[0])
  const open = fence.length >= needed.length ? fence : needed
  const content = yaml.trimEnd().split('\n')
  const closing = open === fence && /[`~]{3,}\s*$/.test(lines[last]!) ? lines[last]! : margin + open
  lines.splice(first, last - first + 1, before + open + info, ...content.map(line => margin + line), closing)
  return lines.join('\n')
}

/** A fence that is longer than any in the content. */
function fenceFor(yaml: string, mark = '`'): string {
  const runs = yaml.match(mark === '~' ? /~{3,}/g : /`{3,}/g) ?? []
  return mark.repeat(Math.max(3, ...runs.map(run => run.length + 1)))
}

/** Returns a block's YAML with these fields. What hasn't changed stays as its author wrote it, with its comments. */
function yamlOf(source: string, before: Question | null, fields: Record<string, unknown>): string {
  const document = source ? parseDocument(source, { schema: 'core' }) : new Document({})
  const isUsable = before !== null && !document.errors.length && !document.warnings.length
  if (!isUsable) return new Document(fields).toString(options)
  const old = fieldsOf(before)
  for (const name of fieldOrder) {
    if (isDeepStrictEqual(old[name], fields[name])) continue
    if (fields[name] === undefined) document.delete(name)
    else document.set(name, document.createNode(fields[name]))
  }
  // An id that followed from the prompt is written down, because the prompt may change.
  if (!document.has('id')) document.set('id', fields.id)
  return document.toString({ ...options, flowCollectionPadding: /[[{] /.test(source) })
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
