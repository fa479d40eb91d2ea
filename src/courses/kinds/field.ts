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
  /** A text area with one item per line. */
  | { input: 'lines'; rows: number }

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
  toForm(value: z.output<Z>): string
  /** Returns the value that was typed; undefined for an invalid one. */
  fromForm(text: string): z.output<Z> | undefined
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
 * Returns a field for a list of items, one per line in the form.
 *
 * @param lines reads and writes a line; `read` returns undefined for an invalid one.
 */
export function linesField<Item extends z.ZodType>(
  item: Item,
  maximum: number,
  rows: number,
  lines: {
    read: (line: string) => z.input<Item> | undefined
    write: (item: z.output<Item>) => string
    toFile: (item: z.output<Item>) => z.input<Item>
  },
) {
  const schema = listOf(item, maximum)
  return field({
    schema,
    initial: [],
    input: { input: 'lines', rows },
    toFile: items => (items.length ? items.map(lines.toFile) : undefined),
    toForm: items => items.map(lines.write).join('\n'),
    fromForm: text => {
      const items = text.split(/\r?\n/).flatMap(line => (line.trim() ? [lines.read(line)] : []))
      return schema.safeParse(items).data
    },
  })
}

const field = <Z extends z.ZodType>(definition: LessonField<Z>) => definition
