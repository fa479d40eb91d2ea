import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { People, type Person } from '../people/person'
import { conflict, notFound } from '../platform/errors'
import { Courses, type Course } from './course'
import { teamAccounts, type CourseRole } from './course-role'

type Member = NonNullable<Course['team']>[number]
type TeamChange = { course: Types.ObjectId; by: Types.ObjectId; person: Types.ObjectId }

/** The people who can be on a course's team. */
const canJoin = { role: { $in: [...teamAccounts] }, suspendedAt: null, erasedAt: null }

/** Returns the people who can be on a course's team, by name. */
export async function possibleMembers(): Promise<Person[]> {
  const people = await People.find(canJoin)
  return people.sort((a, b) => a.name.localeCompare(b.name, 'en'))
}

/**
 * Adds a person to a course's team, or changes their role. A course has one owner: the one before becomes an author.
 *
 * @throws 404 for an unknown course, 409 for a person who can't be on a team, or when the team changes meanwhile.
 */
export async function setCourseRole({
  course: id,
  by,
  person,
  role,
}: TeamChange & { role: CourseRole }): Promise<void> {
  const { course, isMember, before } = await teamOf(id, person)
  if (before === role) return
  if (!(await People.exists({ _id: person, ...canJoin }))) throw conflict('studio:errors.notTeamAccount')
  const others = (course.team ?? [])
    .filter(member => !isMember(member))
    .map(member =>
      role === 'owner' && member.role === 'owner' ? { ...member, role: 'author' as const } : member,
    )
  await saveTeam(course, [...others, { person, role }])
  const detail = { person: String(person), role, ...(before && { from: before }) }
  await audit({ actor: by, action: 'course_role.changed', subject: course.slug, detail })
}

/** Takes a person off a course's team. @throws 404 for an unknown course, 409 when the team changes meanwhile. */
export async function removeFromTeam({ course: id, by, person }: TeamChange): Promise<void> {
  const { course, isMember, before } = await teamOf(id, person)
  if (!before) return
  await saveTeam(
    course,
    (course.team ?? []).filter(member => !isMember(member)),
  )
  const detail = { person: String(person), from: before }
  await audit({ actor: by, action: 'course_role.removed', subject: course.slug, detail })
}

async function teamOf(id: Types.ObjectId, person: Types.ObjectId) {
  const course = await Courses.findById(id)
  if (!course) throw notFound()
  const isMember = (member: Member) => member.person.equals(person)
  return { course, isMember, before: course.team?.find(isMember)?.role }
}

async function saveTeam({ _id, teamChanges }: Course, team: Member[]): Promise<void> {
  const { matchedCount } = await Courses.updateOne(
    { _id, teamChanges: teamChanges ?? { $exists: false } },
    { $set: { team, teamChanges: (teamChanges ?? 0) + 1 } },
  )
  if (!matchedCount) throw conflict('studio:errors.teamChanged')
}

/** Sets or clears the day by which a course has to be reviewed again, `YYYY-MM-DD`. */
export async function setReviewDate(
  course: Pick<Course, '_id' | 'slug'>,
  reviewOn: string | null,
  by: Types.ObjectId,
): Promise<void> {
  const { modifiedCount } = await Courses.updateOne({ _id: course._id }, { $set: { reviewOn } })
  if (!modifiedCount) return
  await audit({ actor: by, action: 'course_review_date.changed', subject: course.slug, detail: { reviewOn } })
}

/**
 * Returns who answers for a course: its owner; without one, the authors of its team; and in a course without a team,
 * the administrators.
 */
export async function ownersOf({ team = [] }: Pick<Course, 'team'>): Promise<Person[]> {
  for (const role of ['owner', 'author']) {
    const ids = team.filter(member => member.role === role).map(member => member.person)
    const found = ids.length ? await People.find({ _id: { $in: ids }, ...canJoin }) : []
    if (found.length) return found
  }
  return People.find({ role: 'admin', suspendedAt: null })
}

/**
 * Returns who can review a course: the reviewers of its team; without one, those of the academy; and in an academy
 * without any, its administrators.
 */
export async function reviewersOf({ team = [] }: Pick<Course, 'team'>): Promise<Person[]> {
  const ids = team.filter(({ role }) => role === 'reviewer').map(({ person }) => person)
  const own = ids.length ? await People.find({ _id: { $in: ids }, ...canJoin }) : []
  if (own.length) return own
  const reviewers = await People.find({ role: 'reviewer', suspendedAt: null })
  return reviewers.length ? reviewers : People.find({ role: 'admin', suspendedAt: null })
}
