import type { Request } from 'express'
import { hashOfEmail } from '../people/email-address'

/** The e-mail address that was typed into a form, as a key to count by: hashed, since counts are kept in the database. */
export function prefilledEmail(request: Request): string {
  return hashOfEmail(String((request.body as { email?: unknown } | undefined)?.email ?? ''))
}
