import type { Person } from '../people/person'
import { registrableDomain } from '../people/company'
import { invitedCourses } from './invitation'
import { anonymousViewer, type Viewer } from './visibility'

/** Whom pages are shown to; null for an anonymous visitor. */
export type AnyVisitor = Pick<Person, '_id' | 'email' | 'role' | 'confirmedAt' | 'emailKind'> | null

/** Contributors are of other companies: they see what any person of theirs sees. */
const outsiders = new Set<string>(['prospect', 'contributor'])

/** Returns what of a visitor decides what they may see. */
export async function viewerOf(visitor: AnyVisitor): Promise<Viewer> {
  if (!visitor) return anonymousViewer
  return viewerWith(visitor, outsiders.has(visitor.role) ? await invitedCourses(visitor) : new Set())
}

/** The same, for a caller who knows the invitations, or needs none. */
export function viewerWith(
  { role, email, confirmedAt, emailKind }: NonNullable<AnyVisitor>,
  invitedTo: ReadonlySet<string>,
): Viewer {
  return {
    isTeam: !outsiders.has(role),
    isSignedIn: true,
    domain: registrableDomain(email),
    isConfirmed: confirmedAt !== null,
    isCompany: emailKind === 'company',
    invitedTo,
  }
}
