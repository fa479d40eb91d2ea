import type { IncomingHttpHeaders } from 'node:http'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import { currentEndpoints, liveSecrets, type Endpoint } from './endpoint'
import type { SignedHeaders } from './sign'

/** The longest `webhook-id` that is accepted. */
const maxId = 200

/**
 * Finds the endpoint that signed an inbound message. An endpoint signs with the same secret that we sign with. A
 * paused endpoint may still send.
 *
 * @returns the endpoint; or why the message isn't trusted: a header is missing or malformed, its timestamp differs from
 * the machine's clock by more than 300 s, or none of its signatures was made with an endpoint's secret.
 */
export async function verifySender(
  headers: IncomingHttpHeaders,
  body: string,
): Promise<Endpoint | 'headers' | 'timestamp' | 'signature'> {
  const signed = signedHeadersOf(headers)
  if (!signed) return 'headers'
  for (const endpoint of await currentEndpoints()) {
    for (const secret of liveSecrets(endpoint)) {
      const error = verificationError(signed, body, secret)
      if (error !== 'signature') return error ?? endpoint
    }
  }
  return 'signature'
}

function signedHeadersOf({
  'webhook-id': id,
  'webhook-timestamp': sentAt,
  'webhook-signature': signatures,
}: IncomingHttpHeaders): SignedHeaders | null {
  if (typeof id !== 'string' || typeof sentAt !== 'string' || typeof signatures !== 'string') return null
  if (!id || id.length > maxId || !/^\d{1,12}$/.test(sentAt)) return null
  return { 'webhook-id': id, 'webhook-timestamp': sentAt, 'webhook-signature': signatures }
}

/** Returns what is wrong with a message that one secret should have signed, or null. */
function verificationError(headers: SignedHeaders, body: string, secret: string) {
  try {
    new Webhook(secret).verify(body, headers, { jsonParse: false })
    return null
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error
    return error.message.startsWith('Message timestamp') ? 'timestamp' : 'signature'
  }
}
