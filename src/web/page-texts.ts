import type { Response } from 'express'
import type { formattersFor } from './formatters'
import type { Language, Translate } from './i18n'

/** What a view model is built from: texts, numbers and dates in the reader's language. */
export type PageTexts = ReturnType<typeof formattersFor> & {
  t: Translate
  /** For texts with markup: values are escaped. */
  html: Translate
  lang: Language
  dir: 'ltr' | 'rtl'
}

/** Returns the reader's texts, which `preparePage` has put into the locals of every response. */
export function textsOf(response: Response): PageTexts {
  return response.locals
}
