import type { Request, Response } from 'express'
import { forbidden, HttpError } from '../platform/errors'
import type { Person, Role } from '../people/person'
import { signInPath } from './local-path'

/** For routes open to everyone; `check` throws to refuse a request, for example by its IP address. */
export type OpenGuard = { roles: 'anyone'; csrf: boolean; check?: (request: Request) => void }
/** For signed-in people, with any role or one of those listed. */
export type MemberGuard = {
  roles: 'signed in' | readonly Role[]
  csrf: boolean
  /** What the person needs besides, such as a permission in the course of the URL, and its check, which throws. */
  needs?: { permission: string; check: (request: Request, person: Person) => Promise<void> }
}
/**
 * Defines who may use a route, and whether changes need the session's CSRF token. A route without a guard doesn't
 * compile.
 */
export type Guard = OpenGuard | MemberGuard

export const anyone: OpenGuard = { roles: 'anyone', csrf: true }
/** For signed requests from programs, and links that carry their own token: the handler verifies them. */
export const machines: OpenGuard = { roles: 'anyone', csrf: false }
export const signedIn: MemberGuard = { roles: 'signed in', csrf: true }
export const authors = only('author', 'reviewer', 'admin')
/** For the list of courses: contributors see those that they work on. */
export const courseTeams = only('author', 'reviewer', 'contributor', 'admin')
export const writers = only('author', 'admin')
export const salesTeamOnly = only('sales', 'sales-lead', 'admin')
export const salesLeads = only('sales-lead', 'admin')
export const staff = only('author', 'reviewer', 'sales', 'sales-lead', 'admin')
/** Who decides what becomes of what people ask the product team for. */
export const feedbackEditors = only('author', 'reviewer', 'sales-lead', 'admin')
export const admins = only('admin')

function only(...roles: Role[]): MemberGuard {
  return { roles, csrf: true }
}

/**
 * Checks a request against its guard.
 *
 * @returns the signed-in person, null for an anonymous visitor, or undefined after a redirect to the sign-in page.
 * @throws HttpError 401 when the request needs a sign-in and isn't for a page, 403 for a role without access, and what
 *   the guard's own check throws.
 */
export async function admit(
  guard: Guard,
  request: Request,
  response: Response,
): Promise<Person | null | undefined> {
  const person = request.user ?? null
  if (guard.roles === 'anyone') {
    guard.check?.(request)
    return person
  }
  if (!person) {
    if (request.method !== 'GET' || request.accepts(['html', 'json']) !== 'html') {
      throw new HttpError(401, 'web:errors.signInFirst')
    }
    response.redirect(303, signInPath(request.originalUrl))
    return undefined
  }
  if (guard.roles !== 'signed in' && !guard.roles.includes(person.role)) throw forbidden()
  await guard.needs?.check(request, person)
  return person
}

/** Returns the parts of the product that a person may open, for the menus. */
export function permissionsOf(person: Person | null | undefined) {
  const mayUse = (guard: MemberGuard) => person != null && guard.roles.includes(person.role)
  return {
    studio: mayUse(courseTeams),
    /** Every course, learning path and learners' question, and not only the courses that the person works on. */
    allCourses: mayUse(authors),
    writeCourses: mayUse(writers),
    sales: mayUse(salesTeamOnly),
    endpoints: mayUse(salesLeads),
    insights: mayUse(staff),
    changeFeedback: mayUse(feedbackEditors),
    admin: mayUse(admins),
  }
}
