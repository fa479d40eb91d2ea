import type { Types } from 'mongoose'
import type { Role } from '../people/person'
import type { LiveSession } from './live-session'

/** The roles of accounts that can host a session. */
export const hostAccounts = [
  'author',
  'reviewer',
  'contributor',
  'sales',
  'sales-lead',
  'admin',
] as const satisfies readonly Role[]

/** What a teammate may do with a session: see it and who booked, run it on the day and afterwards, and change it. */
export type SessionPermission = 'read' | 'run' | 'write'

const permissionsOfAccounts: Partial<Record<Role, readonly SessionPermission[]>> = {
  admin: ['read', 'run', 'write'],
  author: ['read', 'run', 'write'],
  reviewer: ['read'],
}

/** Returns what a person may do with a session: what their account allows everywhere, and what its hosts may. */
export function sessionPermissions(
  { _id, role }: { _id: Types.ObjectId; role: Role },
  { hosts }: Pick<LiveSession, 'hosts'>,
): ReadonlySet<SessionPermission> {
  const isHost =
    hostAccounts.some(each => each === role) && hosts.some(({ person }) => person?.equals(_id) === true)
  return new Set([...(permissionsOfAccounts[role] ?? []), ...(isHost ? (['read', 'run'] as const) : [])])
}
