import { mapKey } from '../platform/record'
import type { Request, Response } from 'express'
import { assetNamed, assetUrl } from '../courses/asset'
import type { Lesson } from '../courses/course'
import { isLessonChanged } from '../courses/compare'
import { drawnCount } from '../courses/draw'
import type { Answers } from '../courses/grade'
import { completionRule, isGraded, kindOf } from '../courses/kinds/kinds'
import type { Published } from '../courses/published'
import type { Question } from '../courses/question'
import { embedList } from '../courses/embed-list'
import { lessonPage, type Heading } from '../courses/lesson-page'
import { remembered } from '../platform/cached'
import { notFound } from '../platform/errors'
import type { Enrolment } from '../learning/enrolment'
import { attemptQuestions } from '../learning/attempt-questions'
import { keptAnswers } from '../learning/kept-answers'
import { nextAttemptAt } from '../learning/submit-attempt'
import { communityCaps } from '../community/thread'
import { questionsPath } from '../community/thread-path'
import { openLesson } from '../learning/open-lesson'
import { notesOn, type Note } from '../learning/lesson-notes'
import type { Progress } from '../learning/progress'
import type { Handler } from '../web/handler'
import { progressStep } from '../web/charts/lesson-progress'
import { courseProgress, outlineOf, progressSummary } from './outline'
import { copyVersion } from './offline'
import { posterOf } from './courses'
import { noteViews, noteField } from './note-view'
import { anonymousPage } from './anonymous-page'
import { playedPattern, playedText, watchedText } from './played-text'
import { practiceQuestionView, type PracticeResult } from './practice-question'
import { quizView, type QuizData } from './quiz-form'
import { signedTimestamp } from './signed-timestamp'
import { courseLanguage } from './course-language'
import { canOpen, lessonOf, showLessonLocked, courseContext, type CourseContext } from './course-context'
import { lessonPath } from '../courses/lesson-path'
import { isForEveryone } from '../courses/visibility'
import { questionImage } from '../web/question-image'
import { readerKey } from '../web/reader-key'
import { allowFrames, allowLoadingAhead } from '../web/security'
import { isPrefetch } from '../web/visits'
import { textSize as textSizes } from '../web/appearance'
import { textsOf, type TextLink, type Texts } from '../web/texts'
import { tourView } from './tour-page'
import type { ShownStep } from '../courses/kinds/tour/tour'
import { canMove } from './versions'
import { imageFieldsOf } from './post-images'
import { lessonThreads, type ThreadRow } from './threads'

/**
 * A lesson, for learners of the course; a preview lesson for everyone. One that a browser loads ahead isn't opened: its
 * page says so with its first heartbeat, once a learner sees it.
 */
export const show: Handler = async (request, response) => {
  const context = courseContext(response)
  const lesson = lessonOf(response)
  if (!canOpen(context, lesson)) return showLessonLocked(request, response)
  // Only a recording that begins elsewhere has parameters.
  if (!request.user && !request.originalUrl.includes('?')) {
    return anonymousPage(request, response, 'academy/lesson', () => lessonView(request, response))
  }
  // A request for the headers only, such as a link scanner's, has no reader either.
  const isAhead = isPrefetch(request) || request.method === 'HEAD'
  if (context.hasAccess && !isAhead) context.enrolment = await openLesson(context.enrolment!, lesson)
  response.render('academy/lesson', { ...(await lessonView(request, response)), isAhead })
}

/** The transcript of a recording as plain text. */
export const transcript: Handler = async (request, response) => {
  const context = courseContext(response)
  const lesson = lessonOf(response)
  if (!canOpen(context, lesson)) return showLessonLocked(request, response)
  const { published } = context
  const text = await kindOf(lesson).transcript?.(lesson, published.content.assets)
  if (!text) throw notFound()
  response.attachment(`${lesson.slug}.txt`).type('txt').send(`${lesson.title}\n${text}\n`)
}

/** What an invalid or graded form adds to its lesson's page. */
type FormState = {
  /** How many questions of a quiz form had no answer. */
  unanswered?: number
  /** The answers chosen in an invalid quiz form. */
  answers?: Answers
  /** Error messages by field name. */
  errors?: Record<string, string>
  practice?: PracticeResult
}

/**
 * Returns the view model of a lesson's page, which also shows the errors in the lesson's forms. `model` is the same
 * object for the same page, or null for one that is made for each request.
 */
export async function lessonView(request: Request, response: Response, form: FormState = {}) {
  const context = courseContext(response)
  const lesson = lessonOf(response)
  const { published, enrolment } = context
  const { html, questions, headings, frames } = lessonPage(published, lesson.slug, await embedList())
  if (frames.length) allowFrames(response, frames)
  allowLoadingAhead(response)
  const { slug, content } = published
  const progress = context.hasAccess ? enrolment!.lessons[mapKey(lesson.slug)] : undefined
  const start = { requested: requestedStart(request), last: progress?.position }
  const part = (await kindOf(lesson).show?.(lesson, { slug, ...content }, start)) ?? null
  const texts = textsOf(response)
  const [attempt, notes, threads] = await Promise.all([
    openAttempt(context, lesson, questions, form),
    ownNotes(context, lesson),
    context.hasAccess ? lessonThreads(texts, published, lesson.slug, response.locals.person!) : noThreads,
  ])
  const textSize = textSizes.of(request) ?? 'standard'
  const offline = {
    version: copyVersion(published, progress, response.locals.assetVersion),
    reader: readerKey(response.locals.person),
  }
  const data = {
    threads,
    lesson,
    html,
    frames,
    headings,
    questions,
    part,
    attempt,
    notes,
    form,
    textSize,
    offline,
  }
  const make = () => lessonPageView(texts, context, data)
  // A form with its answers and a recording with its position are made for this request.
  if (part !== null || isGraded(lesson) || Object.keys(form).length) return { ...make(), model: null }
  const { newest, hasAccess, hasPaid, isArchived, isSignedIn } = context
  const from = [
    ...[texts.t, texts.lists, published, newest, hasAccess, hasPaid, isArchived, isSignedIn, lesson, html],
    ...[frames, headings, questions, notes, threads, textSize, offline.version, offline.reader],
  ]
  const model = rememberedLesson(enrolment ?? lesson, '', from, make)
  return { ...model, model }
}

const rememberedLesson = remembered<ReturnType<typeof lessonPageView>>()

const noNotes: Note[] = []
const noThreads: never[] = []

function ownNotes(
  { published, enrolment, hasAccess }: CourseContext,
  { slug: lesson }: Lesson,
): Promise<Note[]> {
  if (!hasAccess) return Promise.resolve(noNotes)
  const { person, course } = enrolment!
  return notesOn({ person, course, slug: published.slug, lesson })
}

/** What the quiz form shows: the questions of the next attempt, and the answers kept for it. */
async function openAttempt(
  { enrolment, hasAccess }: CourseContext,
  lesson: Lesson,
  questions: Question[],
  form: FormState,
): Promise<OpenAttempt> {
  const timestamp = signedTimestamp(quizPurpose(enrolment, lesson.slug))
  const none = {
    ...{ timestamp, shown: [], answers: form.answers ?? {}, checked: new Set<string>() },
    ...{ keptAt: null, nextAttemptAt: null },
  }
  if (!isGraded(lesson) || !hasAccess || !enrolment) return none
  const progress = enrolment.lessons[mapKey(lesson.slug)]
  if (progress?.completedAt !== undefined) return none
  const number = (progress?.attempts ?? 0) + 1
  const { shown } = attemptQuestions(enrolment, lesson, questions, number)
  const kept = await keptAnswers({ enrolment, lesson, number }, questions)
  return {
    timestamp,
    shown,
    answers: form.answers ? { ...form.answers, ...kept?.checked } : (kept?.answers ?? {}),
    checked: new Set(Object.keys(kept?.checked ?? {})),
    keptAt: form.answers ? null : (kept?.at ?? null),
    nextAttemptAt: await nextAttemptAt(enrolment, lesson, number),
  }
}

/** The purpose that the timestamp of a quiz is signed for. */
export function quizPurpose(enrolment: Enrolment | null, lesson: string): string {
  return `quiz:${enrolment?._id ?? ''}:${lesson}`
}

/** `?t=292` starts the recording at 4:52. */
function requestedStart(request: Request): number | null {
  const { t } = request.query
  return typeof t === 'string' && /^\d{1,5}$/.test(t) ? Number(t) : null
}

type LessonData = {
  lesson: Lesson
  html: string
  /** The sites whose pages the text shows. */
  frames: string[]
  headings: Heading[]
  questions: Question[]
  /** The values for the view of the lesson's kind. */
  part: object | null
  attempt: OpenAttempt
  notes: Note[]
  /** Questions about the lesson, those with the most votes first. */
  threads: readonly ThreadRow[]
  /** What a copy for reading offline would be made from, and whose it is. */
  offline: { version: string; reader: string }
  form: FormState
  textSize: string
}

type OpenAttempt = Pick<QuizData, 'timestamp' | 'shown' | 'answers' | 'checked' | 'keptAt' | 'nextAttemptAt'>

/** Whether a recording has a transcript with times, which is a part of the panel. */
function hasLines(part: object | null): boolean {
  return part !== null && 'lines' in part && Array.isArray(part.lines) && part.lines.length > 0
}

function lessonPageView(texts: Texts, context: CourseContext, data: LessonData) {
  const { t } = texts
  const { lesson, questions, part, form } = data
  const { published, enrolment, hasAccess } = context
  const { title } = published.content
  const path = lessonPath(published, lesson)
  const number = published.lessons.indexOf(lesson) + 1
  const kind = kindOf(lesson)
  const isPractice = !isGraded(lesson) && questions.length > 0
  const { progress, chart } = courseProgress(texts, context, lesson.slug)
  const end = endView(texts, context, lesson)
  const hasPlayer = part !== null && ['audio', 'video'].includes(lesson.kind)
  return {
    head: {
      title: lesson.title,
      description: t('academy:lesson.description', { lesson: lesson.title, course: title }),
      canonical: path,
      picture: posterOf(part),
      ...(lesson.preview && isForEveryone(published.content)
        ? { image: `/courses/${published.slug}/cover.png`, oembed: path }
        : { noindex: true }),
    },
    nav: 'courses',
    slim: true,
    signUpNext: `?next=${path}`,
    crumbs: [
      { text: t('academy:crumbs.courses'), href: '/courses' },
      { text: title, href: `/courses/${published.slug}` },
    ],
    scripts: [
      '/js/lesson.js',
      '/js/reading.js',
      ...(context.hasAccess ? ['/js/offline.js'] : []),
      ...(context.hasAccess ? ['/js/notes.js', '/js/community.js'] : []),
      ...(questions.length ? ['/js/quiz.js'] : []),
      ...(part ? kind.scripts : []),
      ...(data.frames.length ? ['/js/embed.js'] : []),
    ],
    hasEmbeds: data.frames.length > 0,
    lessonPath: path,
    offline: data.offline,
    addToPlaylist:
      hasAccess && context.newest?.lessons.some(({ slug }) => slug === lesson.slug)
        ? `/playlists/add?course=${published.slug}&lesson=${lesson.slug}`
        : null,
    hasAccess,
    outline: outlineView(texts, context, data, progress, chart),
    readOn: placeView(context, data),
    meta: t('academy:lesson.meta', {
      number,
      kind: t(`academy:kinds.${lesson.kind}`),
      count: lesson.minutes,
    }),
    textSize: data.textSize,
    textSizes: ['standard', ...textSizes.choices].map(value => ({
      ...{ value, text: t(`academy:textSize.${value}`), isPressed: value === data.textSize },
    })),
    /** J and K belong to the player of a recording. */
    keys: {
      ...(hasPlayer ? { previous: '[', next: ']' } : { previous: 'K', next: 'J' }),
      player: hasPlayer ? playerKeys(texts, lesson) : [],
    },
    title: lesson.title,
    language: courseLanguage(published),
    part: part && {
      ...part,
      view: kind.views.lesson,
      transcriptUrl: `${path}/transcript.txt`,
      played: end.played,
      ...(hasPlayer && end.played
        ? {
            playedPattern: playedPattern(texts, lesson),
            watched: watchedText(enrolment?.lessons[mapKey(lesson.slug)]),
          }
        : {}),
    },
    hasTranscriptTab: hasAccess && hasLines(part),
    tour:
      lesson.kind === 'tour' && part
        ? tourView(texts, context, lesson, part as { steps: ShownStep[] })
        : null,
    text: data.html.trim(),
    quiz: isGraded(lesson)
      ? quizView(texts, {
          ...data.attempt,
          path,
          lesson,
          count: drawnCount(lesson, questions),
          hasAccess,
          progress: enrolment?.lessons[mapKey(lesson.slug)],
          errors: form.errors ?? {},
          unanswered: form.unanswered ?? 0,
          published,
        })
      : null,
    practice: isPractice
      ? {
          count: t('academy:practice.count', { count: questions.length }),
          questions: questions.map(question => ({
            ...practiceQuestionView(texts, path, question, form.practice),
            picture: questionImage(question, published.content.assets),
          })),
        }
      : null,
    end,
    notes: noteViews(texts, { path, lesson, notes: data.notes }, 'lesson'),
    newNote: {
      text: noteField(t),
      time: hasPlayer
        ? { name: 'at', label: t('academy:notes.time'), hint: t('academy:notes.timeHint'), maxlength: 8 }
        : null,
    },
    ask: {
      fields: [
        {
          ...{ name: 'text', label: t('academy:ask.title'), kind: 'textarea', rows: 4 },
          ...{ maxlength: communityCaps.text, hint: t('academy:ask.hint') },
        },
        { name: 'isNameHidden', kind: 'checkbox', label: t('academy:ask.hideName') },
      ],
      imageFields: imageFieldsOf(texts),
      similar: `${questionsPath(published.slug)}/similar`,
      hasPlayer,
      all: `${questionsPath(published.slug)}?lesson=${lesson.slug}`,
      rows: data.threads,
      count: data.threads.length,
    },
    preview: {
      text: t('academy:lesson.previewText', { count: progress.total }),
      course: `/courses/${published.slug}`,
    },
    downloads: downloadsOf(texts, published, lesson),
    shared: t(`academy:lesson.sharedText.${lesson.kind}`),
  }
}

/** The outline next to a lesson: progress, and all lessons of the course. */
function outlineView(
  texts: Texts,
  context: CourseContext,
  { lesson, headings, questions }: LessonData,
  progress: Progress,
  chart: string,
) {
  const { t } = texts
  const { published, newest, hasAccess } = context
  const modules = outlineOf(context, lesson.slug)
  const parts = headings.map(({ id, text }) => ({ href: `#${encodeURIComponent(id)}`, text }))
  if (questions.length && !isGraded(lesson)) parts.push({ href: '#check', text: t('academy:practice.title') })
  const number = published.lessons.indexOf(lesson) + 1
  return {
    position: t('academy:lesson.position', { number, total: progress.total }),
    done: hasAccess ? t('academy:lesson.doneShort', { done: progress.done }) : null,
    progress: chart,
    course: { href: `/courses/${published.slug}`, text: published.content.title },
    summary: hasAccess ? progressSummary(texts, progress) : t('academy:lesson.freePreview'),
    modules: modules.map((module, n) => ({
      number: n + 1,
      title: module.title,
      lessons: module.rows.map(row => ({
        href: row.href,
        isCurrent: row.isCurrent,
        step: progressStep(row.state),
        title: row.lesson.title,
        minutes: row.lesson.minutes,
      })),
    })),
    contents: parts.length > 1 ? parts : [],
    locked: modules.some(({ rows }) => rows.some(({ href }) => !href)) ? lockedText(texts, context) : null,
    newer: canMove(context)
      ? {
          text: t('academy:lesson.newer', { mine: published.number, newest: newest!.number }),
          href: `/courses/${published.slug}/version`,
          lesson: isLessonChanged(published.content, newest!.content, lesson.slug)
            ? `/courses/${published.slug}/version/lessons/${lesson.slug}`
            : null,
        }
      : null,
  }
}

/** The keys that control a recording, as public/js/media.js reads them. */
function playerKeys({ t }: Texts, { kind }: Lesson) {
  const keys = { k: 'K', j: 'J', l: 'L', m: 'M', slower: '<', faster: '>' }
  const video = kind === 'video' ? { c: 'C', f: 'F', i: 'I' } : {}
  return Object.entries({ ...keys, ...video }).map(([name, key]) => ({
    ...{ key, text: t(`academy:playerKeys.${name}`) },
  }))
}

/** Says what opens the lessons of a course that the visitor may not open. */
function lockedText({ t, money }: Texts, { published, enrolment, hasAccess }: CourseContext): string {
  const { price } = published.content
  if (enrolment?.revokedAt) return t('academy:course.refunded')
  if (hasAccess) return t('academy:lesson.lockedBuyers')
  if (price) return t('academy:lesson.lockedPaid', { price: money(price.amount, price.currency) })
  return t('academy:lesson.lockedEnrol')
}

/** The heading at which a learner left a text that isn't done, as a link; null above its first heading. */
function placeView(
  { enrolment, hasAccess }: CourseContext,
  { lesson, headings }: LessonData,
): TextLink | null {
  const progress = hasAccess ? enrolment!.lessons[mapKey(lesson.slug)] : undefined
  const heading = progress?.completedAt ? undefined : headings.find(({ id }) => id === progress?.place)
  return heading ? { href: `#${encodeURIComponent(heading.id)}`, text: heading.text } : null
}

/** The end of a lesson: the lessons before and after it, and when it counts as done. */
function endView(texts: Texts, context: CourseContext, lesson: Lesson) {
  const { t } = texts
  const { published, enrolment, hasAccess } = context
  const progress = hasAccess ? enrolment!.lessons[mapKey(lesson.slug)] : undefined
  const isDone = progress?.completedAt !== undefined
  const index = published.lessons.indexOf(lesson)
  const linkTo = (other: Lesson | undefined): TextLink | null =>
    other && canOpen(context, other) ? { text: other.title, href: lessonPath(published, other) } : null
  const next = linkTo(published.lessons[index + 1])
  const canMarkDone = hasAccess && completionRule(lesson) === 'marked' && !isDone
  const isFinished = hasAccess && enrolment!.completedAt !== null
  const forward = () => {
    const course = `/courses/${published.slug}`
    if (next) return { href: next.href, text: t('academy:lesson.next', { title: next.text }) }
    if (isFinished) return { href: `${course}/finished`, text: t('academy:finished.open') }
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
  return {
    previous: linkTo(published.lessons[index - 1]),
    canMarkDone,
    forward: { ...forward(), isMain: isDone || !hasAccess },
    rule: rule(),
    played: hasAccess && !isDone ? playedText(texts, lesson, progress) : null,
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
