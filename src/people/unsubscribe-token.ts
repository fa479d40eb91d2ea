import { createHmac, timingSafeEqual } from 'node:crypto'
import { Types } from 'mongoose'
import { config } from '../config'

/** What stands at the end of the unsubscribe link: works without a cookie, for as long as letters are kept. */
export function unsubscribeToken(person: Types.ObjectId): string {
  return `${person}.${signature(String(person))}`
}

/** Whose letters a token ends; null for one that we did not make. */
export function personOfToken(token: string): Types.ObjectId | null {
  const [id = '', signed = ''] = token.split('.')
  const right = Buffer.from(signature(id))
  const given = Buffer.from(signed)
  if (!/^[0-9a-f]{24}$/.test(id) || right.length !== given.length || !timingSafeEqual(right, given))
    return null
  return new Types.ObjectId(id)
}

function signature(id: string): string {
  return createHmac('sha256', config.sessionSecret).update(`unsubscribe:${id}`).digest('base64url')
}
