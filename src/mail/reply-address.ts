import { timingSafeEqual } from 'node:crypto'
import { Types } from 'mongoose'
import { config } from '../platform/config'
import { hmacOf } from '../platform/hmac'

/**
 * The local part of an address may have 64 characters (RFC 5321), in which mail servers change capitals: 12 bytes of
 * what is answered, 12 of who answers and 11 of an HMAC are 56 characters of base32.
 */
const macBytes = 11
const pattern = /^reply\+([a-z2-7]{56})@([^\s@]+)$/

/** What a reply is to, such as a question, and whose it is. */
export type ReplyTarget = { target: Types.ObjectId; person: Types.ObjectId }

/**
 * Returns the address at which a person answers something by email. Only they are told it, it works without a sign-in
 * and never ends. Null without `INBOUND_DOMAIN`, when no replies are received.
 */
export function makeReplyAddress({ target, person }: ReplyTarget): string | null {
  if (!config.inbound.domain) return null
  const ids = Buffer.from(`${String(target)}${String(person)}`, 'hex')
  return `reply+${base32(Buffer.concat([ids, macOf(ids)]))}@${config.inbound.domain}`
}

/** Returns what an address of ours is for, in capitals or not; null for any other address. */
export function readReplyAddress(address: string): ReplyTarget | null {
  const [, token = '', domain] = pattern.exec(address.trim().toLowerCase()) ?? []
  if (!config.inbound.domain || domain !== config.inbound.domain) return null
  const bytes = bytesOf(token)
  const ids = bytes.subarray(0, 24)
  if (!timingSafeEqual(bytes.subarray(24), macOf(ids))) return null
  return {
    target: new Types.ObjectId(ids.subarray(0, 12)),
    person: new Types.ObjectId(ids.subarray(12)),
  }
}

function macOf(ids: Buffer): Buffer {
  return Buffer.from(hmacOf('reply', ids.toString('hex')), 'base64url').subarray(0, macBytes)
}

/** RFC 4648, in small letters. */
const letters = 'abcdefghijklmnopqrstuvwxyz234567'

function base32(bytes: Buffer): string {
  const bits = [...bytes].map(byte => byte.toString(2).padStart(8, '0')).join('')
  return bits.replace(/.{5}/g, five => letters[parseInt(five, 2)]!)
}

function bytesOf(text: string): Buffer {
  const bits = [...text].map(letter => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from(bits.match(/.{8}/g)!.map(byte => parseInt(byte, 2)))
}
