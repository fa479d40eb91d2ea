import type { ShownBrand } from '../brand/brand'
import { acceptInvitation, awaitsConfirmation, invitationToken, openInvitation } from '../courses/invitation'
import { courseOfInvitation, shownCourse } from '../courses/shown-courses'
import { enrol } from '../learning/enrol'
import { enrolmentId, readEnrolment } from '../learning/enrolment'
import type { Person } from '../people/person'
import { HttpError } from '../platform/errors'
import { secretPath, secretRoutes } from '../platform/secret-routes'
import { bookSeat } from '../sessions/book-seat'
import type { LiveSession } from '../sessions/live-session'
import { shownSession } from '../sessions/shown-sessions'
import { localPath } from '../web/local-path'

/**
 * Does what a visitor chose before they signed up or signed in, and returns the path to go to: an invitation that they
 * opened is accepted unless its course is kept from them, or their address isn't confirmed, which its page asks for.
 * "Enrol and start" enrols them in a free course and leads to the lesson that they wanted to open, or the first; "Book
 * a seat" books a free live session that asks nothing. Any other path is returned unchanged, and null for none.
 *
 * @param invitation the id of the invitation.
 * @param timeZone of the reader, in which emails about a session say times; null for the session's.
 */
export async function followNext(
  person: Person,
  {
    next: typedNext,
    invitation,
    brand,
    timeZone = null,
  }: { next: unknown; invitation: string | null; brand: ShownBrand; timeZone?: string | null },
): Promise<string | null> {
  const invited = invitation ? await openInvitation(invitation) : null
  if (invited && (await courseOfInvitation(brand, invited, person))) {
    if (awaitsConfirmation(invited, person))
      return secretPath(secretRoutes.courseInvitation, invitationToken(invited))
    await acceptInvitation(invited, person)
  }
  const next = localPath(typedNext)
  const session = await sessionOfPath(next, brand, person)
  if (session) return bookIfAsked(session, person, timeZone)
  const [, slug, lessonSlug] =
    /^\/courses\/([a-z0-9-]+)\/enrolment(?:\?lesson=([a-z0-9-]+))?$/.exec(next ?? '') ?? []
  const published = slug ? await shownCourse(brand, slug, person) : undefined
  if (!published) return next
  const isEnrolled = (await readEnrolment(enrolmentId(person._id, published.course))) !== null
  if (isEnrolled || published.content.price) return `/courses/${slug}`
  await enrol({ person: person._id, published, paid: false })
  const lesson = published.lessons.find(each => each.slug === lessonSlug) ?? published.lessons[0]!
  return `/courses/${slug}/lessons/${lesson.slug}`
}

/** Returns the live session that a path is about to book, if the brand shows it to the visitor. */
export async function sessionOfPath(
  path: string | null,
  brand: ShownBrand,
  visitor: Person | null,
): Promise<LiveSession | undefined> {
  const slug = /^\/sessions\/([a-z0-9-]+)\/booking$/.exec(path ?? '')?.[1]
  return slug ? shownSession(brand, slug, visitor) : undefined
}

/** Whether a session is booked at once: nothing is left to answer or to pay. */
export const isBookedAtOnce = ({ price, questions }: LiveSession): boolean => !price && !questions.length

/** Books a session, and returns the path to go to. */
async function bookIfAsked(session: LiveSession, person: Person, timeZone: string | null): Promise<string> {
  const path = `/sessions/${session.slug}`
  if (!isBookedAtOnce(session)) return `${path}/booking`
  try {
    await bookSeat(session, person._id, { timeZone })
  } catch (error) {
    // It was cancelled or is over since, as its page says.
    if (!(error instanceof HttpError && error.status === 409)) throw error
  }
  return path
}
