import { createHash } from 'node:crypto'
import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { Published } from '../courses/published'
import { record } from '../events/record'

/**
 * Somebody asks to be talked to: a demo, a trial, or a contact. The same wish in the same words on the same day is one event, so a
 * form that is sent twice is one raised hand; who writes something else the second time is heard twice.
 */
export async function requestContact(hand: {
  person: Types.ObjectId
  published: Published
  kind: 'demo' | 'trial' | 'contact'
  text: string
}): Promise<void> {
  const { person, published, kind, text } = hand
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
