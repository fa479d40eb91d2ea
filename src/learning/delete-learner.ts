import type { Event } from '../events/event'
import { Attempts } from './attempt'
import { Certificates } from './certificate'

/**
 * Reaction to `person.erased`: certificates carry a name and attempts the answers, so they go, and the certificate's page with
 * them. Enrolments stay, under an id that names nobody any more.
 */
export async function deleteLearner({ person }: Pick<Event<'person.erased'>, 'person'>): Promise<void> {
  await Certificates.deleteMany({ person })
  await Attempts.deleteMany({ person })
}
