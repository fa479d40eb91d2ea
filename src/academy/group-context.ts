import type { Response } from 'express'
import type { QueryFilter, Types } from 'mongoose'
import type { ShownBrand } from '../brand/brand'
import {
  GroupMembers,
  groupsOf,
  membershipId,
  type CommunityGroup,
  type GroupMember,
} from '../community/group'
import type { Thread } from '../community/thread'
import { catalogueLists, entryId } from '../courses/catalogue-lists'
import type { Published } from '../courses/published'
import { coursesOf } from '../courses/shown-courses'
import type { Person } from '../people/person'
import { teamDomain } from '../people/team-member'
import { forbidden, notFound } from '../platform/errors'
import type { MemberHandler } from '../web/handler'
import { permissionsOf } from '../web/guard'
import { readableBy } from './threads'

/** A group that someone sees, with the courses that it is about, as they see them. */
export type ShownGroup = { group: CommunityGroup; courses: readonly Published[] }

export const groupPath = ({ slug }: Pick<CommunityGroup, 'slug'>) => `/community/groups/${slug}`

/**
 * Returns the groups that a brand shows to someone, by name: those of the courses that they see, of these courses'
 * topics, and of their own company. Authors see every company's.
 */
export async function shownGroups(brand: ShownBrand, person: Person): Promise<ShownGroup[]> {
  const groups = await groupsOf(brand.id)
  if (!groups.length) return []
  const [courses, { topics }] = await Promise.all([coursesOf(brand, person), catalogueLists()])
  return groups.flatMap(group => {
    if (group.kind === 'company') return isOfCompany(person, group) ? [{ group, courses }] : []
    const own = courses.filter(each =>
      group.kind === 'course'
        ? each.course.equals(group.course ?? '')
        : entryId(topics, each.content.topic) === entryId(topics, group.topic),
    )
    return own.length ? [{ group, courses: own }] : []
  })
}

const isOfCompany = (person: Person, { domain }: CommunityGroup) =>
  teamDomain(person) === domain || permissionsOf(person).writeCourses

/** Whether someone keeps the shelf of a group: its curator, or an author. */
export const isCurator = (person: Person, { curator }: CommunityGroup) =>
  curator?.equals(person._id) === true || permissionsOf(person).writeCourses

export type GroupContext = ShownGroup & { membership: GroupMember | null; canCurate: boolean }

export function groupContextOf(response: Response): GroupContext {
  return response.locals.groupContext as GroupContext
}

/** Loads the group in the URL. @throws 404 for one that doesn't exist for this visitor */
export const loadGroup: MemberHandler = async (request, response, person) => {
  const shown = await shownGroups(response.locals.brand, person)
  const found = shown.find(({ group }) => group.slug === request.params.slug)
  if (!found) throw notFound()
  const { group } = found
  const membership = await GroupMembers.findOne({ _id: membershipId(group._id, person._id) })
  const canCurate = isCurator(person, group)
  response.locals.groupContext = { ...found, membership, canCurate } satisfies GroupContext
}

/** Lets its curator and the authors through. Runs after `loadGroup`. */
export const requireCurator: MemberHandler = (_request, response) => {
  if (!groupContextOf(response).canCurate) throw forbidden()
}

/** The most members of a company's group whose questions its page has. */
const maxAskers = 500

/**
 * Returns the filter for a group's questions that everybody in it may read: those about its courses; at a company,
 * those of its members that have their name.
 */
export async function questionsOfGroup({ group, courses }: ShownGroup): Promise<QueryFilter<Thread>> {
  const readable = readableBy(courses)
  if (group.kind !== 'company') return readable
  const members = await GroupMembers.find({ group: group._id }, { person: 1 }).limit(maxAskers)
  const askers: Types.ObjectId[] = members.map(({ person }) => person)
  return { ...readable, person: { $in: askers }, isNameHidden: false }
}

/** Returns the address at which a person adds something to a shelf of theirs; null for one who keeps none. */
export async function shelfLink(
  brand: ShownBrand,
  person: Person | null | undefined,
  what: Record<string, string>,
): Promise<string | null> {
  if (!person) return null
  const groups = await groupsOf(brand.id)
  return groups.some(group => isCurator(person, group))
    ? `/community/shelves/add?${new URLSearchParams(what)}`
    : null
}
