import { People, type Person } from '../people/person'
import { createHash } from 'node:crypto'
import type { Response } from 'express'
import { now } from '../platform/clock'
import { checkCourse, isError, prepareCheck } from '../courses/check-course'
import { around as aroundOf } from '../courses/check-draft'
import { Courses, type Course, type Lesson } from '../courses/course'
import { canDelete } from '../courses/delete-course'
import { coursePermissions } from '../courses/course-role'
import { openCommentsByLesson } from '../courses/comment'
import { requestedChanges } from '../courses/review'
import { isGraded } from '../courses/kinds/kinds'
import { lessonNamed } from '../courses/outline'
import { needsApproval } from '../courses/publishing-rule'
import { questionsOf } from '../courses/quiz'
import { Revisions } from '../courses/revision'
import { notFound, HttpError } from '../platform/errors'
import type { Handler } from '../web/handler'
import { setFlash } from '../web/flash'
import { checksView } from './checks-view'
import { commentsView } from './comments-view'
import type { CourseState, PublishedRevision } from './course-state'
import { outlineView } from './outline-view'
import { presenceView } from './presence-view'
import { textsOf, type TextLink, type Texts } from '../web/texts'
import { urlOf } from './urls'
import { workflowView } from './workflow-view'

/** Loads the course named in the URL into `response.locals.course`, or responds with 404. */
export const load: Handler = async (request, response) => {
  const course = await Courses.findOne({ slug: request.params.slug })
  if (!course) throw notFound()
  await prepareCheck(course.draft)
  response.locals.course = course
}

/** Loads the lesson named in the URL into `response.locals.lesson`, or responds with 404. Runs after `load`. */
export const loadDraftLesson: Handler = (request, response) => {
  const lesson = lessonNamed(courseOf(response).draft, request.params.lesson)
  if (!lesson) throw notFound()
  response.locals.lesson = lesson
}

export const courseOf = (response: Response) => response.locals.course as Course
export const draftLessonOf = (response: Response) => response.locals.lesson as Lesson

/**
 * Returns what all pages of a course in the studio share: title, outline, bar and checks.
 *
 * @param tab the page's tab in the bar above it.
 * @param options.title the page's own title; the lesson's title by default.
 * @param options.line the line of the lesson's text that its first tab goes to.
 * @param options.course the course to show if it was saved after it was loaded.
 */
export async function coursePage(
  person: Person,
  response: Response,
  tab: string,
  { title, line, course = courseOf(response) }: { title?: string; line?: number; course?: Course } = {},
) {
  const texts = textsOf(response)
  const lesson = response.locals.lesson as Lesson | undefined
  const around = await aroundOf(course)
  const findings = checkCourse(course.draft, now(), around)
  const published = await publishedRevision(course)
  const permissions = coursePermissions(person, course)
  const requested = await requestedChanges(course)
  const reviewer = requested?.by && (await People.findById(requested.by, { name: 1 }))
  const place = placeOf(tab, lesson)
  const presence = await presenceView({ course: course._id, reader: person._id, place }, texts)
  const state: CourseState = {
    course,
    lesson,
    published,
    isUpToDate: published?.draftNumber === course.draftNumber,
    around,
    findings,
    faultyLessons: new Set(findings.filter(isError).map(finding => finding.lesson)),
    openComments: await openCommentsByLesson(course._id),
    requestedChanges: requested && {
      by: reviewer ? reviewer.name : texts.t('studio:revisions.system'),
      note: requested.note,
    },
    canWrite: permissions.has('write'),
    permissions,
    reader: person._id,
    present: presence.lessons,
    needsApproval: await needsApproval(course),
    tab,
  }
  return {
    layout: 'studio',
    inCourse: true,
    nav: 'studio',
    head: { title: [title ?? lesson?.title, course.draft.title].filter(Boolean).join(' · '), noindex: true },
    canWrite: state.canWrite,
    isArchived: course.archived !== null,
    canDelete: canDelete(course) && permissions.has('manage'),
    // First, since a click on the way to a publication is theirs before a form saves itself.
    scripts: [
      ...(permissions.has('publish') ? ['/js/publication.js'] : []),
      ...(state.canWrite ? ['/js/outline.js', '/js/presence.js'] : []),
    ],
    presence,
    editedPlace: state.canWrite ? place : null,
    permissions,
    needsApproval: state.needsApproval,
    findings,
    published,
    isUpToDate: state.isUpToDate,
    courseUrl: urlOf(course),
    lessonUrl: lesson && urlOf(course, lesson),
    outline: outlineView(state, texts),
    bar: lesson ? lessonBar(lesson, state, texts, line) : courseBar(state, texts),
    openComments: state.openComments,
    checks: checksView(state, texts),
    checkedText: texts.t('studio:checks.ranAt', { time: texts.date(now(), 'time') }),
    comments: lesson && ['write', 'preview'].includes(tab) ? await commentsView(state, lesson, texts) : null,
  }
}

/** Returns what is edited on a page: a lesson, '' for the settings of the course, or null. */
function placeOf(tab: string, lesson?: Lesson): string | null {
  if (lesson) return ['write', 'questions', 'steps', 'settings'].includes(tab) ? lesson.slug : null
  return tab === 'course-settings' ? '' : null
}

function courseBar(state: CourseState, texts: Texts) {
  const { course, tab } = state
  const { t } = texts
  const url = urlOf(course)
  const tabs = [
    { tab: 'course', href: url, text: t('studio:bar.outline') },
    { tab: 'course-settings', href: `${url}/settings`, text: t('studio:bar.settings') },
    { tab: 'files', href: `${url}/files`, text: t('studio:bar.media') },
    { tab: 'previews', href: `${url}/previews`, text: t('studio:bar.previewAs') },
    { tab: 'team', href: `${url}/team`, text: t('studio:bar.team') },
    ...(state.permissions.has('publish')
      ? [{ tab: 'invitations', href: `${url}/invitations`, text: t('studio:bar.invitations') }]
      : []),
    { tab: 'review', href: `${url}/review`, text: t('studio:bar.reviewTab') },
    { tab: 'revisions', href: `${url}/revisions`, text: t('studio:bar.versions') },
  ]
  return {
    label: t('studio:bar.course'),
    tabs: [
      ...tabs.map(each => ({ ...each, isCurrent: each.tab === tab, isDownload: false })),
      { href: `${url}.zip`, text: t('studio:bar.export'), isCurrent: false, isDownload: true },
    ],
    workflow: workflowView(state, texts),
  }
}

function lessonBar(lesson: Lesson, state: CourseState, texts: Texts, line?: number) {
  const { course, canWrite, tab } = state
  const { t } = texts
  const url = urlOf(course, lesson)
  // A reader can't add a question to a lesson that has none.
  const hasQuestions = canWrite || isGraded(lesson) || questionsOf(lesson.body).length > 0
  const tabs = [
    ...(canWrite
      ? [{ tab: 'write', href: line ? `${url}#line-${line}` : url, text: t('studio:bar.write') }]
      : [{ tab: 'preview', href: url, text: t('studio:bar.read') }]),
    ...(lesson.kind === 'tour' ? [{ tab: 'steps', href: `${url}/steps`, text: t('studio:bar.steps') }] : []),
    ...(hasQuestions
      ? [{ tab: 'questions', href: `${url}/questions`, text: t('studio:bar.questions') }]
      : []),
    ...(canWrite ? [{ tab: 'preview', href: `${url}/preview`, text: t('studio:bar.preview') }] : []),
    { tab: 'history', href: `${url}/history`, text: t('studio:bar.history') },
    { tab: 'settings', href: `${url}/settings`, text: t('studio:bar.settings') },
  ]
  return {
    label: t('studio:bar.lesson'),
    tabs: tabs.map(each => ({ ...each, isCurrent: each.tab === tab, isDownload: false })),
    workflow: workflowView(state, texts),
  }
}

async function publishedRevision(course: Course): Promise<PublishedRevision | null> {
  if (!course.published) return null
  const fields = { number: 1, draftNumber: 1, publishedAt: 1 } as const
  return Revisions.findById(course.published, fields)
}

/** Returns a short hash of a value. A form carries it so that saving can detect a change made since it was shown. */
export function versionOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16)
}

/** Shows on the next page that something was done: a bold clause, what follows from it, and a link. */
export function setDoneFlash(response: Response, bold: string, text?: string, link?: TextLink): void {
  setFlash(response, { kind: 'done', bold, text, link })
}

/** What a draft that can't be saved says in the form that was sent, which keeps what was typed. */
type Refusal = { status: number; errors: { form: string } }

/**
 * Returns the saved draft; or, when it can't be saved (409, 422), why. Any other error is thrown.
 */
export async function savedOrRefused<Saved>(
  saving: Promise<Saved>,
  response: Response,
): Promise<{ saved: Saved; refusal?: undefined } | { saved?: undefined; refusal: Refusal }> {
  try {
    return { saved: await saving }
  } catch (error) {
    if (!(error instanceof HttpError && [409, 422].includes(error.status))) throw error
    const { status, key, values } = error
    return { refusal: { status, errors: { form: textsOf(response).t(key, values) } } }
  }
}
