import type { Response } from 'express'
import { Types } from 'mongoose'
import { z } from 'zod'
import { lessonPath } from '../courses/lesson-path'
import { secondsOfClock } from '../courses/transcript'
import {
  changeNote,
  noteCaps,
  notesOn,
  removeLessonNote,
  restoreNote,
  saveNote,
  type NotePlace,
} from '../learning/lesson-notes'
import type { Person } from '../people/person'
import { notFound } from '../platform/errors'
import { normaliseText } from '../platform/text'
import { setFlash } from '../web/flash'
import { readForm, refuseForm } from '../web/form'
import type { MemberHandler, RouteRequest } from '../web/handler'
import { recordIdOf, submissionOf } from '../web/occasion'
import { textsOf } from '../web/texts'
import { courseContext, lessonOf } from './course-context'
import { lessonView } from './lessons'
import { myNotesPage } from './my-notes'
import { noteViews } from './note-view'

const longText = (maximum: number) =>
  z
    .string({ error: 'academy:errors.notes.missing' })
    .overwrite(normaliseText)
    .trim()
    .max(maximum, { error: 'web:errors.tooLong' })
const context = z.string().overwrite(normaliseText).default('')
const quoteFields = {
  exact: longText(noteCaps.quote).default(''),
  prefix: context.transform(text => text.slice(-noteCaps.context)),
  suffix: context.transform(text => text.slice(0, noteCaps.context)),
}
const newNote = z
  .object({
    note: longText(noteCaps.text).default(''),
    ...quoteFields,
    /** Where the recording is, such as `4:52`; empty for a note on the whole lesson. */
    at: z
      .string()
      .trim()
      .regex(/^(\d{1,2}(:\d{1,2}){1,2}|\d{0,5})$/, { error: 'academy:errors.notes.time' })
      .default(''),
    /** Chosen by the page's script, which saves the same note again while it is being written. */
    id: z
      .string()
      .regex(/^[\da-f]{24}$/)
      .optional(),
  })
  .refine(({ note, exact }) => note || exact, { error: 'academy:errors.notes.missing', path: ['note'] })

/**
 * `POST …/notes`: a note on a lesson, on a passage of it, or on a second of its recording. The page's script gets the
 * list of notes (`partial=1`), or only whether it is saved, as JSON.
 */
export const create: MemberHandler = async (request, response, person) => {
  const { published, enrolment } = courseContext(response)
  const lesson = lessonOf(response)
  const { data, form } = readForm(newNote, request, response)
  if (!data) return refuseForm(response, 'academy/lesson', form, await lessonView(request, response))
  const { note: text, exact, prefix, suffix, at } = data
  const id = data.id ?? String(recordIdOf(submissionOf(request, person)))
  const place = { person: person._id, course: enrolment!.course, slug: published.slug, lesson: lesson.slug }
  const second =
    at && lesson.mediaSeconds ? Math.min(secondsOfClock(at), Math.floor(lesson.mediaSeconds)) : null
  await saveNote(place, { id, text, quote: exact ? { exact, prefix, suffix } : null, second })
  const { partial } = (request.body ?? {}) as Record<string, unknown>
  if (partial !== '1') return done(request, response, { ...place, id }, 'saved')
  const path = lessonPath(published, lesson)
  const notes = noteViews(textsOf(response), { path, lesson, notes: await notesOn(place) }, 'lesson')
  response.render('academy/notes-list', { layout: null, notes })
}

/** Returns whose note the URL names, and where it is. */
function placeOf(request: RouteRequest, person: Person): NotePlace {
  const { slug, lesson, id } = request.params
  if (!Types.ObjectId.isValid(id)) throw notFound()
  return { person: person._id, slug, lesson, id }
}

const changedNote = z.object({ note: longText(noteCaps.text) })

/** `POST …/notes/:id`: another text. A note without a passage needs one. */
export const update: MemberHandler = async (request, response, person) => {
  const place = placeOf(request, person)
  const { data, form } = readForm(changedNote, request, response)
  if (!data) {
    const page = await myNotesPage(response, person, { query: '', page: 1 }, { id: place.id, form })
    return refuseForm(response, 'academy/my-notes', form, page)
  }
  await changeNote(place, data.note)
  done(request, response, place, 'saved')
}

/** `POST …/notes/:id/removal`: deletes a note, which can be undone for an hour. */
export const destroy: MemberHandler = async (request, response, person) => {
  const place = placeOf(request, person)
  await removeLessonNote(place)
  done(request, response, place, 'removed')
}

/** `POST …/notes/:id/restoration`: brings a deleted note back. */
export const undoRemoval: MemberHandler = async (request, response, person) => {
  const place = placeOf(request, person)
  await restoreNote(place)
  done(request, response, place, 'restored')
}

/** Answers with what was done, as JSON for a script, or with the page that the form was on. */
function done(
  request: RouteRequest,
  response: Response,
  { slug, lesson, id }: Omit<NotePlace, 'person'>,
  what: 'saved' | 'removed' | 'restored',
): void {
  const { t } = textsOf(response)
  const said = t(`academy:notes.${what}`)
  if (request.accepts(['html', 'json']) === 'json') return void response.json({ said })
  const path = `/courses/${slug}/lessons/${lesson}`
  const undo = { action: `${path}/notes/${id}/restoration`, text: t('academy:notes.undo') }
  setFlash(response, { kind: 'done', bold: said, ...(what === 'removed' && { undo }) })
  const { shown } = (request.body ?? {}) as Record<string, unknown>
  response.redirect(303, shown === 'notes' ? '/notes' : `${path}#notes`)
}
