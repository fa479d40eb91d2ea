import type { Request } from 'express'
import { isObjectIdOrHexString } from 'mongoose'
import { forbidden, notFound } from '../platform/errors'
import { LiveSessions, type LiveSession } from '../sessions/live-session'
import { hostAccounts, sessionPermissions, type SessionPermission } from '../sessions/session-role'
import type { MemberGuard } from '../web/guard'

/** For the list of sessions: teammates who don't write courses see those that they host. */
export const sessionTeams: MemberGuard = { roles: hostAccounts, csrf: true }

/**
 * Returns the guard of a route about the session `:id` in the URL: it runs before a body is read. A session that the
 * person may not see isn't found.
 */
export function inSession(permission: SessionPermission): MemberGuard {
  return {
    roles: hostAccounts,
    csrf: true,
    needs: {
      permission,
      check: async (request, person) => {
        const session = await sessionNamed(request)
        // The handlers say that an unknown session isn't found.
        if (!session) return
        const permissions = sessionPermissions(person, session)
        if (!permissions.has('read')) throw notFound()
        if (!permissions.has(permission)) throw forbidden()
      },
    },
  }
}

/** Returns the session that the URL names by its id. Throws 404. */
export async function sessionOf(request: Pick<Request, 'params'>): Promise<LiveSession> {
  const session = await sessionNamed(request)
  if (!session) throw notFound()
  return session
}

async function sessionNamed({ params }: Pick<Request, 'params'>): Promise<LiveSession | null> {
  const id = String(params.id)
  return isObjectIdOrHexString(id) ? LiveSessions.findById(id) : null
}
