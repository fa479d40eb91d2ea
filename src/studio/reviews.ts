import type { Response } from 'express'
import { z } from 'zod'
import { openComments } from '../courses/comment'
import { Courses, type Course } from '../courses/course'
import type { CoursePermission } from '../courses/course-role'
import {
  approveDraft,
  cancelSchedule,
  endedByEdit,
  hasEdited,
  requestChanges,
  requestReview,
  ReviewSteps,
  draftStatus,
  withdrawRequest,
  type CourseStatus,
  type ReviewStep,
  type StepInput,
} from '../courses/review'
import { allowsOwnEdits } from '../courses/publishing-rule'
import { reviewersOf } from '../courses/change-team'
import { canUndo, canStillPublish } from '../courses/publish-approved'
import { People, timeZoneOf, type Person } from '../people/person'
import { HttpError } from '../platform/errors'
import { emptyForm, field, optionalField, readForm, type Form } from '../web/form'
import type { FormField } from '../web/field'
import type { MemberHandler } from '../web/handler'
import { textsOf, type Texts } from '../web/texts'
import { courseOf, coursePage, setDoneFlash } from './course-page'
import { urlOf } from './urls'

/** A step that the review page offers: the last part of its URL, who may take it, and whether it needs a reason. */
type Offer = { step: Step; permission: CoursePermission; tone: string; isNoteRequired?: boolean }
type Step = 'request' | 'request-withdrawal' | 'approval' | 'changes' | 'schedule-cancellation'

const ask: Offer = { step: 'request', permission: 'write', tone: 'button-main' }
const takeBack: Offer = { step: 'request-withdrawal', permission: 'write', tone: '' }
const approve: Offer = { step: 'approval', permission: 'review', tone: 'button-main' }
const change: Offer = { step: 'changes', permission: 'review', tone: '', isNoteRequired: true }
const unschedule: Offer = { step: 'schedule-cancellation', permission: 'publish', tone: '' }

const offers: Record<CourseStatus, Offer[]> = {
  draft: [ask],
  'in-review': [approve, change, takeBack],
  'changes-requested': [ask],
  approved: [change],
  scheduled: [unschedule, change],
  published: [],
}

/** `GET /studio/courses/:slug/review`: the state of the draft, what the reader can do, and how it got there. */
export const index: MemberHandler = (_request, response, person) =>
  renderReview(response, person, emptyForm())

const stepNumber = z.coerce.number({ error: 'web:errors.badRequest' }).int({ error: 'web:errors.badRequest' })
const schema = z.object({ step: stepNumber, note: optionalField(2000), draftNumber: stepNumber.optional() })
const schemaWithReason = schema.extend({ note: field('studio:errors.reason', 2000) })

/**
 * Returns the handler of a form that takes a step. If someone else was quicker, the response is 409 with what they did
 * and what was typed.
 */
function stepHandler(
  name: Step,
  take: (input: StepInput & { draftNumber: number }) => Promise<Course>,
  fields: typeof schema | typeof schemaWithReason = schema,
): MemberHandler {
  return async (request, response, person) => {
    const { t } = textsOf(response)
    const { data, form } = readForm(fields, request, response)
    if (form) return renderReview(response.status(422), person, form, name)
    const { _id, draftNumber } = courseOf(response)
    const { step, note } = data
    try {
      await take({
        ...{ course: _id, by: person._id, step, note: note ?? '' },
        draftNumber: data.draftNumber ?? draftNumber,
      })
    } catch (error) {
      if (!(error instanceof HttpError)) throw error
      return refuseStep(response, person, error, emptyForm(request.body as Record<string, unknown>), name)
    }
    setDoneFlash(response, t(`studio:reviewDone.${name}`), t(`studio:reviewDone.${name}Text`))
    response.redirect(303, `${urlOf(courseOf(response))}/review`)
  }
}

export const request = stepHandler('request', requestReview)
export const withdrawal = stepHandler('request-withdrawal', withdrawRequest)
export const approval = stepHandler('approval', approveDraft)
export const changes = stepHandler('changes', requestChanges, schemaWithReason)
export const scheduleCancellation = stepHandler('schedule-cancellation', cancelSchedule)

/** Shows the review page as it is now, with what prevented the step. */
async function refuseStep(
  response: Response,
  person: Person,
  error: HttpError,
  form: Form,
  name: Step,
): Promise<void> {
  const texts = textsOf(response)
  response.locals.course = await Courses.findById(courseOf(response)._id)
  const bold = texts.t(error.key, error.values)
  const text =
    error.key === 'studio:errors.overtaken' ? await lastStepText(courseOf(response), person, texts) : ''
  await renderReview(response.status(error.status), person, form, name, {
    flash: { kind: 'error', bold, ...(text && { text }) },
  })
}

/** Returns who took the last step of a course, what it was and when, as a sentence; empty before the first. */
export async function lastStepText(course: Course, reader: Person, texts: Texts): Promise<string> {
  const { _id, review } = course
  if (!review) return ''
  const step = { ...review, _id: '', course: _id, publishAt: review.schedule?.at ?? null }
  return stepText(step, await namesOf([step]), reader, texts)
}

async function renderReview(
  response: Response,
  person: Person,
  form: Form,
  formOf: Step | null = null,
  values: object = {},
): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const course = courseOf(response)
  const page = await coursePage(person, response, 'review', { title: t('studio:review.title') })
  const status = draftStatus(course, page.published?.draftNumber)
  const steps = await ReviewSteps.find({ course: course._id }).sort({ number: -1 }).limit(100)
  const names = await namesOf(steps)
  const isOwn = course.review?.requestedBy?.equals(person._id) ?? false
  const isEditor = hasEdited(course, person._id) && !(await allowsOwnEdits())
  const shown = offers[status].filter(
    ({ step, permission }) =>
      page.permissions.has(permission) && !(step === 'approval' && (isOwn || isEditor)),
  )
  response.render('studio/review', {
    ...page,
    held: status === 'scheduled' && !(await canStillPublish(course, course.review!.schedule!.by)),
    sentence: await sentenceOf(status, course, page.needsApproval, texts),
    edited: editedText(course, texts),
    mayNotApprove:
      status === 'in-review' && (isOwn || isEditor) && page.permissions.has('review')
        ? t(`studio:review.${isOwn ? 'own' : 'ownEdits'}`)
        : '',
    openComments: await openCommentsText(course, texts),
    undo: canUndo(course) && page.permissions.has('publish'),
    stepNumber: course.review?.number ?? 0,
    draftNumber: course.draftNumber,
    offers: shown.map(offer => offerView(offer, status, form, formOf, texts)),
    changesUrl:
      page.published && !page.isUpToDate ? `${urlOf(course)}/revisions/${page.published.number}` : null,
    steps: steps.map(step => ({
      text: stepText(step, names, person, texts),
      note: step.action === 'schedule-refused' ? t(`studio:scheduleRefusals.${step.note}`) : step.note,
    })),
    zone: t('studio:review.zone', { zone: timeZoneOf(person) }),
    ...values,
  })
}

async function sentenceOf(
  status: CourseStatus,
  course: Course,
  isApprovalNeeded: boolean,
  { t }: Texts,
): Promise<string> {
  if (status === 'draft') {
    return t(isApprovalNeeded ? 'studio:reviewStates.draft' : 'studio:reviewStates.draftAlone')
  }
  if (status !== 'in-review') return t(`studio:reviewStates.${status}`)
  const reviewers = await reviewersOf(course)
  const names = reviewers
    .filter(({ _id }) => !course.review?.requestedBy?.equals(_id))
    .map(({ name }) => name)
  if (!names.length) return t('studio:reviewStates.noReviewer')
  return t('studio:reviewStates.in-review', { names: names.slice(0, 5).join(', ') })
}

/** Returns how many comments are open; for a course without any comment, nothing. */
export async function openCommentsText(course: Course, { t }: Texts): Promise<string> {
  const count = await openComments(course)
  if (count === null) return ''
  return count ? t('studio:review.comments', { count }) : t('studio:review.noComments')
}

function editedText(course: Course, { t }: Texts): string {
  const ended = endedByEdit(course)
  return ended ? t(`studio:review.endedByEdit.${ended}`) : ''
}

function offerView(
  { step, tone, isNoteRequired }: Offer,
  status: CourseStatus,
  form: Form,
  formOf: Step | null,
  { t }: Texts,
) {
  const isResubmission = step === 'request' && status === 'changes-requested'
  const note: FormField = {
    kind: 'textarea',
    name: 'note',
    id: `note-${step}`,
    label: t(`studio:reviewOffers.${step}.note`),
    rows: 3,
    maxlength: 2000,
    optional: !isNoteRequired,
    form: formOf === step ? form : emptyForm(),
  }
  return {
    step,
    title: t(`studio:reviewOffers.${step}.title`),
    text: t(`studio:reviewOffers.${step}.text`),
    note,
    button: {
      tone,
      text: isResubmission ? t('studio:bar.resubmit') : t(`studio:reviewOffers.${step}.button`),
    },
  }
}

/** Returns the names of those who took these steps, by id. */
async function namesOf(steps: ReviewStep[]): Promise<Map<string, string>> {
  const people = await People.find({ _id: { $in: steps.flatMap(({ by }) => by ?? []) } }, { name: 1 })
  return new Map(people.map(({ _id, name }) => [String(_id), name]))
}

function stepText(
  { action, by, at, draftNumber, publishAt }: ReviewStep,
  names: Map<string, string>,
  reader: Person,
  { t, dateIn }: Texts,
): string {
  const zone = timeZoneOf(reader)
  return t(`studio:reviewSteps.${action}`, {
    name: (by && names.get(String(by))) || t('studio:revisions.system'),
    draft: draftNumber,
    when: dateIn(at, zone),
    publishAt: publishAt ? dateIn(publishAt, zone) : '',
  })
}
