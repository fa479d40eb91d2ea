import type { Request, Response } from 'express'
import { Types, type QueryFilter } from 'mongoose'
import { AuditEntries, type AuditEntry } from '../events/audit'
import { People, type Person } from '../people/person'
import { parametersOf } from '../web/parameters'

const pageSize = 50

/** `GET /admin/audit`: what staff did, newest first. */
export async function index(request: Request, response: Response): Promise<void> {
  const { before, subject } = parametersOf(request)
  const entries = await AuditEntries.find({ ...(subject && { subject }), ...olderThan(before) })
    .sort({ at: -1, _id: -1 })
    .limit(pageSize + 1)
    .lean<AuditEntry[]>()
  const shown = entries.slice(0, pageSize)
  const names = await People.find({ _id: { $in: shown.map(entry => entry.actor) } }, { name: 1 }).lean<
    Pick<Person, '_id' | 'name'>[]
  >()
  const subjects = await People.find(
    { _id: { $in: shown.map(entry => entry.subject).filter(id => Types.ObjectId.isValid(id)) } },
    { name: 1 },
  ).lean<Pick<Person, '_id' | 'name'>[]>()
  const last = shown.at(-1)
  const here = (more: Record<string, string>) =>
    `/admin/audit?${new URLSearchParams({ ...(subject && { subject }), ...more })}`
  response.render('admin/audit', {
    layout: 'workspace',
    nav: 'audit',
    head: { title: response.locals.t('admin:audit.title') },
    entries: shown,
    names: new Map([...names, ...subjects].map(person => [String(person._id), person.name])),
    pages: {
      newer: before ? here({}) : null,
      older:
        entries.length > pageSize && last
          ? here({ before: `${last.at.toISOString()}_${String(last._id)}` })
          : null,
    },
  })
}

/** The page after an entry, named by its moment and id: many deeds may be done in one moment. */
function olderThan(before = ''): QueryFilter<AuditEntry> {
  const [moment, id = ''] = before.split('_')
  const at = new Date(moment!)
  if (Number.isNaN(at.getTime()) || !Types.ObjectId.isValid(id)) return {}
  return { at: { $lte: at }, $or: [{ at: { $lt: at } }, { _id: { $lt: new Types.ObjectId(id) } }] }
}
