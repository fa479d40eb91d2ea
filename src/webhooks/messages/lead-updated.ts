import { z } from 'zod'
import type { EventData } from '../../events/definitions'
import type { Event } from '../../events/event'
import { People } from '../../people/person'
import { defineMessage } from '../define-message'
import { leadData, leadExample, leadSchema } from '../lead-data'

const changes = [
  'person.updated',
  'consent.renewed',
  'needs_assessment.completed',
  'course.completed',
  'lead.assigned',
  'lead.escalated',
  'lead.accepted',
  'lead.acceptance_undone',
  'lead.rejected',
  'lead.rejection_undone',
  'lead.returned',
  'lead.snoozed',
  'lead.snooze_ended',
  'lead.noted',
  'lead.note_removed',
  'lead.next_step_set',
  'lead.contacted',
  'opportunity.opened',
  'opportunity.won',
  'opportunity.lost',
  'opportunity.reopened',
  'demo.cancelled',
  'session.booked',
  'session.booking_cancelled',
  'session.attended',
  'session.missed',
] as const

export const leadUpdated = defineMessage({
  name: 'lead.updated',
  docs: {
    title: 'Lead updated',
    text: 'A lead you already know changed: they learned more, took part in a live session or updated their profile, or sales or a CRM responded. Contains the full record and what changed',
  },
  basis: 'consent',
  recipients: 'subscribers_that_know',
  subscribedByDefault: true,
  data: leadSchema.extend({
    change: z.object({
      what: z.enum(changes),
      at: z.iso.datetime(),
      by: z
        .string()
        .nullable()
        .describe('The email address of the teammate who did it; null for anyone else'),
      source: z.enum(['lead', 'sales', 'crm']).describe('crm: a CRM reported it, perhaps yours'),
    }),
  }),
  example: {
    ...leadExample,
    lead: {
      ...leadExample.lead!,
      status: 'accepted',
      response: {
        kind: 'accepted',
        at: '2026-11-23T10:05:00.000Z',
        source: 'sales',
        by: 'petra@academy.example',
        reason: null,
        text: '',
      },
    },
    change: {
      what: 'lead.accepted',
      at: '2026-11-23T10:05:00.000Z',
      by: 'petra@academy.example',
      source: 'sales',
    },
  },
  from: changes,
  build: async (event, person) => {
    const by = teammateOf(event)
    // The rule assigns a new lead with its hand-off, whose message names the owner.
    if (isFirstOwner(event)) return null
    const teammate = by ? await People.findById(by, { email: 1 }) : null
    return {
      ...(await leadData(person)),
      change: {
        what: event.name,
        at: event.at.toISOString(),
        by: teammate?.email ?? null,
        source: isCancelledByTeam(event) ? 'sales' : sourceOf(event, by),
      },
    }
  },
})

function isFirstOwner({ name, data }: Pick<Event, 'name' | 'data'>): boolean {
  if (name !== 'lead.assigned') return false
  const { by, from } = data as EventData['lead.assigned']
  return !by && !from
}

/** Returns the id of the teammate who did it; null for anyone else. */
function teammateOf({ name, data }: Pick<Event, 'name' | 'data'>): string | null {
  return name !== 'session.booking_cancelled' && 'by' in data ? data.by : null
}

function isCancelledByTeam({ data }: Pick<Event, 'data'>): boolean {
  return ('cancelledBy' in data && data.cancelledBy === 'sales') || ('by' in data && data.by === 'academy')
}

function sourceOf({ name }: Pick<Event, 'name'>, by: string | null): 'lead' | 'sales' | 'crm' {
  // The rules of sales assign and escalate without a teammate.
  if (by || name === 'lead.assigned' || name === 'lead.escalated') return 'sales'
  return name.startsWith('lead.') || name.startsWith('opportunity.') ? 'crm' : 'lead'
}
