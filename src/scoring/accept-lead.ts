import type { Types } from 'mongoose'
import { conflict } from '../errors'
import { record } from '../events/record'
import type { Lead } from './lead'
import { projectLead } from './project-lead'

/** A person in sales takes the lead. A second click changes nothing; a lead that was answered otherwise is refused (409). */
export async function acceptLead(lead: Lead, by: Types.ObjectId): Promise<void> {
  if (lead.status === 'accepted' && lead.verdict?.by?.equals(by)) return
  if (lead.status !== 'waiting' && lead.status !== 'rejected') throw conflict('desk:errors.answered')
  await record({
    name: 'lead.accepted',
    person: lead._id,
    once: [lead.sequence, lead.verdicts],
    data: { by: String(by), source: 'desk' },
  })
  await projectLead({ person: lead._id })
}
