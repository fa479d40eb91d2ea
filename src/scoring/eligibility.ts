import type { Event } from '../events/event'
import type { Person } from '../people/person'
import { wordsOf } from './fit'
import type { ModelContent } from './model'

/** Why somebody is not handed over; also the reason of `lead.disqualified`. */
export type IneligibleReason =
  'objection' | 'consent' | 'paused' | 'disposable' | 'student' | 'competitor' | 'customer'

export type Eligibility = {
  /** May a score be computed at all? Without it the score is null. */
  mayScore: boolean
  /** Why nothing is handed over to sales; null when it may be. */
  ineligibleReason: IneligibleReason | null
}

/** Reasons that are the person's own decision: sales sees nothing of them any more. */
export const ownDecisions: ReadonlySet<string> = new Set<IneligibleReason>(['objection', 'consent', 'paused'])

/**
 * What may be done with somebody's record, asked at every score and every hand-off (facts/trust.md 1 and 3). Their own
 * decision is looked at first, then who is never a lead: throw-away mail, students, competitors, customers.
 */
export function eligibilityOf(
  person: Pick<Person, 'consents' | 'sharingPausedAt' | 'emailKind' | 'title' | 'company'>,
  ledger: readonly Pick<Event, 'name' | 'at'>[],
  blocked: ModelContent['blocked'],
  objected: boolean,
): Eligibility {
  const mayScore = person.consents.includes('profiling') && !objected
  return { mayScore, ineligibleReason: reasonToClose() }

  function reasonToClose(): IneligibleReason | null {
    if (objected) return 'objection'
    if (person.sharingPausedAt) return 'paused'
    if (!mayScore || !person.consents.includes('share_with_sales')) return 'consent'
    if (person.emailKind === 'disposable') return 'disposable'
    if (
      person.emailKind === 'university' ||
      wordsOf(person.title).some(word => blocked.titles.includes(word))
    ) {
      return 'student'
    }
    if (person.company && blocked.domains.includes(person.company.domain)) return 'competitor'
    if (isCustomer(ledger)) return 'customer'
    return null
  }
}

function isCustomer(ledger: readonly Pick<Event, 'name' | 'at'>[]): boolean {
  const turns = ledger.filter(({ name }) => name === 'opportunity.won' || name === 'opportunity.reopened')
  return turns.sort((a, b) => a.at.getTime() - b.at.getTime()).at(-1)?.name === 'opportunity.won'
}
