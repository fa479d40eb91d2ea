import { Types } from 'mongoose'
import { audit } from '../events/audit'
import { days, hours, later, now } from '../platform/clock'
import { hmacOf, isHmacOf } from '../platform/hmac'
import { date, defineRecord, nullable, objectId, type RecordOf } from '../platform/record'
import { People } from '../people/person'
import { Courses, type Course } from './course'
import { coursePermissions } from './course-role'

/** A link that shows the draft of one course to anyone who has it, until it expires or is revoked. */
export const PreviewLinks = defineRecord(
  'PreviewLink',
  'preview_links',
  {
    course: objectId(),
    by: objectId(),
    createdAt: date(),
    expiresAt: date(),
    revokedAt: nullable(date()),
  },
  { indexes: [[{ course: 1, createdAt: -1 }]] },
)
export type PreviewLink = RecordOf<typeof PreviewLinks>

/** How many days a link to a preview can live. */
export const previewDays = [1, 7, 30] as const

/** Creates a link to the draft of a course; again with the same id creates nothing. */
export async function createPreviewLink(
  course: Pick<Course, '_id' | 'slug'>,
  { _id, by, lifetime }: { _id: Types.ObjectId; by: Types.ObjectId; lifetime: number },
): Promise<void> {
  const createdAt = now()
  const expiresAt = later(createdAt, days(lifetime))
  const isNew = await PreviewLinks.insertOnce({ _id, course: course._id, by, createdAt, expiresAt })
  if (!isNew) return
  await audit({ actor: by, action: 'preview_link.created', subject: course.slug, detail: { days: lifetime } })
}

/** Ends a link to the draft of a course at once. */
export async function revokePreviewLink(
  course: Pick<Course, '_id' | 'slug'>,
  id: Types.ObjectId,
  by: Types.ObjectId,
): Promise<void> {
  const filter = { _id: id, course: course._id, revokedAt: null }
  const { modifiedCount } = await PreviewLinks.updateOne(filter, { $set: { revokedAt: now() } })
  if (modifiedCount) await audit({ actor: by, action: 'preview_link.revoked', subject: course.slug })
}

/** Returns the links to the draft of a course that still work, newest first. */
export async function livePreviewLinks(course: Pick<Course, '_id' | 'team'>): Promise<PreviewLink[]> {
  const links = await PreviewLinks.find({ course: course._id, revokedAt: null, expiresAt: { $gt: now() } })
    .sort({ createdAt: -1 })
    .limit(50)
  const may = await Promise.all(links.map(({ by }) => mayShare(by, course)))
  return links.filter((_link, n) => may[n])
}

/** Whether a person may still show a draft to others: those who leave a course, or the academy, take no link along. */
async function mayShare(by: Types.ObjectId | string, course: Pick<Course, 'team'>): Promise<boolean> {
  const person = await People.findOne({ _id: by, suspendedAt: null, erasedAt: null }, { role: 1 })
  return person?.role != null && coursePermissions(person, course).has('read')
}

/** Returns the token of a link. */
export const linkToken = ({ _id }: Pick<PreviewLink, '_id'>) => signed(`link.${_id}`)

/** Returns a token for a person's own frame in the studio, which works for an hour. */
export function frameToken({ _id }: Pick<Course, '_id'>, person: Types.ObjectId): string {
  return signed(`frame.${_id}.${later(now(), hours(1)).getTime()}.${person}`)
}

const signed = (text: string) => `${text}.${hmacOf('course-preview', text)}`

/**
 * Returns the course whose draft a token shows; null for one that has expired, was revoked or isn't ours, or whose
 * maker may not read the course any more.
 */
export async function coursePreviewed(token: string): Promise<Course | null> {
  const end = token.lastIndexOf('.')
  const text = token.slice(0, end)
  if (end < 0 || !isHmacOf('course-preview', text, token.slice(end + 1))) return null
  const [kind, id, until, person] = text.split('.')
  const isFrame = kind === 'frame'
  if (isFrame && Number(until) <= now().getTime()) return null
  const link = isFrame
    ? { course: id!, by: person! }
    : await PreviewLinks.findOne({ _id: id!, revokedAt: null, expiresAt: { $gt: now() } })
  const course = link && (await Courses.findById(link.course))
  return course && (await mayShare(link.by, course)) ? course : null
}
