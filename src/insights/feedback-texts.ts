import type { FeedbackTopic } from '../community/feedback'
import type { Texts } from '../web/texts'

/** Returns the amounts of open deals, of each currency: `€48,200 + £3,000`. */
export function amountsText({ amounts }: Pick<FeedbackTopic, 'amounts'>, money: Texts['money']): string {
  return amounts.map(({ amount, currency }) => money(amount, currency)).join(' + ')
}
