import type { Types } from 'mongoose'
import { brandOf } from '../brand/brand'
import { mapKey } from '../platform/record'
import { revisionById } from '../courses/published'
import { shownLessonsOf } from '../courses/shown-courses'
import type { EventData } from '../events/definitions'
import { Events, type Event } from '../events/event'
import { eventId, record } from '../events/record'
import { People } from '../people/person'
import { certificateIdentity, Certificates } from './certificate'
import { enrolmentId, readEnrolment } from './enrolment'

/**
 * Reaction to `course.completed`: issues the certificate, if the course has one. Its id is derived from person and
 * course, so repeating the reaction doesn't issue a second one. An erased person gets none.
 */
export async function issueCertificate(
  event: Pick<Event<'course.completed'>, 'person' | 'course' | 'at'>,
): Promise<void> {
  const { person: personId, course, at } = event
  if (!course) return
  const enrolment = await readEnrolment(enrolmentId(personId, course))
  const person = await People.findOne({ _id: personId, erasedAt: null })
  if (!enrolment || !person) return
  // A learner who has finished may have moved to a newer version since.
  const completion = eventId({ name: 'course.completed', person: personId, idempotencyKey: [course] })
  const completed = await Events.findById(completion, { data: 1 })
  const data = completed?.data as EventData['course.completed'] | undefined
  const whole = await revisionById(data?.revision ?? enrolment.revision)
  const revision = whole && (await shownLessonsOf(person, whole))
  if (!revision?.content.certificate) return
  const { id, number } = certificateIdentity(personId, course)
  const { title, authors } = revision.content
  const [author] = authors
  await record({
    name: 'certificate.issued',
    person: personId,
    course,
    at,
    idempotencyKey: [course],
    data: { certificate: id, title },
  })
  const finalQuiz = revision.lessons.filter(lesson => lesson.completion === 'pass').at(-1)
  const brand = await brandOf(person.brand)
  await Certificates.insertOnce({
    _id: id,
    number,
    person: personId,
    course,
    slug: revision.slug,
    revision: revision.revision,
    name: person.name,
    brand: { id: brand.id, name: brand.content.academyName },
    title,
    lessons: revision.lessons.length,
    minutes: revision.minutes,
    check: (finalQuiz && enrolment.lessons[mapKey(finalQuiz.slug)]?.best) ?? null,
    signedBy: author ? { name: author.name, role: author.role } : null,
    issuedAt: at,
  })
  await deleteIfErased(personId)
}

/**
 * Deletes a person's certificates if they were erased while one was issued: each side writes first and then looks, so
 * no certificate outlives the erasure.
 */
export async function deleteIfErased(person: Types.ObjectId): Promise<void> {
  if (await People.exists({ _id: person, erasedAt: null })) return
  await Certificates.deleteMany({ person })
}
