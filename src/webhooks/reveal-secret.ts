import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { Endpoints } from './endpoint'
import { decryptSecret } from './encrypt-secret'

/** Returns an endpoint's newest secret on the first call; null after that. */
export async function revealSecret(_id: Types.ObjectId): Promise<string | null> {
  const endpoint = await Endpoints.findOneAndUpdate(
    { _id, removedAt: null, secretShownAt: null },
    { $set: { secretShownAt: now() } },
  )
  const newest = endpoint?.secrets[0]
  return newest ? decryptSecret(newest.encrypted, String(_id)) : null
}
