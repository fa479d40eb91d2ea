import type { Response } from 'express'
import type { formattersFor } from './formatters'
import type { Language, Translate } from './i18n'

/** What view models are built with: texts and formatters in the reader's language. */
export type Texts = ReturnType<typeof formattersFor> & {
  t: Translate
  /** For texts with markup: escapes the values and returns HTML. */
  html: Translate
  lang: Language
  dir: 'ltr' | 'rtl'
}

/** A link as a view prints it. */
export type TextLink = { href: string; text: string }

/** Returns the texts of a response, which `preparePage` has set. */
export function textsOf(response: Response): Texts {
  return response.locals
}
