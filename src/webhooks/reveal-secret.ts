import type { Types } from 'mongoose'
import { later, now, seconds } from '../platform/clock'
import { Endpoints } from './endpoint'
import { decryptSecret } from '../platform/encrypt-secret'

/** How long a second press of the button may follow the first. */
const doublePress = seconds(30)

/**
 * Lets `revealSecret` show a secret of the last 30 seconds again: a browser that sends a form twice doesn't show what
 * the first press led to.
 */
export async function revealAfterDoublePress(_id: Types.ObjectId): Promise<void> {
  const since = later(now(), -doublePress)
  await Endpoints.updateOne({ _id, 'secrets.0.createdAt': { $gt: since } }, { $set: { secretShownAt: null } })
}

/** Returns an endpoint's newest secret on the first call; null after that. */
export async function revealSecret(_id: Types.ObjectId): Promise<string | null> {
  const endpoint = await Endpoints.findOneAndUpdate(
    { _id, removedAt: null, secretShownAt: null },
    { $set: { secretShownAt: now() } },
  )
  const newest = endpoint?.secrets[0]
  return newest ? decryptSecret(newest.encrypted, String(_id)) : null
}
