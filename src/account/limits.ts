import type { Request, Response } from 'express'
import { hashOfEmail } from '../people/email-address'
import { hmacOf } from '../platform/hmac'
import type { Form } from '../web/form'
import { limiter, perCaller, takeInTurn, type Limiter } from '../web/rate-limit'
import { textsOf } from '../web/texts'
import { deviceOf } from './known-device'

/**
 * Limits of signing in and signing up. Strangers count per address and caller together, so that nobody locks the owner
 * of an address out, and what counts for everyone together slows down instead of shutting. A browser that has signed in
 * to the account before counts on its own. Limits per caller have room for a class of 30 behind one address.
 */
const passwords = {
  stranger: limiter('sign-in-stranger', { points: 10, seconds: 900, thenEvery: 30 }),
  address: limiter('sign-in-address', { points: 100, seconds: 3600, thenEvery: 10 }),
  caller: limiter('sign-in-caller', { points: 100, seconds: 600, thenEvery: 2 }),
  device: limiter('sign-in-device', { points: 10, seconds: 900, thenEvery: 30 }),
}
const emails = {
  stranger: limiter('link-stranger', { points: 8, seconds: 3600, thenEvery: 300 }),
  caller: limiter('link-caller', { points: 200, seconds: 600, thenEvery: 3 }),
  /** Bounds the accounts that a script can add to the figures in a day. */
  callerPerDay: limiter('link-caller-day', { points: 300, seconds: 86_400, thenEvery: 300 }),
  device: limiter('link-device', { points: 8, seconds: 3600, thenEvery: 60 }),
}
/** Emails that strangers have us send to one address. */
const mailbox = limiter('mailbox', { points: 8, seconds: 3600, thenEvery: 300 })

type Attempt = {
  /** Seconds to wait; 0 when the attempt is allowed. */
  wait: number
  /** Call it when the attempt was the owner's, which doesn't count. */
  succeeded: () => Promise<void>
}

/** Counts an attempt to sign in with a password, until it turns out to be correct. */
export async function passwordAttempt(request: Request, email: string): Promise<Attempt> {
  const device = deviceOf(request, email)
  const address = hashOfEmail(email)
  const caller = perCaller(request)
  const limits: [Limiter, string][] = device
    ? [[passwords.device, device]]
    : [
        [passwords.caller, caller],
        [passwords.stranger, `${address}:${caller}`],
        [passwords.address, address],
      ]
  return {
    wait: await takeInTurn(limits),
    succeeded: async () => void (await Promise.all(limits.map(([limit, key]) => limit.giveBack(key)))),
  }
}

/**
 * Counts a request for an email to an address.
 *
 * @returns the seconds that this caller has to wait; and those until strangers may have this mailbox sent another
 * email, which is never more than five minutes after the last one. Both are 0 when the email may be sent.
 */
export async function emailAttempt(
  request: Request,
  email: string,
): Promise<{ wait: number; mailboxWait: number }> {
  const device = deviceOf(request, email)
  if (device) return { wait: await emails.device.take(device), mailboxWait: 0 }
  const address = hashOfEmail(email)
  const caller = perCaller(request)
  const wait = await takeInTurn([
    [emails.caller, caller],
    [emails.callerPerDay, hmacOf('caller', caller)],
    [emails.stranger, `${address}:${caller}`],
  ])
  return { wait, mailboxWait: wait ? 0 : await mailbox.take(address) }
}

/** Shows a form again with 429, its values, and how long to wait. */
export function refuseForNow(
  response: Response,
  view: string,
  values: Form['values'],
  seconds: number,
  page: Record<string, unknown>,
): void {
  const errors = { email: textsOf(response).t('web:errors.tooOften', { count: seconds }) }
  response.status(429).set('retry-after', String(seconds))
  response.render(view, { ...page, form: { values, errors } })
}
