import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import { z } from 'zod'
import { audit } from '../events/audit'
import { endSnooze, canAnswerFor, snoozeLead, undoSnooze } from '../leads/change-lead'
import { Leads, type Lead } from '../leads/lead'
import { addLeadNote, maxNote, removeLeadNote, setNextStep } from '../leads/lead-note'
import { timeZoneOf, type Person } from '../people/person'
import { forbidden, HttpError } from '../platform/errors'
import { readLedger } from '../scoring/read-ledger'
import { setFlash } from '../web/flash'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { queuePath, undoPath } from './back'
import { morningOf } from './snooze-choices'
import { maxReason, typedText } from './typed-text'

type Loaded = { person: Person; lead: Lead | null }
type LoadedLead = { person: Person; lead: Lead }

/** Returns a day, `YYYY-MM-DD`; null for none. */
function dayIn(value: unknown): string | null {
  if (value === undefined || value === '') return null
  const day = z.iso.date().safeParse(value)
  if (!day.success) throw new HttpError(422, 'sales:demoHours.errors.day')
  return day.data
}

/**
 * `POST /sales/leads/:person/snooze`: sets the lead aside until `until`, a moment, or until the morning of `day`, in
 * the reader's time zone. Like all of snoozing, it is for the owner and for who leads the team (403).
 */
export const snooze: MemberHandler = async (request, response, user) => {
  const { person, lead } = response.locals.loaded as LoadedLead
  if (!canAnswerFor(lead, user)) throw forbidden()
  const { until, day, text } = (request.body ?? {}) as Record<string, unknown>
  const moment = until === 'day' ? morningOf(day, timeZoneOf(user)) : momentOf(until)
  if (!moment) throw new HttpError(422, 'sales:errors.snoozeUntil')
  await snoozeLead(lead, user._id, moment, typedText(text, maxReason))
  await audit({ actor: user._id, action: 'lead.snoozed', subject: String(person._id) })
  const { t, dateIn } = textsOf(response)
  const queue = queuePath(request)
  const href = `/sales/leads/${person._id}`
  const undoAction = `${href}/snooze/undo?change=${(await Leads.findById(lead._id))?.changeCount}`
  setFlash(response, {
    kind: 'done',
    bold: t('sales:flash.snoozed', { name: person.name, when: dateIn(moment, timeZoneOf(user)) }),
    text: t('sales:flash.snoozedText'),
    undo: { action: undoPath(undoAction, queue, person._id), text: t('sales:lead.undoShort') },
  })
  response.redirect(303, queue ?? href)
}

function momentOf(value: unknown): Date | null {
  const read = z.iso.datetime().safeParse(value)
  return read.success ? new Date(read.data) : null
}

/** `POST /sales/leads/:person/snooze/end`: brings the lead back to the queue now. */
export const wake: MemberHandler = async (request, response, user) => {
  const { person, lead } = response.locals.loaded as LoadedLead
  if (!canAnswerFor(lead, user)) throw forbidden()
  await endSnooze(lead, user._id)
  await audit({ actor: user._id, action: 'lead.snooze_ended', subject: String(person._id) })
  const { t } = textsOf(response)
  setFlash(response, { kind: 'done', bold: t('sales:flash.snoozeEnded', { name: person.name }) })
  response.redirect(303, queuePath(request) ?? `/sales/leads/${person._id}`)
}

/** `POST /sales/leads/:person/snooze/undo?change=`: the lead is as it was, in the queue or set aside. */
export const unsnooze: MemberHandler = async (request, response, user) => {
  const { person, lead } = response.locals.loaded as LoadedLead
  if (!canAnswerFor(lead, user)) throw forbidden()
  await undoSnooze(lead, user._id, Number(request.query.change))
  await audit({ actor: user._id, action: 'lead.snooze_undone', subject: String(person._id) })
  const { t } = textsOf(response)
  setFlash(response, { kind: 'done', bold: t('sales:flash.snoozeUndone', { name: person.name }) })
  response.redirect(303, queuePath(request) ?? `/sales/leads/${person._id}`)
}

/** `POST /sales/leads/:person/notes`: adds a note that everyone in sales and the CRM can read. */
export const createNote: MemberHandler = async (request, response, user) => {
  const { person } = response.locals.loaded as Loaded
  const { text, key } = (request.body ?? {}) as Record<string, unknown>
  await addLeadNote(person._id, user._id, typedText(text, maxNote), keyOf(key))
  await audit({ actor: user._id, action: 'lead.noted', subject: String(person._id) })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('sales:flash.noted') })
  response.redirect(303, afterWork(request, person))
}

/** `POST /sales/leads/:person/notes/:entry/removal`: removes a note of one's own. */
export const removeOwnNote: MemberHandler = async (request, response, user) => {
  const { person } = response.locals.loaded as Loaded
  await removeLeadNote(person._id, user._id, await readLedger(person._id), request.params.entry)
  await audit({ actor: user._id, action: 'lead.note_removed', subject: String(person._id) })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('sales:flash.noteRemoved') })
  response.redirect(303, afterWork(request, person))
}

/** `POST /sales/leads/:person/next-step`: what sales does next, and by when; without a text, it's done. */
export const updateNextStep: MemberHandler = async (request, response, user) => {
  const { person } = response.locals.loaded as LoadedLead
  const { text, due, key, done } = (request.body ?? {}) as Record<string, unknown>
  const step = done ? '' : typedText(text, maxReason)
  await setNextStep(person._id, user._id, step, dayIn(due), keyOf(key))
  await audit({ actor: user._id, action: 'lead.next_step_set', subject: String(person._id) })
  const { t } = textsOf(response)
  setFlash(response, { kind: 'done', bold: t(step ? 'sales:flash.nextStepSet' : 'sales:flash.nextStepDone') })
  response.redirect(303, afterWork(request, person))
}

/** A form of an old page, or of a program, has no key: then each submission counts. */
function keyOf(key: unknown): string {
  return typeof key === 'string' && /^[\w-]{8,40}$/.test(key) ? key : randomUUID()
}

function afterWork(request: Request, { _id }: Pick<Person, '_id'>): string {
  return `${queuePath(request) ?? `/sales/leads/${_id}`}#work`
}
