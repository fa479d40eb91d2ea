import type { Request } from 'express'
import { hashOfEmail } from '../people/email-address'

/** Returns the rate-limit key of the email address in a form: its hash, since counts are stored in the database. */
export function perEmail(request: Request): string {
  return hashOfEmail(String((request.body as { email?: unknown } | undefined)?.email ?? ''))
}
