import type { Request, RequestHandler } from 'express'
import { forbidden, HttpError } from '../platform/errors'
import type { Person, Role } from '../people/person'
import type { Guard } from './route'

/** Everybody, signed in or not. */
export const anyone: Guard = { who: 'anyone', handler: (_request, _response, next) => next() }

/** Whoever has joined, in any role. */
export const signedIn: Guard = { who: 'signed in', handler: signInFirst }

/** A machine that signs its requests; the handler verifies the signature over the raw body, so no CSRF token is asked. */
export const machines: Guard = { who: 'machine', handler: (_request, _response, next) => next() }

/** Only the demo: the door does not exist elsewhere. */
export const authors = only('author', 'reviewer', 'admin')
export const writers = only('author', 'admin')
export const salesTeamOnly = only('sales', 'sales-lead', 'admin')
export const salesLeads = only('sales-lead', 'admin')
export const staff = only('author', 'reviewer', 'sales', 'sales-lead', 'admin')
export const admins = only('admin')

function only(...roles: Role[]): Guard {
  return {
    who: roles.join(', '),
    handler: (request, response, next) =>
      signInFirst(request, response, error => {
        if (error) return next(error)
        next(roles.includes(request.user!.role) ? undefined : forbidden())
      }),
  }
}

function signInFirst(
  request: Request,
  ...[response, next]: [Parameters<RequestHandler>[1], (error?: unknown) => void]
) {
  if (request.user) return next()
  if (request.method === 'GET' && request.accepts(['html', 'json']) === 'html') {
    return response.redirect(303, `/sign-in?next=${encodeURIComponent(request.originalUrl)}`)
  }
  next(new HttpError(401, 'web:errors.signInFirst'))
}

/** What the person may open, for the menus. */
export function permissionsOf(person: Person | undefined) {
  const role = person?.role
  return {
    studio: role === 'author' || role === 'reviewer' || role === 'admin',
    sales: role === 'sales' || role === 'sales-lead' || role === 'admin',
    endpoints: role === 'sales-lead' || role === 'admin',
    insights: role !== undefined && role !== 'prospect',
    admin: role === 'admin',
  }
}
