import type { Event } from '../events/event'
import { Attempts } from './attempt'
import { Certificates } from './certificate'
import { KeptAnswers } from './kept-answers'

/**
 * Reaction to `person.erased`: deletes certificates, which contain the name, and attempts, which contain the answers.
 * Enrolments stay, under an id that no longer identifies anyone (GDPR article 17).
 */
export async function deleteLearner({ person }: Pick<Event<'person.erased'>, 'person'>): Promise<void> {
  await Certificates.deleteMany({ person })
  await Attempts.deleteMany({ person })
  await KeptAnswers.deleteMany({ person })
}
