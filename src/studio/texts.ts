import type { Response } from 'express'
import type { formattersFor } from '../web/formatters'
import type { Translate } from '../web/i18n'

/** The translations and formatters of a page, in the reader's language. `html` escapes the values and returns HTML. */
export type Texts = ReturnType<typeof formattersFor> & { t: Translate; html: Translate }

export const textsOf = (response: Response): Texts => response.locals

/** A field for `partials/field`. */
export type Field = { name: string; label: string; [option: string]: unknown }

export type Link = { href: string; text: string }
