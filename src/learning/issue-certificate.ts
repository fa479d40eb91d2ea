import { mapKey } from '../platform/record'
import { revisionById } from '../courses/published'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People } from '../people/person'
import { certificateIdentity, Certificates } from './certificate'
import { enrolmentId, readEnrolment } from './enrolment'

/**
 * Reaction to `course.completed`: issues the certificate, if the course has one. Its id is derived from person and
 * course, so repeating the reaction doesn't issue a second one.
 */
export async function issueCertificate(
  event: Pick<Event<'course.completed'>, 'person' | 'course' | 'at'>,
): Promise<void> {
  const { person: personId, course, at } = event
  if (!course) return
  const enrolment = await readEnrolment(enrolmentId(personId, course))
  const person = await People.findById(personId)
  if (!enrolment || !person) return
  const revision = await revisionById(enrolment.revision)
  if (!revision?.content.certificate) return
  const { id, number } = certificateIdentity(personId, course)
  const { title, authors } = revision.content
  await record({
    name: 'certificate.issued',
    person: personId,
    course,
    at,
    idempotencyKey: [course],
    data: { certificate: id, title },
  })
  const finalQuiz = revision.lessons.filter(lesson => lesson.completion === 'pass').at(-1)
  await Certificates.insertOnce({
    _id: id,
    number,
    person: personId,
    course,
    slug: revision.slug,
    revision: revision.revision,
    name: person.name,
    title,
    lessons: revision.lessons.length,
    minutes: revision.minutes,
    check: (finalQuiz && enrolment.lessons[mapKey(finalQuiz.slug)]?.best) ?? null,
    signedBy: authors[0] ?? null,
    issuedAt: at,
  })
}
