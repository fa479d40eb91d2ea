import { z } from 'zod'
import { companyOf } from '../people/company'
import { normaliseEmail } from '../people/email-address'
import {
  lengthOfPassword,
  maxPasswordLength,
  minPasswordLength,
  preparePassword,
  weakness,
} from '../people/password'

/**
 * A new password, in the form that is hashed: long enough, without rules about which characters it has (NIST SP
 * 800-63B). `refuseWeakPassword` refuses one that is easy to guess.
 */
export const newPassword = z
  .string({ error: 'account:errors.password' })
  .min(1, { error: 'account:errors.password', abort: true })
  .transform((typed, context) => {
    const password = preparePassword(typed)
    const length = lengthOfPassword(password ?? typed)
    const refuse = (message: string, params = {}) => {
      context.issues.push({ code: 'custom', input: typed, message, params: { length, ...params } })
      return z.NEVER
    }
    if (password === null) return refuse('web:errors.tooLong', { maximum: maxPasswordLength })
    if (length < minPasswordLength) {
      return refuse('account:errors.passwordShort', { minimum: minPasswordLength })
    }
    return /\p{Cc}/u.test(password) ? refuse('account:errors.passwordControl') : password
  })

/** Reports a password that someone who knows its owner, or a list of common ones, would try first, and says why. */
export function refuseWeakPassword(
  { value, issues }: z.core.ParsePayload<{ password: string }>,
  typedEmail: string,
  name: string,
  academy: string,
): void {
  const email = normaliseEmail(typedEmail)
  const { company } = companyOf(email)
  const found = weakness(value.password, { email, name, company: company?.name ?? null, academy })
  if (!found) return
  const message = `account:errors.passwordWeak.${found}`
  issues.push({ code: 'custom', input: value.password, path: ['password'], message })
}
