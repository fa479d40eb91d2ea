import { currentEndpoints, liveSecrets, type Endpoint } from './endpoint'
import { verificationError } from './sign'

/**
 * The receiver that signed a message to us, with the secret that it shares with us for messages in both directions; or why nobody
 * of ours did. A paused one may still speak.
 */
export async function verifySender(
  headers: Record<string, string | string[] | undefined>,
  body: string,
): Promise<Endpoint | 'headers' | 'timestamp' | 'signature'> {
  const apart = verificationError(headers, body, [])
  if (apart === 'headers' || apart === 'timestamp') return apart
  for (const endpoint of await currentEndpoints()) {
    if (verificationError(headers, body, liveSecrets(endpoint)) === null) return endpoint
  }
  return 'signature'
}
