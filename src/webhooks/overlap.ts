import { conflict } from '../platform/errors'
import { days, hours, later, now } from '../platform/clock'
import { Endpoints, overlapEnd, type Endpoint } from './endpoint'

/** How much longer the old secret signs with each extension, and for how long after the rotation at most. */
const [extension, longestOverlap] = [hours(24), days(7)]

/** Returns when the old secret stops signing after one more extension; null when it can't be extended. */
export function extendedOverlap(endpoint: Endpoint): Date | null {
  const end = overlapEnd(endpoint)
  const rotatedAt = endpoint.secrets[0]?.createdAt
  if (!end || !rotatedAt) return null
  const latest = later(rotatedAt, longestOverlap)
  const extended = later(end, extension)
  if (end >= latest) return null
  return extended < latest ? extended : latest
}

/**
 * Has the old secret sign for another day, at most until 7 days after the rotation.
 *
 * @param seen when it would have stopped, as the page said, so that a second press doesn't extend it again.
 * @returns until when it signs.
 * @throws HttpError 409 when it no longer signs, or can't be extended.
 */
export async function extendOverlap(endpoint: Endpoint, seen: Date): Promise<Date> {
  const until = overlapEnd(endpoint)
  if (until && until > seen) return until
  const extended = extendedOverlap(endpoint)
  if (!extended) throw conflict('integrations:errors.overlapFixed')
  await setEnd(endpoint, { 'secrets.1.expiresAt': extended })
  return extended
}

/**
 * Has the old secret sign nothing any more.
 *
 * @throws HttpError 409 when it doesn't already.
 */
export async function endOverlap(endpoint: Endpoint): Promise<void> {
  if (!overlapEnd(endpoint)) throw conflict('integrations:errors.overlapFixed')
  await setEnd(endpoint, { secrets: endpoint.secrets.slice(0, 1) })
}

/** Changes the old secret, unless the secrets have been rotated since they were read. */
async function setEnd({ _id, secrets }: Endpoint, change: Record<string, unknown>): Promise<void> {
  const isSame = { _id, removedAt: null, 'secrets.0.encrypted': secrets[0]?.encrypted }
  const written = await Endpoints.updateOne(
    { ...isSame, 'secrets.1.expiresAt': { $gt: now() } },
    { $set: change },
  )
  if (!written.matchedCount) throw conflict('integrations:errors.alreadyRotated')
}
