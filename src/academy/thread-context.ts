import type { Response } from 'express'
import { isObjectIdOrHexString } from 'mongoose'
import { Posts, type Post } from '../community/post'
import { Threads, type Thread } from '../community/thread'
import { makesCourse } from '../community/writers'
import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'
import { teamRoles } from '../courses/viewer'
import type { Person } from '../people/person'
import { forbidden, notFound } from '../platform/errors'
import type { Handler, MemberHandler } from '../web/handler'
import { canOpen, courseContext, type CourseContext } from './course-context'

/** A question, as a visitor may read it. */
export type ThreadContext = {
  thread: Thread
  /** Null for a question about the course as a whole. */
  lesson: Lesson | null
  /** Works for the academy, or on this course. */
  isTeam: boolean
}

/** Returns the question that `loadThread` found for this request. */
export function threadContextOf(response: Response): ThreadContext {
  return response.locals.threadContext as ThreadContext
}

/** Whether a person answers questions about a course for those who make it, and reads what is for the team only. */
export async function answersFor(person: Person, { course }: Pick<Published, 'course'>): Promise<boolean> {
  return teamRoles.includes(person.role) || (await makesCourse(person._id, course))
}

/**
 * Loads the question in the URL; runs after `load`.
 *
 * @throws HttpError 404 for one that doesn't exist for this visitor: it is about a lesson that doesn't, or only for its
 * asker and the team.
 */
export const loadThread: MemberHandler = async (request, response, person) => {
  const { published } = courseContext(response)
  const { id } = request.params
  const thread = isObjectIdOrHexString(id) ? await Threads.loadKept(id) : null
  if (!thread?.course.equals(published.course)) throw notFound()
  response.locals.threadContext = await threadContextFor(person, published, thread)
}

/** Returns a question about a course as a person may read it. Throws as `loadThread` does. */
export async function threadContextFor(
  person: Person,
  published: Published,
  thread: Thread,
): Promise<ThreadContext> {
  const lesson = published.lessons.find(({ slug }) => slug === thread.lesson) ?? null
  const isTeam = await answersFor(person, published)
  const isOwn = thread.person.equals(person._id)
  // Where a lesson was, its questions are for the team, until they are moved to another.
  const isMissing = thread.lesson !== null && !lesson
  const isHidden = isMissing || thread.audience === 'team' || thread.state === 'held'
  if (isHidden && !isTeam && !(isOwn && !isMissing)) throw notFound()
  return { thread, lesson, isTeam }
}

/**
 * Lets those through who may write here: learners who can open the lesson, or have the course, and the team. Runs after
 * `loadThread`.
 */
export const requireWriter: Handler = (_request, response) => {
  if (!canWriteHere(response)) throw forbidden()
}

export function canWriteHere(response: Response): boolean {
  return canWrite(threadContextOf(response), courseContext(response))
}

/** Whether someone may write about a question, whom these are the contexts of. */
export function canWrite({ lesson, isTeam }: ThreadContext, context: CourseContext): boolean {
  return isTeam || (lesson ? canOpen(context, lesson) && context.hasAccess : context.hasAccess)
}

/** Whether something is shown; what is held is only loaded for those who may read it. */
export const canRead = ({ state }: Pick<Post, 'state'>) => state === 'shown' || state === 'held'

/** Returns the answer or reply in the URL. @throws HttpError 404 for one of another question. */
export async function postIn(response: Response, id: string): Promise<Post> {
  const { thread } = threadContextOf(response)
  const post = isObjectIdOrHexString(id) ? await Posts.findOne({ _id: id, thread: thread._id }) : null
  if (!post) throw notFound()
  return post
}
