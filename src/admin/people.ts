import type { Request, Response } from 'express'
import { Types, type QueryFilter } from 'mongoose'
import { z } from 'zod'
import { notFound } from '../platform/errors'
import { audit } from '../events/audit'
import { changeRole } from '../people/change-role'
import { normaliseEmail } from '../people/email-address'
import { signUp } from '../people/sign-up'
import { People, roles, type Person, type Role } from '../people/person'
import { reactivatePerson, suspendPerson } from '../people/suspend-person'
import type { Handler } from '../web/handler'
import { setFlash } from '../web/flash'
import { lineField, readForm } from '../web/form'
import { parametersOf } from '../web/parameters'

const pageSize = 30
const view = 'admin/people'

/** Puts the person of the address into `response.locals.subject`, or answers 404. */
export const load: Handler = async (request, response) => {
  const { id } = request.params
  const subject =
    Types.ObjectId.isValid(id) && (await People.findOne({ _id: id, erasedAt: null }).lean<Person>())
  if (!subject) throw notFound()
  response.locals.subject = subject
}

/** `GET /admin/people`: who is here, newest first; by role, and by the beginning of an address. */
export async function index(request: Request, response: Response): Promise<void> {
  response.render(view, await listed(request, response))
}

const inviteSchema = z.object({
  name: lineField('admin:errors.name', 100),
  email: z
    .string({ error: 'admin:errors.email' })
    .trim()
    .max(254, { error: 'web:errors.tooLong' })
    .pipe(z.email({ error: 'admin:errors.email' })),
  role: z.enum(roles, { error: 'admin:errors.role' }),
})

/** `POST /admin/people`: somebody new in the team. Their letter tells them how to sign in. */
export async function create(request: Request, response: Response, user: Person): Promise<void> {
  const { data, form } = readForm(inviteSchema, request, response)
  if (form) return void response.status(422).render(view, { ...(await listed(request, response)), form })
  const { person, isNew } = await signUp({ ...data, how: 'invited' })
  if (!isNew) {
    const errors = {
      email: response.locals.t('admin:errors.accountExists', {
        role: response.locals.t(`admin:roles.${person.role}`),
      }),
    }
    return void response
      .status(422)
      .render(view, { ...(await listed(request, response)), form: { values: request.body, errors } })
  }
  await audit({
    actor: user._id,
    action: 'person.added',
    subject: String(person._id),
    detail: { role: data.role },
  })
  flash(request, response, 'invited', data.name)
  response.redirect(303, '/admin/people')
}

/** `POST /admin/people/:id/role` */
export async function updateRole(request: Request, response: Response, person: Person): Promise<void> {
  const subject = response.locals.subject as Person
  const role = z.enum(roles).safeParse(request.body?.role)
  if (!role.success) throw notFound()
  await changeRole(subject._id, role.data)
  await audit({
    actor: person._id,
    action: 'role.changed',
    subject: String(subject._id),
    detail: { from: subject.role, to: role.data },
  })
  flash(request, response, 'changed', subject.name)
  response.redirect(303, '/admin/people')
}

/** `POST /admin/people/:id/suspension` and `POST …/reactivation` */
export async function suspend(request: Request, response: Response, person: Person): Promise<void> {
  const subject = response.locals.subject as Person
  await suspendPerson(subject._id)
  await audit({ actor: person._id, action: 'person.suspended', subject: String(subject._id) })
  flash(request, response, 'suspended', subject.name)
  response.redirect(303, '/admin/people')
}

export async function reactivate(request: Request, response: Response, person: Person): Promise<void> {
  const subject = response.locals.subject as Person
  await reactivatePerson(subject._id)
  await audit({ actor: person._id, action: 'person.readmitted', subject: String(subject._id) })
  flash(request, response, 'reactivated', subject.name)
  response.redirect(303, '/admin/people')
}

async function listed(request: Request, response: Response) {
  const { role, q = '', before } = parametersOf(request)
  const chosen = roles.includes(role as Role) ? (role as Role) : undefined
  const filter: QueryFilter<Person> = { erasedAt: null }
  if (chosen) filter.role = chosen
  if (q) {
    const start = normaliseEmail(q)
    filter.email = { $gte: start, $lt: `${start}\uffff` }
  }
  if (before && Types.ObjectId.isValid(before)) filter._id = { $lt: new Types.ObjectId(before) }
  const [people, staff] = await Promise.all([
    People.find(filter, { passwordHash: 0 })
      .sort({ _id: -1 })
      .limit(pageSize + 1)
      .lean<Person[]>(),
    People.countDocuments({ role: { $in: roles.filter(each => each !== 'prospect') }, suspendedAt: null }),
  ])
  const shown = people.slice(0, pageSize)
  const older = new URLSearchParams({
    ...(chosen && { role: chosen }),
    ...(q && { q }),
    before: String(shown.at(-1)?._id),
  })
  return {
    layout: 'workspace',
    nav: 'people',
    head: { title: response.locals.t('admin:people.title') },
    people: shown,
    staff,
    roles,
    role: chosen ?? '',
    q,
    pages: {
      newer: before ? '/admin/people' : null,
      older: people.length > pageSize ? `/admin/people?${older}` : null,
    },
  }
}

function flash(request: Request, response: Response, key: string, name: string): void {
  setFlash(response, { kind: 'done', bold: response.locals.t(`admin:flash.${key}`, { name }) })
}
