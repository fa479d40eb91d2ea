import { later, minutes, now, seconds } from '../platform/clock'
import { config } from '../platform/config'
import { log } from '../platform/log'
import { claim, complete } from '../platform/queue'
import { clearBounce, recordBounce } from './bounce'
import { Emails, type SendDecision, type Email } from './email'
import { claimSendSlot } from './frequency-cap'
import { deliverEmail } from './transport'

const lease = minutes(2)
const maxAttempts = 10

/** Decides whether an email may be sent now, or when to try again. */
export type DecideSending = (
  email: Email,
) => Promise<{ decision: Exclude<SendDecision, 'too-soon'>; retryAt: Date | null }>

/**
 * Sends one due email, if it may be sent now. An email that the server does not accept is retried after 1 minute,
 * doubling up to 6 hours, 10 attempts in all. A permanent refusal (5xx) is not retried.
 *
 * @returns false when no email is due
 */
export async function sendNextEmail(decideSending: DecideSending): Promise<boolean> {
  const email = await claim(Emails, lease)
  if (!email) return false
  try {
    const { decision, retryAt } = await decide(email, decideSending)
    if (decision === 'open') {
      await deliverEmail(email)
      if (config.smtpUrl) await clearBounce(email.to)
      await complete(Emails, email, {
        dueAt: null,
        sentAt: now(),
        sendDecision: decision,
        lastError: null,
        ...withoutTokens(email),
      })
    } else {
      // Waiting is not a failed attempt.
      const attempts = retryAt ? email.attempts - 1 : email.attempts
      await complete(Emails, email, { dueAt: retryAt, sendDecision: decision, attempts })
    }
    log.info({ email: email._id, decision }, decision === 'open' ? 'email sent' : 'email held back')
  } catch (error) {
    await reschedule(email, error as SmtpError)
  }
  return true
}

/** A nodemailer error: the server's reply code, and the SMTP command it replied to. */
type SmtpError = Error & { responseCode?: number; command?: string; response?: string }

/** True when the server does not know the mailbox. 5.7 is a refusal of the sender by policy (RFC 3463). */
function isUnknownMailbox({ responseCode = 0, command, response = '' }: SmtpError): boolean {
  return command === 'RCPT TO' && [550, 551, 553].includes(responseCode) && !/\b5\.7\.\d/.test(response)
}

async function decide(
  email: Email,
  decideSending: DecideSending,
): Promise<{ decision: SendDecision; retryAt: Date | null }> {
  const answer = await decideSending(email)
  if (answer.decision !== 'open' || email.kind !== 'marketing' || !email.person) return answer
  const retryAt = await claimSendSlot(email.person, email._id)
  return retryAt ? { decision: 'too-soon', retryAt } : answer
}

/** Removes the tokens of sign-in and lead-action links from a sent email. The demo keeps them, for its inbox. */
function withoutTokens({ html, text }: Email): Partial<Email> {
  if (!config.smtpUrl) return {}
  const hideTokens = (part: string) => part.replace(/\/(links|lead-actions)\/[\w.-]+/g, '/$1/(withheld)')
  return { html: hideTokens(html), text: hideTokens(text) }
}

async function reschedule(email: Email, error: SmtpError): Promise<void> {
  if (isUnknownMailbox(error)) await recordBounce(email.to)
  const isRefused = error.responseCode !== undefined && error.responseCode >= 500
  const isFinal = isRefused || email.attempts >= maxAttempts
  const wait = Math.min(seconds(60) * 2 ** (email.attempts - 1), minutes(360))
  log.error({ err: error, email: email._id, attempts: email.attempts, isFinal }, 'could not send an email')
  await complete(Emails, email, {
    dueAt: isFinal ? null : later(now(), wait),
    sendDecision: 'open',
    lastError: error.message.slice(0, 500),
  })
}
