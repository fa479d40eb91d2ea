import { record } from '../events/record'
import { People, type Person } from './person'
import { searchWords } from './search-words'

type Profile = Pick<Person, 'name' | 'title' | 'country' | 'timeZone'>

/**
 * Changes a person's profile. A prospect's name, job title and country are in the score and in the CRM, so a change to
 * them is an event. Saving again records an event that was interrupted.
 */
export async function updateProfile(before: Person, profile: Profile): Promise<void> {
  const { _id, role } = before
  const isChanged = (['name', 'title', 'country'] as const).some(field => profile[field] !== before[field])
  const after = await People.findOneAndUpdate(
    { _id, erasedAt: null },
    {
      $set: { ...profile, search: searchWords({ ...before, ...profile }) },
      $inc: { profileChanges: isChanged ? 1 : 0 },
    },
    { returnDocument: 'after' },
  )
  if (role === 'prospect' && after?.profileChanges) await recordUpdate(after)
}

/** Records that something else of a prospect's profile has changed, such as an answer that sales sees. */
export async function recordProfileChange({ _id }: Pick<Person, '_id'>): Promise<void> {
  const after = await People.findOneAndUpdate(
    { _id, role: 'prospect', erasedAt: null },
    { $inc: { profileChanges: 1 } },
    { returnDocument: 'after' },
  )
  if (after) await recordUpdate(after)
}

async function recordUpdate({ _id, profileChanges: change }: Person): Promise<void> {
  await record({ name: 'person.updated', person: _id, idempotencyKey: [change], data: { change } })
}
