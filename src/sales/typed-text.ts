import { z } from 'zod'
import { HttpError } from '../platform/errors'
import { normaliseText } from '../platform/text'

/** The most characters of what a teammate says about one step with a lead. */
export const maxReason = 500

/**
 * Returns a text as it is stored; empty for none.
 *
 * @throws 422 for one that is too long: it isn't taken for none, since none may mean something else.
 */
export function typedText(value: unknown, maximum: number): string {
  const { success, data } = z
    .string()
    .overwrite(normaliseText)
    .trim()
    .max(maximum)
    .safeParse(value ?? '')
  if (!success) throw new HttpError(422, 'sales:errors.textTooLong', { maximum })
  return data
}
