import type { Types } from 'mongoose'
import { later, minutes, now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { record } from '../events/record'
import type { Lead } from './lead'
import { projectLead } from './project-lead'

/** An acceptance can be taken back this long. */
const undoWithin = minutes(10)

export function mayReturn(lead: Lead, by: Types.ObjectId): boolean {
  const { status, verdict } = lead
  return Boolean(status === 'accepted' && verdict?.by?.equals(by) && later(verdict.at, undoWithin) > now())
}

/** Takes an own acceptance back within ten minutes: the lead waits again. False for a second click; later it is refused (409). */
export async function returnLead(lead: Lead, by: Types.ObjectId): Promise<boolean> {
  if (!mayReturn(lead, by)) throw conflict('desk:errors.tooLateToUndo')
  const isFirst = await record({
    name: 'lead.returned',
    person: lead._id,
    once: [lead.sequence, lead.verdicts],
    data: { by: String(by) },
  })
  await projectLead({ person: lead._id })
  return isFirst
}
