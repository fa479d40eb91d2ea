import { Types } from 'mongoose'
import { defineRecord, list, objectId } from '../platform/record'

/** The leads that a teammate watches while they change a scoring model. */
const Follows = defineRecord('ScoringFollow', 'scoring_follows', {
  /** The teammate. */
  _id: objectId(),
  people: list(objectId()),
})

export const maxFollowed = 3

/** Returns the ids that a teammate has chosen; null before they have chosen any. */
export async function followedPeople(teammate: Types.ObjectId): Promise<string[] | null> {
  const found = await Follows.findById(teammate)
  return found && found.people.map(String)
}

/** Chooses at most three. */
export async function followPeople(teammate: Types.ObjectId, people: readonly string[]): Promise<void> {
  const ids = people.slice(0, maxFollowed).map(id => new Types.ObjectId(id))
  await Follows.updateOne({ _id: teammate }, { $set: { people: ids } }, { upsert: true })
}

/** Removes a choice after the teammate's own erasure; an erased lead is no longer found by its id. */
export async function deleteFollowed({ person }: { person: Types.ObjectId }): Promise<void> {
  await Follows.deleteOne({ _id: person })
}
