import { createHash } from 'node:crypto'
import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { Published } from '../courses/published'
import { record } from '../events/record'

/**
 * Records that a person asks for a demo, a trial or a conversation. The same request with the same text on the same day
 * (UTC) is one event, so a form that is sent twice counts once; a different text is another event.
 */
export async function requestContact(contactRequest: {
  person: Types.ObjectId
  published: Published
  kind: 'demo' | 'trial' | 'contact'
  text: string
}): Promise<void> {
  const { person, published, kind, text } = contactRequest
  const moment = now()
  await record({
    name: 'contact.requested',
    person,
    course: published.course,
    at: moment,
    idempotencyKey: [published.course, kind, moment.toISOString().slice(0, 10), hashOf(text)],
    data: { kind, text, title: published.content.title },
  })
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
