import type { Response } from 'express'
import { Types } from 'mongoose'
import { z } from 'zod'
import { possibleMembers, removeFromTeam, setCourseRole, setReviewDate } from '../courses/change-team'
import { Courses } from '../courses/course'
import { courseRoles } from '../courses/course-role'
import { People, type Person } from '../people/person'
import { HttpError, notFound } from '../platform/errors'
import type { FormField } from '../web/field'
import { emptyForm, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { courseOf, coursePage, setDoneFlash } from './course-page'
import { urlOf } from './urls'

/** `GET /studio/courses/:slug/team`: who works on the course and as what, and when it has to be reviewed again. */
export const index: MemberHandler = (_request, response, person) => renderTeam(response, person, emptyForm())

const schema = z.object({
  person: z.string({ error: 'studio:errors.person' }).refine(id => Types.ObjectId.isValid(id), {
    error: 'studio:errors.person',
  }),
  role: z.enum(courseRoles, { error: 'studio:errors.role' }),
})

/** `POST …/team`: gives a person a role in the course. */
export const create: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const { data, form } = readForm(schema, request, response)
  if (form) return renderTeam(response.status(422), person, form)
  const { _id } = courseOf(response)
  const member = { course: _id, by: person._id, person: new Types.ObjectId(data.person) }
  try {
    await setCourseRole({ ...member, role: data.role })
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    return refuse(response, person, error, emptyForm(request.body as Record<string, unknown>))
  }
  const name = await nameOf(member.person)
  setDoneFlash(
    response,
    t('studio:flash.teamChanged', { name, role: t(`studio:courseRoles.${data.role}`) }),
    t(`studio:courseRoleHints.${data.role}`),
  )
  response.redirect(303, `${urlOf(courseOf(response))}/team`)
}

/** `POST …/team/:person/removal` */
export const destroy: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  if (!Types.ObjectId.isValid(request.params.person)) throw notFound()
  const member = new Types.ObjectId(request.params.person)
  try {
    await removeFromTeam({ course: courseOf(response)._id, by: person._id, person: member })
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    return refuse(response, person, error, emptyForm())
  }
  setDoneFlash(response, t('studio:flash.teamRemoved', { name: await nameOf(member) }))
  response.redirect(303, `${urlOf(courseOf(response))}/team`)
}

const reviewDateSchema = z.object({
  reviewOn: z
    .string({ error: 'studio:errors.day' })
    .refine(day => !day || z.iso.date().safeParse(day).success, { error: 'studio:errors.day' })
    .transform(day => day || null),
})

/** `POST …/review-date`: sets or clears the day by which the course has to be reviewed again. */
export const updateReviewDate: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const { data, form } = readForm(reviewDateSchema, request, response)
  if (form) return renderTeam(response.status(422), person, form)
  await setReviewDate(courseOf(response), data.reviewOn, person._id)
  setDoneFlash(response, t(data.reviewOn ? 'studio:flash.reviewDate' : 'studio:flash.noReviewDate'))
  response.redirect(303, `${urlOf(courseOf(response))}/team`)
}

async function refuse(response: Response, person: Person, error: HttpError, form: Form): Promise<void> {
  response.locals.course = await Courses.findById(courseOf(response)._id)
  const bold = textsOf(response).t(error.key, error.values)
  await renderTeam(response.status(error.status), person, form, { flash: { kind: 'error', bold } })
}

async function nameOf(id: Types.ObjectId): Promise<string> {
  return (await People.findById(id, { name: 1 }))?.name ?? ''
}

async function renderTeam(
  response: Response,
  person: Person,
  form: Form,
  values: object = {},
): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const page = await coursePage(person, response, 'team', { title: t('studio:team.title') })
  const canManage = page.permissions.has('manage')
  const members = course.team ?? []
  const people = await People.find({ _id: { $in: members.map(each => each.person) } })
  const byId = new Map(people.map(each => [String(each._id), each]))
  const candidates = canManage ? await possibleMembers() : []
  const fields: FormField[] = [
    {
      kind: 'select',
      name: 'person',
      label: t('studio:team.person'),
      hint: t('studio:team.personHint'),
      options: [
        { value: '', text: t('studio:team.choose') },
        ...candidates.map(each => ({
          value: String(each._id),
          text: t('studio:team.option', { name: each.name, account: t(`studio:accounts.${each.role}`) }),
        })),
      ],
    },
    {
      kind: 'radios',
      name: 'role',
      label: t('studio:team.role'),
      options: courseRoles.map(role => ({
        value: role,
        text: t(`studio:courseRoles.${role}`),
        hint: t(`studio:courseRoleHints.${role}`),
      })),
    },
  ]
  const reviewDate: FormField = {
    name: 'reviewOn',
    type: 'date',
    label: t('studio:team.reviewOn'),
    hint: t('studio:team.reviewOnHint'),
    value: course.reviewOn ?? '',
    optional: true,
    disabled: !canManage,
  }
  response.render('studio/team', {
    ...page,
    canManage,
    rows: courseRoles.flatMap(role =>
      members
        .filter(member => member.role === role)
        .flatMap(member => {
          const found = byId.get(String(member.person))
          if (!found) return []
          return {
            name: found.name,
            company: found.company?.name ?? '',
            role: t(`studio:courseRoles.${role}`),
            hint: t(`studio:courseRoleHints.${role}`),
            removal: {
              url: `${urlOf(course)}/team/${member.person}/removal`,
              label: t('studio:team.remove', { name: found.name }),
            },
          }
        }),
    ),
    fields,
    reviewDate,
    form,
    ...values,
  })
}
