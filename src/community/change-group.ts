import type { Types } from 'mongoose'
import { slugOf } from '../courses/slug'
import { audit } from '../events/audit'
import { now } from '../platform/clock'
import { conflict, HttpError, notFound } from '../platform/errors'
import { groupCaps, Groups, GroupMembers, shelfKey, type CommunityGroup, type ShelfItem } from './group'
import { requireNotSuspended } from './moderation-record'

type NewGroup = Pick<
  CommunityGroup,
  '_id' | 'brand' | 'kind' | 'course' | 'topic' | 'domain' | 'name' | 'about' | 'curator'
>

const [maxAttempts, maxSameNames] = [5, 50]

/**
 * Creates a group; again with the same id creates nothing.
 *
 * @returns its slug.
 * @throws 422 when the brand has enough groups.
 */
export async function createGroup(group: NewGroup, by: Types.ObjectId): Promise<string> {
  const moment = now()
  const base = slugOf(group.name) || 'group'
  for (let n = 1; n <= maxSameNames; n++) {
    // `new` is the page of the form.
    const slug = n === 1 && base !== 'new' ? base : `${base}-${n}`
    const isNew = await Groups.insertOnce({ ...group, slug, createdAt: moment, activeAt: moment })
    const known = isNew ? null : await Groups.findById(group._id, { slug: 1 })
    if (known) return known.slug
    if (!isNew) continue
    // Counted afterwards: any number of requests at once stay within the limit.
    if ((await Groups.count({ brand: group.brand })) > groupCaps.groups) {
      await Groups.deleteOne({ _id: group._id })
      break
    }
    await audit({ actor: by, action: 'group.created', subject: String(group._id), detail: { slug } })
    return slug
  }
  throw new HttpError(422, 'academy:errors.groups.tooMany', { maximum: groupCaps.groups })
}

/**
 * Changes what its curator and the authors may change.
 *
 * @param change returns the new fields. It must be pure.
 * @throws 404 when it was deleted, 409 when the person is suspended or it keeps being changed at the same moment.
 */
export async function changeGroup(
  _id: Types.ObjectId,
  change: (
    group: CommunityGroup,
  ) => Partial<Pick<CommunityGroup, 'name' | 'about' | 'curator' | 'shelfTitle' | 'shelf' | 'officeHours'>>,
  by: Types.ObjectId,
): Promise<void> {
  await requireNotSuspended(by)
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const group = await Groups.findById(_id)
    if (!group) throw notFound()
    const changed = change(group)
    const fields = { ...changed, changes: group.changes + 1, activeAt: now() }
    const { matchedCount } = await Groups.updateOne({ _id, changes: group.changes }, { $set: fields })
    if (!matchedCount) continue
    const detail = { slug: group.slug, changed: Object.keys(changed) }
    await audit({ actor: by, action: 'group.changed', subject: String(_id), detail })
    return
  }
  throw conflict('academy:errors.playlists.busy')
}

/** Deletes a group with its members. */
export async function removeGroup({ _id, slug }: CommunityGroup, by: Types.ObjectId): Promise<void> {
  await Groups.deleteOne({ _id })
  await GroupMembers.deleteMany({ group: _id })
  await audit({ actor: by, action: 'group.removed', subject: String(_id), detail: { slug } })
}

/** Returns the shelf with one more thing at its beginning, once. @throws 422 when it is full. */
export function withShelfItem(shelf: readonly ShelfItem[], item: ShelfItem): ShelfItem[] {
  const others = shelf.filter(each => shelfKey(each) !== shelfKey(item))
  if (others.length >= groupCaps.shelf) {
    throw new HttpError(422, 'academy:errors.groups.shelfFull', { maximum: groupCaps.shelf })
  }
  return [item, ...others]
}

/** Returns the shelf with a thing, by its key, one place up or down. */
export function withShelfMoved(
  shelf: readonly ShelfItem[],
  key: string,
  direction: 'up' | 'down',
): ShelfItem[] {
  const from = shelf.findIndex(item => shelfKey(item) === key)
  const to = from + (direction === 'up' ? -1 : 1)
  if (from === -1 || to < 0 || to >= shelf.length) return [...shelf]
  return shelf.toSpliced(from, 1).toSpliced(to, 0, shelf[from]!)
}
