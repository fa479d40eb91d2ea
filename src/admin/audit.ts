import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { AuditEntries, type AuditEntry } from '../events/audit'
import { People } from '../people/person'
import { pageLinks, readPage, type At } from '../web/keyset'
import { parametersOf } from '../web/parameters'

const pageSize = 50

/** `GET /admin/audit`: what staff did, newest first; of one subject if the query names it. */
export async function index(request: Request, response: Response): Promise<void> {
  const { after, before, subject } = parametersOf(request)
  const page = await readPage<AuditEntry>(
    beyond => AuditEntries.find({ ...(subject && { subject }), ...beyond }),
    { at: -1, _id: -1 },
    { after, before },
    pageSize,
  )
  const names = await namesIn(page.rows)
  const { t, date } = response.locals
  const pageUrl = (at: At) => `/admin/audit?${new URLSearchParams({ ...(subject && { subject }), ...at })}`
  response.render('admin/audit', {
    layout: 'workspace',
    nav: 'audit',
    head: { title: t('admin:audit.title') },
    entries: page.rows.map(entry => entryView(entry, names, date)),
    empty: {
      title: t('admin:audit.none'),
      text: t('admin:audit.noneText'),
      link: { href: '/admin/people', text: t('admin:audit.noneLink') },
    },
    pages: {
      notes: [{ text: t('admin:audit.timeZone') }],
      ...pageLinks(page, pageUrl),
    },
  })
}

/** The names of the people in these entries by id: of those who acted, and of those it was done to. */
async function namesIn(entries: AuditEntry[]): Promise<Map<string, string>> {
  const subjects = entries.map(({ subject }) => subject).filter(id => Types.ObjectId.isValid(id))
  const ids = [...entries.map(({ actor }) => actor), ...subjects]
  const people = await People.find({ _id: { $in: ids } }, { name: 1 })
  return new Map(people.map(({ _id, name }) => [String(_id), name]))
}

function entryView(
  { at, actor, action, subject, detail }: AuditEntry,
  names: Map<string, string>,
  date: (moment: Date, format: 'full') => string,
) {
  return {
    at: date(at, 'full'),
    actor: names.get(String(actor)) ?? String(actor),
    action,
    subject: names.get(subject) ?? subject,
    href: `/admin/audit?subject=${encodeURIComponent(subject)}`,
    detail: Object.entries(detail)
      .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(', '),
  }
}
