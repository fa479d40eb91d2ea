import { catalogueLists, entryId } from '../courses/catalogue-lists'
import type { EventName } from '../events/definitions'
import { isNamed } from '../events/event'
import type { Person } from '../people/person'
import { sourceOf } from '../people/source'
import { fold } from '../platform/fold'
import type { LedgerFacts } from '../scoring/ledger-so-far'
import type { Ledger } from '../scoring/read-ledger'
import type { Lead } from './lead'
import type { LeadState } from './lead-state'
import { ruleKeyOf } from './routing-reason'

/** What a list of leads can be narrowed by. A lead has a facet for each of its values. */
export const leadFacetNames = [
  ...(['grade', 'status', 'course', 'topic', 'country', 'source', 'owner'] as const),
  /** What has assigned it, see `ruleKeyOf`; also when a teammate has given it to someone else since. */
  'rule',
] as const
export type LeadFacetName = (typeof leadFacetNames)[number]

/** The facet of every lead that sales may see, so that a list without filters is read by the same indexes. */
export const anyLead = 'all'
/** The owner of a lead without one. */
export const noOwner = 'none'

export const facet = (name: LeadFacetName, value: unknown): string => `${name}:${String(value)}`

/** The most courses, topics and rules that a lead is found by: those of the latest events. */
const maxOfKind = 20

/** What someone does themselves, in contrast to what happens to them. */
const ownActivity: ReadonlySet<string> = new Set<EventName>([
  'person.signed_up',
  'needs_assessment.completed',
  'course.enrolled',
  'lesson.opened',
  'lesson.completed',
  'quiz.attempted',
  'course.completed',
  'question.asked',
  'question.answered',
  'review.written',
  'pricing.viewed',
  'plans.compared',
  'contact.requested',
  'order.placed',
  'order.paid',
])

/** Returns when someone last did something themselves; 1970 when there is nothing of it any more. */
export function lastActivityIn({ lastAt }: Pick<LedgerFacts, 'lastAt'>): Date {
  return new Date(Math.max(0, ...lastAt.filter(([name]) => ownActivity.has(name)).map(([, at]) => at)))
}

/** Returns what leads are sorted by as text; nothing of someone whom sales may not see. */
export function sortKeysOf(
  seen: { person: Pick<Person, 'name' | 'company'>; owner: Pick<Person, 'name'> | null } | null,
): Pick<Lead, 'sortName' | 'sortCompany' | 'sortOwner'> {
  const key = (text: string | undefined) => fold(text ?? '').slice(0, 60)
  return {
    sortName: key(seen?.person.name),
    sortCompany: key(seen?.person.company?.name),
    sortOwner: key(seen?.owner?.name),
  }
}

/** Returns the facets of a lead that sales may see. A grade is found by its letter too, which says how well it fits. */
export async function facetsOf(
  { status, owner, grade = 'C3' }: Pick<LeadState, 'status' | 'owner'> & { grade?: string },
  person: Pick<Person, 'country' | 'firstTouch'>,
  { courses, topics: learned }: Pick<LedgerFacts, 'courses' | 'topics'>,
  leadEvents: Ledger,
): Promise<string[]> {
  const { topics } = await catalogueLists()
  const assigned = leadEvents
    .toReversed()
    .filter(isNamed('lead.assigned'))
    .filter(({ data }) => data.owner && !data.by)
  const of = (name: LeadFacetName, values: string[]) =>
    [...new Set(values)].slice(0, maxOfKind).map(value => facet(name, value))
  return [
    anyLead,
    ...of('grade', [grade, grade.charAt(0)]),
    ...of('status', [status]),
    ...of('course', courses),
    ...of(
      'topic',
      learned.map(topic => entryId(topics, topic)),
    ),
    ...of('country', person.country ? [person.country] : []),
    ...of('source', [sourceOf(person.firstTouch)]),
    ...of('owner', [owner ? String(owner) : noOwner]),
    ...of(
      'rule',
      assigned.map(({ data }) => ruleKeyOf(data.why)),
    ),
  ]
}
