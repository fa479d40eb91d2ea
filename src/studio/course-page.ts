import { createHash } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { now } from '../platform/clock'
import { checkCourse, confirmLesson, type Finding } from '../courses/check-course'
import { Courses, type Course, type Lesson } from '../courses/course'
import { lessonNamed } from '../courses/outline'
import { Revisions, type Revision } from '../courses/revision'
import { notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { writers } from '../web/guard'

/** Puts the course of the address into `response.locals.course`, or answers 404. */
export const load: RequestHandler<{ slug: string }> = async (request, response, next) => {
  const course = await Courses.findOne({ slug: request.params.slug }).lean<Course>()
  if (!course) throw notFound()
  response.locals.course = course
  next()
}

/** Puts the lesson of the address into `response.locals.lesson`, or answers 404. */
export const loadLesson: RequestHandler<{ lesson: string }> = (request, response, next) => {
  const lesson = lessonNamed(courseOf(response).draft, request.params.lesson)
  if (!lesson) throw notFound()
  response.locals.lesson = lesson
  next()
}

export const courseOf = (response: Response) => response.locals.course as Course
export const lessonOf = (response: Response) => response.locals.lesson as Lesson

/** The address of a course or of a lesson in the studio. */
export function addressOf(course: Pick<Course, 'slug'>, lesson?: Pick<Lesson, 'slug'> | string): string {
  const slug = typeof lesson === 'string' ? lesson : lesson?.slug
  return `/studio/courses/${course.slug}${slug ? `/lessons/${slug}` : ''}`
}

/**
 * What every page of a course in the studio shows around its own part: the outline at one side, the checks at the other.
 * `tab` is the page's place in the bar above the sheet; `course` is the one that was loaded, unless it has been saved since.
 */
export async function coursePage(
  request: Request,
  response: Response,
  tab: string,
  { title, course = courseOf(response) }: { title?: string; course?: Course } = {},
) {
  const lesson = response.locals.lesson as Lesson | undefined
  const findings = checkCourse(course.draft, now())
  const shown = lesson ? findings.filter(each => each.lesson === lesson.slug) : findings
  const published = await publishedRevision(course)
  return {
    layout: 'studio',
    inCourse: true,
    nav: 'studio',
    head: { title: [title ?? lesson?.title, course.draft.title].filter(Boolean).join(' · '), noindex: true },
    tab,
    course,
    lesson,
    published,
    isPublished: published?.draftNumber === course.draftNumber,
    address: addressOf(course),
    lessonAddress: lesson && addressOf(course, lesson),
    findings: shown,
    confirmed: lesson ? confirmLesson(lesson, shown) : [],
    faulty: new Set(findings.filter(isFault).map(each => each.lesson)),
    mayPublish: !findings.some(isFault),
    mayWrite: writers.who.split(', ').includes(request.user!.role),
  }
}

const isFault = (finding: Finding) => finding.level === 'error'

async function publishedRevision(course: Course) {
  if (!course.published) return null
  return Revisions.findById(course.published, { number: 1, draftNumber: 1, publishedAt: 1 }).lean<
    Pick<Revision, '_id' | 'number' | 'draftNumber' | 'publishedAt'>
  >()
}

/** A short name of what something is now, to see at saving whether somebody has changed it since it was shown. */
export function fingerprint(what: unknown): string {
  return createHash('sha256').update(JSON.stringify(what)).digest('base64url').slice(0, 16)
}

/** Says on the next page that something is done: a bold clause, what follows from it, and where to go. */
export function setDoneFlash(
  request: Request,
  response: Response,
  bold: string,
  text?: string,
  link?: { href: string; text: string },
): void {
  setFlash(response, { kind: 'done', bold, text, link })
}
