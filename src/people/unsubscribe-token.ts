import { Types } from 'mongoose'
import { isHmacOf, hmacOf } from '../platform/hmac'

/** What stands at the end of the unsubscribe link: works without a cookie, for as long as letters are kept. */
export function unsubscribeToken(person: Types.ObjectId): string {
  return `${person}.${hmacOf('unsubscribe', String(person))}`
}

/** Whose letters a token ends; null for one that we did not make. */
export function personOfToken(token: string): Types.ObjectId | null {
  const [id = '', given = ''] = token.split('.')
  if (!/^[0-9a-f]{24}$/.test(id) || !isHmacOf('unsubscribe', id, given)) return null
  return new Types.ObjectId(id)
}
