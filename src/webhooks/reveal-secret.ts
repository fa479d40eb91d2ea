import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { Endpoints, type Endpoint } from './endpoint'
import { decryptSecret } from './encrypt-secret'

/** A receiver's newest secret, the first time that somebody asks; null ever after. */
export async function revealSecret(_id: Types.ObjectId): Promise<string | null> {
  const endpoint = await Endpoints.findOneAndUpdate(
    { _id, removedAt: null, secretShownAt: null },
    { $set: { secretShownAt: now() } },
  ).lean<Endpoint>()
  const newest = endpoint?.secrets[0]
  return newest ? decryptSecret(newest.sealed, String(_id)) : null
}
