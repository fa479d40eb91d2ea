import { z } from 'zod'
import { file } from './file-schema'

/** THE KINDS OF QUESTIONS, in the order the studio offers them. */
export const questionKinds = [
  ...(['single', 'multiple', 'true-false'] as const),
  ...(['text', 'number', 'match', 'order', 'cloze'] as const),
]
export type QuestionKind = (typeof questionKinds)[number]

/** The most entries of a question: answers, pairs, items or gaps. */
export const questionCaps = { choices: 10, answers: 20, pairs: 12, items: 12, gaps: 12 }

const words = (maximum: number) => z.string().trim().min(1).max(maximum)
const credit = z.number().min(-100).max(100).optional()
const explained = z
  .string()
  .trim()
  .max(1000)
  .nullish()
  .transform(text => text ?? '')

/** The fields of every question. */
const common = {
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,59}$/)
    .optional(),
  prompt: words(1000),
  /** What the question is about, if narrower than the lesson's topics. */
  topics: z.array(words(40)).max(5).optional(),
  /** Slug of the lesson that explains it; otherwise lessons about the same topics do. */
  lesson: words(100).optional(),
  /** The pool that the lesson's `draw` takes it from. */
  pool: words(40).optional(),
  /** A picture of the course that it is about, such as `assets/trend.png`, and what someone who can't see it needs. */
  image: file.optional(),
  imageAlt: words(300).optional(),
  caption: words(200).optional(),
  /** What it counts in the grade; 1 without it. */
  points: z.number().int().min(1).max(100).optional(),
  /** Why the right answer is right, whatever was answered. */
  explanation: words(1000).nullish().transform(noNull),
}

function noNull<T>(value: T | null | undefined): T | undefined {
  return value ?? undefined
}

const choices = {
  /** Whether each attempt has the choices in another order; otherwise the lesson's `shuffle` says so. */
  shuffle: z.boolean().optional(),
  choices: z
    .array(
      z.strictObject({
        content: words(500),
        isCorrect: z.boolean().default(false),
        /** Percent of the points for choosing it, where part of an answer counts. */
        credit,
        explanation: explained,
      }),
    )
    .min(2)
    .max(questionCaps.choices),
}

const kindOfQuestion = <const Kind extends QuestionKind, Fields extends z.ZodRawShape>(
  kind: Kind,
  fields: Fields,
) => z.strictObject({ ...common, kind: z.literal(kind), ...fields })

const schemas = {
  single: kindOfQuestion('single', choices),
  multiple: kindOfQuestion('multiple', choices),
  'true-false': kindOfQuestion('true-false', choices),
  text: kindOfQuestion('text', {
    /** `exact` compares letter by letter; otherwise capitals, hyphens and one slip don't matter. */
    spelling: z.enum(['exact']).optional(),
    answers: z
      .array(z.strictObject({ content: words(200), credit, explanation: explained }))
      .min(1)
      .max(questionCaps.answers),
  }),
  number: kindOfQuestion('number', {
    unit: words(20).optional(),
    answers: z
      .array(
        z.strictObject({
          value: z.number(),
          /** How far from the value an answer may be. */
          tolerance: z.number().min(0).optional(),
          credit,
          explanation: explained,
        }),
      )
      .min(1)
      .max(questionCaps.answers),
  }),
  match: kindOfQuestion('match', {
    pairs: z
      .array(z.strictObject({ item: words(200), match: words(200), explanation: explained }))
      .min(2)
      .max(questionCaps.pairs),
    /** What can be chosen and matches no item. */
    others: z.array(words(200)).max(questionCaps.pairs).optional(),
  }),
  order: kindOfQuestion('order', {
    /** In the right order. */
    items: z.array(words(200)).min(2).max(questionCaps.items),
  }),
  cloze: kindOfQuestion('cloze', {
    /** With `{1}`, `{2}`… where the gaps are. */
    text: words(2000),
    gaps: z
      .array(
        z.strictObject({
          /** A field for words or for a number, or a list to select from. */
          kind: z.enum(['text', 'number', 'select']).default('text'),
          /** The right answers. */
          accept: z.array(words(100)).min(1).max(questionCaps.choices),
          /** What else can be selected. */
          wrong: z.array(words(100)).max(questionCaps.choices).optional(),
          tolerance: z.number().min(0).optional(),
          /** Its share of the question's points, compared with the other gaps; 1 without it. */
          points: z.number().int().min(1).max(100).optional(),
          explanation: explained,
        }),
      )
      .min(1)
      .max(questionCaps.gaps),
  }),
}

/** A question as in its block, with its id: unique within the lesson, and derived from the prompt without one. */
export type Question = { [K in QuestionKind]: z.output<(typeof schemas)[K]> & { id: string } }[QuestionKind]

/** The question of some kinds, such as `QuestionOf<'match'>`. */
export type QuestionOf<Kind extends QuestionKind> = Extract<Question, { kind: Kind }>
export type ChoiceQuestion = QuestionOf<'single' | 'multiple' | 'true-false'>
export type Gap = QuestionOf<'cloze'>['gaps'][number]

const unknownKind = z.looseObject({ kind: z.enum(questionKinds) }).pipe(z.never())

/** Returns the schema of a block of YAML, which depends on its `kind`. Unknown fields are rejected. */
export function questionSchema(value: unknown): z.ZodType<Omit<Question, 'id'> & { id?: string }> {
  const { data } = z.looseObject({ kind: z.enum(questionKinds) }).safeParse(value)
  return (data ? schemas[data.kind] : unknownKind) as unknown as z.ZodType<Omit<Question, 'id'>>
}

/** Whether a question is answered by selecting some of its choices. */
export function hasChoices(question: Question): question is ChoiceQuestion {
  return 'choices' in question
}

/** Returns what can be chosen for the items of a `match`: each text once, the right ones in the order of the items. */
export function optionsOfMatch({ pairs, others = [] }: QuestionOf<'match'>): string[] {
  return [...new Set([...pairs.map(({ match }) => match), ...others])]
}

/** Returns what can be selected for a gap, the right ones first; empty for a gap with a field. */
export function optionsOfGap({ kind, accept, wrong = [] }: Gap): string[] {
  return kind === 'select' ? [...new Set([...accept, ...wrong])] : []
}

/** Returns the text of a cloze cut at its gaps: between two texts is the number of a gap, counted from 0. */
export function clozeParts(text: string): (string | number)[] {
  return text
    .split(/\{(\d{1,2})\}/)
    .map((part, n) => (n % 2 ? Number(part) - 1 : part))
    .filter(part => part !== '')
}

/** Returns every text of a question that learners read, for checks of all of them. */
export function textsOfQuestion(question: Question): string[] {
  const { prompt, imageAlt = '', caption = '', explanation = '' } = question
  return [prompt, imageAlt, caption, ...ownTexts(question), explanation].filter(Boolean)
}

function ownTexts(question: Question): string[] {
  switch (question.kind) {
    case 'single':
    case 'multiple':
    case 'true-false':
      return question.choices.flatMap(({ content, explanation }) => [content, explanation])
    case 'text':
      return question.answers.flatMap(({ content, explanation }) => [content, explanation])
    case 'number':
      return question.answers.map(({ explanation }) => explanation)
    case 'match':
      return [
        ...question.pairs.flatMap(({ item, match, explanation }) => [item, match, explanation]),
        ...(question.others ?? []),
      ]
    case 'order':
      return question.items
    case 'cloze':
      return [
        clozeParts(question.text)
          .map(part => (typeof part === 'number' ? '…' : part))
          .join(''),
        ...question.gaps.flatMap(({ accept, wrong = [], explanation }) => [...accept, ...wrong, explanation]),
      ]
  }
}
