import type { Types } from 'mongoose'
import type { ShownBrand } from '../brand/brand'
import { catalogueLists, type CatalogueLists } from '../courses/catalogue-lists'
import type { Published } from '../courses/published'
import { coursesOf, hasTopic } from '../courses/shown-courses'
import { viewerWith, type AnyVisitor } from '../courses/viewer'
import { anonymousViewer, isForEveryone, sees } from '../courses/visibility'
import { STALE_AFTER_MS, cached, remembered } from '../platform/cached'
import { days, later, now } from '../platform/clock'
import { retained } from '../platform/retained'
import { hasStarted, LiveSessions, SessionSeries, type LiveSession } from './live-session'
import { SessionSeats, standingOf } from './seats'

type Brand = Pick<ShownBrand, 'content'>

/** For how long a session that is over is listed. Its page stays. */
const listedDays = 400
const maxListed = 2000

/**
 * Returns the sessions that are no drafts, by time, from those of the last 400 days on: the same array as long as none
 * changes. Never change them: all requests share the objects. Call `forget` after a write.
 */
export const publishedSessions = cached<void, LiveSession[]>(STALE_AFTER_MS, readPublishedSessions, {
  max: 1,
})

/** What changes whenever something changes that pages show. */
type Versioned = '_id' | 'changes' | 'state' | 'sequence' | 'finishedAt' | 'materialsSentAt'
const versionOf = ({
  _id,
  changes,
  state,
  sequence,
  finishedAt,
  materialsSentAt,
}: Pick<LiveSession, Versioned>) =>
  [_id, changes, state, sequence, Number(finishedAt), Number(materialsSentAt)].join(' ')

async function readPublishedSessions(_: void, last: LiveSession[] = []): Promise<LiveSession[]> {
  const found = await LiveSessions.find(
    { state: { $in: ['published', 'cancelled'] }, startsAt: { $gte: later(now(), -days(listedDays)) } },
    { changes: 1, state: 1, sequence: 1, finishedAt: 1, materialsSentAt: 1, startsAt: 1 },
  )
    .sort({ startsAt: 1 })
    .limit(maxListed)
  const known = new Map(last.map(session => [versionOf(session), session]))
  const missing = found.filter(session => !known.has(versionOf(session)))
  if (!missing.length && found.length === last.length) return last
  const read = missing.length ? await LiveSessions.find({ _id: { $in: missing.map(({ _id }) => _id) } }) : []
  const byId = new Map(read.map(session => [String(session._id), session]))
  return found.flatMap(session => known.get(versionOf(session)) ?? byId.get(String(session._id)) ?? [])
}

/** What visitors see of the sessions, by what tells them apart. */
const views = new WeakMap<LiveSession[], Map<string, LiveSession[]>>()
const maxViews = 100

/**
 * Returns the sessions that a brand shows to a visitor, by time, cancelled ones too: those of the courses that it shows
 * them, and those of their own by their visibility and the brand's topics. Every list, page, feed and file of sessions
 * begins here. The array is the same one for all visitors who see the same, as long as nothing changes.
 */
export async function sessionsOf(brand: Brand, visitor: AnyVisitor): Promise<LiveSession[]> {
  const all = await publishedSessions()
  if (!all.length) return all
  const [courses, lists] = await Promise.all([coursesOf(brand, visitor), catalogueLists()])
  const make = () => viewOf(all, filterFor(brand, visitor, courses, lists))
  if (hasRestricted(all)) return make()
  // Who sees the same courses sees the same sessions.
  return rememberedView(courses, '', [all, brand.content.courses, lists], make)
}

const rememberedView = remembered<LiveSession[]>()
const restricted = new WeakMap<LiveSession[], boolean>()

/** Whether some sessions, other than those of courses, are kept from some visitors. */
function hasRestricted(sessions: LiveSession[]): boolean {
  const known =
    restricted.get(sessions) ??
    sessions.some(each => !each.course && !(isForEveryone(each) && !each.excludedCompanies.length))
  restricted.set(sessions, known)
  return known
}

function viewOf(all: LiveSession[], isShown: (session: LiveSession) => boolean): LiveSession[] {
  const shown = all.map(isShown)
  const key = shown.map(each => (each ? '+' : '-')).join('')
  const made = views.get(all) ?? new Map<string, LiveSession[]>()
  views.set(all, made)
  if (made.size > maxViews) made.clear()
  const view = made.get(key) ?? all.filter((_, n) => shown[n])
  made.set(key, view)
  return view
}

/**
 * Returns a session that a brand shows to a visitor, however long ago it was; undefined for everyone else. The team
 * also sees drafts.
 */
export async function shownSession(
  brand: Brand,
  slug: string,
  visitor: AnyVisitor,
): Promise<LiveSession | undefined> {
  const listed = (await publishedSessions()).find(session => session.slug === slug)
  const session = listed ?? (await LiveSessions.findOne({ slug }))
  return session && (await showsSession(brand, session, visitor)) ? session : undefined
}

/** Whether a brand shows a session to a visitor. */
export async function showsSession(
  brand: Brand,
  session: LiveSession,
  visitor: AnyVisitor,
): Promise<boolean> {
  const [courses, lists] = await Promise.all([coursesOf(brand, visitor), catalogueLists()])
  return filterFor(brand, visitor, courses, lists)(session)
}

/** @param shown the courses that the brand shows to the visitor. */
function filterFor(brand: Brand, visitor: AnyVisitor, shown: readonly Published[], lists: CatalogueLists) {
  // Invitations are to courses, and count through the courses that a visitor sees.
  const viewer = visitor ? viewerWith(visitor, new Set()) : anonymousViewer
  const courses = new Set(shown.map(({ course }) => String(course)))
  return (session: LiveSession): boolean => {
    if (session.state === 'draft' && !viewer.isTeam) return false
    if (session.course) return courses.has(String(session.course))
    const { _id: course, visibility, companies, excludedCompanies } = session
    if (!sees(viewer, { course, content: { visibility, companies, excludedCompanies } })) return false
    return hasTopic(brand.content.courses, session.topic, lists)
  }
}

/** Returns a series; null for an id that isn't one. */
export const sessionSeries = cached<Types.ObjectId, SessionSeries | null>(STALE_AFTER_MS, id =>
  SessionSeries.findById(id),
)

/** How many seats a session has, how many are taken, and how many people wait. */
export type SeatCounts = Pick<SessionSeats, 'capacity' | 'taken' | 'waitingCount' | 'isOpen'>

/** Whether a booking now would join the wait-list: no seat is free, or others are waiting for it. */
export function isSessionFull(
  { capacity, taken, waitingCount }: Pick<SeatCounts, 'capacity' | 'taken' | 'waitingCount'>,
  session: Pick<LiveSession, 'startsAt'>,
): boolean {
  return taken >= capacity || (waitingCount > 0 && !hasStarted(session))
}

/** Returns the seats of sessions by their ids, without who has them. */
export async function seatCountsOf(
  sessions: readonly Pick<LiveSession, '_id'>[],
): Promise<ReadonlyMap<string, SeatCounts>> {
  return sessions.length ? readCounts(sessions.map(({ _id }) => String(_id))) : new Map()
}

const readCounts = retained<string[], ReadonlyMap<string, SeatCounts>>(
  async (ids, dependOn) => {
    for (const id of ids) dependOn(SessionSeats, '_id', id)
    const seats = await SessionSeats.find(
      { _id: { $in: ids } },
      { capacity: 1, taken: 1, waitingCount: 1, isOpen: 1 },
    )
    return new Map(seats.map(each => [String(each._id), each]))
  },
  { max: 200, nameOf: ids => ids.join() },
)

/** Returns a person's place in the wait-list of a session, from 1; null without one. */
export async function placeInWaitlist(
  { _id }: Pick<LiveSession, '_id'>,
  person: Types.ObjectId,
): Promise<number | null> {
  const seats = await SessionSeats.findOne({ _id, waiting: person }, { waiting: 1 })
  return seats && standingOf({ holders: [], waiting: seats.waiting }, person).place
}
