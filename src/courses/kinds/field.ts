import { z } from 'zod'
import { file, listOf, orNull, textOrNone } from '../file-schema'

/** How the studio asks for a field. */
export type FieldInput =
  /** One of the course's files, of these media types; `video/` stands for all videos. */
  | { input: 'file'; types: string[] }
  | { input: 'number'; min: number; max: number }
  | { input: 'text'; maximum: number }
  /** One of a few words; the text of each is `studio:lessonSettings.<name>Choices.<word>`. */
  | { input: 'choice'; words: readonly string[] }
  /** Rows of a few columns, in an order. */
  | { input: 'rows'; columns: readonly RowColumn[]; maximum: number }

export type RowsInput = Extract<FieldInput, { input: 'rows' }>

/** A column of rows; its label is `studio:lessonSettings.<field>Columns.<name>`. */
export type RowColumn =
  | { name: string; input: 'text'; maximum: number }
  /** A number from 1; a row without one isn't there. */
  | { name: string; input: 'number'; max: number }
  /** One of the course's files. */
  | { name: string; input: 'file' }
  /** A pool of the lesson's questions: each has a row, which can't be added or moved. */
  | { name: string; input: 'pool' }

/** The rows of a list as typed: a text for each column. */
export type TypedRows = Record<string, string>[]

/**
 * A field that authors fill in: in a lesson's front matter and in the studio's form. Its texts are
 * `studio:lessonSettings.<name>`, `<name>Hint` and, for a file, `<name>None`.
 */
export type LessonField<Z extends z.ZodType = z.ZodType> = {
  /** Reads it from the front matter; a missing field gets a default. */
  schema: Z
  /** The value in a lesson that the studio creates. */
  initial: z.output<Z>
  input: FieldInput
  /** Returns the value for the front matter; undefined leaves the field out. */
  toFile(value: z.output<Z>): unknown
  toForm(value: z.output<Z>): string | TypedRows
  /** Returns the value that was typed; undefined for an invalid one. */
  fromForm(typed: string | TypedRows): z.output<Z> | undefined
  /** Returns what is wrong in rows, such as `0.title`; nothing when there are too many. */
  wrongCells?(rows: TypedRows): string[]
}

/** Returns a field for a file of the course, or none. */
export function fileField(...types: string[]) {
  return field({
    schema: orNull(file),
    initial: null,
    input: { input: 'file', types },
    toFile: value => value ?? undefined,
    toForm: value => value ?? '',
    fromForm: text => (text.length > 300 ? undefined : text || null),
  })
}

/** Returns a field for a whole number, or none. */
export function numberField({ min, max, initial }: { min: number; max: number; initial: number | null }) {
  const isValid = (text: string) => /^\d{1,3}$/.test(text) && Number(text) >= min && Number(text) <= max
  return field({
    schema: orNull(z.number().int().min(min).max(max)),
    initial,
    input: { input: 'number', min, max },
    toFile: value => value ?? undefined,
    toForm: value => (value === null ? '' : String(value)),
    fromForm: text => (text ? (isValid(text) ? Number(text) : undefined) : null),
  })
}

/** Returns a field for a line of text, or none. */
export function textField(maximum: number) {
  return field({
    schema: textOrNone(maximum),
    initial: '',
    input: { input: 'text', maximum },
    toFile: value => value || undefined,
    toForm: value => value,
    fromForm: text => (text.length > maximum ? undefined : text),
  })
}

/** Returns a field for one of these words; the first is the default, which the front matter leaves out. */
export function choiceField<const Word extends string>(...words: [Word, ...Word[]]) {
  const schema = z.enum(words).default(words[0])
  return field({
    schema,
    initial: words[0],
    input: { input: 'choice', words },
    toFile: word => (word === words[0] ? undefined : word),
    toForm: word => word,
    fromForm: text => schema.safeParse(text || undefined).data,
  })
}

/**
 * Returns a field for a list of items, each in a row of the form.
 *
 * @param rows reads and writes a row; its columns are those of the form.
 */
export function rowsField<Item extends z.ZodType>(
  item: Item,
  maximum: number,
  columns: readonly RowColumn[],
  rows: {
    read: (row: Record<string, string>) => unknown
    write: (item: z.output<Item>) => Record<string, string>
    toFile: (item: z.output<Item>) => z.input<Item>
  },
) {
  const schema = listOf(item, maximum)
  const read = (typed: TypedRows) => schema.safeParse(typed.map(rows.read))
  const definition: LessonField<typeof schema> & { input: RowsInput } = {
    schema,
    initial: [],
    input: { input: 'rows', columns, maximum },
    toFile: items => (items.length ? items.map(rows.toFile) : undefined),
    toForm: items => items.map(rows.write),
    fromForm: typed => (typeof typed === 'string' ? undefined : read(typed).data),
    wrongCells: typed => {
      const issues = read(typed).error?.issues ?? []
      return issues.flatMap(({ path }) => (path.length > 1 ? path.slice(0, 2).join('.') : []))
    },
  }
  return definition
}

type TextField<Z extends z.ZodType> = Omit<LessonField<Z>, 'fromForm' | 'wrongCells'> & {
  fromForm(text: string): z.output<Z> | undefined
}

const field = <Z extends z.ZodType>({ fromForm, ...definition }: TextField<Z>): LessonField<Z> => ({
  ...definition,
  fromForm: typed => (typeof typed === 'string' ? fromForm(typed) : undefined),
})
