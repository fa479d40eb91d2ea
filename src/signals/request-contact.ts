import { createHash } from 'node:crypto'
import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { Events, type Event } from '../events/event'
import { eventId, record } from '../events/record'

export type ContactRequest = Event<'contact.requested'>

/**
 * Records that a person asks for a demo, a trial or a conversation, and returns what is recorded. The same request from
 * the same form is one event, so a form that is sent twice counts once. The same words in a newly opened form are a new
 * request, and so are different words.
 *
 * @param occasion identifies the form that was sent: a random value that was rendered with it.
 */
export async function requestContact(contactRequest: {
  person: Types.ObjectId
  /** The course or the live session that it was asked in; null for none in particular. */
  published: { course: Types.ObjectId | null; content: { title: string } } | null
  kind: ContactRequest['data']['kind']
  text: string
  occasion: string
  /** The demo that was booked with it. */
  demo?: ContactRequest['data']['demo']
}): Promise<ContactRequest> {
  const { person, published, kind, text, occasion, demo } = contactRequest
  // Another demo, booked after a step back in the browser, is another request.
  const sent = [occasion, text, ...(demo ? [demo.bookedAt] : [])]
  const event = {
    name: 'contact.requested' as const,
    person,
    course: published?.course ?? null,
    at: now(),
    idempotencyKey: [published?.course ?? 'none', kind, hashOf(JSON.stringify(sent))],
    data: { kind, text, title: published?.content.title ?? null, ...(demo && { demo }) },
  }
  await record(event)
  return (await Events.findById(eventId(event))) as ContactRequest
}

/** Returns the last contact request that a person made in a course, or in none in particular; null without one. */
export async function lastContactRequest(
  person: Types.ObjectId,
  course: Types.ObjectId | null,
): Promise<ContactRequest | null> {
  const [last] = await Events.find({ person, name: 'contact.requested', course }).sort({ at: -1 }).limit(1)
  return (last ?? null) as ContactRequest | null
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
