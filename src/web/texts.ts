import type { Response } from 'express'
import type { formattersFor } from './formatters'
import type { Translate } from './i18n'

/**
 * What a handler writes the values of its view with, in the reader's language: the translations (`html` for texts with
 * markup, whose values it escapes) and the formatters.
 */
export type Texts = ReturnType<typeof formattersFor> & { t: Translate; html: Translate; dir: 'ltr' | 'rtl' }

/** Returns the texts of a response that `preparePage` has prepared. */
export function textsOf(response: Response): Texts {
  return response.locals
}
