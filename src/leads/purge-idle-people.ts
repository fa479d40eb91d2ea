import { days, later, now } from '../platform/clock'
import { deleteInvitationsTo } from '../courses/invitation'
import { Events } from '../events/event'
import { erasePerson } from '../people/erase-person'
import { People } from '../people/person'
import { Leads } from './lead'

/** GDPR Art. 5(1)(e), storage limitation: 24 months. */
const idlePeriod = days(730)

/** Erases prospects who have never been handed off and have been inactive for 24 months. */
export async function purgeIdlePeople(): Promise<void> {
  const since = later(now(), -idlePeriod)
  const candidates = People.find(
    { role: 'prospect', signedUpAt: { $lt: since }, erasedAt: null },
    { email: 1 },
  )
  for await (const { _id, email } of candidates.cursor()) {
    const isActive = await Events.exists({ person: _id, at: { $gte: since } })
    if (!isActive && !(await Leads.exists({ _id }))) {
      await deleteInvitationsTo(email)
      await erasePerson(_id)
    }
  }
}
