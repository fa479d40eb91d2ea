import type { Types } from 'mongoose'
import { LRUCache } from 'lru-cache'
import { STALE_AFTER_MS, cached } from '../platform/cached'
import { Courses, type CourseContent, type Lesson } from './course'
import { Revisions, type Revision } from './revision'

/** A revision as pages show it. Never change it: all requests share the object. */
export type Published = {
  course: Types.ObjectId
  slug: string
  revision: Types.ObjectId
  number: number
  content: CourseContent
  publishedAt: Date
  /** The lessons of all modules, in order. */
  lessons: Lesson[]
  /** The sum of the lessons' minutes. */
  minutes: number
  /** Tells the part of a revision that some visitors see from the whole; missing for the whole. */
  part?: string
}

const revisions = new LRUCache<string, Published>({ max: 500 })

/**
 * Returns the courses open to new learners, by title: the same array as long as nothing is published or withdrawn. Call
 * `forget` after either.
 */
export const publishedCourses = cached<void, Published[]>(STALE_AFTER_MS, readPublished, { max: 1 })

/** Returns the revision that new learners of a course get; undefined when it isn't published. */
export async function publishedCourse(slug: string): Promise<Published | undefined> {
  return (await publishedCourses()).find(course => course.slug === slug)
}

/** Returns a revision, published or older: learners in progress stay on theirs. */
export async function revisionById(id: Types.ObjectId | string): Promise<Published | undefined> {
  const cachedRevision = revisions.get(String(id))
  if (cachedRevision) return cachedRevision
  const revision = await Revisions.findById(id)
  return revision ? cacheRevision(revision) : undefined
}

async function readPublished(_: void, last: Published[] = []): Promise<Published[]> {
  const courses = await Courses.find({ published: { $ne: null } }, { published: 1 })
  const known = new Map(last.map(course => [String(course.revision), course]))
  if (courses.length === last.length && courses.every(course => known.has(String(course.published)))) {
    return last
  }
  const idsToRead: string[] = []
  for (const id of courses.map(course => String(course.published))) {
    const revision = known.get(id) ?? revisions.get(id)
    if (revision) known.set(id, revision)
    else idsToRead.push(id)
  }
  const read = idsToRead.length ? await Revisions.find({ _id: { $in: idsToRead } }) : []
  for (const revision of read) known.set(String(revision._id), cacheRevision(revision))
  return courses
    .flatMap(course => known.get(String(course.published)) ?? [])
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
  return published
}
