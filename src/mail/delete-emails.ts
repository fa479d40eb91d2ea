import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import { Emails, withoutBody } from './email'
import { FrequencyCaps } from './frequency-cap'
import { InboundEmails } from './inbound-email'

/** Deletes every email to a person or from them, and every email to staff about them, sent or not. */
export async function deleteEmailsOf(person: Types.ObjectId): Promise<void> {
  await Emails.deleteMany({ person })
  // MongoDB uses a partial index only when the query states its condition.
  await Emails.deleteMany({ about: { $type: 'objectId', $eq: person } })
  await Emails.deleteMany({ aboutEach: { $type: 'objectId', $eq: person } })
  await InboundEmails.deleteMany({ person })
  await FrequencyCaps.deleteOne({ _id: person })
}

/** Deletes every email to an address without an account, such as a sign-up link. */
export async function deleteEmailsTo(address: string): Promise<void> {
  await Emails.deleteMany({ person: null, to: address })
}

/** Deletes unsent emails whose ids start with a prefix. */
export async function cancelEmails(prefix: string): Promise<void> {
  await Emails.deleteMany({ _id: { $gte: prefix, $lt: `${prefix}\uffff` }, sentAt: null })
}

/**
 * Gives up on emails that failed a week ago: their links have expired. What stays is that there was an email, and its
 * error.
 */
export async function discardOldFailures(): Promise<void> {
  await Emails.updateMany(
    { failedAt: { $type: 'date', $lt: later(now(), -days(7)) } },
    { $set: { ...withoutBody, failedAt: null } },
  )
}
