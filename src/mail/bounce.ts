import { createHash } from 'node:crypto'
import { days, later, now } from '../platform/clock'
import { date, defineRecord, string } from '../platform/record'

/** A mailbox that its server has refused for good. Stored as a hash of the address, for as long as emails are. */
const Bounces = defineRecord(
  'Bounce',
  'bounces',
  {
    /** SHA-256 of the address in lower case, hex. */
    _id: string(),
    at: date(),
    expiresAt: date(),
  },
  { indexes: [[{ expiresAt: 1 }, { expireAfterSeconds: 0 }]] },
)

/** Records that a mailbox does not exist. It gets no more marketing. */
export async function recordBounce(address: string): Promise<void> {
  const at = now()
  await Bounces.updateOne(
    { _id: hashOf(address) },
    { $set: { at, expiresAt: later(at, days(396)) } },
    { upsert: true },
  )
}

/** Clears a bounce, because an email was accepted after all: the mailbox exists again. */
export async function clearBounce(address: string): Promise<void> {
  await Bounces.deleteOne({ _id: hashOf(address) })
}

/** True when the last email to an address bounced. */
export async function hasBounced(address: string): Promise<boolean> {
  return Bounces.exists({ _id: hashOf(address) })
}

function hashOf(address: string): string {
  return createHash('sha256').update(address.trim().toLowerCase()).digest('hex')
}
