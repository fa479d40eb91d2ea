import type { ShownBrand } from '../brand/brand'
import { findThreads } from '../community/find-threads'
import { shelfKey, type CommunityGroup, type ShelfItem } from '../community/group'
import { threadPath } from '../community/thread-path'
import type { Published } from '../courses/published'
import { lessonPath } from '../courses/lesson-path'
import { coursesOf } from '../courses/shown-courses'
import { Playlists, playlistToken } from '../learning/playlist'
import { People, type Person } from '../people/person'
import { areColleagues } from '../people/team-member'
import { now } from '../platform/clock'
import { secretPath, secretRoutes } from '../platform/secret-routes'
import type { LiveSession } from '../sessions/live-session'
import { sessionsOf } from '../sessions/shown-sessions'
import { sessionPath } from './session-row'
import { readableBy } from './threads'

/** A thing on a shelf as someone sees it. */
export type FoundItem = { item: ShelfItem; title: string; href: string; place: string }

/**
 * Returns what of these things someone sees now, by its key: nothing of a hidden course, lesson or question, of a
 * cancelled session, or of a playlist that isn't shared any more.
 */
export async function foundItems(
  items: readonly Pick<ShelfItem, 'kind' | 'of' | 'lesson'>[],
  brand: ShownBrand,
  person: Person,
): Promise<Map<string, Omit<FoundItem, 'item'>>> {
  if (!items.length) return new Map()
  const idsOf = (kind: ShelfItem['kind']) => items.filter(each => each.kind === kind).map(({ of }) => of)
  const courses = await coursesOf(brand, person)
  const [threads, sessions, playlists] = [idsOf('thread'), idsOf('session'), idsOf('playlist')]
  const [foundThreads, shownSessions, shared] = await Promise.all([
    threads.length ? findThreads({ $and: [readableBy(courses), { _id: { $in: threads } }] }) : [],
    sessions.length ? sessionsOf(brand, person) : [],
    playlists.length ? sharedPlaylists(playlists, brand, person) : [],
  ])
  const byId = new Map(courses.map(published => [String(published.course), published]))
  const ofThread = (thread: (typeof foundThreads)[number]) => {
    const published = byId.get(String(thread.course))
    const place = published?.content.title ?? ''
    return published && thread.title
      ? { title: thread.title, href: threadPath(published.slug, thread), place }
      : undefined
  }
  return new Map(
    items.flatMap(item => {
      const is = ({ _id }: { _id: ShelfItem['of'] }) => _id.equals(item.of)
      const thread = item.kind === 'thread' ? foundThreads.find(is) : undefined
      const session = item.kind === 'session' ? shownSessions.find(is) : undefined
      const found =
        item.kind === 'course' || item.kind === 'lesson'
          ? ofCourse(byId.get(String(item.of)), item.lesson)
          : item.kind === 'thread'
            ? thread && ofThread(thread)
            : item.kind === 'session'
              ? session && session.state === 'published' && ofSession(session)
              : shared.find(is)
      return found ? [[shelfKey(item), { title: found.title, href: found.href, place: found.place }]] : []
    }),
  )
}

function ofCourse(published: Published | undefined, slug: string | null) {
  if (!published) return undefined
  if (slug === null) return { title: published.content.title, href: `/courses/${published.slug}`, place: '' }
  const lesson = published.lessons.find(each => each.slug === slug)
  return (
    lesson && { title: lesson.title, href: lessonPath(published, lesson), place: published.content.title }
  )
}

const ofSession = (session: LiveSession) => ({ title: session.title, href: sessionPath(session), place: '' })

/** Playlists that their owners share now, with everyone or with this person's company. */
async function sharedPlaylists(ids: ShelfItem['of'][], brand: ShownBrand, person: Person) {
  const found = await Playlists.find({ _id: { $in: ids }, audience: { $ne: null } })
  const owners = await Promise.all(found.map(each => People.loadKept(each.person)))
  return found.flatMap((playlist, n) => {
    const owner = owners[n]
    if (!owner || owner.erasedAt || owner.suspendedAt) return []
    const isOwn = owner._id.equals(person._id)
    if (playlist.audience === 'company' && !isOwn && !areColleagues(owner, person)) return []
    const href = secretPath(secretRoutes.sharedPlaylist, playlistToken(playlist))
    return [{ _id: playlist._id, title: playlist.title, href, place: '' }]
  })
}

/**
 * Returns the next session of a group's office hours that someone sees: one of those it names, or the next date of
 * their series.
 */
export async function nextOfficeHours(
  { officeHours }: Pick<CommunityGroup, 'officeHours'>,
  brand: ShownBrand,
  person: Person,
): Promise<LiveSession | undefined> {
  if (!officeHours.length) return undefined
  const sessions = await sessionsOf(brand, person)
  const named = new Set(officeHours.map(String))
  const series = new Set(
    sessions.flatMap(({ _id, series: own }) => (own && named.has(String(_id)) ? [String(own)] : [])),
  )
  return sessions.find(
    each =>
      each.state === 'published' &&
      each.endsAt > now() &&
      (named.has(String(each._id)) || (each.series && series.has(String(each.series)))),
  )
}
