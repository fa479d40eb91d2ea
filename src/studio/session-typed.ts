import { z } from 'zod'
import type { LocalTime } from '../platform/zoned-time'
import { normaliseLine } from '../platform/text'

// Single fields of the forms of sessions, as they are typed.

/** A whole number within limits. */
export const wholeNumber = (minimum: number, maximum: number) =>
  z.coerce
    .number({ error: 'studio:sessions.errors.number' })
    .int({ error: 'studio:sessions.errors.number' })
    .min(minimum, { error: 'studio:sessions.errors.number' })
    .max(maximum, { error: 'studio:sessions.errors.number' })

const isEmpty = (value: unknown) => value === undefined || value === ''
/** A number that may be left out; null then. */
export const numberOrNone = (minimum: number, maximum: number) =>
  z.preprocess(value => (isEmpty(value) ? null : value), wholeNumber(minimum, maximum).nullable())
/** A number that may be left out; the given one then. */
export const numberOr = (given: number, minimum: number, maximum: number) =>
  z.preprocess(value => (isEmpty(value) ? given : value), wholeNumber(minimum, maximum))

/** An address on the web that starts with https; empty when it may be. */
export const httpsField = z
  .string()
  .trim()
  .max(2000, { error: 'web:errors.tooLong' })
  .default('')
  .refine(typed => !typed || isHttps(typed), { error: 'studio:sessions.errors.https' })

function isHttps(typed: string): boolean {
  const url = URL.canParse(typed) ? new URL(typed) : null
  return url?.protocol === 'https:' && !url.username && !url.password
}

/** Text on one line, which may be empty. */
export const lineOf = (maximum: number) =>
  z.string().overwrite(normaliseLine).max(maximum, { error: 'web:errors.tooLong' }).default('')

export const dayField = z.iso.date({ error: 'studio:sessions.errors.day' })
/** A time of day such as 15:00. */
export const timeField = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: 'studio:sessions.errors.time' })

/** Returns a day and a time of day as clocks show them. */
export const localStart = (day: string, time: string): LocalTime => Date.parse(`${day}T${time}:00Z`)

export type Issues = {
  push: (issue: {
    code: 'custom'
    input: unknown
    path: string[]
    message: string
    params: object
  }) => unknown
}

/** Returns what reports a problem with a field. */
export const reporter =
  (issues: Issues) =>
  (field: string, message: string, params: object = {}) =>
    issues.push({ code: 'custom', input: undefined, path: [field], message, params })

/** A list with at most so many rows. */
export const rows = <T extends z.ZodType>(row: T, maximum: number) =>
  z.array(row).max(maximum, { error: 'studio:sessions.errors.tooMany' })
