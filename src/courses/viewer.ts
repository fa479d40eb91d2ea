import { roles, type Person, type Role } from '../people/person'
import { registrableDomain } from '../people/company'
import { invitedCourses } from './invitation'
import { anonymousViewer, type Viewer } from './visibility'

/** Whom pages are shown to; null for an anonymous visitor. */
export type AnyVisitor = Pick<Person, '_id' | 'email' | 'role' | 'confirmedAt' | 'emailKind'> | null

/** The roles of the academy's own team. Contributors are of other companies, and see what their colleagues see. */
export const teamRoles: readonly Role[] = roles.filter(role => role !== 'prospect' && role !== 'contributor')

/** Returns what of a visitor decides what they may see. */
export async function viewerOf(visitor: AnyVisitor): Promise<Viewer> {
  if (!visitor) return anonymousViewer
  return viewerWith(visitor, teamRoles.includes(visitor.role) ? new Set() : await invitedCourses(visitor))
}

/** The same, for a caller who knows the invitations, or needs none. */
export function viewerWith(
  { role, email, confirmedAt, emailKind }: NonNullable<AnyVisitor>,
  invitedTo: ReadonlySet<string>,
): Viewer {
  return {
    isTeam: teamRoles.includes(role),
    isSignedIn: true,
    domain: registrableDomain(email),
    isConfirmed: confirmedAt !== null,
    isCompany: emailKind === 'company',
    invitedTo,
  }
}
