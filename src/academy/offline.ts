import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { json } from 'express'
import { z } from 'zod'
import type { Lesson } from '../courses/course'
import { grade } from '../courses/grade'
import { isGraded } from '../courses/kinds/kinds'
import { lessonPage } from '../courses/lesson-page'
import { lessonPath } from '../courses/lesson-path'
import type { Published } from '../courses/published'
import { opensLesson } from '../courses/visibility'
import type { Enrolment } from '../learning/enrolment'
import { addOfflineReading } from '../learning/offline-reading'
import { hasPaid } from '../orders/access'
import { memoized } from '../platform/cached'
import { HttpError, notFound } from '../platform/errors'
import { hmacOf } from '../platform/hmac'
import { mapKey } from '../platform/record'
import { root } from '../platform/root'
import { csrfToken } from '../web/csrf'
import type { Handler, MemberHandler } from '../web/handler'
import { questionImage } from '../web/question-image'
import { readerKey } from '../web/reader-key'
import { textsOf } from '../web/texts'
import { courseContext, lessonOf } from './course-context'
import { courseLanguage } from './course-language'
import { learnerCourses, type LearnerCourse } from './learner-courses'
import { outlineOf } from './outline'
import { practiceShown } from './practice-question'
import { questionResult } from './question-result'

const script = memoized(
  (version: string) => {
    const text = readFileSync(join(root, 'public/service-worker.js'), 'utf8')
    return `const version = ${JSON.stringify(version)}\n${text}`
  },
  { max: 1 },
)

/** `GET /service-worker.js`: keeps opened lessons in the browser. Each build changes it, and it replaces itself. */
export const serviceWorker: Handler = (_request, response) => {
  response.set('cache-control', 'no-cache').type('js').send(script(response.locals.assetVersion))
}

/**
 * `GET /offline`: what a browser without a connection shows instead of a page that it doesn't have. It is the same for
 * everyone; a script lists the lessons that are kept in this browser.
 */
export const show: Handler = (_request, response) => {
  const { t } = textsOf(response)
  response.render('academy/offline', {
    layout: 'plain',
    flash: null,
    head: { title: t('academy:offline.title'), noindex: true },
    scripts: ['/js/offline-page.js'],
  })
}

/** What a kept copy of a lesson was made from. A copy with another version is fetched again. */
export function copyVersion(
  { revision, part = '' }: Published,
  progress: Enrolment['lessons'][string] | undefined,
  assetVersion: string,
): string {
  // The names of the lessons that the reader doesn't see are no part of it.
  const from = [revision, part, assetVersion, progress?.completedAt ? 'done' : '']
  return hmacOf('lesson-copy', from.join('|')).slice(0, 22)
}

/**
 * `GET /offline/lessons`: for the script that keeps lessons, who is signed in, a token for the reports of what was read
 * meanwhile, and the lessons that they have opened and may still open, with the version of each.
 */
export const index: MemberHandler = async (request, response, person) => {
  const { brand, assetVersion } = response.locals
  const courses = await learnerCourses(brand, person)
  const open = await Promise.all(courses.map(each => openedLessons(each)))
  response.json({
    reader: readerKey(person),
    token: csrfToken(request, response),
    lessons: open.flat().map(({ published, lesson, progress }) => ({
      path: lessonPath(published, lesson),
      version: copyVersion(published, progress, assetVersion),
    })),
  })
}

/** Returns the lessons of a course that its learner has opened and may still open. */
async function openedLessons({ enrolment, published, state }: LearnerCourse) {
  const hasAccess = state !== 'closed'
  const opened = published.lessons.filter(({ slug }) => enrolment.lessons[mapKey(slug)])
  const isBuyer =
    hasAccess &&
    opened.some(({ visibility }) => visibility === 'paid') &&
    (await hasPaid(enrolment.person, published.course))
  return opened
    .filter(lesson => hasAccess && opensLesson({ isSignedIn: true, hasAccess, hasPaid: isBuyer }, lesson))
    .map(lesson => ({ published, lesson, progress: enrolment.lessons[mapKey(lesson.slug)] }))
}

/**
 * `GET …/offline`: the copy of an opened lesson for reading without a connection: its text with its pictures, and its
 * practice questions with their answers. Nothing on it can be sent, and it has no token.
 *
 * @throws 404 for a lesson that wasn't opened.
 */
export const showCopy: MemberHandler = (_request, response, person) => {
  const context = courseContext(response)
  const lesson = lessonOf(response)
  const { published, enrolment } = context
  const texts = textsOf(response)
  const { t } = texts
  const progress = enrolment!.lessons[mapKey(lesson.slug)]
  if (!progress) throw notFound()
  const path = lessonPath(published, lesson)
  const { html, questions } = lessonPage(published, lesson.slug)
  response.set({
    'x-title': encodeURIComponent(lesson.title),
    'x-course': encodeURIComponent(published.content.title),
  })
  response.set('x-version', copyVersion(published, progress, response.locals.assetVersion))
  response.render('academy/offline-lesson', {
    layout: 'plain',
    flash: null,
    wide: true,
    head: { title: lesson.title, noindex: true },
    scripts: ['/js/offline-lesson.js'],
    path,
    reader: readerKey(person),
    title: lesson.title,
    course: published.content.title,
    language: courseLanguage(published),
    text: html.trim(),
    missing: missingFrom(lesson) && t(`academy:offline.missing.${missingFrom(lesson)!}`),
    canMarkDone: lesson.kind === 'text' && !progress.completedAt,
    isDone: progress.completedAt !== undefined,
    questions: isGraded(lesson)
      ? []
      : questions.map(question => {
          const shown = practiceShown(path, question)
          return {
            prompt: question.prompt,
            picture: questionImage(question, published.content.assets),
            answer: questionResult(t, shown, grade([question], {}).results[0]!, true),
          }
        }),
    lessons: outlineOf(context, lesson.slug).flatMap(({ rows }) =>
      rows.flatMap(({ lesson: { title }, href, isCurrent }) => (href ? [{ title, href, isCurrent }] : [])),
    ),
  })
}

/** What a copy of a lesson doesn't have. */
function missingFrom({ kind }: Lesson): Exclude<Lesson['kind'], 'text'> | null {
  return kind === 'text' ? null : kind
}

const schema = z.object({
  id: z.uuid(),
  seconds: z.coerce.number().min(0).max(86_400).default(0),
  place: z.string().max(120).optional(),
  done: z.literal('1').optional(),
})

/** Parses a report sent as JSON; forms are read anyway. */
export const readReport = json({ limit: '2kb' })

/** `POST …/offline-progress`: what was read of a lesson without a connection. The same report again changes nothing. */
export const create: MemberHandler = async (request, response) => {
  const lesson = lessonOf(response)
  const { data } = schema.safeParse(request.body)
  if (!data) throw new HttpError(422, 'academy:errors.unreadableHeartbeat')
  const { done, ...reading } = data
  const { lessons } = await addOfflineReading(courseContext(response).enrolment!, lesson, {
    ...reading,
    isDone: done === '1',
  })
  response.json({ done: lessons[mapKey(lesson.slug)]!.completedAt !== undefined })
}
