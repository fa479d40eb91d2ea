import type { Person } from '../people/person'
import { wordsOf } from './fit'
import type { ModelContent } from './model-content'

/** Why a person can't be handed off; also a reason of `lead.disqualified`. */
export type IneligibleReason =
  'objection' | 'consent' | 'paused' | 'disposable' | 'student' | 'competitor' | 'customer'

export type Eligibility = {
  /** False without consent to profiling or after an objection: then the score is null. */
  mayScore: boolean
  /** Null when the person may be handed off to sales. */
  ineligibleReason: IneligibleReason | null
}

/** Reasons that are the person's own decision: sales no longer sees anything about them. */
export const ownDecisions: ReadonlySet<string> = new Set<IneligibleReason>(['objection', 'consent', 'paused'])

/**
 * Returns whether a person may be scored and handed off; checked at every score and every hand-off. The person's own
 * decisions come first (consent: GDPR Art. 6(1)(a), objection: Art. 21(2)), then the groups that are never leads:
 * customers, disposable addresses, students and competitors. Customers come before the lists, so that none of them
 * closes a lead that was won.
 *
 * @param objected true after an objection to marketing.
 * @param isCustomer true when the person has bought or, where the model says so, a colleague.
 */
export function eligibilityOf(
  person: Pick<Person, 'consents' | 'sharingPausedAt' | 'emailKind' | 'title' | 'company'>,
  blocked: ModelContent['blocked'],
  { objected, isCustomer }: { objected: boolean; isCustomer: boolean },
): Eligibility {
  const mayScore = person.consents.includes('profiling') && !objected
  return { mayScore, ineligibleReason: findReason() }

  function findReason(): IneligibleReason | null {
    if (objected) return 'objection'
    if (person.sharingPausedAt) return 'paused'
    if (!mayScore || !person.consents.includes('share_with_sales')) return 'consent'
    if (isCustomer) return 'customer'
    if (blocked.disposable && person.emailKind === 'disposable') return 'disposable'
    if (blocked.universities && person.emailKind === 'university') return 'student'
    if (wordsOf(person.title).some(word => blocked.titles.includes(word))) return 'student'
    if (person.company && blocked.domains.includes(person.company.domain)) return 'competitor'
    return null
  }
}
