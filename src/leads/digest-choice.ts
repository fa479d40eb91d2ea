import type { Types } from 'mongoose'
import { defineQueue } from '../platform/queue'
import { objectId, oneOf } from '../platform/record'

export const digestRhythms = ['day', 'week'] as const
export type DigestRhythm = (typeof digestRhythms)[number]

/** Who gets a digest by email, each due at their next one. */
export const Digests = defineQueue(
  'Digest',
  'digests',
  {
    /** The teammate's id. */
    _id: objectId(),
    every: oneOf(digestRhythms),
  },
  { queue: 'digests' },
)

/** Returns how often a teammate gets a digest by email; null for never. */
export async function digestRhythmOf(person: Types.ObjectId): Promise<DigestRhythm | null> {
  return (await Digests.findById(person, { every: 1 }))?.every ?? null
}

/** Reaction to `person.erased`: a teammate who deleted their account gets no more digests. */
export async function stopDigestOfErased({ person }: { person: Types.ObjectId }): Promise<void> {
  await Digests.deleteOne({ _id: person })
}
