import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { audit } from '../events/audit'
import { emptyContent } from './content'
import { Courses, type Course, type CourseContent } from './course'
import { queueOutsideLinks } from './outside-link'
import { freeSlug } from './slug'

/** Creates a course with a title and an empty draft. The slug is made from the title, with a number if it is taken. */
export async function newCourse({ title, by }: { title: string; by: Types.ObjectId }): Promise<Course> {
  const course = await createWithFreeSlug(title, emptyContent(title))
  await audit({ actor: by, action: 'course.created', subject: course.slug, detail: { title } })
  return course
}

/** Creates a course with this draft. The slug is made from `name`, with a number if it is taken. */
export async function createWithFreeSlug(name: string, draft: CourseContent): Promise<Course> {
  const taken = new Set((await Courses.find({}, { slug: 1 })).map(({ slug }) => slug))
  for (;;) {
    const slug = freeSlug(name, 'course', candidate => taken.has(candidate))
    const course = await createCourse(slug, draft)
    if (course) return course
    taken.add(slug)
  }
}

/** Creates a course with this draft. Returns null when the slug is taken. */
export async function createCourse(slug: string, draft: CourseContent): Promise<Course | null> {
  const moment = now()
  const isNew = await Courses.insertOnce({ slug, draft, createdAt: moment, changedAt: moment })
  const course = isNew ? await Courses.findOne({ slug }) : null
  if (course) await queueOutsideLinks(course._id, draft)
  return course
}
