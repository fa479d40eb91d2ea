import { conflict } from '../platform/errors'
import { Endpoints, rotatedSecrets, storedSecret, type Endpoint } from './endpoint'

/**
 * Makes a new secret (see show-secret.ts). The one before signs along for 24 h, unless it has leaked: then `atOnce`. Refuses
 * (409) when somebody else has rotated in the same moment.
 */
export async function rotateSecret(endpoint: Endpoint, atOnce = false): Promise<void> {
  const secrets = rotatedSecrets(endpoint, storedSecret(endpoint._id), atOnce ? 0 : undefined)
  const written = await Endpoints.updateOne(
    { _id: endpoint._id, removedAt: null, 'secrets.0.sealed': endpoint.secrets[0]?.sealed },
    { $set: { secrets, secretShownAt: null } },
  )
  if (!written.matchedCount) throw conflict('integrations:errors.alreadyRotated')
}
