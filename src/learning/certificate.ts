import {
  date,
  defineRecord,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  optional,
  string,
  type RecordOf,
} from '../platform/record'
import { createHmac } from 'node:crypto'
import type { Types } from 'mongoose'
import { config } from '../platform/config'

/**
 * Certifies that a person finished a course, or attended a live session or a series. Anyone with its URL can check it.
 * It records the facts as of that day.
 */
export const Certificates = defineRecord(
  'Certificate',
  'certificates',
  {
    /** A UUID derived from person, `course` and `replaces`; it can't be guessed. */
    _id: string(),
    /** The number printed on it, such as `K7QM-2FXA-9T4W-0B3N`. */
    number: string(),
    person: objectId(),
    /** The course that was finished, or else the session or series that was attended. */
    course: objectId(),
    slug: string(),
    /** Null for attendance. */
    revision: nullable(objectId()),
    /** What was attended; null for a course. */
    attended: nullable(
      nested({
        of: oneOf(['session', 'series']),
        /** The number of sessions. */
        sessions: number(),
        topic: string(),
        language: string(),
      }),
    ),
    name: string(),
    /**
     * The brand that the learner had joined, and the academy's name on that day. Missing in certificates from before
     * there were several, which are of the default brand; the name is empty where it wasn't published.
     */
    brand: optional(nested({ id: string(), name: string() })),
    title: string(),
    /** 0 for attendance. */
    lessons: number(),
    /** The length of the course, or how long they were there. */
    minutes: number(),
    /** The best attempt at the last quiz that has to be passed; null for a course without one. */
    check: nullable(nested({ correct: number(), total: number() })),
    signedBy: nullable(nested({ name: string(), role: string() })),
    /** When the course was completed, or the session over. */
    issuedAt: date(),
    /** When it was issued again with a corrected name; null for a first one. */
    reissuedAt: nullable(date()),
    /** The id of the certificate that this one replaces; null for a first one. */
    replaces: nullable(string()),
    /** The id of the certificate that replaced this one; null for the one that is valid. */
    replacedBy: nullable(string()),
    revokedAt: nullable(date()),
    revocationReason: nullable(string()),
  },
  {
    indexes: [
      // One first certificate for each course, and one replacement for each certificate.
      [{ person: 1, course: 1, replaces: 1 }, { unique: true }],
      [{ number: 1 }, { unique: true }],
      [{ 'brand.id': 1 }],
    ],
  },
)
export type Certificate = RecordOf<typeof Certificates>

/** What a certificate says that its owner did. */
export const didOf = ({ attended }: Pick<Certificate, 'attended'>) => (attended ? 'attended' : 'completed')

/** Crockford's Base32: no I, L, O or U, so a number can be read aloud. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** Letters and digits of a number, 5 bits each: 80 bits can't be found by trying. */
export const certificateNumberLength = 16

/**
 * Derives the id (a version 8 UUID, RFC 9562) and the number of a person's certificate for a course, or of the one that
 * replaces another. The same arguments always give the same.
 *
 * @param replaces the id of the certificate that is replaced.
 */
export function certificateIdentity(person: Types.ObjectId, course: Types.ObjectId, replaces?: string) {
  const source = ['certificate', person, course, ...(replaces ? [replaces] : [])].join(':')
  const bytes = createHmac('sha256', config.encryptionKey).update(source).digest()
  const uuid = Buffer.from(bytes.subarray(0, 16))
  uuid[6] = (uuid[6]! & 0x0f) | 0x80
  uuid[8] = (uuid[8]! & 0x3f) | 0x80
  const hex = uuid.toString('hex')
  const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  )
  const characters = [...bytes.subarray(16, 16 + certificateNumberLength)].map(byte => alphabet[byte & 31])
  return { id, number: inGroups(characters.join('')) }
}

/**
 * Normalizes a typed number (lowercase, spaces, any hyphens or none, O for 0, I or L for 1). Returns null when it can't
 * be a number.
 */
export function parseCertificateNumber(typed: string): string | null {
  const normalized = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
  const isNumber =
    normalized.length === certificateNumberLength &&
    [...normalized].every(letter => alphabet.includes(letter))
  return isNumber ? inGroups(normalized) : null
}

/** `K7QM2FXA9T4W0B3N` becomes `K7QM-2FXA-9T4W-0B3N`. */
function inGroups(characters: string): string {
  return characters.match(/.{4}/g)!.join('-')
}
