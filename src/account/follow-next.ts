import type { ShownBrand } from '../brand/brand'
import { acceptInvitation, awaitsConfirmation, invitationToken, openInvitation } from '../courses/invitation'
import { courseOfInvitation, shownCourse } from '../courses/shown-courses'
import { enrol } from '../learning/enrol'
import { enrolmentId, readEnrolment } from '../learning/enrolment'
import type { Person } from '../people/person'
import { secretPath, secretRoutes } from '../platform/secret-routes'
import { localPath } from '../web/local-path'

/**
 * Does what a visitor chose before they signed up or signed in, and returns the path to go to: an invitation that they
 * opened is accepted unless its course is kept from them, or their address isn't confirmed, which its page asks for.
 * "Enrol and start" enrols them in a free course and leads to the lesson that they wanted to open, or the first. Any
 * other path is returned unchanged, and null when there is none.
 *
 * @param invitation the id of the invitation.
 */
export async function followNext(
  person: Person,
  { next: typedNext, invitation, brand }: { next: unknown; invitation: string | null; brand: ShownBrand },
): Promise<string | null> {
  const invited = invitation ? await openInvitation(invitation) : null
  if (invited && (await courseOfInvitation(brand, invited, person))) {
    if (awaitsConfirmation(invited, person))
      return secretPath(secretRoutes.courseInvitation, invitationToken(invited))
    await acceptInvitation(invited, person)
  }
  const next = localPath(typedNext)
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
