import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { audit } from '../events/audit'
import { readLists } from './catalogue-lists'
import { emptyContent } from './content'
import { Courses, type Course, type CourseContent } from './course'
import { queueOutsideLinks } from './outside-link'
import { freeSlug } from './slug'

/**
 * Creates a course with a title and an empty draft, which belongs to its creator. The slug is made from the title, with
 * a number if it is taken. Creating it again with the same `_id` returns the first one.
 */
export async function newCourse({
  _id = new Types.ObjectId(),
  title,
  by,
}: {
  _id?: Types.ObjectId
  title: string
  by: Types.ObjectId
}): Promise<Course> {
  const draft = emptyContent(title, await readLists())
  const { course, isNew } = await createWithFreeSlug(_id, title, draft, by)
  if (isNew) await audit({ actor: by, action: 'course.created', subject: course.slug, detail: { title } })
  return course
}

/**
 * Creates a course with this draft. The slug is made from `name`, with a number if it is taken. Returns the course with
 * this `_id` if there is one.
 */
export async function createWithFreeSlug(
  _id: Types.ObjectId,
  name: string,
  draft: CourseContent,
  owner: Types.ObjectId | null,
): Promise<{ course: Course; isNew: boolean }> {
  const taken = new Set((await Courses.find({}, { slug: 1 })).map(({ slug }) => slug))
  for (;;) {
    const slug = freeSlug(name, 'course', candidate => taken.has(candidate))
    const created = await createCourse(slug, draft, owner, _id)
    if (created) return { course: created, isNew: true }
    const known = await Courses.findById(_id)
    if (known) return { course: known, isNew: false }
    taken.add(slug)
  }
}

/** Creates a course with this draft. Returns null when the slug or the id is taken. */
export async function createCourse(
  slug: string,
  draft: CourseContent,
  owner: Types.ObjectId | null,
  _id = new Types.ObjectId(),
): Promise<Course | null> {
  const moment = now()
  const team = owner ? [{ person: owner, role: 'owner' as const }] : []
  const isNew = await Courses.insertOnce({ _id, slug, draft, team, createdAt: moment, changedAt: moment })
  const course = isNew ? await Courses.findOne({ slug }) : null
  if (course) await queueOutsideLinks(course._id, draft)
  return course
}
