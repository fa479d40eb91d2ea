import type { EventData } from '../events/definitions'

/** Which rule chose an owner, in the words of then. */
export type AssignmentReason = NonNullable<EventData['lead.assigned']['why']>

/** Names what chose an owner: the id of the rule, or `kind.` and the kind of the reason when no rule did. */
export function ruleKeyOf(why: Pick<AssignmentReason, 'rule' | 'kind'> | undefined): string {
  return why?.rule || `kind.${why?.kind ?? 'fallback'}`
}

/** A sentence for a CRM's record, in English because a CRM has one language for its fields. */
export function reasonSentence({ kind, name, cause }: AssignmentReason): string {
  const chosen = {
    account: `Named account: ${name}`,
    crm: 'Owner in the CRM',
    territory: `Territory: ${name}`,
    everyLead: `Rule: ${name}`,
    fallback: 'Nobody else is matched: the fewest open leads',
    overflow: 'Everybody is at capacity',
    demo: 'Gives the demo that the lead has booked',
    stays: 'Nobody else is free',
  }[kind]
  const causes = {
    new: '',
    overdue: ' (the previous owner did not respond in time)',
    absence: ' (the previous owner is away)',
    left: ' (the previous owner has left sales)',
  }
  return chosen + causes[cause]
}
