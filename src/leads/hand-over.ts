import type { Types } from 'mongoose'
import { conflict } from '../platform/errors'
import { later, minutes, now } from '../platform/clock'
import { audit } from '../events/audit'
import { Absences, type Absence } from './absence'
import { takeFromOwner } from './assign-owner'
import { openLeadsOf, undoAssignment } from './change-lead'
import { Leads } from './lead'

/** How long a handover can be undone. */
const undoPeriod = minutes(10)

/**
 * Hands a teammate's open leads over to the others by the rules, for an absence. If it is interrupted, calling it again
 * does the rest, and the undo covers both.
 *
 * @returns how many leads each new owner got, by id.
 */
export async function handOverLeads(absence: Absence, by: Types.ObjectId): Promise<Map<string, number>> {
  const { _id, teammate } = absence
  const open = (await Leads.find(openLeadsOf(teammate), { _id: 1 })).map(lead => lead._id)
  await Absences.updateOne(
    { _id },
    { $addToSet: { handedOver: { $each: open } }, $set: { handedOverAt: now(), handedOverBy: by } },
  )
  const taken = await takeFromOwner(open, teammate, 'absence', by)
  const count = [...taken.values()].reduce((sum, each) => sum + each, 0)
  await audit({ actor: by, action: 'leads.handed_over', subject: String(teammate), detail: { count } })
  return taken
}

/** True while the teammate who handed leads over can still undo it. */
export function canUndoHandover(
  { handedOver, handedOverAt, handedOverBy }: Absence,
  by: Types.ObjectId,
): boolean {
  const isRecent = handedOverAt !== null && later(handedOverAt, undoPeriod) > now()
  return isRecent && handedOver.length > 0 && by.equals(handedOverBy ?? undefined)
}

/**
 * Gives back what was handed over by this teammate for an absence, as far as nobody has changed it since.
 *
 * @returns how many leads came back.
 * @throws 409 when it's too late, or a colleague did it.
 */
export async function undoHandover(absence: Absence, by: Types.ObjectId): Promise<number> {
  if (!canUndoHandover(absence, by)) throw conflict('sales:errors.tooLateToUndo')
  const leads = await Leads.find({ _id: { $in: absence.handedOver } })
  const returned = await Promise.allSettled(
    leads
      .filter(
        ({ assignedWhy, owner }) => assignedWhy?.cause === 'absence' && !owner?.equals(absence.teammate),
      )
      .map(lead => undoAssignment(lead, by, lead.changeCount)),
  )
  const count = returned.filter(({ status }) => status === 'fulfilled').length
  await Absences.updateOne(
    { _id: absence._id },
    { $set: { handedOver: [], handedOverAt: null, handedOverBy: null } },
  )
  await audit({ actor: by, action: 'handover.undone', subject: String(absence.teammate), detail: { count } })
  return count
}
