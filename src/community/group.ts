import type { Types } from 'mongoose'
import { retained } from '../platform/retained'
import {
  boolean,
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

export const groupKinds = ['course', 'company', 'topic'] as const
const shelfKinds = ['course', 'lesson', 'thread', 'session', 'playlist'] as const

/** The most groups of a brand and of a person, things on a shelf, sessions of office hours, and characters. */
export const groupCaps = {
  groups: 200,
  joined: 30,
  shelf: 40,
  officeHours: 20,
  name: 80,
  about: 500,
  shelfTitle: 60,
  note: 200,
}

/** People who learn together: about a course or a topic, or at a company. */
export const Groups = defineRecord(
  'Group',
  'groups',
  {
    brand: string(),
    slug: string(),
    kind: oneOf(groupKinds),
    /** The course of a course's group. */
    course: nullable(objectId()),
    /** An entry of the academy's topics, of a topic's group. */
    topic: withDefault(string(), ''),
    /** Of a company's group: only people with a confirmed address there see it. */
    domain: withDefault(string(), ''),
    name: string(),
    about: withDefault(string(), ''),
    /** Who keeps the shelf, besides the authors. */
    curator: nullable(objectId()),
    shelfTitle: withDefault(string(), ''),
    /** What the curator recommends, in order. */
    shelf: list(
      nested({
        kind: oneOf(shelfKinds),
        /** A course or a lesson's course, or a thread, session or playlist. */
        of: objectId(),
        /** The slug of the lesson. */
        lesson: nullable(string()),
        note: string(),
        by: objectId(),
        at: date(),
      }),
    ),
    /** Live sessions that are its office hours; another date of their series counts too. */
    officeHours: list(objectId()),
    members: withDefault(number(), 0),
    createdAt: date(),
    /** When someone last joined, or the shelf or office hours changed. */
    activeAt: date(),
    /** The number of changes of the curator's: of two at once, one is tried again. */
    changes: withDefault(number(), 0),
  },
  {
    indexes: [
      [{ brand: 1, slug: 1 }, { unique: true }],
      [{ curator: 1 }],
      [{ 'shelf.by': 1 }],
      [{ activeAt: 1, _id: 1 }],
    ],
  },
)
export type CommunityGroup = RecordOf<typeof Groups>
export type ShelfItem = CommunityGroup['shelf'][number]

/** Who is in which group. */
export const GroupMembers = defineRecord(
  'GroupMember',
  'group_members',
  {
    /** The group's id and the person's, so that nobody joins twice. */
    _id: string(),
    group: objectId(),
    person: objectId(),
    /** Whether the others read their name. */
    showsName: withDefault(boolean(), false),
    joinedAt: date(),
  },
  { indexes: [[{ group: 1, showsName: 1, joinedAt: -1 }], [{ person: 1, joinedAt: -1 }]] },
)
export type GroupMember = RecordOf<typeof GroupMembers>

export const membershipId = (group: Types.ObjectId, person: Types.ObjectId) =>
  `${String(group)}:${String(person)}`

/** Returns the groups of a brand by name: the same array until one changes. Who sees which is up to the caller. */
export const groupsOf = retained(
  async (brand: string, dependOn): Promise<CommunityGroup[]> => {
    dependOn(Groups)
    const found = await Groups.find({ brand }).limit(groupCaps.groups)
    return found.sort((a, b) => a.name.localeCompare(b.name))
  },
  { max: 50 },
)

/** What a thing on the shelf is called in forms. */
export function shelfKey({ kind, of, lesson }: Pick<ShelfItem, 'kind' | 'of' | 'lesson'>): string {
  return [kind, String(of), ...(lesson ? [lesson] : [])].join(':')
}

/** Returns the groups that a person is in, the latest first. */
export function membershipsOf(person: Types.ObjectId): Promise<GroupMember[]> {
  return GroupMembers.find({ person }).sort({ joinedAt: -1 }).limit(groupCaps.joined).exec()
}

/** Returns the groups that a person is in, curates, or has put something on the shelf of, as they may know it. */
export async function groupsAbout(person: Types.ObjectId) {
  const [joined, curated, shelves] = await Promise.all([
    GroupMembers.find({ person }, { group: 1, showsName: 1, joinedAt: 1 }),
    Groups.find({ curator: person }, { name: 1 }),
    Groups.find({ 'shelf.by': person }, { name: 1, shelf: 1 }),
  ])
  return {
    joined,
    curated,
    shelves: shelves.map(({ name, shelf }) => ({ name, shelf: shelf.filter(({ by }) => by.equals(person)) })),
  }
}
