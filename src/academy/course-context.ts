import type { RequestHandler, Response } from 'express'
import { Courses, type Course, type Lesson } from '../courses/course'
import { publishedCourse, revisionById, type Published } from '../courses/published'
import { notFound } from '../platform/errors'
import { enrolmentId, readEnrolment, type Enrolment } from '../learning/enrolment'
import { resumeAttempt } from '../learning/finish-attempt'

/** Somebody at a course: which revision they see, and how far they are in it. */
export type CourseContext = {
  /** The learner's own revision, else the newest one. */
  published: Published
  /** What new learners get; undefined once the course is withdrawn. */
  newest: Published | undefined
  enrolment: Readonly<Enrolment> | null
  /** Enrolled and not shut out by a refund. */
  hasAccess: boolean
}

export function courseContext(response: Response): CourseContext {
  return response.locals.visit as CourseContext
}

/**
 * Puts the course of the address into the answer, or answers 404. One read for who is signed in, none for a stranger. A
 * withdrawn course is still there for those who are in it.
 */
export const load: RequestHandler<{ slug: string }> = async (request, response, next) => {
  const newest = await publishedCourse(request.params.slug)
  const course = newest?.course ?? (request.user ? await withdrawn(request.params.slug) : undefined)
  if (!course) throw notFound()
  const enrolment = request.user ? await readEnrolment(enrolmentId(request.user._id, course)) : null
  const published = enrolment ? await revisionById(enrolment.revision) : newest
  if (!published) throw notFound()
  const hasAccess = enrolment !== null && enrolment.revokedAt === null
  response.locals.visit = { published, newest, enrolment, hasAccess: hasAccess } satisfies CourseContext
  next()
}

/**
 * Puts the lesson of the address into the answer, or answers 404; after `load`. An attempt at its quiz that was cut off is finished
 * first, so that every page and form counts it.
 */
export const loadLesson: RequestHandler<{ slug: string; lesson: string }> = async (
  request,
  response,
  next,
) => {
  const visit = courseContext(response)
  const lesson = visit.published.lessons.find(each => each.slug === request.params.lesson)
  if (!lesson) throw notFound()
  if (visit.hasAccess && lesson.completion === 'pass')
    visit.enrolment = await resumeAttempt(visit.enrolment!, lesson)
  response.locals.lesson = lesson
  next()
}

export function lessonOf(response: Response): Lesson {
  return response.locals.lesson as Lesson
}

/** Lets only those through who are in the course; others learn how to get in. After `loadLesson`. */
export const requireAccess: RequestHandler = (_request, response, next) => {
  if (courseContext(response).hasAccess) return next()
  showLessonLocked(response)
}

/** Answers a lesson that is closed to this person: what it is, and how to get in. */
export function showLessonLocked(response: Response): void {
  const { published, enrolment } = courseContext(response)
  const lesson = lessonOf(response)
  response.status(403).render('academy/lesson-locked', {
    head: { title: lesson.title, noindex: true },
    nav: 'courses',
    published,
    lesson,
    wasRefunded: enrolment?.revokedAt !== null && enrolment !== null,
    preview: published.lessons.find(each => each.preview) ?? null,
  })
}

async function withdrawn(slug: string) {
  return (await Courses.findOne({ slug }, { _id: 1 }).lean<Pick<Course, '_id'>>())?._id
}
