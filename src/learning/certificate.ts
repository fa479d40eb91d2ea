import { createHmac } from 'node:crypto'
import { model, Schema, type Types } from 'mongoose'
import { config } from '../platform/config'

/** That somebody finished a course, for anybody who has its address to check. It says what was so on the day, so it copies it. */
export type Certificate = {
  /** A UUID that cannot be guessed, made from person and course: there is one for each. */
  _id: string
  /** The short number printed on it, such as `K7QM-2FXA`. */
  number: string
  person: Types.ObjectId
  course: Types.ObjectId
  slug: string
  revision: Types.ObjectId
  name: string
  title: string
  lessons: number
  minutes: number
  /** The best attempt at the final check; null for a course without one. */
  check: { correct: number; total: number } | null
  signedBy: { name: string; role: string } | null
  issuedAt: Date
  revokedAt: Date | null
  revocationReason: string | null
}

const schema = new Schema<Certificate>(
  {
    _id: { type: String, required: true },
    number: { type: String, required: true },
    person: { type: Schema.Types.ObjectId, required: true },
    course: { type: Schema.Types.ObjectId, required: true },
    slug: { type: String, required: true },
    revision: { type: Schema.Types.ObjectId, required: true },
    name: { type: String, required: true },
    title: { type: String, required: true },
    lessons: { type: Number, required: true },
    minutes: { type: Number, required: true },
    check: { type: Schema.Types.Mixed, default: null },
    signedBy: { type: Schema.Types.Mixed, default: null },
    issuedAt: { type: Date, required: true },
    revokedAt: { type: Date, default: null },
    revocationReason: { type: String, default: null },
  },
  { versionKey: false },
)
schema.index({ person: 1, course: 1 }, { unique: true })
schema.index({ number: 1 }, { unique: true })

export const Certificates = model<Certificate>('Certificate', schema, 'certificates')

/** Crockford's base 32: no I, L, O or U, so that a number can be read aloud. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Id (a version 8 UUID, RFC 9562) and number of the one certificate of this person for this course. */
export function certificateIdentity(person: Types.ObjectId, course: Types.ObjectId) {
  const bytes = createHmac('sha256', config.encryptionKey).update(`certificate:${person}:${course}`).digest()
  const uuid = Buffer.from(bytes.subarray(0, 16))
  uuid[6] = (uuid[6]! & 0x0f) | 0x80
  uuid[8] = (uuid[8]! & 0x3f) | 0x80
  const hex = uuid.toString('hex')
  const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  )
  const drawn = [...bytes.subarray(16, 24)].map(byte => alphabet[byte & 31]).join('')
  return { id, number: `${drawn.slice(0, 4)}-${drawn.slice(4)}` }
}

/** The number as it is kept, however it was typed: small letters, spaces, O for 0. Null if it cannot be one. */
export function parseCertificateNumber(typed: string): string | null {
  const read = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  return read.length === 8 && [...read].every(letter => alphabet.includes(letter))
    ? `${read.slice(0, 4)}-${read.slice(4)}`
    : null
}
