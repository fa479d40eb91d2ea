import type { Response } from 'express'
import { relativeTimes } from '../web/relative-time'
import { textsOf, type Texts } from '../web/texts'

/** The texts of a page in sales, with times relative to now. */
export type SalesTexts = Texts & { times: ReturnType<typeof relativeTimes> }

export function salesTextsOf(response: Response): SalesTexts {
  return { ...textsOf(response), times: relativeTimes(response) }
}

/** Returns a text with a capital first letter. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Returns a topic's slug as words: `pump-curves` is `Pump curves`. */
export function topicName(slug: string): string {
  return capitalized(slug.replace(/-/g, ' '))
}
