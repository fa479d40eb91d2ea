import { now } from '../platform/clock'
import { record } from '../events/record'
import { takeFromOwner } from './assign-owner'
import { Leads, type Lead } from './lead'
import { projectLead } from './project-lead'

/** Read at a time: what was done is no longer due, so the next read goes on. */
const atOnce = 200

/**
 * Reminds owners, tells sales leads and takes leads away, as the response clock of each says. Each is an event that
 * happens once in a wait for a response, so an interrupted run goes on where it was.
 */
export async function watchResponseTimes(): Promise<void> {
  const seen = new Set<string>()
  for (;;) {
    const due = await Leads.find({ 'alert.at': { $lte: now() } })
      .sort({ 'alert.at': 1 })
      .limit(atOnce)
    const fresh = due.filter(lead => !seen.has(keyOf(lead)))
    if (!fresh.length) return
    for (const lead of fresh) seen.add(keyOf(lead))
    await Promise.all(fresh.map(alertAbout))
  }
}

const keyOf = ({ _id, alert }: Lead) => `${_id}:${alert?.what}`

async function alertAbout({ _id, alert, owner, awaitedSince, sequence }: Lead): Promise<void> {
  if (!alert || !owner || !awaitedSince) return
  if (alert.what === 'reassign') return void (await takeFromOwner([_id], owner, 'overdue', null))
  const name = alert.what === 'remind' ? 'lead.reminded' : 'lead.escalated'
  const since = awaitedSince.toISOString()
  await record({
    name,
    person: _id,
    idempotencyKey: [sequence, since],
    data: { owner: String(owner), since },
  })
  await projectLead({ person: _id })
}
