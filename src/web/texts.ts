import type { Response } from 'express'
import type { CatalogueLists, ListName } from '../courses/catalogue-lists'
import type { formattersFor } from './formatters'
import type { Language, Translate } from './i18n'

/** What view models are built with: texts and formatters in the reader's language. */
export type Texts = ReturnType<typeof formattersFor> & {
  t: Translate
  /** For texts with markup: escapes the values and returns HTML. */
  html: Translate
  lang: Language
  dir: 'ltr' | 'rtl'
  /** The academy's topics, audiences and levels. */
  lists: CatalogueLists
  /** The name of a topic, an audience or a level, in the reader's language. */
  listName: (list: ListName, value: string) => string
}

/** A link as a view prints it. */
export type TextLink = { href: string; text: string }

/** Returns the texts of a response, which `preparePage` has set. It inherits most: spreading it would lose them. */
export function textsOf(response: Response): Texts {
  return response.locals
}
