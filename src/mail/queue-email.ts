import { createHash } from 'node:crypto'
import { days, later, now } from '../platform/clock'
import { config } from '../platform/config'
import { wakeWorker } from '../platform/queue'
import { normaliseLine } from '../platform/text'
import { Emails, type Email } from './email'
import { textOf } from './text-part'

export type NewEmail = Pick<Email, '_id' | 'person' | 'to' | 'kind' | 'subject' | 'html'> & {
  sender?: Email['sender']
  about?: Email['about']
  aboutEach?: Email['aboutEach']
  series?: Email['series']
  calendar?: Email['calendar']
  /** Required on marketing emails. */
  listUnsubscribe?: string
}

/**
 * Puts an email into the outbox, due immediately.
 *
 * @returns false when an email with this `_id` already exists; it stays as it is
 * @throws Error for a marketing email without an unsubscribe link
 */
export async function queueEmail(email: NewEmail): Promise<boolean> {
  if (email.kind === 'marketing' && !email.listUnsubscribe) {
    throw new Error(`The marketing email ${email._id} has no unsubscribe link`)
  }
  const createdAt = now()
  const isNew = await Emails.insertOnce({
    ...email,
    // A line break would begin another header.
    subject: normaliseLine(email.subject),
    listUnsubscribe: email.listUnsubscribe ?? null,
    text: textOf(email.html),
    createdAt,
    dueAt: createdAt,
    messageId: messageId(email),
    expiresAt: later(createdAt, email.person ? retention.person : retention.anonymous),
  })
  if (isNew) wakeWorker.emit('due', 'emails')
  return isNew
}

/**
 * Emails are stored as long as raw events, 13 months; those to an address without an account as long as a link is
 * valid.
 */
const retention = { person: days(396), anonymous: days(7) }

/**
 * Returns the same id for every attempt, so that a mailbox that receives an email twice after a crash can show it
 * once.
 */
function messageId({ _id, sender }: NewEmail): string {
  const host = sender?.host ?? new URL(config.baseUrl).hostname
  return `<${createHash('sha256').update(_id).digest('hex').slice(0, 40)}@${host}>`
}
