import type { Request, Response } from 'express'
import { Types, type QueryFilter } from 'mongoose'
import { z } from 'zod'
import { brandChoices, brandNameOf, peopleAt } from '../brand/brand'
import { later, minutes, now } from '../platform/clock'
import { forbidden, notFound } from '../platform/errors'
import { audit } from '../events/audit'
import { returnLeads } from '../leads/change-lead'
import { changeRole, requireAnotherAdmin } from '../people/change-role'
import { shownEmail } from '../people/email-address'
import { searchFilter } from '../platform/fold'
import { signUp } from '../people/sign-up'
import { People, roles, type Person, type Role } from '../people/person'
import { reactivatePerson, suspendPerson } from '../people/suspend-person'
import { endSessions } from '../web/end-sessions'
import type { Handler, MemberHandler } from '../web/handler'
import type { FormField } from '../web/field'
import { setFlash, type Flash } from '../web/flash'
import { nameField, readForm } from '../web/form'
import type { Translate } from '../web/i18n'
import { pageLinks, readPage, type At } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { leave, readRole, teamPathOf, type Left } from './successors'

const pageSize = 30
const view = 'admin/people'

/** Loads the person in the URL into `response.locals.subject`, or responds with 404. */
export const load: Handler = async (request, response) => {
  const { id } = request.params
  const subject = Types.ObjectId.isValid(id) && (await People.findOne({ _id: id, erasedAt: null }))
  if (!subject) throw notFound()
  response.locals.subject = subject
}

/** Continues for an administrator, and for who leads sales when it's about a rep (403). */
export const requireAccessRight: MemberHandler = (_request, response, { role }) => {
  if (role !== 'admin' && (response.locals.subject as Person).role !== 'sales') throw forbidden()
}

/** `GET /admin/people`: everyone with an account, newest first; filtered by role and by a search. */
export async function index(request: Request, response: Response, person: Person): Promise<void> {
  response.render(view, await peoplePage(request, response, person))
}

const inviteSchema = z.object({
  name: nameField('admin:errors.name', 100),
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
  if (form)
    return void response.status(422).render(view, { ...(await peoplePage(request, response, user)), form })
  const { person, isNew } = await signUp({ ...data, how: 'invited', brand: response.locals.brand.id })
  if (!isNew && !isJustInvited(person, data)) {
    const errors = {
      email: response.locals.t('admin:errors.accountExists', {
        role: response.locals.t(`admin:roles.${person.role}`),
      }),
    }
    return void response.status(422).render(view, {
      ...(await peoplePage(request, response, user)),
      form: { values: request.body, errors },
    })
  }
  if (isNew) {
    await audit({
      actor: user._id,
      action: 'person.invited',
      subject: String(person._id),
      detail: { role: data.role },
    })
  }
  backToList(response, 'invited', data.name)
}

/** True for the account that the first of two presses of the button has created. */
function isJustInvited(person: Person, { name, role }: Pick<Person, 'name' | 'role'>): boolean {
  return person.name === name && person.role === role && person.signedUpAt > later(now(), -doublePress)
}

const doublePress = minutes(1)

/**
 * `POST /admin/people/:id/role`: changes a person's role and ends their sessions. If they leave sales with open leads,
 * the body's `successor` takes them. Throws 409 for the last admin.
 */
export async function updateRole(request: Request, response: Response, person: Person): Promise<void> {
  const subject = response.locals.subject as Person
  const role = readRole(request.body?.role)
  if (role !== 'admin') await requireAnotherAdmin(subject._id)
  const left = await leave(request, response, person, role, () => changeRole(subject._id, role))
  if (!left) return
  await endSessions(subject._id)
  await audit({
    actor: person._id,
    action: 'role.changed',
    subject: String(subject._id),
    detail: { from: subject.role, to: role },
  })
  backToList(response, 'changed', subject.name, { text: leftText(response, left) })
}

/**
 * `POST /admin/people/:id/suspension`: ends the person's sessions and prevents new ones. If they have open leads, the
 * body's `successor` takes them. A sales lead does so with reps. Throws 409 for the last admin.
 */
export async function suspend(request: Request, response: Response, person: Person): Promise<void> {
  const subject = response.locals.subject as Person
  if (subject.role === 'admin') await requireAnotherAdmin(subject._id)
  const since = now()
  const left = await leave(request, response, person, null, () => suspendPerson(subject._id, since))
  if (!left) return
  await endSessions(subject._id)
  await audit({ actor: person._id, action: 'person.suspended', subject: String(subject._id) })
  const action = `/admin/people/${subject._id}/reactivation`
  const undo = { action, text: response.locals.t('sales:lead.undoShort') }
  backToList(response, 'suspended', subject.name, { text: leftText(response, left), undo }, person)
}

/**
 * `POST /admin/people/:id/reactivation`: lets a suspended person sign in again; by the same people. For 10 minutes
 * after the suspension, it also gives them their open leads back.
 */
export async function reactivate(request: Request, response: Response, person: Person): Promise<void> {
  const subject = response.locals.subject as Person
  await reactivatePerson(subject._id)
  await audit({ actor: person._id, action: 'person.reactivated', subject: String(subject._id) })
  const count = subject.suspendedAt ? await returnLeads(subject, person._id, subject.suspendedAt) : 0
  const text = count ? response.locals.t('admin:flash.leadsReturned', { count }) : ''
  backToList(response, 'reactivated', subject.name, { text }, person)
}

type PeopleQuery = At & { role?: Role; brand?: string; search: string }

function queryOf(request: Request, brands: { id: string }[]): PeopleQuery {
  const { role, brand, q = '', after, before } = parametersOf(request)
  return {
    role: roles.find(each => each === role),
    brand: brands.find(({ id }) => id === brand)?.id,
    search: q.slice(0, 100),
    ...{ after, before },
  }
}

async function filterOf({ role, brand, search }: PeopleQuery): Promise<QueryFilter<Person>> {
  return {
    erasedAt: null,
    ...(role && { role }),
    ...(brand && { brand: await peopleAt(brand) }),
    ...searchFilter(search),
  }
}

async function peoplePage(request: Request, response: Response, self: Person) {
  const brands = await brandChoices()
  const query = queryOf(request, brands)
  const filter = await filterOf(query)
  const [page, staffCount] = await Promise.all([
    readPage<Omit<Person, 'passwordHash'>>(
      beyond => People.find({ $and: [filter, beyond] }, { passwordHash: 0 }),
      { _id: -1 },
      query,
      pageSize,
    ),
    People.count({ role: { $in: roles.filter(each => each !== 'prospect') }, suspendedAt: null }),
  ])
  const { role, brand, search } = query
  const chosen = { ...(role && { role }), ...(brand && { brand }), ...(search && { q: search }) }
  const pageUrl = (at: At) => `/admin/people?${new URLSearchParams({ ...chosen, ...at })}`
  const brandNames = await Promise.all(page.rows.map(brandNameOf))
  const { t, date } = response.locals
  return {
    layout: 'workspace',
    nav: 'people',
    head: { title: t('admin:people.title') },
    sentence: t('admin:people.sentence', { count: staffCount }),
    q: query.search,
    roles: roleOptions(t, query.role),
    brands: brands.map(({ id, name }) => ({ value: id, text: name, isSelected: id === brand })),
    people: page.rows.map((person, n) => ({
      ...personView(person, self, t, date),
      brand: brandNames[n] ?? null,
    })),
    fields: inviteFields(t),
    empty: {
      title: t('admin:people.none'),
      text: t('admin:people.noneText'),
      link: { href: '/admin/people', text: t('admin:people.clearFilters') },
    },
    pages: pageLinks(page, pageUrl),
  }
}

function personView(
  person: Omit<Person, 'passwordHash'>,
  self: Person,
  t: Translate,
  date: (moment: Date) => string,
) {
  const href = `/admin/people/${person._id}`
  const isSuspended = !!person.suspendedAt
  return {
    href,
    name: person.name,
    email: shownEmail(person.email),
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

/** The roles to choose from, none of them before a choice: a role by accident lets someone in, or nobody. */
const roleChoices = (t: Translate) => [{ value: '', text: t('admin:people.chooseRole') }, ...roleOptions(t)]

function inviteFields(t: Translate): FormField[] {
  const shared = { autocomplete: 'off', required: true }
  return [
    { ...shared, name: 'name', label: t('admin:people.name'), maxlength: 100 },
    { ...shared, name: 'email', label: t('admin:people.email'), type: 'email', maxlength: 254 },
    { kind: 'select', name: 'role', label: t('admin:people.role'), options: roleChoices(t), required: true },
  ]
}

/** Where the open leads of someone who has left sales went; empty when there were none. */
function leftText({ locals: { t } }: Response, { count, successor, shares }: Left): string {
  const key = successor ? 'leadsReassigned' : shares.length ? 'leadsByRules' : 'leadsUnowned'
  const list = shares.map(share => t('admin:flash.share', share)).join(', ')
  return count ? t(`admin:flash.${key}`, { count, successor, list }) : ''
}

function backToList(
  response: Response,
  message: string,
  name: string,
  { text, ...more }: Pick<Flash, 'text' | 'undo'> = {},
  by?: Person,
): void {
  const bold = response.locals.t(`admin:flash.${message}`, { name })
  setFlash(response, { kind: 'done', bold, ...(text && { text }), ...more })
  response.redirect(303, by ? teamPathOf(by) : '/admin/people')
}
