import { createHash } from 'node:crypto'
import type { Types } from 'mongoose'
import { blankWords } from '../events/blank-words'
import { Events, isNamed, type Event } from '../events/event'
import { eventId, record, type NewEvent } from '../events/record'
import { HttpError, notFound } from '../platform/errors'
import { withLock } from '../platform/lock'
import { projectLead } from './project-lead'

/** What a teammate has written about a lead. The id is that of its event. */
export type LeadNote = { id: string; text: string; by: string; at: Date }

/** The most characters of a note, and the most notes about a lead. */
export const [maxNote, maxNotes] = [2000, 200]

/** Returns the notes about a person that haven't been removed, newest first. */
export function notesOf(ledger: readonly Pick<Event, '_id' | 'name' | 'at' | 'data'>[]): LeadNote[] {
  const removed = removedNotesIn(ledger)
  return ledger
    .filter(isNamed('lead.noted'))
    .filter(({ _id }) => !removed.has(_id))
    .map(({ _id, at, data }) => ({ id: _id, text: data.text, by: data.by, at }))
    .reverse()
}

/** Returns the ids of the notes that were removed. */
export function removedNotesIn(ledger: readonly Pick<Event, 'name' | 'data'>[]): Set<string> {
  return new Set(ledger.filter(isNamed('lead.note_removed')).map(({ data }) => data.note))
}

/** A form that a browser shows again, and that is sent with other words, isn't a second click. */
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

/**
 * Adds a note about a lead. The CRM gets it too.
 *
 * @param key what the form carries, so that a second click with the same words is the same note.
 * @throws 422 for an empty note, or one more than `maxNotes` with those that were removed.
 */
export async function addLeadNote(
  person: Types.ObjectId,
  by: Types.ObjectId,
  text: string,
  key: string,
): Promise<void> {
  if (!text) throw new HttpError(422, 'sales:errors.emptyNote')
  const data = { by: String(by), text }
  const note: NewEvent<'lead.noted'> = {
    ...{ name: 'lead.noted', person, data },
    idempotencyKey: [by, key, digestOf(text)],
  }
  // Notes that are added at the same moment are counted one after another.
  await withLock('lead-notes', async () => {
    const others = { person, name: 'lead.noted', _id: { $ne: eventId(note) } } as const
    if ((await Events.count(others, maxNotes)) >= maxNotes)
      throw new HttpError(422, 'sales:errors.tooManyNotes', { maximum: maxNotes })
    await record(note)
  })
}

/**
 * Removes a note of one's own.
 *
 * @throws 404 for a note that isn't there, or is someone else's.
 */
export async function removeLeadNote(
  person: Types.ObjectId,
  by: Types.ObjectId,
  ledger: Parameters<typeof notesOf>[0],
  id: string,
): Promise<void> {
  const note = notesOf(ledger).find(each => each.id === id)
  if (note?.by !== String(by)) throw notFound()
  const data = { by: String(by), note: id }
  await record({ name: 'lead.note_removed', person, idempotencyKey: [id], data })
  await clearRemovedNote({ person, data })
}

/** Reaction to `lead.note_removed`: nobody needs the words any more, and they may be why it was removed. */
export async function clearRemovedNote({
  person,
  data,
}: Pick<Event<'lead.note_removed'>, 'person' | 'data'>): Promise<void> {
  await blankWords({ _id: data.note, person, name: 'lead.noted' }, 'text')
}

/**
 * Sets what sales does next with a lead, and by when; an empty text when it's done.
 *
 * @param due a day, `YYYY-MM-DD`; null for none.
 * @param key what the form carries, so that a second click is the same step.
 */
export async function setNextStep(
  person: Types.ObjectId,
  by: Types.ObjectId,
  text: string,
  due: string | null,
  key: string,
): Promise<void> {
  const data = { by: String(by), text, due: text ? due : null }
  await record({
    name: 'lead.next_step_set',
    person,
    idempotencyKey: [by, key, digestOf(JSON.stringify([text, data.due]))],
    data,
  })
  await projectLead({ person })
}
