import type { Types } from 'mongoose'
import { STALE_AFTER_MS, cached } from '../platform/cached'
import { Courses, type Course, type CourseContent, type Lesson } from './course'
import { Revisions, type Revision } from './revision'

/** A revision as readers meet it. Never change it: all requests share it. */
export type Published = {
  course: Types.ObjectId
  slug: string
  revision: Types.ObjectId
  number: number
  content: CourseContent
  publishedAt: Date
  /** All lessons in order, across the parts. */
  lessons: Lesson[]
  /** The minutes of all lessons together. */
  minutes: number
}

const mostRevisions = 500

const revisions = new Map<string, Published>()

/** The courses that are open to new learners, by title. Whoever publishes or withdraws says `forget`. */
export const publishedCourses = cached<void, Published[]>(STALE_AFTER_MS, readPublished)

/** The revision that new learners of this course get, or undefined when it is not open. */
export async function publishedCourse(slug: string): Promise<Published | undefined> {
  return (await publishedCourses()).find(course => course.slug === slug)
}

/** A revision, whether or not it is still the newest: learners in progress stay on theirs. */
export async function revisionById(id: Types.ObjectId | string): Promise<Published | undefined> {
  const known = revisions.get(String(id))
  if (known) return known
  const revision = await Revisions.findById(id).lean<Revision>()
  return revision ? cacheRevision(revision) : undefined
}

async function readPublished(): Promise<Published[]> {
  const open = await Courses.find({ published: { $ne: null } }, { published: 1 }).lean<
    Pick<Course, '_id' | 'published'>[]
  >()
  const unknown = open.filter(course => !revisions.has(String(course.published)))
  if (unknown.length) {
    const read = await Revisions.find({ _id: { $in: unknown.map(course => course.published!) } }).lean<
      Revision[]
    >()
    read.forEach(cacheRevision)
  }
  return open
    .flatMap(course => revisions.get(String(course.published)) ?? [])
    .sort((a, b) => a.content.title.localeCompare(b.content.title, 'en'))
}

function cacheRevision(revision: Revision): Published {
  const lessons = revision.content.modules.flatMap(module => module.lessons)
  const published: Published = {
    course: revision.course,
    slug: revision.slug,
    revision: revision._id,
    number: revision.number,
    content: revision.content,
    publishedAt: revision.publishedAt,
    lessons,
    minutes: lessons.reduce((sum, lesson) => sum + lesson.minutes, 0),
  }
  revisions.set(String(revision._id), published)
  for (const oldest of revisions.keys()) {
    if (revisions.size <= mostRevisions) break
    revisions.delete(oldest)
  }
  return published
}
