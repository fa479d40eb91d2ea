import { createHash } from 'node:crypto'
import type { Response } from 'express'
import { Types } from 'mongoose'
import { z } from 'zod'
import { coursesFor } from '../courses/shown-courses'
import { audit } from '../events/audit'
import { namesOf } from '../people/names'
import { timeZoneOf, type Person } from '../people/person'
import { days, later, minutes, now } from '../platform/clock'
import { HttpError, notFound } from '../platform/errors'
import { createSession, defaultSeats, removeSessionDraft } from '../sessions/change-session'
import { decideProposal, openProposals, SessionProposals, type SessionProposal } from '../sessions/proposal'
import { startOn } from '../sessions/repetition'
import { localTimeOf } from '../platform/zoned-time'
import { optionalField, readForm, type Form } from '../web/form'
import { permissionsOf } from '../web/guard'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { setDoneFlash } from './course-page'
import { localStart } from './session-typed'
import { sessionUrl } from './session-page'

const url = '/studio/sessions/proposals'

/** `GET /studio/sessions/proposals`: what learners propose, the oldest one first. */
export const index: MemberHandler = async (_request, response, person) => {
  await render(response, person)
}

const schema = z.object({
  decision: z.enum(['accepted', 'declined'], { error: 'web:errors.chooseOne' }),
  number: z.coerce.number({ error: 'web:errors.badRequest' }).int({ error: 'web:errors.badRequest' }),
  answer: optionalField(1000).transform(text => text ?? ''),
})

/** `POST /studio/sessions/proposals/:entry`: makes a draft of a proposal, or declines it with words. */
export const decide: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const proposal = await SessionProposals.findById(request.params.entry)
  if (!proposal) throw notFound()
  const { data, form } = readForm(schema, request, response)
  const again = (status: number, errors: Form['errors']) =>
    render(response.status(status), person, { entry: proposal._id, form: { values: request.body, errors } })
  if (form) return again(422, form.errors)
  const { decision, number, answer } = data
  if (decision === 'declined' && !answer) {
    return again(422, { answer: t('studio:sessions.errors.declineAnswer') })
  }
  // The draft first: an interruption leaves the proposal to be accepted again, which creates no second one.
  const isOpen = proposal.state === 'open' && proposal.number === number
  const session = decision === 'accepted' && isOpen ? await draftOf(proposal, person) : null
  try {
    await decideProposal({ _id: proposal._id, number }, { state: decision, answer }, person._id)
    await audit({ actor: person._id, action: `session_proposal.${decision}`, subject: proposal._id })
    setDoneFlash(response, t(`studio:sessions.flash.proposal.${decision}`))
    response.redirect(303, session ? sessionUrl(session) : url)
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    // Someone has declined it meanwhile.
    if (session) await removeSessionDraft(session, person._id)
    await again(409, { form: t(error.key, error.values) })
  }
}

/** A draft in two weeks, which the teammate who accepts it hosts. */
async function draftOf({ _id, number, course: id, title, text }: SessionProposal, person: Person) {
  const digest = createHash('sha256').update(`${_id}:${number}`).digest('hex')
  const course = (await coursesFor(person)).find(each => each.course.equals(id))
  const timeZone = timeZoneOf(person)
  const day = localTimeOf(later(now(), days(14)).getTime(), timeZone)
  const startsAt = startOn(day, localStart('2000-01-01', '15:00'), timeZone)
  const content = {
    ...{ course: course?.course ?? null, topic: course?.content.topic ?? '', title, summary: '' },
    ...{ description: text, language: course?.content.language ?? 'en', timeZone, startsAt },
    ...{ endsAt: later(startsAt, minutes(45)), kind: 'online' as const, joinUrl: '', meetingService: null },
    ...{ visibility: 'public' as const, companies: [], excludedCompanies: [], place: null, agenda: [] },
    ...{ questions: [], price: null, refundHours: 24, minimum: null, claimHours: 12, attendedFrom: 0.5 },
    ...{ isRecorded: false, hasCaptions: false, certificate: false },
    hosts: [{ person: person._id, name: person.name, role: '', isPanel: false }],
  }
  const session = new Types.ObjectId(digest.slice(0, 24))
  return createSession(session, content, { seats: defaultSeats, by: person._id })
}

async function render(
  response: Response,
  person: Person,
  typed?: { entry: string; form: Form },
): Promise<void> {
  const { t, dayIn } = textsOf(response)
  const [proposals, courses] = await Promise.all([openProposals(), coursesFor(person)])
  const names = await namesOf(proposals.map(({ person: by }) => by))
  const timeZone = timeZoneOf(person)
  response.render('studio/session-proposals', {
    layout: 'studio',
    nav: 'sessions',
    head: { title: t('studio:sessions.proposals.title'), noindex: true },
    canWrite: permissionsOf(person).writeCourses,
    error: typed?.form.errors.form,
    rows: proposals.map(({ _id, person: by, course: id, kind, title, text, number, createdAt }) => {
      const course = courses.find(each => each.course.equals(id))
      return {
        action: `${url}/${encodeURIComponent(_id)}`,
        ...{ title, text, number },
        meta: [
          t(`studio:sessions.proposals.kinds.${kind}`),
          names.get(String(by)),
          course?.content.title,
          dayIn(createdAt, timeZone),
        ]
          .filter(Boolean)
          .join(' · '),
        field: {
          ...{ kind: 'textarea', name: 'answer', id: `answer-${_id.replace(':', '-')}` },
          ...{
            label: t('studio:sessions.proposals.answer'),
            hint: t('studio:sessions.proposals.answerHint'),
          },
          ...{
            rows: 2,
            maxlength: 1000,
            form: typed?.entry === _id ? typed.form : { values: {}, errors: {} },
          },
        },
      }
    }),
  })
}
