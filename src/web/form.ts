import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Translate } from './i18n'

/** What a form shows: what was typed, and a sentence for each field that is not right. */
export type Form = { values: Record<string, unknown>; errors: Record<string, string> }

export const emptyForm = (values: Record<string, unknown> = {}): Form => ({ values, errors: {} })

/** What zod says itself, as of a field that came twice or not at all, is no text of ours. */
const isKey = /^[a-z]+:[\w.]+$/i

/**
 * Reads a form by its zod schema. A schema's messages are keys of translations (`account:errors.password`), and what they
 * need to say stands in `params` of the issue or comes from the check itself (`minimum`, `maximum`, `length`).
 */
export function readForm<T extends z.ZodType>(
  schema: T,
  request: Request,
  response: Response,
): { data: z.output<T>; form?: undefined } | { data?: undefined; form: Form } {
  const typed = (request.body ?? {}) as Record<string, unknown>
  const read = schema.safeParse(typed)
  if (read.success) return { data: read.data }
  const t = response.locals.t as Translate
  const errors: Record<string, string> = {}
  for (const issue of read.error.issues) {
    const field = issue.path.join('.') || 'form'
    errors[field] ??= t(isKey.test(issue.message) ? issue.message : 'web:errors.unreadable', {
      ...(issue as unknown as Record<string, unknown>),
      ...((issue as { params?: Record<string, unknown> }).params ?? {}),
      length: lengthOf(typed, issue.path),
    })
  }
  return { form: { values: typed, errors } }
}

/** Answers a form that was not right: 422, the same page, what was typed still in it. */
export function refuseForm(
  response: Response,
  view: string,
  form: Form,
  values: Record<string, unknown> = {},
): void {
  response.status(422).render(view, { ...values, form })
}

/** A text field of a form, trimmed; `key` is the translation to show when it is missing, too long has its own. */
export const field = (key: string, maximum: number) =>
  z
    .string({ error: key })
    .overwrite(withoutUnseen)
    .trim()
    .min(1, { error: key })
    .max(maximum, { error: 'web:errors.tooLong' })

/** The same for a name or a title, which is one line wherever it was copied from. */
export const lineField = (key: string, maximum: number) =>
  z
    .string({ error: key })
    .overwrite(text => withoutUnseen(text).replace(/\s+/g, ' '))
    .trim()
    .min(1, { error: key })
    .max(maximum, { error: 'web:errors.tooLong' })

export const optionalField = (maximum: number) =>
  z
    .string()
    .overwrite(withoutUnseen)
    .trim()
    .max(maximum, { error: 'web:errors.tooLong' })
    .optional()
    .transform(value => value || null)

/** A tick box: true only when ticked. */
export const checkbox = z.preprocess(
  value => value === 'on' || value === 'true' || value === '1',
  z.boolean(),
)

/** Signs that nobody sees and that hurt where the text goes on to: control characters, and those that turn round what follows them. */
function withoutUnseen(text: string): string {
  return text.replace(/[^\P{Cc}\n\r\t]|[\u202a-\u202e\u2066-\u2069]/gu, '')
}

function lengthOf(typed: Record<string, unknown>, path: PropertyKey[]): number {
  const value = path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    typed,
  )
  return typeof value === 'string' ? value.trim().length : 0
}
