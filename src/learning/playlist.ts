import { randomInt } from 'node:crypto'
import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict, HttpError, notFound } from '../platform/errors'
import { hmacOf, isHmacOf } from '../platform/hmac'
import {
  date,
  defineRecord,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import { People, type Person } from '../people/person'

/** Who may open a shared playlist: members of the owner's company who are signed in, or everyone with the link. */
export const playlistAudiences = ['company', 'link'] as const

/** Courses and lessons that a person has put together. It has nothing of their progress. */
export const Playlists = defineRecord(
  'Playlist',
  'playlists',
  {
    person: objectId(),
    /** Which of the person's places it has, from 0. No two have the same, so that there are never more than places. */
    place: number(),
    title: string(),
    items: list(
      nested({
        course: objectId(),
        /** The slug of one lesson; null for the whole course. */
        lesson: nullable(string()),
      }),
    ),
    /** Null while it isn't shared. */
    audience: nullable(oneOf(playlistAudiences)),
    /** The number of times that sharing was stopped: part of the link, so that older ones open nothing. */
    revocations: withDefault(number(), 0),
    /** The number of changes: of two at once, one is tried again. */
    changes: withDefault(number(), 0),
    createdAt: date(),
    changedAt: date(),
  },
  { indexes: [[{ person: 1, changedAt: -1 }], [{ person: 1, place: 1 }, { unique: true }]] },
)
export type Playlist = RecordOf<typeof Playlists>
export type PlaylistItem = Playlist['items'][number]

const maxPlaylists = 50
const places = Array.from({ length: maxPlaylists }, (_, place) => place)
const maxItems = 200
const maxAttempts = 5

/** Returns a person's playlists, the one they changed last first. */
export async function playlistsOf(person: Types.ObjectId): Promise<Playlist[]> {
  return Playlists.find({ person }).sort({ changedAt: -1 }).limit(maxPlaylists)
}

/**
 * Creates a playlist, in one of the person's free places; again with the same id creates nothing.
 *
 * @throws 422 for a person who has 50 of them.
 */
export async function createPlaylist({
  _id,
  person,
  title,
  items = [],
}: {
  _id: Types.ObjectId
  person: Types.ObjectId
  title: string
  items?: PlaylistItem[]
}): Promise<void> {
  // Each round, another playlist has taken the place meanwhile, so there are at most as many as places.
  for (;;) {
    const others = await Playlists.find({ person, _id: { $ne: _id } }, { place: 1 })
    const taken = new Set(others.map(({ place }) => place))
    const free = places.filter(place => !taken.has(place))
    if (!free.length) throw new HttpError(422, 'academy:errors.playlists.tooMany', { maximum: maxPlaylists })
    const place = free[randomInt(free.length)]!
    const playlist = { _id, person, place, title, items, createdAt: now(), changedAt: now() }
    if ((await Playlists.insertOnce(playlist)) || (await Playlists.exists({ _id }))) return
  }
}

/**
 * Changes a playlist of a person.
 *
 * @param change returns the new fields. It must be pure.
 * @throws 404 for a playlist of someone else, 409 when it keeps being changed at the same moment.
 */
export async function changePlaylist(
  person: Types.ObjectId,
  _id: string,
  change: (playlist: Playlist) => Partial<Pick<Playlist, 'title' | 'items' | 'audience' | 'revocations'>>,
): Promise<Playlist> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const playlist = await ownPlaylist(person, _id)
    const changed = { ...change(playlist), changes: playlist.changes + 1, changedAt: now() }
    const filter = { _id: playlist._id, person, changes: playlist.changes }
    const { matchedCount } = await Playlists.updateOne(filter, { $set: changed })
    if (matchedCount) return { ...playlist, ...changed }
  }
  throw conflict('academy:errors.playlists.busy')
}

/**
 * Returns a playlist of a person.
 *
 * @throws 404 for one of someone else.
 */
export async function ownPlaylist(person: Types.ObjectId, _id: string): Promise<Playlist> {
  const playlist = Types.ObjectId.isValid(_id) ? await Playlists.findOne({ _id, person }) : null
  if (!playlist) throw notFound()
  return playlist
}

/** Returns the items with one more at the end, once. Throws 422 for the 201st. */
export function withItem(items: readonly PlaylistItem[], item: PlaylistItem): PlaylistItem[] {
  if (items.some(each => itemKey(each) === itemKey(item))) return [...items]
  if (items.length >= maxItems) {
    throw new HttpError(422, 'academy:errors.playlists.full', { maximum: maxItems })
  }
  return [...items, item]
}

/** Returns the items with one of them, by its key, moved one place up or down. */
export function withMoved(
  items: readonly PlaylistItem[],
  key: string,
  direction: 'up' | 'down',
): PlaylistItem[] {
  const from = items.findIndex(item => itemKey(item) === key)
  const to = from + (direction === 'up' ? -1 : 1)
  if (from === -1 || to < 0 || to >= items.length) return [...items]
  return items.toSpliced(from, 1).toSpliced(to, 0, items[from]!)
}

/** Returns the items with one of them, by its key, moved before another; as they are when one of the two is gone. */
export function withMovedBefore(items: readonly PlaylistItem[], key: string, before: string): PlaylistItem[] {
  const item = items.find(each => itemKey(each) === key)
  const others = items.filter(each => itemKey(each) !== key)
  const to = others.findIndex(each => itemKey(each) === before)
  return item && to >= 0 ? others.toSpliced(to, 0, item) : [...items]
}

/** What an item is called in forms. */
export function itemKey({ course, lesson }: PlaylistItem): string {
  return lesson === null ? String(course) : `${course}:${lesson}`
}

/** Returns the token of the link to a playlist, until sharing it is stopped. */
export function playlistToken({ _id, revocations }: Pick<Playlist, '_id' | 'revocations'>): string {
  const text = `${_id}.${revocations}`
  return `${text}.${hmacOf('playlist', text)}`
}

/** Returns the playlist that a token belongs to, with its owner; null unless it is shared with this link now. */
export async function sharedPlaylist(token: string): Promise<{ playlist: Playlist; owner: Person } | null> {
  const end = token.lastIndexOf('.')
  const text = token.slice(0, end)
  if (end < 0 || !isHmacOf('playlist', text, token.slice(end + 1))) return null
  const [_id, revocations] = text.split('.')
  const playlist = await Playlists.findOne({ _id: _id!, revocations: Number(revocations) })
  if (!playlist?.audience) return null
  const owner = await People.findOne({ _id: playlist.person, suspendedAt: null, erasedAt: null })
  return owner && { playlist, owner }
}
