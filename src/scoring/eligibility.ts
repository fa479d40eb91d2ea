import type { Event } from '../events/event'
import type { Person } from '../people/person'
import { dealsOf } from './deals'
import { wordsOf } from './fit'
import type { ModelContent } from './model-content'

/** Why a person can't be handed off; also a reason of `lead.disqualified`. */
export type IneligibleReason =
  'objection' | 'consent' | 'paused' | 'disposable' | 'student' | 'competitor' | 'customer'

export type Eligibility = {
  /** False without the consent to profiling or after an objection: then the score is null. */
  mayScore: boolean
  /** Null when the person may be handed off to sales. */
  ineligibleReason: IneligibleReason | null
}

/** Reasons that are the person's own decision: sales no longer sees anything about them. */
export const ownDecisions: ReadonlySet<string> = new Set<IneligibleReason>(['objection', 'consent', 'paused'])

/**
 * Returns whether a person may be scored and handed off; checked at every score and every hand-off. The person's own
 * decisions come first (consent: GDPR Art. 6(1)(a), objection: Art. 21(2)), then the groups that are never leads:
 * disposable addresses, students, competitors and customers.
 */
export function eligibilityOf(
  person: Pick<Person, 'consents' | 'sharingPausedAt' | 'emailKind' | 'title' | 'company'>,
  ledger: readonly Pick<Event, '_id' | 'name' | 'at' | 'data'>[],
  blocked: ModelContent['blocked'],
  objected: boolean,
): Eligibility {
  const mayScore = person.consents.includes('profiling') && !objected
  return { mayScore, ineligibleReason: findReason() }

  function findReason(): IneligibleReason | null {
    if (objected) return 'objection'
    if (person.sharingPausedAt) return 'paused'
    if (!mayScore || !person.consents.includes('share_with_sales')) return 'consent'
    if (isCustomer(ledger)) return 'customer'
    if (person.emailKind === 'disposable') return 'disposable'
    if (person.emailKind === 'university') return 'student'
    if (wordsOf(person.title).some(word => blocked.titles.includes(word))) return 'student'
    if (person.company && blocked.domains.includes(person.company.domain)) return 'competitor'
    return null
  }
}

/** True when a deal is won. */
function isCustomer(ledger: readonly Pick<Event, '_id' | 'name' | 'at' | 'data'>[]): boolean {
  return dealsOf(ledger).some(({ state }) => state === 'won')
}
