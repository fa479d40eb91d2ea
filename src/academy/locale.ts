import type { Response } from 'express'
import type { formattersFor } from '../web/formatters'
import type { Translate } from '../web/i18n'

/** Texts and formats in the reader's language, as `web/page.ts` puts them into the locals of every response. */
export type Locale = ReturnType<typeof formattersFor> & {
  t: Translate
  html: Translate
  lang: string
  dir: 'ltr' | 'rtl'
}

export type Link = { href: string; text: string }

export function localeOf(response: Response): Locale {
  return response.locals
}
