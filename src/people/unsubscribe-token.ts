import { Types } from 'mongoose'
import { isHmacOf, hmacOf } from '../platform/hmac'

/** Returns the token of a person's unsubscribe link. It works without a cookie and never expires. */
export function unsubscribeToken(person: Types.ObjectId): string {
  return `${person}.${hmacOf('unsubscribe', String(person))}`
}

/** Returns the person that a token belongs to; null for a token that we did not create. */
export function personOfToken(token: string): Types.ObjectId | null {
  const [id = '', given = ''] = token.split('.')
  if (!/^[0-9a-f]{24}$/.test(id) || !isHmacOf('unsubscribe', id, given)) return null
  return new Types.ObjectId(id)
}
