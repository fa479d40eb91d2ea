import { z } from 'zod'

// The building blocks of the schemas for a course's files.

/** Text with at least one visible character. */
export const words = (maximum: number) => z.string().max(maximum).regex(/\S/)

/** The path of a course file, such as `assets/tour.webm`. */
export const file = z.string().max(300).regex(/\S/)

/** A list that is empty when the field is missing. */
export const listOf = <T extends z.ZodType>(item: T, maximum: number) =>
  z
    .array(item)
    .max(maximum)
    .nullish()
    .transform(items => items ?? [])

export const orNull = <T extends z.ZodType>(value: T) => value.nullish().transform(given => given ?? null)

/** Text that is empty when the field is missing. */
export const textOrNone = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .nullish()
    .transform(text => text ?? '')
