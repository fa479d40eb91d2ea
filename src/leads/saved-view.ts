import { randomInt } from 'node:crypto'
import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { People } from '../people/person'
import { STALE_AFTER_MS, cached } from '../platform/cached'
import { later, minutes, now } from '../platform/clock'
import { conflict, HttpError } from '../platform/errors'
import { searchFilter, wordsToFind } from '../platform/fold'
import {
  boolean,
  date,
  defineRecord,
  list,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  type RecordOf,
} from '../platform/record'

/** The pages whose filters and order can be kept. */
export const viewPages = ['leads', 'queue'] as const
export type ViewPage = (typeof viewPages)[number]

/** A list of leads under a name: its filters and order, for its owner or for everyone in sales. */
const SavedViews = defineRecord(
  'SavedView',
  'saved_views',
  {
    _id: objectId(),
    owner: objectId(),
    /** Which of the owner's places it has, from 0, so that there are never more views than places. */
    place: number(),
    name: string(),
    isShared: boolean(),
    page: oneOf(viewPages),
    /** The query string of its address. */
    address: string(),
    /** Whom its name or its search names; it goes when one of them is erased. */
    about: list(objectId()),
    /** Who begins with it. */
    defaultFor: list(objectId()),
    /** When it was removed; it can be restored for 10 minutes, and is deleted after a day. */
    removedAt: nullable(date()),
  },
  {
    indexes: [
      [{ owner: 1, place: 1 }, { unique: true }],
      [{ isShared: 1, page: 1 }],
      [{ defaultFor: 1 }],
      [{ about: 1 }],
      [{ removedAt: 1 }, { expireAfterSeconds: 24 * 3600 }],
    ],
    onWrite: (): void => readViews.forget(),
  },
)
export type SavedView = RecordOf<typeof SavedViews>

export const maxViews = 20
const places = Array.from({ length: maxViews }, (_, place) => place)
/** The most shared views of colleagues that a menu has. */
const maxShown = 50
const undoPeriod = minutes(10)

type NewView = Pick<SavedView, '_id' | 'owner' | 'name' | 'isShared' | 'page' | 'address'>

/**
 * Keeps a view, in one of its owner's free places; again with the same id keeps nothing.
 *
 * @throws 422 for an owner with 20 of them.
 */
export async function saveView(view: NewView): Promise<void> {
  const { _id, owner } = view
  const about = await peopleNamedIn(view)
  for (;;) {
    // A removed one gives its place up when it is needed.
    const others = await SavedViews.find({ owner, _id: { $ne: _id } }, { place: 1, removedAt: 1 })
    const free = places.filter(place => !others.some(other => other.place === place))
    const removed = free.length ? undefined : others.find(({ removedAt }) => removedAt)
    if (removed) await SavedViews.deleteOne({ _id: removed._id })
    else if (!free.length) throw new HttpError(422, 'sales:views.errors.tooMany', { maximum: maxViews })
    else {
      const place = free[randomInt(free.length)]!
      const isKept =
        (await SavedViews.insertOnce({ ...view, about, place })) || (await SavedViews.exists({ _id }))
      readViews.forget()
      if (isKept) return
    }
  }
}

/** A search that finds more people is nobody's name. */
const maxNamed = 100
/** The most people who are compared with a view's name. */
const maxCompared = 1000

/** Returns the people whose name or address a view is searched by, or whose whole name it has as its own. */
async function peopleNamedIn({
  name,
  address,
}: Pick<SavedView, 'name' | 'address'>): Promise<Types.ObjectId[]> {
  const search = new URLSearchParams(address).get('q') ?? ''
  const [typed, words] = [wordsToFind(search), wordsToFind(name)]
  const fields = { name: 1, email: 1 } as const
  const [found, similar] = await Promise.all([
    typed.length ? People.find({ ...searchFilter(search), erasedAt: null }, fields).limit(maxNamed + 1) : [],
    words.length ? People.find({ search: { $in: words }, erasedAt: null }, fields).limit(maxCompared) : [],
  ])
  const searched = found.length > maxNamed ? [] : found
  const named = [
    // Their company alone, or a letter, names nobody.
    ...searched.filter(({ name: theirs, email }) => {
      const own = wordsToFind(theirs, email.slice(0, email.lastIndexOf('@')))
      return typed.some(word => own.some(each => each === word || (word.length > 2 && each.startsWith(word))))
    }),
    ...similar.filter(person => wordsToFind(person.name).every(word => words.includes(word))),
  ]
  return [...new Map(named.map(({ _id }) => [String(_id), _id])).values()]
}

/** Returns a teammate's own views and those that colleagues share, by name. */
export const viewsOf = (reader: Types.ObjectId, page: ViewPage): Promise<SavedView[]> =>
  readViews(`${reader} ${page}`)

const readViews = cached(STALE_AFTER_MS, async (key: string) => {
  const [owner, page] = key.split(' ') as [string, ViewPage]
  const [own, shared] = await Promise.all([
    SavedViews.find({ owner, page, removedAt: null }).limit(maxViews),
    SavedViews.find({ isShared: true, page, removedAt: null, owner: { $ne: owner } }).limit(maxShown),
  ])
  return [...own, ...shared].sort((a, b) => a.name.localeCompare(b.name))
})

/** Returns the view that a teammate begins with; null without one, or when it is no longer shared. */
export async function defaultViewOf(reader: Types.ObjectId, page: ViewPage): Promise<SavedView | null> {
  const views = await viewsOf(reader, page)
  return views.find(({ defaultFor }) => defaultFor.some(id => id.equals(reader))) ?? null
}

const canSeeView = ({ owner, isShared }: SavedView, reader: Types.ObjectId): boolean =>
  isShared || owner.equals(reader)

/** Returns a view that a teammate may see, also one that has just been removed; null for none. */
export async function viewFor(reader: Types.ObjectId, _id: string): Promise<SavedView | null> {
  const view = await SavedViews.findById(_id)
  return view && canSeeView(view, reader) ? view : null
}

/** Gives a view another name, or shares it. One that is no longer shared is nobody else's default. */
export async function updateView(
  { _id, owner, address }: SavedView,
  change: Pick<SavedView, 'name' | 'isShared'>,
): Promise<void> {
  const about = await peopleNamedIn({ name: change.name, address })
  await SavedViews.updateOne({ _id }, { $set: { ...change, about } })
  if (!change.isShared) await SavedViews.updateOne({ _id }, { $pull: { defaultFor: { $ne: owner } } })
}

/** Removes a view, or restores it. */
export async function removeView({ _id }: SavedView): Promise<void> {
  await SavedViews.updateOne({ _id, removedAt: null }, { $set: { removedAt: now() } })
}

/** @throws 409 when it is too late. */
export async function restoreView({ _id, removedAt }: SavedView): Promise<void> {
  if (removedAt && later(removedAt, undoPeriod) <= now()) throw conflict('sales:views.errors.tooLate')
  await SavedViews.updateOne({ _id }, { $set: { removedAt: null } })
}

/** Makes a view the one that a teammate begins with, or none of them. */
export async function setDefaultView(
  reader: Types.ObjectId,
  page: ViewPage,
  view: SavedView | null,
): Promise<void> {
  await SavedViews.updateMany({ defaultFor: reader, page }, { $pull: { defaultFor: reader } })
  if (view) await SavedViews.updateOne({ _id: view._id }, { $addToSet: { defaultFor: reader } })
}

/** Reaction to `person.erased`: deletes the views of an erased teammate, and those that name an erased person. */
export async function deleteSavedViews({ person }: Pick<Event<'person.erased'>, 'person'>): Promise<void> {
  await SavedViews.deleteMany({ owner: person })
  await SavedViews.deleteMany({ about: person })
  await SavedViews.updateMany({ defaultFor: person }, { $pull: { defaultFor: person } })
}

/** Returns a teammate's own views, and those that name a person, for the copy of their data. */
export async function savedViewsOf(
  person: Types.ObjectId,
): Promise<Pick<SavedView, 'name' | 'isShared' | 'page' | 'address'>[]> {
  const views = await SavedViews.find({ $or: [{ owner: person }, { about: person }] })
  return views.map(({ name, isShared, page, address }) => ({ name, isShared, page, address }))
}
