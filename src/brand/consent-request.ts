import { cached, STALE_AFTER_MS } from '../platform/cached'
import { date, defineRecord, string } from '../platform/record'

/** Everybody who agreed to an earlier text of this purpose is asked again since a brand published a new one. */
const ConsentRequests = defineRecord('ConsentRequest', 'consent_requests', {
  /** The id of the brand, a colon, and the purpose. */
  _id: string(),
  purpose: string(),
  since: date(),
})

const readRequest = cached<string, Date | undefined>(STALE_AFTER_MS, async id => {
  const request = await ConsentRequests.findById(id)
  return request?.since
})

/** Returns since when a brand asks for a consent again, or undefined. */
export function askedAgainSince(brand: string, purpose: string): Promise<Date | undefined> {
  return readRequest(`${brand}:${purpose}`)
}

/** Deletes the requests of a brand that is removed. */
export async function deleteConsentRequests(brand: string): Promise<void> {
  await ConsentRequests.deleteMany({ _id: { $gte: `${brand}:`, $lt: `${brand};` } })
}

/**
 * Asks everyone who agreed before `since` again, once the new text is published. People who agreed to the text that a
 * page shows aren't asked. Asking twice changes nothing.
 */
export async function askAgain(brand: string, purpose: string, since: Date): Promise<void> {
  await ConsentRequests.updateOne(
    { _id: `${brand}:${purpose}` },
    { $set: { purpose, since } },
    { upsert: true },
  )
  readRequest.forget(`${brand}:${purpose}`)
}
