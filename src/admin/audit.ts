import type { Request, Response } from 'express'
import { Types, type QueryFilter } from 'mongoose'
import { AuditEntries, type AuditEntry } from '../events/audit'
import { People } from '../people/person'
import { parametersOf } from '../web/parameters'

const pageSize = 50

/** `GET /admin/audit`: what staff did, newest first; of one subject if the query names it. */
export async function index(request: Request, response: Response): Promise<void> {
  const { before, subject } = parametersOf(request)
  const entries = await AuditEntries.find({ ...(subject && { subject }), ...olderThan(before) })
    .sort({ at: -1, _id: -1 })
    .limit(pageSize + 1)
  const shown = entries.slice(0, pageSize)
  const names = await namesIn(shown)
  const { t, date } = response.locals
  const last = shown.at(-1)
  const pageUrl = (more: Record<string, string>) =>
    `/admin/audit?${new URLSearchParams({ ...(subject && { subject }), ...more })}`
  response.render('admin/audit', {
    layout: 'workspace',
    nav: 'audit',
    head: { title: t('admin:audit.title') },
    entries: shown.map(entry => entryView(entry, names, date)),
    empty: {
      title: t('admin:audit.none'),
      text: t('admin:audit.noneText'),
      link: { href: '/admin/people', text: t('admin:audit.noneLink') },
    },
    pages: {
      notes: [{ text: t('admin:audit.timeZone') }],
      newer: before ? pageUrl({}) : null,
      older:
        entries.length > pageSize && last
          ? pageUrl({ before: `${last.at.toISOString()}_${String(last._id)}` })
          : null,
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

/** Entries after the cursor, which is a time and an id because several actions can share one moment. */
function olderThan(before = ''): QueryFilter<AuditEntry> {
  const [moment, id = ''] = before.split('_')
  const at = new Date(moment!)
  if (Number.isNaN(at.getTime()) || !Types.ObjectId.isValid(id)) return {}
  return { at: { $lte: at }, $or: [{ at: { $lt: at } }, { _id: { $lt: new Types.ObjectId(id) } }] }
}
