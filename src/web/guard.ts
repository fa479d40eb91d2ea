import type { Request, Response } from 'express'
import { forbidden, HttpError } from '../platform/errors'
import type { Person, Role } from '../people/person'

/** A route that everyone may ask for; `check` throws for a request that it refuses, by its address for example. */
export type OpenGuard = { roles: 'anyone'; csrf: boolean; check?: (request: Request) => void }
/** A route for people who have signed in, in any role or in one of some. */
export type MemberGuard = { roles: 'signed in' | readonly Role[]; csrf: boolean }
/**
 * Who may use a route, and whether a change needs the session's CSRF token. Every route names one: without it the line does
 * not compile.
 */
export type Guard = OpenGuard | MemberGuard

export const anyone: OpenGuard = { roles: 'anyone', csrf: true }
/** Programs that sign what they send, or links that carry their own token: the handler verifies it, and no session is involved. */
export const machines: OpenGuard = { roles: 'anyone', csrf: false }
export const signedIn: MemberGuard = { roles: 'signed in', csrf: true }
export const authors = only('author', 'reviewer', 'admin')
export const writers = only('author', 'admin')
export const salesTeamOnly = only('sales', 'sales-lead', 'admin')
export const salesLeads = only('sales-lead', 'admin')
export const staff = only('author', 'reviewer', 'sales', 'sales-lead', 'admin')
export const admins = only('admin')

function only(...roles: Role[]): MemberGuard {
  return { roles, csrf: true }
}

/**
 * Lets a request pass, or refuses it: 401 for someone who has to sign in (a page sends them to the sign-in form), 403 for a role that
 * may not.
 *
 * @returns the signed-in person, null for a visitor of an open route; undefined when the response has been sent.
 */
export function admit(guard: Guard, request: Request, response: Response): Person | null | undefined {
  const person = request.user ?? null
  if (guard.roles === 'anyone') {
    guard.check?.(request)
    return person
  }
  if (!person) {
    if (request.method !== 'GET' || request.accepts(['html', 'json']) !== 'html') {
      throw new HttpError(401, 'web:errors.signInFirst')
    }
    response.redirect(303, `/sign-in?next=${encodeURIComponent(request.originalUrl)}`)
    return undefined
  }
  if (guard.roles !== 'signed in' && !guard.roles.includes(person.role)) throw forbidden()
  return person
}

/** Which parts of the product a person may open, for the menus. */
export function permissionsOf(person: Person | null | undefined) {
  const mayUse = (guard: MemberGuard) => person != null && guard.roles.includes(person.role)
  return {
    studio: mayUse(authors),
    sales: mayUse(salesTeamOnly),
    endpoints: mayUse(salesLeads),
    insights: mayUse(staff),
    admin: mayUse(admins),
  }
}
