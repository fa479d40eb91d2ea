import type { Types } from 'mongoose'
import type { Role } from '../people/person'

/** What a person is in one course. The owner answers for it: one person, who is reminded of its review date. */
export const courseRoles = ['owner', 'author', 'expert', 'reviewer', 'partner'] as const
export type CourseRole = (typeof courseRoles)[number]

/**
 * What a person may do in one course: read its draft and everything about it; comment; change the draft and ask for a
 * review; approve a draft or request changes; publish, schedule and withdraw; say who works on it; and make another
 * course of it.
 */
export type CoursePermission = 'read' | 'comment' | 'write' | 'review' | 'publish' | 'manage' | 'copy'

const permissionsOfRole: Record<CourseRole, readonly CoursePermission[]> = {
  owner: ['read', 'comment', 'write', 'publish', 'manage'],
  author: ['read', 'comment', 'write', 'publish'],
  expert: ['read', 'comment'],
  reviewer: ['read', 'comment', 'review'],
  partner: ['read', 'comment', 'write'],
}

/** What an account may do in every course, whether or not it is on the course's team. */
const permissionsOfAccount: Partial<Record<Role, readonly CoursePermission[]>> = {
  admin: ['read', 'comment', 'write', 'review', 'publish', 'manage', 'copy'],
  author: [...permissionsOfRole.author, 'copy'],
  reviewer: permissionsOfRole.reviewer,
}

/** The roles of accounts that can be on a course's team. Contributors can open no other course. */
export const teamAccounts = ['author', 'reviewer', 'contributor', 'admin'] as const satisfies readonly Role[]

type Member = { person: Types.ObjectId; role: CourseRole }

/** Returns what a person may do in a course: what their account allows everywhere, and their roles in it. */
export function coursePermissions(
  { _id, role }: { _id: Types.ObjectId; role: Role },
  { team = [] }: { team?: readonly Member[] },
): ReadonlySet<CoursePermission> {
  if (!teamAccounts.some(each => each === role)) return new Set()
  const own = team.filter(member => member.person.equals(_id)).flatMap(each => permissionsOfRole[each.role])
  const hasOwner = team.some(member => member.role === 'owner')
  return new Set([
    ...(permissionsOfAccount[role] ?? []),
    ...own,
    // A course without an owner can be taken over by its authors.
    ...(role === 'author' && !hasOwner ? (['manage'] as const) : []),
  ])
}
