import { createHash } from 'node:crypto'
import { days, later, now } from '../platform/clock'
import { config } from '../platform/config'
import { isDuplicateKey } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import { Emails, type Email } from './email'
import { textOf } from './text-part'

export type NewEmail = Pick<Email, '_id' | 'person' | 'to' | 'kind' | 'subject' | 'html'> & {
  about?: Email['about']
  /** Needed on marketing. */
  listUnsubscribe?: string
}

/**
 * Puts a letter into the outbox, due at once. The same letter (`_id`) again changes nothing and answers false. A marketing
 * letter without a way to end it is a fault of ours, and refused.
 */
export async function queueEmail(outgoing: NewEmail): Promise<boolean> {
  if (outgoing.kind === 'marketing' && !outgoing.listUnsubscribe) {
    throw new Error(`the marketing letter ${outgoing._id} has no way to unsubscribe`)
  }
  const moment = now()
  try {
    await Emails.create({
      ...outgoing,
      listUnsubscribe: outgoing.listUnsubscribe ?? null,
      text: textOf(outgoing.html),
      createdAt: moment,
      dueAt: moment,
      messageId: messageId(outgoing._id),
      expiresAt: later(moment, outgoing.person ? retention.person : retention.stranger),
    })
  } catch (error) {
    if (isDuplicateKey(error)) return false
    throw error
  }
  wakeWorker.emit('due')
  return true
}

/** Letters are kept as long as raw events, 13 months; those to an address without an account only while they may be needed. */
const retention = { person: days(396), stranger: days(7) }

/** The same for each try of a letter, so that a mailbox that gets it twice (after a crash) shows it once. */
function messageId(id: string): string {
  return `<${createHash('sha256').update(id).digest('hex').slice(0, 40)}@${new URL(config.baseUrl).hostname}>`
}
