import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { HttpError } from '../platform/errors'
import { beginDigest } from './digest-queue'
import { groupCaps, GroupMembers, Groups, membershipId } from './group'
import { requireNotSuspended } from './moderation-record'

/**
 * Joins a group, or says anew whether the others read one's name. A first group begins the weekly digest, unless its
 * reader has ended it before.
 *
 * @throws 409 for a suspended person, 422 for one who is in enough groups
 */
export async function joinGroup(
  group: Types.ObjectId,
  person: Types.ObjectId,
  showsName: boolean,
): Promise<void> {
  await requireNotSuspended(person)
  const _id = membershipId(group, person)
  const isNew = await GroupMembers.insertOnce({ _id, group, person, showsName, joinedAt: now() })
  if (!isNew) {
    await GroupMembers.updateOne({ _id }, { $set: { showsName } })
  } else if ((await GroupMembers.count({ person })) > groupCaps.joined) {
    await GroupMembers.deleteOne({ _id })
    throw new HttpError(422, 'academy:errors.groups.joinedEnough', { maximum: groupCaps.joined })
  }
  await beginDigest(person)
  await countMembers(group, isNew ? now() : null)
}

/** Leaves a group. Who is in none any more gets no digest. */
export async function leaveGroup(group: Types.ObjectId, person: Types.ObjectId): Promise<void> {
  await GroupMembers.deleteOne({ _id: membershipId(group, person) })
  await countMembers(group, null)
}

/** Counts again: whatever happens at the same moment, the last count is right. */
export async function countMembers(group: Types.ObjectId, activeAt: Date | null): Promise<void> {
  const members = await GroupMembers.count({ group })
  await Groups.updateOne({ _id: group }, { $set: { members, ...(activeAt && { activeAt }) } })
}
