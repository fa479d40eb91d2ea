import type { Request, Response } from 'express'
import { z } from 'zod'
import { Courses } from '../courses/course'
import { endPresence, notePresence } from '../courses/presence'
import type { Person } from '../people/person'
import { HttpError, notFound } from '../platform/errors'
import { textsOf } from '../web/texts'
import { pageOf, renderView } from '../web/views'
import { presenceView } from './presence-view'

/** What a page sends: where its reader is, and a word that no other page has. */
const schema = z.object({ place: z.string().max(100), page: z.string().min(8).max(40) })

async function presenceOf(request: Request, person: Person) {
  const { success, data } = schema.safeParse(request.body)
  if (!success) throw new HttpError(400, 'web:errors.badRequest')
  const hasPlace = data.place ? { 'draft.modules.lessons.slug': data.place } : {}
  const course = await Courses.findOne({ slug: String(request.params.slug), ...hasPlace }, { slug: 1 })
  if (!course) throw notFound()
  return { at: { course: course._id, person: person._id, place: data.place }, page: data.page }
}

/**
 * `POST /studio/courses/:slug/presence`: the heartbeat of a page in which a part of the course is edited. `place` is a
 * lesson's slug, or '' for the settings of the course. Responds with who else is there, and in which lessons, as HTML.
 */
export async function reportPresence(request: Request, response: Response, person: Person): Promise<void> {
  const { at, page } = await presenceOf(request, person)
  const [presence] = await Promise.all([
    presenceView({ course: at.course, reader: person._id, place: at.place }, textsOf(response)),
    notePresence(at, page),
  ])
  const html = (view: string, values: object) =>
    renderView(view, pageOf(response, { ...values, layout: null })).trim()
  response.json({
    here: html('studio/present-here', { presence }),
    lessons: Object.fromEntries(
      [...presence.lessons].map(([slug, present]) => [slug, html('studio/present', { present })]),
    ),
  })
}

/** `POST …/presence/end`: the page is being left. */
export async function reportLeaving(request: Request, response: Response, person: Person): Promise<void> {
  const { at, page } = await presenceOf(request, person)
  await endPresence(at, page)
  response.status(204).end()
}
