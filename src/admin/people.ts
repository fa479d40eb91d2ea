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
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { lineField, readForm } from '../web/form'
import type { Translate } from '../web/i18n'
import { parametersOf } from '../web/parameters'

const pageSize = 30
const view = 'admin/people'

/** Loads the person that the URL names into `response.locals.subject`, or answers 404. */
export const load: Handler = async (request, response) => {
  const { id } = request.params
  const subject =
    Types.ObjectId.isValid(id) && (await People.findOne({ _id: id, erasedAt: null }).lean<Person>())
  if (!subject) throw notFound()
  response.locals.subject = subject
}

/** `GET /admin/people`: everyone with an account, newest first; filtered by role and by the start of an email. */
export async function index(request: Request, response: Response): Promise<void> {
  response.render(view, await peoplePage(request, response))
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

/** `POST /admin/people`: invites a teammate, who gets an email that says how to sign in. */
export async function create(request: Request, response: Response, user: Person): Promise<void> {
  const { data, form } = readForm(inviteSchema, request, response)
  if (form) return void response.status(422).render(view, { ...(await peoplePage(request, response)), form })
  const { person, isNew } = await signUp({ ...data, how: 'invited' })
  if (!isNew) {
    const errors = {
      email: response.locals.t('admin:errors.accountExists', {
        role: response.locals.t(`admin:roles.${person.role}`),
      }),
    }
    return void response
      .status(422)
      .render(view, { ...(await peoplePage(request, response)), form: { values: request.body, errors } })
  }
  await audit({
    actor: user._id,
    action: 'person.invited',
    subject: String(person._id),
    detail: { role: data.role },
  })
  backToList(response, 'invited', data.name)
}

/** `POST /admin/people/:id/role`. Throws 409 for the last admin. */
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
  backToList(response, 'changed', subject.name)
}

/**
 * `POST /admin/people/:id/suspension`: ends the person's sessions and stops new ones. Throws 409 for the last admin.
 */
export async function suspend(request: Request, response: Response, person: Person): Promise<void> {
  const subject = response.locals.subject as Person
  await suspendPerson(subject._id)
  await audit({ actor: person._id, action: 'person.suspended', subject: String(subject._id) })
  backToList(response, 'suspended', subject.name)
}

/** `POST /admin/people/:id/reactivation`: lets a suspended person sign in again. */
export async function reactivate(request: Request, response: Response, person: Person): Promise<void> {
  const subject = response.locals.subject as Person
  await reactivatePerson(subject._id)
  await audit({ actor: person._id, action: 'person.reactivated', subject: String(subject._id) })
  backToList(response, 'reactivated', subject.name)
}

type PeopleQuery = { role?: Role; email: string; before?: string }

function queryOf(request: Request): PeopleQuery {
  const { role, q = '', before } = parametersOf(request)
  return { role: roles.find(each => each === role), email: q, before }
}

function filterOf({ role, email, before }: PeopleQuery): QueryFilter<Person> {
  const filter: QueryFilter<Person> = { erasedAt: null }
  if (role) filter.role = role
  if (email) {
    const start = normaliseEmail(email)
    filter.email = { $gte: start, $lt: `${start}\uffff` }
  }
  if (before && Types.ObjectId.isValid(before)) filter._id = { $lt: new Types.ObjectId(before) }
  return filter
}

async function peoplePage(request: Request, response: Response) {
  const query = queryOf(request)
  const [people, staffCount] = await Promise.all([
    People.find(filterOf(query), { passwordHash: 0 })
      .sort({ _id: -1 })
      .limit(pageSize + 1)
      .lean<Person[]>(),
    People.countDocuments({ role: { $in: roles.filter(each => each !== 'prospect') }, suspendedAt: null }),
  ])
  const shown = people.slice(0, pageSize)
  const older = new URLSearchParams({
    ...(query.role && { role: query.role }),
    ...(query.email && { q: query.email }),
    before: String(shown.at(-1)?._id),
  })
  const { t, date } = response.locals
  return {
    layout: 'workspace',
    nav: 'people',
    head: { title: t('admin:people.title') },
    sentence: t('admin:people.sentence', { count: staffCount }),
    q: query.email,
    roles: roleOptions(t, query.role),
    people: shown.map(person => personView(person, request.user!, t, date)),
    fields: inviteFields(t),
    empty: {
      title: t('admin:people.none'),
      text: t('admin:people.noneText'),
      link: { href: '/admin/people', text: t('admin:people.clearFilters') },
    },
    pages: {
      newer: query.before ? '/admin/people' : null,
      older: people.length > pageSize ? `/admin/people?${older}` : null,
    },
  }
}

function personView(person: Person, self: Person, t: Translate, date: (moment: Date) => string) {
  const href = `/admin/people/${person._id}`
  const isSuspended = !!person.suspendedAt
  return {
    href,
    name: person.name,
    email: person.email,
    signedUpOn: date(person.signedUpAt),
    role: t(`admin:roles.${person.role}`),
    roleLabel: t('admin:people.roleOf', { name: person.name }),
    roles: roleOptions(t, person.role),
    isSelf: String(person._id) === String(self._id),
    isSuspended,
    accessHref: `${href}/${isSuspended ? 'reactivation' : 'suspension'}`,
    accessText: t(isSuspended ? 'admin:people.reactivate' : 'admin:people.suspend'),
  }
}

function roleOptions(t: Translate, selected?: Role) {
  return roles.map(role => ({ value: role, text: t(`admin:roles.${role}`), selected: role === selected }))
}

function inviteFields(t: Translate): FormField[] {
  const shared = { autocomplete: 'off', required: true }
  return [
    { ...shared, name: 'name', label: t('admin:people.name'), maxlength: 100 },
    { ...shared, name: 'email', label: t('admin:people.email'), type: 'email', maxlength: 254 },
    { kind: 'select', name: 'role', label: t('admin:people.role'), options: roleOptions(t) },
  ]
}

function backToList(response: Response, message: string, name: string): void {
  setFlash(response, { kind: 'done', bold: response.locals.t(`admin:flash.${message}`, { name }) })
  response.redirect(303, '/admin/people')
}
