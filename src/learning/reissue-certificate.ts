import { now } from '../platform/clock'
import { conflict, notFound } from '../platform/errors'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People, type Person } from '../people/person'
import { certificateIdentity, Certificates, type Certificate } from './certificate'
import { deleteIfErased } from './issue-certificate'

/** Whether a certificate is the person's, still valid, and has another name than the person has now. */
export function canReissue(certificate: Certificate, person: Pick<Person, '_id' | 'name'>): boolean {
  return (
    person._id.equals(certificate.person) &&
    !certificate.revokedAt &&
    !certificate.replacedBy &&
    certificate.name !== person.name
  )
}

/**
 * Replaces a person's certificate by one with their current name, and a number of its own. What was completed and when
 * stays the same, and nothing is completed again.
 *
 * @returns the id of the new certificate; that of the earlier replacement for one that has been replaced.
 * @throws HttpError 404 for someone else's certificate, 409 for a revoked one or one that has the current name.
 */
export async function reissueCertificate(certificate: Certificate, person: Person): Promise<string> {
  if (!person._id.equals(certificate.person)) throw notFound()
  if (certificate.replacedBy) return certificate.replacedBy
  if (!canReissue(certificate, person)) throw conflict('academy:certificate.nothingToReissue')
  const { _id: replaces, course, attended, title } = certificate
  const event = {
    name: 'certificate.reissued' as const,
    person: person._id,
    course: attended ? null : course,
    at: now(),
    idempotencyKey: [replaces],
    data: { certificate: certificateIdentity(person._id, course, replaces).id, replaces, title },
  }
  await record(event)
  await replaceCertificate(event)
  return event.data.certificate
}

/** Reaction to `certificate.reissued`: issues the new certificate and marks the old one, if that was interrupted. */
export async function replaceCertificate(
  event: Pick<Event<'certificate.reissued'>, 'person' | 'at' | 'data'>,
): Promise<void> {
  const { certificate, replaces } = event.data
  const [old, person] = await Promise.all([
    Certificates.findById(replaces),
    People.findOne({ _id: event.person, erasedAt: null }),
  ])
  if (!old || !person) return
  await Certificates.insertOnce({
    ...old,
    _id: certificate,
    number: certificateIdentity(old.person, old.course, replaces).number,
    name: person.name,
    reissuedAt: event.at,
    replaces,
    replacedBy: null,
  })
  await Certificates.updateOne({ _id: replaces }, { $set: { replacedBy: certificate } })
  await deleteIfErased(event.person)
}
