import type { LeadState } from '../leads/lead-state'
import type { Person } from '../people/person'
import type { SalesTexts } from './sales-texts'

/**
 * Returns what the card of the CRM says when it has another owner for a lead, and the form that makes them the owner
 * here too, for a reader who may. Null when both agree, or the CRM hasn't named anyone in sales.
 *
 * @param team the teammates to whom the reader may assign the lead.
 */
export function crmOwnerView(
  {
    lead,
    team,
    nameOf,
  }: {
    lead: Pick<LeadState, 'owner' | 'crmOwner'> | null
    team: readonly Pick<Person, '_id'>[]
    nameOf: (id: unknown) => string | null
  },
  href: string,
  { t, times }: SalesTexts,
) {
  const named = lead?.crmOwner
  const name = named && nameOf(named.teammate)
  if (!name || String(lead.owner) === named.teammate) return null
  return {
    text: t('sales:contact.crmOwner', { name, when: times.inSentence(named.at) }),
    action: team.some(({ _id }) => String(_id) === named.teammate) ? `${href}/owner` : null,
    owner: named.teammate,
  }
}
