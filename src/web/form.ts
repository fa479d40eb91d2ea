import type { Request, Response } from 'express'
import { z } from 'zod'
import { hasLink } from '../people/link-in-name'
import type { Translate } from './i18n'
import { normaliseLine, normaliseText } from '../platform/text'

/** What a form shows: the typed values, and an error message per invalid field. */
export type Form = { values: Record<string, unknown>; errors: Record<string, string> }

export const emptyForm = (values: Record<string, unknown> = {}): Form => ({ values, errors: {} })

/** Zod's own messages, such as for a field that was sent twice or not at all, are not translation keys. */
const isKey = /^[a-z]+:[\w.]+$/i

/**
 * Validates a form against its zod schema. The schema's messages are translation keys (`account:errors.password`);
 * their placeholders come from the issue's `params` or from the check itself (`minimum`, `maximum`, `length`).
 * @returns the data, or the form with its values and its errors
 */
export function readForm<T extends z.ZodType>(
  schema: T,
  request: Pick<Request, 'body'>,
  response: Response,
): { data: z.output<T>; form?: undefined } | { data?: undefined; form: Form } {
  const typed = (request.body ?? {}) as Record<string, unknown>
  const result = schema.safeParse(typed)
  if (result.success) return { data: result.data }
  return { form: { values: typed, errors: errorsOf(result.error, typed, response.locals.t) } }
}

/** Returns the first error of each field of `typed`; a field in a list is `links.0.path`. */
export function errorsOf({ issues }: z.ZodError, typed: object, t: Translate): Record<string, string> {
  const errors: Record<string, string> = {}
  for (const issue of issues) {
    const field = issue.path.join('.') || 'form'
    errors[field] ??= t(isKey.test(issue.message) ? issue.message : 'web:errors.unreadable', {
      ...issue,
      length: lengthOf(typed, issue.path),
      ...('params' in issue ? issue.params : {}),
    })
  }
  return errors
}

/** Shows the form again with 422: the same page, with its values and its errors. */
export function refuseForm(
  response: Response,
  view: string,
  form: Form,
  values: Record<string, unknown> = {},
): void {
  response.status(422).render(view, { ...values, form })
}

/** A required text field, trimmed. `key` is the translation key of the error when it is missing. */
export const field = (key: string, maximum: number) =>
  z
    .string({ error: key })
    .overwrite(normaliseText)
    .trim()
    .min(1, { error: key })
    .max(maximum, { error: 'web:errors.tooLong' })

/** A required title or the name of a thing, on one line. */
export const lineField = (key: string, maximum: number) =>
  z
    .string({ error: key })
    .overwrite(normaliseLine)
    .min(1, { error: key })
    .max(maximum, { error: 'web:errors.tooLong' })

/** The name of a person: it has letters, and no web or email address, since our emails carry it. */
export const nameField = (key: string, maximum: number) =>
  lineField(key, maximum)
    .regex(/[\p{L}\p{N}\p{Extended_Pictographic}]/u, { error: key })
    .refine(name => !hasLink(name), { error: 'web:errors.linkInName' })

/** A text field that may be empty, trimmed; null when it is. */
export const optionalField = (maximum: number) =>
  z
    .string()
    .overwrite(normaliseText)
    .trim()
    .max(maximum, { error: 'web:errors.tooLong' })
    .optional()
    .transform(value => value || null)

/** A job title on one line, or null. It may name a company such as Booking.com, but has no other address. */
export const jobTitleField = (maximum: number) =>
  z
    .string()
    .overwrite(normaliseLine)
    .max(maximum, { error: 'web:errors.tooLong' })
    .refine(title => !hasLink(title, 'organisation'), { error: 'web:errors.linkInTitle' })
    .optional()
    .transform(value => value || null)

/** A checkbox: true only when checked. */
export const checkbox = z.preprocess(
  value => value === 'on' || value === 'true' || value === '1',
  z.boolean(),
)

/** For `z.preprocess`: the values of checkboxes of one name, of which a browser sends none, one or a list. */
export const checkedValues = (typed: unknown) => (typed === undefined ? [] : [typed].flat())

/**
 * Words separated by commas, semicolons or line breaks, each once.
 *
 * @param error the translation key when there are more than `maximum`.
 * @param read returns what a word stands for.
 */
export const wordList = (maximum: number, error: string, read = (word: string) => word) =>
  z
    .string()
    .max(20_000, { error: 'web:errors.tooLong' })
    .default('')
    .transform(typed => [
      ...new Set(typed.split(/[,;\n]/).flatMap(word => (word.trim() ? read(word.trim()) : []))),
    ])
    .refine(list => list.length <= maximum, { error })

function lengthOf(typed: object, path: PropertyKey[]): number {
  const value = path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    typed,
  )
  return typeof value === 'string' ? value.trim().length : 0
}
