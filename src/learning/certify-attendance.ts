import type { Types } from 'mongoose'
import { brandOf } from '../brand/brand'
import { record } from '../events/record'
import { People } from '../people/person'
import { certificateIdentity, Certificates, type Certificate } from './certificate'
import { deleteIfErased } from './issue-certificate'

type Attendance = Pick<Certificate, 'slug' | 'title' | 'minutes' | 'signedBy' | 'issuedAt'> & {
  person: Types.ObjectId
  /** The session or series. */
  subject: Types.ObjectId
  attended: NonNullable<Certificate['attended']>
}

/**
 * Issues the certificate of a person who attended a session or a series, once: its id is derived from both. Its minutes
 * stay as they were known then. An erased person gets none.
 */
export async function certifyAttendance(attendance: Attendance): Promise<void> {
  const { person: personId, subject, attended, title, ...facts } = attendance
  const person = await People.findOne({ _id: personId, erasedAt: null })
  if (!person) return
  const { id, number } = certificateIdentity(personId, subject)
  await record({
    name: 'session.certificate_issued',
    person: personId,
    idempotencyKey: [subject],
    data: { certificate: id, title, of: attended.of },
  })
  const brand = await brandOf(person.brand)
  await Certificates.insertOnce({
    _id: id,
    number,
    person: personId,
    course: subject,
    revision: null,
    name: person.name,
    brand: { id: brand.id, name: brand.content.academyName },
    ...{ title, attended, lessons: 0, check: null },
    ...facts,
  })
  await deleteIfErased(personId)
}
