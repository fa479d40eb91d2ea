import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { config } from '../platform/config'

/**
 * Encrypts a secret for the database with AES-256-GCM under `ENCRYPTION_KEY`: `v1.<iv>.<tag>.<ciphertext>`, base64url. `about`
 * (the id of what it belongs to) is bound to it, so that a ciphertext cannot be moved to another record.
 */
export function encryptSecret(secret: string, about: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', config.encryptionKey, iv).setAAD(Buffer.from(about))
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return ['v1', ...[iv, cipher.getAuthTag(), text].map(part => part.toString('base64url'))].join('.')
}

/** The secret again. Throws when the key, the text or `about` is another one. */
export function decryptSecret(sealed: string, about: string): string {
  const [, iv, tag, text] = sealed.split('.').map(part => Buffer.from(part, 'base64url'))
  const decipher = createDecipheriv('aes-256-gcm', config.encryptionKey, iv!, { authTagLength: 16 })
    .setAAD(Buffer.from(about))
    .setAuthTag(tag!)
  return Buffer.concat([decipher.update(text!), decipher.final()]).toString('utf8')
}
