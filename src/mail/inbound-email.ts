import { createHash } from 'node:crypto'
import { days, hours, later, minutes, now } from '../platform/clock'
import { defineQueue, doubling, wakeWorker, work, type Consumer } from '../platform/queue'
import { bytes, boolean, date, nullable, objectId, oneOf, string, type RecordOf } from '../platform/record'
import { readEmail, type ReadEmail } from './read-email'
import { readReplyAddress, type ReplyTarget } from './reply-address'

/** What became of an email. */
const results = ['posted', 'refused', 'automatic', 'bounce', 'forged'] as const
export type InboundResult = (typeof results)[number]

/** An email to a reply address, stored before it is acknowledged and read once, however often it arrives. */
export const InboundEmails = defineQueue(
  'InboundEmail',
  'inbound_emails',
  {
    /** SHA-256 of its `Message-ID` and of the address it was sent to, hex. */
    _id: string(),
    target: objectId(),
    person: objectId(),
    /** The email until it has been read. */
    raw: nullable(bytes()),
    /** The mail server before us says that its sender isn't who it names. */
    isForged: boolean(),
    receivedAt: date(),
    result: nullable(oneOf(results)),
    expiresAt: date(),
  },
  {
    queue: 'inbound-emails',
    onDiscard: { raw: null },
    indexes: [[{ person: 1, receivedAt: 1 }], [{ expiresAt: 1 }, { expireAfterSeconds: 0 }]],
  },
)
type InboundEmail = RecordOf<typeof InboundEmails>

/** The most emails of a person in an hour; more are a program's, and are dropped. */
const perHour = 60
/** How long the ids of emails are remembered, and emails that couldn't be read are kept. */
const retention = days(30)
/** How much of an email is kept, in bytes. Its text comes first, and files that come with it are left out anyway. */
export const maxKeptBytes = 1024 * 1024

/**
 * Stores an email for each reply address among its recipients, for the worker to read. The same one again changes
 * nothing, and nor does one to other addresses.
 *
 * @param raw as it came, without what is behind the first mebibyte (RFC 5322).
 */
export async function storeInboundEmail(
  recipients: readonly string[],
  raw: Buffer,
  isForged: boolean,
): Promise<void> {
  const receivedAt = now()
  const kept = raw.subarray(0, maxKeptBytes)
  for (const recipient of new Set(recipients.map(each => each.trim().toLowerCase()))) {
    const to = readReplyAddress(recipient)
    if (!to) continue
    const { person } = to
    const recent = await InboundEmails.count({ person, receivedAt: { $gt: later(receivedAt, -hours(1)) } })
    if (recent >= perHour) continue
    await InboundEmails.insertOnce({
      _id: createHash('sha256')
        .update(`${messageIdOf(kept)} ${recipient}`)
        .digest('hex'),
      ...{ ...to, raw: kept, isForged, receivedAt, dueAt: receivedAt },
      expiresAt: later(receivedAt, retention),
    })
  }
  wakeWorker.emit('due', InboundEmails.queue)
}

/** Returns an email's `Message-ID`, or else a hash of all of it. */
function messageIdOf(raw: Buffer): string {
  const [head = ''] = raw
    .subarray(0, 64 * 1024)
    .toString('latin1')
    .split(/\r?\n\r?\n/, 1)
  const [, id] = /^message-id:\s*(<[^<>\s]{1,900}>)/im.exec(head) ?? []
  return id ?? createHash('sha256').update(raw).digest('hex')
}

/** An email that was sent to a reply address. */
export type InboundReply = ReplyTarget & Pick<InboundEmail, '_id' | 'isForged'> & { email: ReadEmail }

const policy = { lease: minutes(5), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 12 }

/** The consumer of emails that have come in: reads each, hands it over, and keeps only what became of it. */
export function receiveEmails(receive: (reply: InboundReply) => Promise<InboundResult>): Consumer {
  return work(InboundEmails, policy, async ({ raw, ...stored }) => {
    if (!raw) return { raw }
    return {
      result: await receive({ ...stored, email: await readEmail(Buffer.from(raw.buffer)) }),
      raw: null,
    }
  })
}
