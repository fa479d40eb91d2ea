import type { Request, Response } from 'express'
import { config } from '../platform/config'
import { assetNamed, assetUrl } from '../courses/asset'
import type { Lesson } from '../courses/course'
import type { Answers } from '../courses/grade'
import type { Published } from '../courses/published'
import type { Question } from '../courses/quiz'
import { lessonPage } from '../courses/render'
import { notFound } from '../platform/errors'
import type { Enrolment } from '../learning/enrolment'
import { openLesson } from '../learning/open-lesson'
import { watchedShare, type Progress } from '../learning/progress'
import type { Handler } from '../web/handler'
import { progressStep } from '../web/charts/lesson-progress'
import { videoOf, type Video } from './video'
import { courseProgress, outlineOf, progressSummary } from './outline'
import { practiceQuestionView, type PracticeResult } from './practice-question'
import { quizView } from './quiz-form'
import { signedTimestamp } from './signed-timestamp'
import { lessonOf, showLessonLocked, courseContext, type CourseContext } from './course-context'
import { lessonPath } from './lesson-path'
import { textsOf, type TextLink, type Texts } from '../web/texts'

/** A lesson, for learners of the course; a preview lesson for everyone. */
export const show: Handler = async (request, response) => {
  const context = courseContext(response)
  const lesson = lessonOf(response)
  if (!context.hasAccess && !lesson.preview) return showLessonLocked(request, response)
  if (context.hasAccess) context.enrolment = await openLesson(context.enrolment!, lesson)
  response.render('academy/lesson', await lessonView(request, response))
}

/** The transcript of a video as plain text with times. */
export const transcript: Handler = async (request, response) => {
  const { published, hasAccess } = courseContext(response)
  const lesson = lessonOf(response)
  if (!hasAccess && !lesson.preview) return showLessonLocked(request, response)
  const video = lesson.video ? await videoOf(published, lesson, null, undefined) : null
  if (!video?.lines.length) throw notFound()
  const lines = video.lines.map(line => (line.isChapter ? `\n${line.text}\n` : `${line.clock}  ${line.text}`))
  response
    .attachment(`${lesson.slug}.txt`)
    .type('txt')
    .send(`${lesson.title}\n${lines.join('\n')}\n`)
}

/** What a refused or graded form adds to the page of its lesson. */
type FormState = {
  /** The chosen answers of a refused quiz. */
  answers?: Answers
  /** Messages by the name of the field. */
  errors?: Record<string, string>
  practice?: PracticeResult
}

/** Returns the view model of a lesson's page, which is also where the lesson's forms are refused. */
export async function lessonView(request: Request, response: Response, form: FormState = {}) {
  const context = courseContext(response)
  const lesson = lessonOf(response)
  const { published, enrolment } = context
  const { html, questions } = lessonPage(published, lesson.slug)
  const resumeAt = context.hasAccess ? enrolment!.lessons[lesson.slug]?.position : undefined
  const video = lesson.video ? await videoOf(published, lesson, requestedStart(request), resumeAt) : null
  const timestamp = signedTimestamp(quizPurpose(enrolment, lesson.slug))
  return lessonPageView(textsOf(response), context, { lesson, html, questions, video, timestamp, form })
}

/** The purpose that the timestamp of a quiz is signed for. */
export function quizPurpose(enrolment: Enrolment | null, lesson: string): string {
  return `quiz:${enrolment?._id ?? ''}:${lesson}`
}

/** `?t=292` starts the video at 4:52. */
function requestedStart(request: Request): number | null {
  const { t } = request.query
  return typeof t === 'string' && /^\d{1,5}$/.test(t) ? Number(t) : null
}

type LessonData = {
  lesson: Lesson
  html: string
  questions: Question[]
  video: Video | null
  timestamp: string
  form: FormState
}

function lessonPageView(texts: Texts, context: CourseContext, data: LessonData) {
  const { t } = texts
  const { lesson, questions, video, form } = data
  const { published, enrolment, hasAccess } = context
  const { title } = published.content
  const path = lessonPath(published, lesson)
  const number = published.lessons.indexOf(lesson) + 1
  const isQuiz = lesson.completion === 'pass'
  const isPractice = !isQuiz && questions.length > 0
  const { progress, chart } = courseProgress(texts, context, lesson.slug)
  return {
    head: {
      title: lesson.title,
      description: t('academy:lesson.description', { lesson: lesson.title, course: title }),
      canonical: `${config.baseUrl}${path}`,
      noindex: !lesson.preview,
    },
    nav: 'courses',
    slim: true,
    crumbs: [
      { text: t('academy:crumbs.courses'), href: '/courses' },
      { text: title, href: `/courses/${published.slug}` },
    ],
    scripts: [
      '/js/lesson.js',
      ...(questions.length ? ['/js/quiz.js'] : []),
      ...(video ? ['/js/video.js'] : []),
    ],
    lessonPath: path,
    hasAccess,
    outline: outlineView(texts, context, lesson, progress, chart),
    meta: t('academy:lesson.meta', {
      number,
      kind: t(`academy:kinds.${lesson.kind}`),
      count: lesson.minutes,
    }),
    title: lesson.title,
    video: video && videoView(texts, published, path, video),
    text: data.html.trim(),
    quiz: isQuiz
      ? quizView(texts, {
          path,
          lesson,
          questions,
          hasAccess,
          progress: enrolment?.lessons[lesson.slug],
          timestamp: data.timestamp,
          answers: form.answers ?? {},
          errors: form.errors ?? {},
        })
      : null,
    practice: isPractice
      ? {
          count: t('academy:practice.count', { count: questions.length }),
          questions: questions.map(question => practiceQuestionView(texts, path, question, form.practice)),
        }
      : null,
    end: endView(texts, context, lesson),
    ask: {
      name: 'text',
      label: t('academy:ask.title'),
      kind: 'textarea',
      rows: 4,
      maxlength: 1000,
      hint: t('academy:ask.hint'),
    },
    preview: {
      text: t('academy:lesson.previewText', { count: progress.total }),
      course: `/courses/${published.slug}`,
    },
    downloads: downloadsOf(texts, published, lesson),
    shared: t(`academy:lesson.sharedText.${lesson.kind}`),
  }
}

/** The outline beside a lesson: progress, and all lessons of the course. */
function outlineView(
  texts: Texts,
  context: CourseContext,
  lesson: Lesson,
  progress: Progress,
  chart: string,
) {
  const { t } = texts
  const { published, newest, hasAccess } = context
  const number = published.lessons.indexOf(lesson) + 1
  return {
    position: t('academy:lesson.position', { number, total: progress.total }),
    done: hasAccess ? t('academy:lesson.doneShort', { done: progress.done }) : null,
    progress: chart,
    course: { href: `/courses/${published.slug}`, text: published.content.title },
    summary: hasAccess ? progressSummary(texts, progress) : t('academy:lesson.freePreview'),
    modules: outlineOf(context, lesson.slug).map(module => ({
      title: module.title,
      lessons: module.rows.map(row => ({
        href: row.href,
        isCurrent: row.isCurrent,
        step: progressStep(row.state),
        title: row.lesson.title,
        minutes: row.lesson.minutes,
      })),
    })),
    newer:
      newest && newest.number > published.number
        ? t('academy:lesson.newer', { mine: published.number, newest: newest.number })
        : null,
  }
}

function videoView({ t }: Texts, { content }: Published, path: string, video: Video) {
  const { language } = content
  const track = (kind: string, src: string | null, label: string, isDefault: boolean) =>
    src === null ? [] : [{ kind, src, language, label, isDefault }]
  return {
    source: video.start ? `${video.src}#t=${video.start}` : video.src,
    download: video.src,
    type: video.type,
    poster: video.poster,
    start: video.start,
    tracks: [
      ...track('captions', video.captions, t('academy:lesson.captions'), true),
      ...track('chapters', video.chapters, t('academy:lesson.chapters'), false),
    ],
    transcript: `${path}/transcript.txt`,
    lines: video.lines.map(line => ({ ...line, href: `?t=${Math.floor(line.start)}` })),
  }
}

/** The end of a lesson: the lessons before and after it, and when it counts as done. */
function endView({ t }: Texts, context: CourseContext, lesson: Lesson) {
  const { published, enrolment, hasAccess } = context
  const progress = hasAccess ? enrolment!.lessons[lesson.slug] : undefined
  const isDone = progress?.completedAt !== undefined
  const index = published.lessons.indexOf(lesson)
  const linkTo = (other: Lesson | undefined): TextLink | null =>
    other && (hasAccess || other.preview) ? { text: other.title, href: lessonPath(published, other) } : null
  const next = linkTo(published.lessons[index + 1])
  const canMarkDone = hasAccess && lesson.completion === 'read' && !isDone
  const forward = () => {
    const course = `/courses/${published.slug}`
    if (next) return { href: next.href, text: t('academy:lesson.next', { title: next.text }) }
    return {
      href: course,
      text: t(hasAccess ? 'academy:lesson.backToCourse' : 'academy:lesson.continueCourse'),
    }
  }
  const rule = () => {
    if (!hasAccess) return t('academy:lesson.previewRule')
    if (isDone) return t('academy:lesson.isDone')
    return t(`academy:lesson.${lesson.completion}Rule`)
  }
  const percent = Math.floor(100 * watchedShare(lesson, progress))
  return {
    previous: linkTo(published.lessons[index - 1]),
    canMarkDone,
    forward: { ...forward(), isMain: isDone || !hasAccess },
    rule: rule(),
    watched:
      hasAccess && !isDone && lesson.completion === 'watch'
        ? {
            // The script replaces the first percent sign with the number.
            template: t('academy:lesson.watched', { percent: '%' }),
            text: t('academy:lesson.watched', { percent }),
          }
        : null,
    skip:
      canMarkDone && next ? { href: next.href, text: t('academy:lesson.skip', { title: next.text }) } : null,
  }
}

function downloadsOf({ t, number }: Texts, published: Published, lesson: Lesson) {
  return lesson.downloads.flatMap(({ file, title }) => {
    const asset = assetNamed(published.content.assets, file)
    if (!asset) return []
    const kind = asset.path.split('.').pop()!.toUpperCase()
    const size = number(Math.max(1, Math.round(asset.size / 1000)))
    return [
      { href: assetUrl(asset.hash, asset.path), title, meta: t('academy:lesson.download', { kind, size }) },
    ]
  })
}
