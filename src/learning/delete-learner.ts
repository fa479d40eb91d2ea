import type { Event } from '../events/event'
import { deleteAttentionClocks } from '../people/attention-clock'
import { Attempts } from './attempt'
import { Certificates } from './certificate'
import { Enrolments } from './enrolment'
import { LearningGoals } from './goal'
import { KeptAnswers } from './kept-answers'
import { deleteNotesOf } from './lesson-notes'
import { Playlists } from './playlist'
import { PodcastFeeds } from './podcast-feed'

/**
 * Reaction to `person.erased`: deletes certificates, which contain the name, attempts, which contain the answers,
 * playlists, which the person has named and may have shared, the addresses of their podcasts, notes, their goal and
 * dates, and when they were here.
 * Enrolments stay, under an id that no longer identifies anyone (GDPR article 17).
 */
export async function deleteLearner({ person }: Pick<Event<'person.erased'>, 'person'>): Promise<void> {
  await Certificates.deleteMany({ person })
  await Attempts.deleteMany({ person })
  await KeptAnswers.deleteMany({ person })
  await Playlists.deleteMany({ person })
  await deleteNotesOf(person)
  await PodcastFeeds.deleteMany({ person })
  await LearningGoals.deleteOne({ _id: person })
  await deleteAttentionClocks(person)
  await Enrolments.updateMany({ person, finishBy: { $exists: true } }, { $unset: { finishBy: '' } })
}
