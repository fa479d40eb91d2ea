import type { Request, Response } from 'express'
import { z } from 'zod'
import { countLevels } from '../courses/check-course'
import { Courses, type Course } from '../courses/course'
import {
  canUndo,
  canStillPublish,
  publishApproved,
  schedulePublication,
  undoPublication,
  undoWithin,
} from '../courses/publish-approved'
import { isApproved, draftStatus } from '../courses/review'
import { Revisions } from '../courses/revision'
import { withdrawCourse } from '../courses/withdraw-course'
import { HttpError } from '../platform/errors'
import { instantOf, localTimeOf } from '../platform/zoned-time'
import { days, later, minutes, now } from '../platform/clock'
import { People, timeZoneOf, type Person } from '../people/person'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { emptyForm, optionalField, readForm, type Form } from '../web/form'
import { permissionsOf } from '../web/guard'
import type { MemberHandler } from '../web/handler'
import { initialsOf } from '../web/initials'
import { textsOf, type Texts } from '../web/texts'
import { placeOf } from './academy-place'
import { courseOf, coursePage, setDoneFlash } from './course-page'
import { changeRows, learnersField, visibilityRow } from './publication-view'
import { lastStepText, openCommentsText } from './reviews'
import { urlOf } from './urls'

/** `GET /studio/courses/:slug/publications/new`: what publishing the draft changes, and for whom, before it does. */
export const compose: MemberHandler = (_request, response, person) =>
  renderPublication(response, person, emptyForm({ note: courseOf(response).review?.schedule?.note }))

const number = z.coerce.number({ error: 'web:errors.badRequest' }).int({ error: 'web:errors.badRequest' })
const publicationFields = {
  draftNumber: number,
  step: number.optional(),
  note: optionalField(500),
  move: z
    .enum(['yes', 'no'], { error: 'web:errors.chooseOne' })
    .default('no')
    .transform(move => move === 'yes'),
}

/** `POST /studio/courses/:slug/publication`: publishes the draft that the person saw. */
export const create: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const { data, form } = readForm(z.object(publicationFields), request, response)
  if (form) return renderPublication(response.status(422), person, form)
  const course = courseOf(response)
  try {
    const { number } = await publishApproved(inputOf(course, person, data))
    const { href, text } = await placeOf([course.slug], `/courses/${course.slug}`, response)
    const bold = t('studio:flash.published', { number })
    const undo = { action: `${urlOf(course)}/publication/undo`, text: t('studio:undo.flash') }
    const rest = t(`studio:flash.${data.move ? 'publishedMovedText' : 'publishedText'}`, {
      minutes: undoWithin / minutes(1),
    })
    setFlash(response, {
      kind: 'done',
      bold,
      undo,
      ...(href ? { text: rest, link: { href, text } } : { text: `${rest} ${text}` }),
    })
    response.redirect(303, urlOf(course))
  } catch (error) {
    await refuse(request, response, person, error)
  }
}

const scheduleSchema = z.object({
  ...publicationFields,
  day: z.iso.date({ error: 'studio:errors.day' }),
  time: z.string({ error: 'studio:errors.time' }).regex(/^([01]\d|2[0-3]):[0-5]\d$/, {
    error: 'studio:errors.time',
  }),
})

/** `POST …/schedule`: publishes the draft at a time of the person's time zone. */
export const schedule: MemberHandler = async (request, response, person) => {
  const { t, dateIn } = textsOf(response)
  const { data, form } = readForm(scheduleSchema, request, response)
  if (form) return renderPublication(response.status(422), person, form, { isScheduling: true })
  const course = courseOf(response)
  const zone = timeZoneOf(person)
  const at = new Date(instantOf(Date.parse(`${data.day}T${data.time}:00Z`), zone))
  try {
    await schedulePublication({ ...inputOf(course, person, data), at })
    setDoneFlash(
      response,
      t('studio:flash.scheduled', { when: dateIn(at, zone) }),
      t('studio:flash.scheduledText'),
    )
    response.redirect(303, `${urlOf(course)}/review`)
  } catch (error) {
    await refuse(request, response, person, error, { isScheduling: true })
  }
}

/** `POST …/publication/undo`: takes the last publication back, within ten minutes. */
export const takeBack: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const course = courseOf(response)
  try {
    await undoPublication({ course: course._id, by: person._id, step: course.review?.number ?? 0 })
    setDoneFlash(response, t('studio:undo.done'), t('studio:undo.doneText'))
    response.redirect(303, urlOf(course))
  } catch (error) {
    await refuse(request, response, person, error)
  }
}

/** `POST /studio/courses/:slug/withdrawal` */
export async function destroy(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  await withdrawCourse({ course: course._id, by: person._id })
  setDoneFlash(response, t('studio:flash.withdrawn'), t('studio:flash.withdrawnText'))
  response.redirect(303, urlOf(course))
}

function inputOf(
  course: Course,
  person: Person,
  {
    step,
    note,
    draftNumber,
    move,
  }: { step?: number; note: string | null; draftNumber: number; move: boolean },
) {
  return {
    course: course._id,
    by: person._id,
    step: step ?? course.review?.number ?? 0,
    note: note ?? '',
    draftNumber,
    move,
  }
}

/** Shows the page as it is now, with what was typed and what prevented it. */
async function refuse(
  request: Request,
  response: Response,
  person: Person,
  error: unknown,
  values: object = {},
): Promise<void> {
  if (!(error instanceof HttpError)) throw error
  const texts = textsOf(response)
  response.locals.course = await Courses.findById(courseOf(response)._id)
  const bold = texts.t(error.key, error.values)
  const text =
    error.key === 'studio:errors.overtaken' ? await lastStepText(courseOf(response), person, texts) : ''
  const form = emptyForm(request.body as Record<string, unknown>)
  await renderPublication(response.status(error.status), person, form, {
    ...values,
    flash: { kind: 'error', bold, ...(text && { text }) },
  })
}

async function renderPublication(
  response: Response,
  person: Person,
  form: Form,
  values: object = {},
): Promise<void> {
  const texts = textsOf(response)
  const { t, dateIn } = texts
  const course = courseOf(response)
  const page = await coursePage(person, response, 'publication', { title: t('studio:publication.tab') })
  const status = draftStatus(course, page.published?.draftNumber)
  const zone = timeZoneOf(person)
  const before = course.published && (await Revisions.findById(course.published))
  const { errors, warnings } = countLevels(page.findings)
  const isMissingApproval = page.needsApproval && !isApproved(course)
  const blocked = blockedReason(
    { errors, isMissingApproval, status, canPublish: page.permissions.has('publish'), url: urlOf(course) },
    texts,
  )
  response.render('studio/publication', {
    ...page,
    heading: t('studio:publication.title', { version: course.revisions + 1 }),
    changes: before
      ? [
          ...[await visibilityRow(course, before.content, texts)].filter(row => row !== null),
          ...changeRows(course, before.content, texts),
        ]
      : [],
    learners: before && (await learnersField(course, before, permissionsOf(person).allCourses, texts)),
    noLearners: t(before ? 'studio:publication.noLearners' : 'studio:publication.firstLearners'),
    openComments: await openCommentsText(course, texts),
    noChanges: t(before ? 'studio:publication.nothing' : 'studio:publication.first'),
    checked: {
      isGood: errors === 0,
      text: t(`studio:publication.${errors ? 'failed' : 'passed'}`, {
        count: errors,
        time: dateIn(now(), zone),
      }),
      warnings: warnings ? t('studio:publication.warnings', { count: warnings }) : '',
    },
    approval: await approvalView(course, page.needsApproval, person, texts),
    blocked,
    scheduled: status === 'scheduled' ? await scheduledText(course, zone, texts) : '',
    canUndo: canUndo(course) && page.permissions.has('publish'),
    stepNumber: course.review?.number ?? 0,
    draftNumber: course.draftNumber,
    note: noteField(texts),
    scheduleFields: scheduleFields(zone, texts),
    isScheduling: false,
    form,
    ...values,
  })
}

/** Returns when the draft will be published, or why it won't although it is scheduled. */
async function scheduledText(course: Course, zone: string, { t, dateIn }: Texts): Promise<string> {
  const { at, by } = course.review!.schedule!
  const when = dateIn(at, zone)
  if (await canStillPublish(course, by)) return t('studio:publication.scheduled', { when })
  const scheduler = await People.findById(by, { name: 1 })
  const name = scheduler?.name ?? t('studio:publication.someone')
  return t('studio:publication.scheduledByNobody', { name, when })
}

type Blocked = { text: string; href: string | null }

/** Returns why the draft can't be published, and where to change that; null when it can. */
function blockedReason(
  {
    errors,
    isMissingApproval,
    status,
    canPublish,
    url,
  }: { errors: number; isMissingApproval: boolean; status: string; canPublish: boolean; url: string },
  { t }: Texts,
): Blocked | null {
  if (!canPublish) return { text: t('studio:publication.mayNot'), href: null }
  if (status === 'published') return { text: t('studio:publication.nothing'), href: null }
  if (errors)
    return { text: t('studio:errors.notReady', { count: errors }), href: `${url}#before-publishing` }
  return isMissingApproval ? { text: t('studio:errors.notApproved'), href: `${url}/review` } : null
}

async function approvalView(
  course: Course,
  isNeeded: boolean,
  reader: Person,
  { t, dateIn }: Texts,
): Promise<{ text: string; initials: string }> {
  if (!isApproved(course)) {
    return { text: t(`studio:publication.${isNeeded ? 'notApproved' : 'noApproval'}`), initials: '' }
  }
  const { by, at } = course.review!.approval!
  const reviewer = await People.findById(by, { name: 1 })
  const name = reviewer?.name ?? t('studio:revisions.system')
  const text = t('studio:publication.approved', { name, when: dateIn(at, timeZoneOf(reader)) })
  return { text, initials: reviewer ? initialsOf(reviewer.name) : '' }
}

function noteField({ t }: Texts): FormField {
  return {
    name: 'note',
    label: t('studio:publication.note'),
    hint: t('studio:publication.noteHint'),
    maxlength: 500,
    optional: true,
    autocomplete: 'off',
  }
}

function scheduleFields(zone: string, { t }: Texts): FormField[] {
  const tomorrow = new Date(localTimeOf(later(now(), days(1)).getTime(), zone))
  return [
    {
      name: 'day',
      type: 'date',
      label: t('studio:publication.day'),
      value: tomorrow.toISOString().slice(0, 10),
    },
    {
      name: 'time',
      type: 'time',
      label: t('studio:publication.time'),
      hint: t('studio:publication.timeHint', { zone }),
      value: '09:00',
    },
  ]
}
