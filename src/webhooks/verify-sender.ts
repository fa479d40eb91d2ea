import { currentEndpoints, liveSecrets, type Endpoint } from './endpoint'
import { verificationError } from './sign'

/**
 * Finds the endpoint that signed an inbound message. An endpoint signs with the same secret that we sign with. A
 * paused endpoint may still send.
 *
 * @returns the endpoint; or why the message isn't trusted, as in `verificationError`.
 */
export async function verifySender(
  headers: Record<string, string | string[] | undefined>,
  body: string,
): Promise<Endpoint | 'headers' | 'timestamp' | 'signature'> {
  const error = verificationError(headers, body, [])
  if (error === 'headers' || error === 'timestamp') return error
  for (const endpoint of await currentEndpoints()) {
    if (verificationError(headers, body, liveSecrets(endpoint)) === null) return endpoint
  }
  return 'signature'
}
