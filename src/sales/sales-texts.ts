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

type Telling = Pick<Lead, '_id' | 'highlights' | 'reasons' | 'lastActivityAt'>

/** Returns all that makes a lead different, for a file; for one from before highlights were kept, its reasons. */
export function highlightText(
  lead: Pick<Lead, 'highlights' | 'reasons'>,
  { t }: Pick<SalesTexts, 't'>,
): string {
  return capitalized(highlightsIn(lead, t, text => text).join('; '))
}

/**
 * Returns why now, in a short sentence for each lead of a list: what tells it from the leads before it, and that
 * nothing is new when nothing is.
 */
export function shortHighlights(
  leads: readonly Telling[],
  { t, date }: Pick<SalesTexts, 't' | 'date'>,
): Map<string, string> {
  const said = new Set<string>()
  return new Map(
    leads.map(lead => {
      const all = highlightsIn(lead, t, shortQuote)
      const own = all.find(text => !said.has(text)) ?? all[0]
      if (own) said.add(own)
      const quiet = () => t('sales:highlight.quiet', { day: date(lead.lastActivityAt, 'short') })
      return [String(lead._id), own ? capitalized(own) : lead.lastActivityAt.getTime() > 0 ? quiet() : '']
    }),
  )
}

function highlightsIn(
  { highlights, reasons }: Pick<Lead, 'highlights' | 'reasons'>,
  t: SalesTexts['t'],
  quoted: (words: string) => string,
): string[] {
  if (!highlights.length) return reasons.map(({ key, values }) => t(`sales:headline.${key}`, values))
  return highlights.map(({ key, values }) => {
    const { text = '' } = values
    return t(`sales:highlight.${key}${text ? 'Quoted' : ''}`, { ...values, text: quoted(String(text)) })
  })
}

/** The most characters of a person's words in a line, and the fewest that a sentence of them says enough with. */
const [maxQuoted, minSentence] = [80, 20]

/** Returns the first sentence of someone's words, or as many whole words as a line has room for. */
function shortQuote(text: string): string {
  const words = text.trim().replace(/\s+/gu, ' ')
  const end = words.slice(minSentence).search(/[.!?。！？](?:\s|$)/u)
  const sentence = end < 0 ? words : words.slice(0, minSentence + end + 1)
  if (sentence.length <= maxQuoted) return sentence.replace(/[.。]$/u, '')
  const cut = words.slice(0, maxQuoted)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), maxQuoted / 2)).trimEnd()}…`
}
