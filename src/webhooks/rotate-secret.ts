import { conflict } from '../platform/errors'
import { Endpoints, rotatedSecrets, storedSecret, type Endpoint } from './endpoint'
import { revealAfterDoublePress } from './reveal-secret'

/**
 * Gives an endpoint a new secret, which `revealSecret` shows once. The previous secret still signs for 24 h, unless
 * `expireNow` is true because it has leaked.
 *
 * @param options.submission identifies the press of the button.
 * @returns false when the same press has already rotated it.
 * @throws HttpError 409 when a teammate has rotated the secret at the same moment.
 */
export async function rotateSecret(
  endpoint: Endpoint,
  { submission = null, expireNow = false }: { submission?: string | null; expireNow?: boolean } = {},
): Promise<boolean> {
  const { _id } = endpoint
  const isPressedTwice = async () => {
    if (submission === null) return false
    const isRotated = await Endpoints.exists({ _id, 'secrets.0.submission': submission })
    if (isRotated) await revealAfterDoublePress(_id)
    return isRotated
  }
  if (await isPressedTwice()) return false
  const newest = { ...storedSecret(_id), submission }
  const secrets = rotatedSecrets(endpoint, newest, expireNow ? 0 : undefined)
  const written = await Endpoints.updateOne(
    { _id, removedAt: null, 'secrets.0.encrypted': endpoint.secrets[0]?.encrypted },
    { $set: { secrets, secretShownAt: null } },
  )
  if (written.matchedCount) return true
  if (await isPressedTwice()) return false
  throw conflict('integrations:errors.alreadyRotated')
}
