import { revisionById } from '../courses/published'
import { isDuplicateKey } from '../platform/errors'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People, type Person } from '../people/person'
import { certificateIdentity, Certificates } from './certificate'
import { enrolmentId, readEnrolment } from './enrolment'

/**
 * Reaction to `course.completed`: one certificate for each person and course, if the course gives any. Its id is computed, so
 * repeating it makes no second one.
 */
export async function issueCertificate(
  event: Pick<Event<'course.completed'>, 'person' | 'course' | 'at'>,
): Promise<void> {
  const { person: who, course, at } = event
  if (!course) return
  const enrolment = await readEnrolment(enrolmentId(who, course))
  const person = await People.findById(who).lean<Person>()
  if (!enrolment || !person) return
  const revision = await revisionById(enrolment.revision)
  if (!revision?.content.certificate) return
  const { id, number } = certificateIdentity(who, course)
  const { title, authors } = revision.content
  await record({
    name: 'certificate.issued',
    person: who,
    course,
    at,
    idempotencyKey: [course],
    data: { certificate: id, title },
  })
  const check = revision.lessons.filter(lesson => lesson.completion === 'pass').at(-1)
  try {
    await Certificates.create({
      _id: id,
      number,
      person: who,
      course,
      slug: revision.slug,
      revision: revision.revision,
      name: person.name,
      title,
      lessons: revision.lessons.length,
      minutes: revision.minutes,
      check: (check && enrolment.lessons[check.slug]?.best) ?? null,
      signedBy: authors[0] ?? null,
      issuedAt: at,
    })
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
  }
}
