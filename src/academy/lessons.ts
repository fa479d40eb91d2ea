import type { Request, RequestHandler, Response } from 'express'
import { config } from '../platform/config'
import { assetNamed, assetUrl } from '../courses/asset'
import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'
import { lessonPage } from '../courses/render'
import { notFound } from '../platform/errors'
import type { Enrolment } from '../learning/enrolment'
import { openLesson } from '../learning/open-lesson'
import { watchedShare } from '../learning/progress'
import type { Translate } from '../web/i18n'
import { videoOf } from './video'
import { lessonPath, outlineOf, lessonProgressOf } from './outline'
import { signedTimestamp } from './signed-timestamp'
import { lessonOf, showLessonLocked, courseContext } from './course-context'
import { spellNumberFirst } from './lesson-icons'

/** A lesson, for those who are in the course; a preview lesson for everybody. */
export const show: RequestHandler = async (request, response) => {
  const visit = courseContext(response)
  const lesson = lessonOf(response)
  if (!visit.hasAccess && !lesson.preview) return showLessonLocked(response)
  if (visit.hasAccess) visit.enrolment = await openLesson(visit.enrolment!, lesson)
  response.render('academy/lesson', await lessonView(request, response))
}

/** What is said in a lesson's film, as text with times. */
export const transcript: RequestHandler = async (_request, response) => {
  const { published, hasAccess } = courseContext(response)
  const lesson = lessonOf(response)
  if (!hasAccess && !lesson.preview) return showLessonLocked(response)
  const film = lesson.video ? await videoOf(published, lesson, null, undefined) : null
  if (!film?.lines.length) throw notFound()
  const lines = film.lines.map(line => (line.isChapter ? `\n${line.text}\n` : `${line.clock}  ${line.text}`))
  response
    .attachment(`${lesson.slug}.txt`)
    .type('txt')
    .send(`${lesson.title}\n${lines.join('\n')}\n`)
}

/** All that the page of a lesson shows; also used where one of its forms is refused. */
export async function lessonView(request: Request, response: Response) {
  const t = response.locals.t as Translate
  const visit = courseContext(response)
  const lesson = lessonOf(response)
  const { published, newest, enrolment, hasAccess } = visit
  const { html, questions } = lessonPage(published, lesson.slug)
  const place = published.lessons.indexOf(lesson)
  const progress = hasAccess ? enrolment!.lessons[lesson.slug] : undefined
  const previous = published.lessons[place - 1]
  const next = published.lessons[place + 1]
  const open = (other: typeof lesson | undefined) =>
    other && (hasAccess || other.preview) ? { title: other.title, href: lessonPath(published, other) } : null
  const address = lessonPath(published, lesson)
  return {
    head: {
      title: lesson.title,
      description: t('academy:lesson.description', { lesson: lesson.title, course: published.content.title }),
      canonical: `${config.baseUrl}${address}`,
      noindex: !lesson.preview,
    },
    nav: 'courses',
    slim: true,
    crumbs: [
      { text: t('academy:crumbs.courses'), href: '/courses' },
      { text: published.content.title, href: `/courses/${published.slug}` },
    ],
    scripts: [
      '/js/lesson.js',
      ...(questions.length ? ['/js/quiz.js'] : []),
      ...(lesson.video ? ['/js/video.js'] : []),
    ],
    published,
    lesson,
    place: place + 1,
    address,
    hasAccess,
    text: html,
    questions,
    counted: spellNumberFirst(t, questions.length),
    isQuiz: lesson.completion === 'pass',
    answers: {},
    checked: null,
    outline: outlineOf(visit, lesson.slug),
    ...lessonProgressOf(t, visit, lesson.slug),
    isDone: progress?.completedAt !== undefined,
    watched: Math.floor(100 * watchedShare(lesson, progress)),
    attempts: attemptsOf(enrolment, lesson.slug, lesson.attempts),
    stamp: signedTimestamp(quizTimestamp(enrolment, lesson.slug)),
    film: lesson.video ? await videoOf(published, lesson, startOf(request), progress?.position) : null,
    downloads: downloadsOf(published, lesson),
    previous: open(previous),
    next: open(next),
    isLast: !next,
    newer: newest && newest.number > published.number ? newest : null,
  }
}

/** The purpose for which the page of a quiz is stamped. */
export function quizTimestamp(enrolment: Enrolment | null, lesson: string): string {
  return `quiz:${enrolment?._id ?? ''}:${lesson}`
}

function attemptsOf(enrolment: Enrolment | null, lesson: string, limit: number | null) {
  const progress = enrolment?.lessons[lesson]
  const made = progress?.attempts ?? 0
  return {
    made,
    next: made + 1,
    limit,
    left: limit === null ? null : Math.max(0, limit - made),
    best: progress?.best ?? null,
  }
}

/** `?t=292` begins the film there. */
function startOf(request: Request): number | null {
  const { t } = request.query
  return typeof t === 'string' && /^\d{1,5}$/.test(t) ? Number(t) : null
}

function downloadsOf(published: Published, lesson: Lesson) {
  return lesson.downloads.flatMap(({ file, title }) => {
    const asset = assetNamed(published.content.assets, file)
    if (!asset) return []
    const kind = asset.path.split('.').pop()!.toUpperCase()
    return [
      {
        title,
        href: assetUrl(asset.hash, asset.path),
        kind,
        size: Math.max(1, Math.round(asset.size / 1000)),
      },
    ]
  })
}
