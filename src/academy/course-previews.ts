import type { Response } from 'express'
import { findAsset } from '../courses/asset'
import type { Lesson } from '../courses/course'
import { audiences, draftAsPublished, type PreviewAudience } from '../courses/draft-preview'
import { coursePreviewed } from '../courses/preview-link'
import type { Published } from '../courses/published'
import type { Enrolment } from '../learning/enrolment'
import { now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { mapKey } from '../platform/record'
import { secretPath, secretRoutes } from '../platform/secret-routes'
import { permissionsOf } from '../web/guard'
import type { Handler, RouteRequest } from '../web/handler'
import { parametersOf } from '../web/parameters'
import { textsOf } from '../web/texts'
import { pageOf, renderView } from '../web/views'
import { sendFile } from './assets'
import { canOpen, courseContext, lessonLockedModel, lessonOf, type CourseContext } from './course-context'
import { courseModel } from './courses'
import { lessonView } from './lessons'

/**
 * Loads the draft that the link shows, as the page of a course that its audience would see. Nothing on these pages runs
 * or is sent (web/security.ts), and their links lead to other pages of the same draft.
 *
 * @throws HttpError 404 for a link that has expired, was revoked, or isn't ours.
 */
export const load: Handler = async (request, response) => {
  const course = await coursePreviewed(request.params.token)
  if (!course) throw notFound()
  response.locals.isPreview = true
  const published = draftAsPublished(course)
  const audience = audienceOf(request)
  const hasAccess = audience === 'learner' || audience === 'inProgress'
  const enrolment = hasAccess ? enrolmentIn(published, audience) : null
  response.locals.courseContext = {
    published,
    newest: published,
    isArchived: false,
    enrolment,
    hasAccess,
    isSignedIn: audience !== 'visitor',
    hasPaid: hasAccess,
  } satisfies CourseContext
  const { lesson: slug } = request.params
  if (!slug) return
  const lesson = published.lessons.find(each => each.slug === slug)
  if (!lesson) throw notFound()
  response.locals.lesson = lesson
}

/** `GET /course-previews/:token`: the course, as for `?as=`, one of the audiences. */
export const show: Handler = async (request, response) => {
  const isSignedIn = audienceOf(request) !== 'visitor'
  sendPage(request, response, 'academy/course', await courseModel(response, isSignedIn))
}

/** `GET /course-previews/:token/lessons/:lesson`: a lesson, or how its audience would open it. */
export const showLesson: Handler = async (request, response) => {
  const audience = audienceOf(request)
  if (canOpen(courseContext(response), lessonOf(response))) {
    return sendPage(request, response, 'academy/lesson', await lessonView(request, response))
  }
  const locked = { ...lessonLockedModel(response, audience !== 'visitor'), signIn: null }
  sendPage(request, response, 'academy/lesson-locked', locked)
}

/** `GET /course-previews/:token/files/:hash/:name`: a file of the draft. */
export const showFile: Handler = async (request, response) => {
  const { assets } = courseContext(response).published.content
  const file = assets.some(({ hash }) => hash === request.params.hash)
    ? await findAsset(request.params.hash)
    : null
  if (!file) throw notFound()
  await sendFile(request, response, file, 'private')
}

function audienceOf(request: RouteRequest): PreviewAudience {
  const { as } = parametersOf(request)
  return audiences.find(each => each === as) ?? 'visitor'
}

/** Returns the enrolment of a learner who has just begun, or has finished the first half of the lessons. */
function enrolmentIn({ course, slug, revision, lessons }: Published, audience: PreviewAudience): Enrolment {
  const at = now()
  const done = audience === 'inProgress' ? lessons.slice(0, Math.ceil(lessons.length / 2)) : []
  const finished = ({ slug: lesson }: Lesson) => [mapKey(lesson), { openedAt: at, completedAt: at }] as const
  return {
    _id: 'preview',
    person: course,
    ...{ course, slug, revision },
    startedAt: at,
    revokedAt: null,
    lessons: Object.fromEntries(done.map(finished)),
    lastLesson: done.at(-1)?.slug ?? null,
    lastActivityAt: at,
    completedAt: null,
    contactRequest: null,
  }
}

/** Sends a page of the academy whose links to this course and its files stay in the preview. */
function sendPage(request: RouteRequest, response: Response, view: string, values: object): void {
  const { t } = textsOf(response)
  const { slug, number, content } = courseContext(response).published
  const audience = audienceOf(request)
  const base = secretPath(secretRoutes.coursePreview, request.params.token)
  const { lesson } = request.params
  const person = audience === 'visitor' ? null : response.locals.person
  const page = pageOf(response, {
    ...values,
    person,
    can: permissionsOf(person),
    head: { title: content.title, noindex: true },
    coursePreview: {
      text: t('academy:preview.text', { number }),
      label: t('academy:preview.label'),
      links: audiences.map(each => ({
        href: `${base}${lesson ? `/lessons/${lesson}` : ''}?as=${each}`,
        text: t(`academy:preview.audiences.${each}`),
        isCurrent: each === audience,
      })),
    },
  })
  const ownLink = new RegExp(`href="/courses/${slug}(/lessons/[^"/?#]+)?(#[^"]*)?"`, 'g')
  const html = renderView(view, page).replace(
    ownLink,
    (_link, path: string = '', part: string = '') => `href="${base}${path}?as=${audience}${part}"`,
  )
  const files = new Set(content.assets.map(({ hash }) => hash))
  // Those of the brand are open to everyone.
  const withFiles = html.replace(/\/assets\/([0-9a-f]{64})\//g, (url, hash: string) =>
    files.has(hash) ? `${base}/files/${hash}/` : url,
  )
  response.send(withFiles)
}
