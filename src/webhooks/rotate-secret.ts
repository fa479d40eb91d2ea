import { conflict } from '../platform/errors'
import { Endpoints, rotatedSecrets, storedSecret, type Endpoint } from './endpoint'

/**
 * Gives an endpoint a new secret, which `revealSecret` shows once. The previous secret still signs for 24 h, unless
 * `expireNow` is true because it has leaked.
 *
 * @throws HttpError 409 when a teammate has rotated the secret at the same moment.
 */
export async function rotateSecret(endpoint: Endpoint, expireNow = false): Promise<void> {
  const secrets = rotatedSecrets(endpoint, storedSecret(endpoint._id), expireNow ? 0 : undefined)
  const written = await Endpoints.updateOne(
    { _id: endpoint._id, removedAt: null, 'secrets.0.encrypted': endpoint.secrets[0]?.encrypted },
    { $set: { secrets, secretShownAt: null } },
  )
  if (!written.matchedCount) throw conflict('integrations:errors.alreadyRotated')
}
