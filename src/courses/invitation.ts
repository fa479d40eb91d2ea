import { Types } from 'mongoose'
import { audit } from '../events/audit'
import { STALE_AFTER_MS, cached } from '../platform/cached'
import { days, later, now } from '../platform/clock'
import { hmacOf, isHmacOf } from '../platform/hmac'
import {
  date,
  defineRecord,
  list,
  nullable,
  number,
  objectId,
  string,
  type RecordOf,
} from '../platform/record'
import type { Person } from '../people/person'
import type { Course } from './course'

/**
 * An invitation to one course: a link that a number of people may use, or one for the owner of an address, which works
 * without the link too once they have confirmed the address. Whoever has accepted it sees the course until it is
 * revoked.
 */
export const CourseInvitations = defineRecord(
  'CourseInvitation',
  'course_invitations',
  {
    course: objectId(),
    /** Normalised; null for a link. */
    email: nullable(string()),
    /** The most people who may accept it. */
    maximum: number(),
    /** Who has accepted it, oldest first. */
    people: list(objectId()),
    by: objectId(),
    createdAt: date(),
    expiresAt: date(),
    revokedAt: nullable(date()),
  },
  {
    indexes: [[{ course: 1, createdAt: -1, _id: -1 }], [{ people: 1 }], [{ email: 1 }]],
    onWrite: (): void => invitedCourses.forget(),
  },
)
export type CourseInvitation = RecordOf<typeof CourseInvitations>

/** How many days an invitation can be accepted, and by how many people a link. */
export const invitationDays = [7, 30, 90] as const
export const invitationSizes = [1, 10, 50, 500] as const

/** The most invitations of a course that are listed, and the most addresses of one form. */
export const maxInvitations = 200
export const maxAddresses = 50

type NewInvitation = Pick<CourseInvitation, '_id' | 'email' | 'maximum' | 'by'> & { lifetime: number }

/**
 * Creates an invitation; again with the same id creates nothing.
 *
 * @param lifetime in days.
 * @returns false when it exists.
 */
export async function inviteToCourse(
  course: Pick<Course, '_id' | 'slug'>,
  { lifetime, ...invitation }: NewInvitation,
): Promise<boolean> {
  const createdAt = now()
  const isNew = await CourseInvitations.insertOnce({
    ...invitation,
    course: course._id,
    people: [],
    createdAt,
    expiresAt: later(createdAt, days(lifetime)),
  })
  if (!isNew) return false
  invitedCourses.forget()
  const detail = { days: lifetime, kind: invitation.email ? 'address' : 'link' }
  await audit({ actor: invitation.by, action: 'course_invitation.created', subject: course.slug, detail })
  return true
}

/** Ends an invitation at once, also for those who have accepted it and not enrolled. */
export async function revokeInvitation(
  course: Pick<Course, '_id' | 'slug'>,
  id: Types.ObjectId,
  by: Types.ObjectId,
): Promise<void> {
  const filter = { _id: id, course: course._id, revokedAt: null }
  const { modifiedCount } = await CourseInvitations.updateOne(filter, { $set: { revokedAt: now() } })
  if (modifiedCount) await audit({ actor: by, action: 'course_invitation.revoked', subject: course.slug })
}

/** Returns the token of an invitation. It isn't stored anywhere. */
export function invitationToken({ _id }: Pick<CourseInvitation, '_id'>): string {
  return `${_id}.${hmacOf('course-invitation', String(_id))}`
}

/** Returns the invitation of a token that can still be accepted; null for any other one. */
export async function usableInvitation(token: string): Promise<CourseInvitation | null> {
  const [id = '', signature = ''] = token.split('.')
  return isHmacOf('course-invitation', id, signature) ? openInvitation(id) : null
}

/** Returns an invitation that can still be accepted, or null. */
export async function openInvitation(id: string): Promise<CourseInvitation | null> {
  if (!Types.ObjectId.isValid(id)) return null
  return CourseInvitations.findOne({ _id: id, revokedAt: null, expiresAt: { $gt: now() } })
}

/** Whether an invitation is for a person who hasn't confirmed yet that its address is theirs. */
export function awaitsConfirmation(
  { email }: Pick<CourseInvitation, 'email'>,
  person: Pick<Person, 'email' | 'confirmedAt'>,
): boolean {
  return email === person.email && !person.confirmedAt
}

/**
 * Accepts an invitation for a person who is signed in. Accepting it again changes nothing.
 *
 * @returns false when it is for another address, or can't be accepted by anyone else any more.
 */
export async function acceptInvitation(
  { _id, email, people, maximum }: CourseInvitation,
  person: Pick<Person, '_id' | 'email' | 'confirmedAt'>,
): Promise<boolean> {
  if (email && !(email === person.email && person.confirmedAt)) return false
  if (people.some(id => id.equals(person._id))) return true
  const { modifiedCount } = await CourseInvitations.updateOne(
    {
      ...{ _id, revokedAt: null, expiresAt: { $gt: now() }, people: { $ne: person._id } },
      [`people.${maximum - 1}`]: { $exists: false },
    },
    { $push: { people: person._id } },
  )
  if (modifiedCount) return true
  return CourseInvitations.exists({ _id, revokedAt: null, people: person._id })
}

type Invited = Pick<Person, '_id' | 'email' | 'confirmedAt'>

/** Returns the ids of the courses that a person is invited to. */
export const invitedCourses = cached<Invited, ReadonlySet<string>>(
  STALE_AFTER_MS,
  async ({ _id, email, confirmedAt }) => {
    const live = { revokedAt: null }
    const [accepted, addressed] = await Promise.all([
      CourseInvitations.find({ people: _id, ...live }, { course: 1 }),
      confirmedAt ? CourseInvitations.find({ email, expiresAt: { $gt: now() }, ...live }, { course: 1 }) : [],
    ])
    return new Set([...accepted, ...addressed].map(({ course }) => String(course)))
  },
  { nameOf: ({ _id, email, confirmedAt }) => `${_id} ${email} ${confirmedAt !== null}` },
)

/** Forgets the invitations to an address that is erased. How many people have used a link stays what it was. */
export async function deleteInvitationsTo(email: string): Promise<void> {
  await CourseInvitations.deleteMany({ email })
}
