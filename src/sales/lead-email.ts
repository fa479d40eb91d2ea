import type { ShownBrand } from '../brand/brand'
import { shownEmail } from '../people/email-address'
import { now } from '../platform/clock'
import { firstNameOf } from '../people/first-name'
import type { Person } from '../people/person'
import { briefOf } from '../leads/brief'
import type { Lead } from '../leads/lead'
import { headlineOf, seenIn } from '../scoring/evidence'
import { needsMapOf } from '../scoring/needs-map'
import { readLedger, withoutUnsharedColleagues } from '../scoring/read-ledger'
import { assignmentText } from './routing-texts'
import { languagesOf, textsOfBrand } from '../web/shown-brand'
import { formattersFor } from '../web/formatters'

/** What an email tells the owner about a lead, ready to print. */
export type LeadEmail = {
  /** For the subject: the person, the company and the first reason. */
  headline: string
  lead: string
  /** Title and company; empty when neither is known. */
  role: string
  words: string | null
  opening: string | null
  reasons: string[]
  /** Null for a lead that has a response. */
  respondBy: string | null
  /** Why it is theirs; null when a teammate chose them. */
  why: string | null
}

/**
 * Returns what an email tells sales about a person, as of now. `lead` is null for someone who isn't handed off; `brand`
 * is the recipient's.
 */
export async function leadEmail(
  person: Person,
  lead: Pick<Lead, 'status' | 'respondBy' | 'ownerTimeZone' | 'assignedWhy'> | null,
  brand: ShownBrand,
): Promise<LeadEmail> {
  const language = languagesOf(brand)[0]!
  const { t } = textsOfBrand(brand, language)
  const [{ dateIn }, at] = [formattersFor(language), now()]
  const ledger = await withoutUnsharedColleagues(await readLedger(person._id))
  const { words, opening } = briefOf(ledger, needsMapOf(ledger, [], at), at)
  const reasons = headlineOf(seenIn(ledger, at)).map(({ key, values }) => t(`sales:headline.${key}`, values))
  const company = person.company?.name ?? shownEmail(person.email).split('@')[1]
  const who = t('mail:lead.who', { lead: person.name, company })
  const [reason] = reasons
  return {
    headline: reason ? t('mail:lead.whoAndWhy', { who, reason }) : who,
    lead: person.name,
    role: [person.title, company].filter(Boolean).join(', '),
    words: words && t('mail:lead.words', { name: firstNameOf(person.name), text: words.text }),
    opening: opening && t(`sales:openWith.${opening.key}`, opening.values),
    reasons,
    respondBy:
      lead?.status === 'new'
        ? t('mail:lead.respondBy', { when: dateIn(lead.respondBy, lead.ownerTimeZone) })
        : null,
    why: lead?.assignedWhy ? assignmentText(lead.assignedWhy, t) : null,
  }
}
