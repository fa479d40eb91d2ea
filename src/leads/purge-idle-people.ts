import { days, later, now } from '../platform/clock'
import { Events } from '../events/event'
import { erasePerson } from '../people/erase-person'
import { People, type Person } from '../people/person'
import { Leads } from './lead'

/** Erases prospects who were never handed over and have done nothing for 24 months (facts/trust.md, rule 7). */
export async function purgeIdlePeople(): Promise<void> {
  const since = later(now(), -days(730))
  const old = People.find({ role: 'prospect', signedUpAt: { $lt: since }, erasedAt: null }, { _id: 1 })
  for await (const { _id } of old.lean<Pick<Person, '_id'>[]>().cursor()) {
    const isActive = await Events.exists({ person: _id, at: { $gte: since } })
    if (!isActive && !(await Leads.exists({ _id }))) await erasePerson(_id)
  }
}
