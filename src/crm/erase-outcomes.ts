import type { Event } from '../events/event'
import { Outcomes } from './outcome'

/** Reaction to `person.erased`: deletes the free text and the CRM's own id from all outcomes of the person. */
export async function eraseOutcomes({ person }: Event<'person.erased'>): Promise<void> {
  await Outcomes.updateMany({ person }, { $set: { text: '', unknownCode: null, crmId: null } })
}
