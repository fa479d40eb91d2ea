import type { Types } from 'mongoose'
import { Emails } from './email'
import { FrequencyCaps } from './frequency-cap'

/** Deletes what was written to somebody, or to a colleague about them, sent or not. */
export async function deleteEmailsOf(person: Types.ObjectId): Promise<void> {
  await Emails.deleteMany({ person })
  await Emails.deleteMany({ about: person })
  await FrequencyCaps.deleteOne({ _id: person })
}

/** Deletes what was written to an address without an account, such as the link to join. */
export async function deleteEmailsTo(address: string): Promise<void> {
  await Emails.deleteMany({ person: null, to: address })
}

/** Takes letters whose ids begin like this out of the outbox; what is sent is sent. */
export async function cancelEmails(beginning: string): Promise<void> {
  await Emails.deleteMany({ _id: { $gte: beginning, $lt: `${beginning}\uffff` }, sentAt: null })
}
