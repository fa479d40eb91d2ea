import type { Types } from 'mongoose'
import { Letters } from './email'
import { Paces } from './frequency-cap'

/** Deletes what was written to somebody, or to a colleague about them, sent or not. */
export async function forgetLetters(person: Types.ObjectId): Promise<void> {
  await Letters.deleteMany({ person })
  await Letters.deleteMany({ about: person })
  await Paces.deleteOne({ _id: person })
}

/** Deletes what was written to an address without an account, such as the link to join. */
export async function forgetLettersTo(address: string): Promise<void> {
  await Letters.deleteMany({ person: null, to: address })
}

/** Takes letters whose ids begin like this out of the outbox; what is sent is sent. */
export async function takeBackLetters(beginning: string): Promise<void> {
  await Letters.deleteMany({ _id: { $gte: beginning, $lt: `${beginning}\uffff` }, sentAt: null })
}
