import type { Request, Response } from 'express'
import { notFound } from '../platform/errors'
import { audit } from '../events/audit'
import { People, roles, type Person, type Role } from '../people/person'
import { reassignByRule } from '../leads/assign-owner'
import { countOpenLeads, leaveSales, successorsOf } from '../leads/change-lead'
import type { FormField } from '../web/field'
import { refuseForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { parametersOf } from '../web/parameters'

const view = 'admin/successor'

/** Where someone finds the people whom they may suspend. */
export const teamPathOf = ({ role }: Pick<Person, 'role'>): string =>
  role === 'admin' ? '/admin/people' : '/sales/routing'

/** `GET /admin/people/:id/suspension/new`: asks who takes the open leads. */
export const askForSuspension: MemberHandler = async (_request, response, user) => {
  response.render(view, await successorPage(response, null, user))
}

/** `GET /admin/people/:id/role/new?role=author`: asks who takes the open leads of someone who leaves sales. */
export const askForRole: MemberHandler = async (request, response, user) => {
  response.render(view, await successorPage(response, readRole(parametersOf(request).role), user))
}

/**
 * How many open leads went to whom: to `successor`, or by the routing rules to those in `shares`. Both are empty when
 * nobody else is in sales.
 */
export type Left = { count: number; successor: string | null; shares: { name: string; count: number }[] }

/** The choice of the rules instead of a teammate. */
const byRules = 'rules'

/**
 * Suspends the subject of the page or changes their role, so that no open lead stays with someone who is not in sales.
 * When they own open leads and the body names no `successor`, a page asks for one first.
 *
 * @param role the new role; null for a suspension.
 * @param change suspends the subject or changes their role.
 * @returns null when the response asks first.
 */
export async function leave(
  request: Request,
  response: Response,
  user: Person,
  role: Role | null,
  change: () => Promise<void>,
): Promise<Left | null> {
  const [subject, by] = [response.locals.subject as Person, user._id]
  const staysInSales = role === 'sales' || role === 'sales-lead'
  if (staysInSales || !(await countOpenLeads(subject._id))) {
    await change()
    if (!staysInSales) await reassignByRule(subject._id)
    return { count: 0, successor: null, shares: [] }
  }
  const typed: unknown = request.body?.successor
  if (typed === undefined) {
    response.redirect(303, `${hrefOf(subject, role)}/new${role ? `?role=${role}` : ''}`)
    return null
  }
  const others = await successorsOf(subject._id)
  if (typed === byRules && others.length) return leaveByRules(subject, by, change)
  const successor = others.find(({ _id }) => String(_id) === typed)
  if (others.length && !successor) {
    const errors = { successor: response.locals.t('admin:errors.successor') }
    refuseForm(response, view, { values: request.body, errors }, await successorPage(response, role, user))
    return null
  }
  const count = await leaveSales(subject._id, successor ? String(successor._id) : null, by, change)
  const detail = { owner: successor?.name ?? null, count }
  await audit({ actor: by, action: 'leads.reassigned', subject: String(subject._id), detail })
  return { count, successor: successor?.name ?? null, shares: [] }
}

/** The rules only give leads to those who are still in sales, so the subject leaves first. */
async function leaveByRules({ _id }: Person, by: Person['_id'], change: () => Promise<void>): Promise<Left> {
  await change()
  const taken = await reassignByRule(_id)
  const people = await People.find({ _id: { $in: [...taken.keys()] } }, { name: 1 })
  const shares = people
    .map(person => ({ name: person.name, count: taken.get(String(person._id)) ?? 0 }))
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name, 'en'))
  const count = shares.reduce((sum, share) => sum + share.count, 0)
  const owner = shares.map(share => share.name).join(', ')
  await audit({ actor: by, action: 'leads.reassigned', subject: String(_id), detail: { owner, count } })
  return { count, successor: null, shares }
}

/** @throws 404 for a role that doesn't exist */
export function readRole(value: unknown): Role {
  const role = roles.find(each => each === value)
  if (!role) throw notFound()
  return role
}

async function successorPage(response: Response, role: Role | null, user: Person) {
  const { _id, name } = response.locals.subject as Person
  const { t } = response.locals
  const [count, others] = await Promise.all([countOpenLeads(_id), successorsOf(_id)])
  const title = t('admin:successor.title', { name })
  const field: FormField = {
    name: 'successor',
    kind: 'select',
    required: true,
    label: t('admin:successor.label'),
    options: [
      { value: byRules, text: t('admin:successor.byRules') },
      ...others.map(other => ({ value: String(other._id), text: other.name })),
    ],
  }
  return {
    layout: 'workspace',
    nav: user.role === 'admin' ? 'people' : 'routing',
    back: {
      href: teamPathOf(user),
      text: t(user.role === 'admin' ? 'admin:people.title' : 'sales:routing.title'),
    },
    head: { title },
    title,
    text: t(others.length ? 'admin:successor.text' : 'admin:successor.nobody', { name, count }),
    action: hrefOf({ _id }, role),
    role,
    field: others.length ? field : null,
    button: t(role ? 'admin:successor.roleButton' : 'admin:successor.suspendButton'),
  }
}

function hrefOf({ _id }: Pick<Person, '_id'>, role: Role | null): string {
  return `/admin/people/${_id}/${role ? 'role' : 'suspension'}`
}
