import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { AuditEntries, type AuditEntry } from '../events/audit'
import { People, type Person } from '../people/person'
import { parametersOf } from '../web/parameters'

const pageSize = 50

/** `GET /office/audit`: what staff did, newest first. */
export async function index(request: Request, response: Response): Promise<void> {
  const { before, subject } = parametersOf(request)
  const at = before && !Number.isNaN(Date.parse(before)) ? new Date(before) : undefined
  const entries = await AuditEntries.find({ ...(subject && { subject }), ...(at && { at: { $lt: at } }) })
    .sort({ at: -1, _id: -1 })
    .limit(pageSize + 1)
    .lean<AuditEntry[]>()
  const shown = entries.slice(0, pageSize)
  const names = await People.find({ _id: { $in: shown.map(entry => entry.by) } }, { name: 1 }).lean<
    Pick<Person, '_id' | 'name'>[]
  >()
  const subjects = await People.find(
    { _id: { $in: shown.map(entry => entry.subject).filter(id => Types.ObjectId.isValid(id)) } },
    { name: 1 },
  ).lean<Pick<Person, '_id' | 'name'>[]>()
  response.render('office/audit', {
    layout: 'desk',
    nav: 'audit',
    head: { title: response.locals.t('office:audit.title') },
    entries: shown,
    names: new Map([...names, ...subjects].map(person => [String(person._id), person.name])),
    pages: {
      newer: before ? '/office/audit' : null,
      older: entries.length > pageSize ? `/office/audit?before=${shown.at(-1)!.at.toISOString()}` : null,
    },
  })
}
