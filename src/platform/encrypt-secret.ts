import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { config } from '../platform/config'

/**
 * Encrypts a secret for the database with AES-256-GCM under `ENCRYPTION_KEY`. The id of its owner is the additional
 * authenticated data, so a ciphertext can't be moved to another record.
 *
 * @returns `v1.<iv>.<tag>.<ciphertext>`, each part in base64url.
 */
export function encryptSecret(secret: string, ownerId: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', config.encryptionKey, iv).setAAD(Buffer.from(ownerId))
  const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return ['v1', ...[iv, cipher.getAuthTag(), ciphertext].map(part => part.toString('base64url'))].join('.')
}

/**
 * Decrypts what `encryptSecret` returned.
 *
 * @throws Error when the key, the ciphertext or the owner's id differs.
 */
export function decryptSecret(encrypted: string, ownerId: string): string {
  const [, iv, tag, ciphertext] = encrypted.split('.').map(part => Buffer.from(part, 'base64url'))
  const decipher = createDecipheriv('aes-256-gcm', config.encryptionKey, iv!, { authTagLength: 16 })
    .setAAD(Buffer.from(ownerId))
    .setAuthTag(tag!)
  return Buffer.concat([decipher.update(ciphertext!), decipher.final()]).toString('utf8')
}
