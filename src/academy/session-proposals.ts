import type { Response } from 'express'
import { z } from 'zod'
import type { Person } from '../people/person'
import { HttpError, notFound } from '../platform/errors'
import { propose, proposalKinds, proposalsOf } from '../sessions/proposal'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { emptyForm, field, lineField, readForm, refuseForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { learnerCourses } from './learner-courses'

const [maxTitle, maxText] = [120, 2000]

const schema = z.object({
  course: z
    .string({ error: 'academy:errors.sessions.course' })
    .min(1, { error: 'academy:errors.sessions.course' }),
  kind: z.enum(proposalKinds, { error: 'academy:errors.sessions.kind' }),
  title: lineField('academy:errors.sessions.title', maxTitle),
  text: field('academy:errors.sessions.text', maxText),
})

/** `GET /sessions/proposals/new`: a session or a study group about a course that the reader has completed. */
export const show: MemberHandler = async (request, response, person) => {
  const { course } = request.query
  const form = emptyForm(typeof course === 'string' ? { course } : {})
  response.render('academy/session-proposal', { ...(await proposalPage(response, person)).page, form })
}

/** `POST /sessions/proposals`: sends it to the team, which decides. */
export const create: MemberHandler = async (request, response, person) => {
  const { page, courses } = await proposalPage(response, person)
  if (!courses.length) throw notFound()
  const { data, form } = readForm(schema, request, response)
  if (!data) return refuseForm(response, 'academy/session-proposal', form, page)
  const published = courses.find(({ slug }) => slug === data.course)
  const { t } = textsOf(response)
  if (!published) {
    const errors = { course: t('academy:errors.sessions.course') }
    return refuseForm(response, 'academy/session-proposal', { values: data, errors }, page)
  }
  try {
    await propose(person._id, { ...data, course: published.course })
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    const refused = { values: data, errors: { form: t(error.key, error.values) } }
    return response.status(error.status).render('academy/session-proposal', { ...page, form: refused })
  }
  setFlash(response, { kind: 'done', bold: t('academy:sessions.proposal.sent') })
  response.redirect(303, '/sessions/proposals/new')
}

/** The form, and the courses that the reader has completed. */
async function proposalPage(response: Response, person: Person) {
  const { t, date } = textsOf(response)
  const [learned, proposals] = await Promise.all([
    learnerCourses(response.locals.brand, person),
    proposalsOf(person._id),
  ])
  const courses = learned.filter(({ state }) => state === 'completed').map(({ published }) => published)
  const titleOf = new Map(courses.map(({ course, content }) => [String(course), content.title]))
  const fields: FormField[] = [
    {
      name: 'course',
      kind: 'select',
      label: t('academy:sessions.proposal.course'),
      options: courses.map(({ slug, content }) => ({ value: slug, text: content.title })),
    },
    {
      name: 'kind',
      kind: 'radios',
      label: t('academy:sessions.proposal.kind'),
      options: proposalKinds.map(value => ({
        value,
        text: t(`academy:sessions.proposal.kinds.${value}`),
        hint: t(`academy:sessions.proposal.kindHints.${value}`),
      })),
    },
    { name: 'title', label: t('academy:sessions.proposal.subject'), maxlength: maxTitle, required: true },
    {
      name: 'text',
      kind: 'textarea',
      rows: 6,
      maxlength: maxText,
      required: true,
      label: t('academy:sessions.proposal.text'),
      hint: t('academy:sessions.proposal.textHint'),
    },
  ]
  const page = {
    head: { title: t('academy:sessions.proposal.title'), noindex: true },
    nav: 'sessions',
    fields: courses.length ? fields : null,
    own: proposals.map(({ title, course, state, answer, createdAt }) => ({
      title,
      about: [titleOf.get(String(course)), date(createdAt)].filter(Boolean).join(' · '),
      state: t(`academy:sessions.proposal.state.${state}`),
      tag: { open: 'tag-ochre', accepted: 'tag-pine', declined: 'tag-grey' }[state],
      answer,
    })),
  }
  return { page, courses }
}
