import type { Request, Response } from 'express'
import type { ShownBrand } from '../brand/brand'
import { Courses, type Course, type Lesson } from '../courses/course'
import { isGraded } from '../courses/kinds/kinds'
import { revisionById, type Published } from '../courses/published'
import { shownLessonsOf, shownCourse, shows } from '../courses/shown-courses'
import { viewerOf, type AnyVisitor } from '../courses/viewer'
import { opensLesson, sees } from '../courses/visibility'
import { hasPaid } from '../orders/access'
import type { Person } from '../people/person'
import { notFound, HttpError } from '../platform/errors'
import { enrolmentId, readEnrolment, type Enrolment } from '../learning/enrolment'
import { resumeAttempt } from '../learning/finish-attempt'
import { enrolAction } from './enrol-action'
import { keepsCourse } from './keeps-course'
import { textsOf } from '../web/texts'
import type { Handler } from '../web/handler'
import { signInPath } from '../web/local-path'
import { lessonPath } from '../courses/lesson-path'

/** What a visitor may see of a course: the revision they are on, and their enrolment. */
export type CourseContext = {
  /** The learner's own revision, or the newest one for a visitor who is not enrolled. */
  published: Published
  /** The revision that new learners get; undefined for a course that was withdrawn or left the brand. */
  newest: Published | undefined
  enrolment: Readonly<Enrolment> | null
  /** Whether the studio has archived it: its learners can finish, and nobody new can enrol. */
  isArchived: boolean
  /** Enrolled, and the enrolment was not revoked by a refund. */
  hasAccess: boolean
  isSignedIn: boolean
  /** Has paid for it. Only looked up for a course that has lessons for buyers. */
  hasPaid: boolean
}

/** Returns the course that `load` found for this request. */
export function courseContext(response: Response): CourseContext {
  return response.locals.courseContext as CourseContext
}

/**
 * Returns where a visitor asks for contact: on the page of the teammate that is loaded, in the course that `load`
 * found, or else in none in particular.
 */
export function contactPath(response: Response): string {
  const { courseContext: context, meeting } = response.locals as {
    courseContext?: CourseContext
    meeting?: { path: string }
  }
  if (meeting) return meeting.path
  return context ? `/courses/${context.published.slug}/contact-request` : '/contact-request'
}

/**
 * Loads the course in the URL. Costs one read for a signed-in visitor and none for an anonymous one. A course that was
 * withdrawn, that the brand no longer shows, or that the visitor may no longer see, stays open to its learners
 * (`keepsCourse`).
 *
 * @throws HttpError 404 for a course that the brand doesn't show to the visitor, in the same time and words as for one
 * that doesn't exist, and 410 for one that is archived, unless the visitor is one of its learners.
 */
export const load: Handler = async (request, response, person) => {
  response.locals.courseContext = await contextOf(response.locals.brand, request.params.slug, person)
}

/** Returns what a visitor may see of a course at a brand. Throws as `load` does. */
export async function contextOf(
  brand: ShownBrand,
  slug: string,
  person: Person | null,
): Promise<CourseContext> {
  const newest = await shownCourse(brand, slug, person)
  const gone = newest ? null : await Courses.findOne({ slug }, { archived: 1 })
  const course = newest?.course ?? gone?._id
  // No course has the id of a person: a course that nobody has takes as long as one that is hidden.
  const enrolment = person ? await readEnrolment(enrolmentId(person._id, course ?? person._id)) : null
  const own = enrolment ? await revisionById(enrolment.revision) : undefined
  const published = own ? await shownLessonsOf(person, own) : newest
  if (!published || (!newest && !(await keepsCourse(brand, person!, published)))) {
    throw (await wasShown(brand, gone, person)) ? new HttpError(410, 'academy:errors.archived') : notFound()
  }
  const hasAccess = enrolment !== null && enrolment.revokedAt === null
  const isArchived = Boolean(gone?.archived)
  const hasBuyersOnly = published.lessons.some(each => each.visibility === 'paid')
  const isBuyer = hasAccess && hasBuyersOnly && (await hasPaid(person!._id, published.course))
  return {
    ...{ published, newest, isArchived, enrolment, hasAccess },
    ...{ isSignedIn: person !== null, hasPaid: isBuyer },
  }
}

/** Whether a course is archived that the brand showed to this visitor until then. */
async function wasShown(
  brand: ShownBrand,
  course: Pick<Course, 'archived'> | null,
  visitor: AnyVisitor,
): Promise<boolean> {
  const revision = course?.archived?.revision
  const last = revision && (await revisionById(revision))
  return last ? (await shows(brand, last)) && sees(await viewerOf(visitor), last) : false
}

/** Whether the visitor may open a lesson of the course. */
export function canOpen(context: CourseContext, lesson: Lesson): boolean {
  return opensLesson(context, lesson)
}

/**
 * Loads the lesson in the URL; runs after `load`. Finishes an interrupted quiz attempt first, so that every page and
 * form counts it.
 *
 * @throws HttpError 404 for an unknown lesson.
 */
export const loadLesson: Handler = async (request, response) => {
  const context = courseContext(response)
  const lesson = context.published.lessons.find(each => each.slug === request.params.lesson)
  if (!lesson) throw notFound()
  if (context.hasAccess && isGraded(lesson)) {
    context.enrolment = await resumeAttempt(context.enrolment!, lesson)
  }
  response.locals.lesson = lesson
}

/** Returns the lesson that `loadLesson` found for this request. */
export function lessonOf(response: Response): Lesson {
  return response.locals.lesson as Lesson
}

/** Lets only learners who may open the lesson through, and shows everyone else how to. Runs after `loadLesson`. */
export const requireAccess: Handler = (request, response) => {
  const context = courseContext(response)
  if (context.hasAccess && canOpen(context, lessonOf(response))) return
  showLessonLocked(request, response)
}

/** Responds with 403 and a page that says how to open the lesson. */
export function showLessonLocked(request: Request, response: Response): void {
  const isSignedIn = request.user !== undefined
  const page = lessonLockedModel(response, isSignedIn)
  const signIn = signInPath(request.path)
  response
    .status(403)
    .render('academy/lesson-locked', { ...page, signIn: page.isFree && !isSignedIn ? signIn : null })
}

/** Returns the view model of the page that says how to open a lesson. */
export function lessonLockedModel(response: Response, isSignedIn: boolean) {
  const [context, lesson] = [courseContext(response), lessonOf(response)]
  const { t, money } = textsOf(response)
  const { published, enrolment } = context
  const { price, title } = published.content
  const preview = published.lessons.find(each => each.preview)
  const lede = () => {
    if (enrolment?.revokedAt) return t('academy:course.refunded')
    if (lesson.visibility === 'signed-in') return t('academy:lessonLocked.signedIn')
    if (context.hasAccess) return t('academy:lessonLocked.buyers')
    if (price) return t('academy:lessonLocked.paid', { price: money(price.amount, price.currency) })
    return t(isSignedIn ? 'academy:lessonLocked.enrol' : 'academy:lessonLocked.signUp')
  }
  return {
    head: { title: lesson.title, noindex: true },
    nav: 'courses',
    title: lesson.title,
    lede: lede(),
    course: { href: `/courses/${published.slug}`, text: title },
    isFree: price === null || lesson.visibility === 'signed-in',
    enrol: enrolAction(t, published, isSignedIn, lesson),
    preview: preview ? { href: lessonPath(published, preview), text: preview.title } : null,
  }
}
