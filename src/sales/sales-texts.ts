import type { Response } from 'express'
import type { Lead } from '../leads/lead'
import type { Deal } from '../scoring/deals'
import { relativeTimes } from '../web/relative-time'
import { textsOf, type Texts } from '../web/texts'

/** The texts of a page in sales, with times relative to now. */
export type SalesTexts = Texts & { times: ReturnType<typeof relativeTimes> }

export function salesTextsOf(response: Response): SalesTexts {
  const texts = textsOf(response)
  return Object.assign(Object.create(texts) as Texts, { times: relativeTimes(response) })
}

/** Returns the amount of a deal, or a note that a won deal's amount is unknown; empty without a deal. */
export function amountText(deal: Deal | null, { t, money }: Pick<SalesTexts, 't' | 'money'>): string {
  if (!deal) return ''
  if (deal.amount !== null && deal.currency) return money(deal.amount, deal.currency)
  return deal.state === 'won' ? t('sales:deal.amountUnknown') : ''
}

/** Returns text with a capital first letter. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Returns a topic's slug as words: `pump-curves` becomes `Pump curves`. */
export function topicName(slug: string): string {
  return capitalized(slug.replace(/-/g, ' '))
}

/** What makes the lead different; for one from before highlights were kept, its reasons. */
export function highlightText(
  { highlights, reasons }: Pick<Lead, 'highlights' | 'reasons'>,
  { t }: Pick<SalesTexts, 't'>,
): string {
  const said = highlights.length
    ? highlights.map(({ key, values }) => t(`sales:highlight.${key}${values.text ? 'Quoted' : ''}`, values))
    : reasons.map(({ key, values }) => t(`sales:headline.${key}`, values))
  return capitalized(said.join('; '))
}
