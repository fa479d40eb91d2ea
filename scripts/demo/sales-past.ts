import { recordOutcome } from '../../src/crm/record-outcome'
import { audit } from '../../src/events/audit'
import { acceptLead, rejectLead } from '../../src/leads/change-lead'
import { Leads, rejectionReasons, type Lead } from '../../src/leads/lead'
import { days, hours, later, now } from '../../src/platform/clock'
import type { Endpoint } from '../../src/webhooks/endpoint'
import { seededRandom, type Random } from './random'
import type { Schedule } from './schedule'

/**
 * Schedules the work of the sales team: twice a day it accepts or rejects the new leads, and the CRM reports later how
 * each deal went. Leads from the last 26 hours stay new, so that the demo opens with something to do.
 */
export function scheduleSales(schedule: Schedule, end: Date, crm: Endpoint): void {
  const random = seededRandom(77)
  const lastVisit = later(end, -hours(26))
  for (let day = 88; day >= 1; day--) {
    for (const hour of [9, 15]) {
      const at = later(new Date(end.toISOString().slice(0, 10)), -days(day) + hours(hour))
      if (at < lastVisit) schedule.add(at, () => respondToLeads(schedule, crm, random))
    }
  }
}

/** Accepts or rejects each new lead as its owner, and writes the audit log as the lead's page does. */
async function respondToLeads(schedule: Schedule, crm: Endpoint, random: Random): Promise<void> {
  const newLeads = await Leads.find({ status: 'new', shared: true }).sort({ _id: 1 })
  for (const lead of newLeads) {
    if (!lead.owner) continue
    const entry = { actor: lead.owner, subject: String(lead._id) }
    if (random() < 0.22) {
      const reason = rejectionReasons[Math.floor(random() * 6)]!
      if (await rejectLead(lead, lead.owner, reason, ''))
        await audit({ ...entry, action: 'lead.rejected', detail: { reason } })
      continue
    }
    if (await acceptLead(lead, lead.owner)) await audit({ ...entry, action: 'lead.accepted' })
    scheduleOutcomes(schedule, crm, lead, random)
  }
}

type Outcome = 'lead.contacted' | 'opportunity.opened' | 'opportunity.won' | 'opportunity.lost'

/** Schedules what the CRM reports about an accepted lead. Not all become opportunities, and not all of those close. */
function scheduleOutcomes(schedule: Schedule, crm: Endpoint, lead: Lead, random: Random): void {
  const acceptedAt = now()
  // From 2 to 20 panels.
  const amount = (2 + Math.floor(random() * 19)) * 540_000
  const outcomes: [type: Outcome, after: number][] = [['lead.contacted', hours(5)]]
  if (random() < 0.75) outcomes.push(['opportunity.opened', days(3 + 3 * random())])
  if (outcomes.length === 2 && random() < 0.8) {
    outcomes.push([random() < 0.62 ? 'opportunity.won' : 'opportunity.lost', days(6 + 9 * random())])
  }
  for (const [type, after] of outcomes) {
    const at = later(acceptedAt, after)
    const hasAmount = type === 'opportunity.opened' || type === 'opportunity.won'
    schedule.add(at, () =>
      recordOutcome(crm._id, `crm-${lead._id}-${type}`, {
        type,
        externalId: String(lead._id),
        crmId: `00Q${String(lead._id).slice(-9)}`,
        occurredAt: at,
        amount: hasAmount ? amount : null,
        currency: hasAmount ? 'GBP' : null,
        reasonCode: type === 'opportunity.lost' ? (random() < 0.5 ? 'price' : 'timing') : null,
        reasonText: '',
      }),
    )
  }
}
