import { minutes, now } from '../platform/clock'
import { config } from '../platform/config'
import { log } from '../platform/log'
import { withoutSecrets } from '../platform/secret-routes'
import { workInOrder } from '../platform/ordered-work'
import { doubling, type Consumer } from '../platform/queue'
import { clearBounce, recordBounce } from './bounce'
import { Emails, withoutTokens, type SendDecision, type Email } from './email'
import { claimSendSlot } from './frequency-cap'
import { deliverEmail } from './transport'

/** Decides whether an email may be sent now, or when to try again. */
export type DecideSending = (
  email: Email,
) => Promise<{ decision: Exclude<SendDecision, 'too-soon' | 'overtaken'>; retryAt: Date | null }>

/**
 * Creates the consumer that sends emails, each when it may be sent. An email that the server does not accept is retried
 * after 1 minute, doubling up to 6 hours, 10 attempts in all. A permanent refusal (5xx) is not retried.
 */
export function sendEmails(decideSending: DecideSending): Consumer {
  return workInOrder(Emails, { ...policy, isPermanent, onFailure }, async email => {
    const { decision, retryAt } = await decide(email, decideSending)
    log.info({ email: email._id, decision }, decision === 'open' ? 'sending an email' : 'email held back')
    // Waiting is not a failed attempt: `work` resets them for what is due again.
    if (decision !== 'open') {
      return { dueAt: retryAt, sendDecision: decision, ...(retryAt ? {} : withoutTokens(email)) }
    }
    try {
      await deliverEmail(email)
    } catch (error) {
      if (!isUnknownMailbox(error as SmtpError)) throw error
      // Neither another attempt nor an administrator could help: the person has to provide another address.
      await recordBounce(email.to)
      const lastError = withoutSecrets((error as Error).message).slice(0, 500)
      return { dueAt: null, sendDecision: decision, lastError, ...withoutTokens(email) }
    }
    if (config.smtpUrl) await clearBounce(email.to)
    return { sentAt: now(), sendDecision: decision, ...withoutTokens(email) }
  })
}

const policy = {
  lease: minutes(2),
  backoff: doubling(minutes(1), minutes(360)),
  maxAttempts: 10,
  atOnce: 4,
  inOrderOf: ({ to }: Pick<Email, 'to'>) => to,
  keyField: 'to' as const,
}
const isPermanent = ({ responseCode = 0 }: SmtpError) => responseCode >= 500
const onFailure = () => ({ sendDecision: 'open' as const })

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
  if (await isOvertaken(email)) return { decision: 'overtaken', retryAt: null }
  const answer = await decideSending(email)
  if (answer.decision !== 'open' || email.kind !== 'marketing' || !email.person) return answer
  const retryAt = await claimSendSlot(email.person, email._id)
  return retryAt ? { decision: 'too-soon', retryAt } : answer
}

/** Whether a newer email of its series exists. An older one, sent late by a retry, would contradict it. */
async function isOvertaken({ series }: Email): Promise<boolean> {
  if (!series) return false
  // MongoDB uses a partial index only when the query states its condition.
  const name = { $type: 'string' as const, $eq: series.name }
  return Emails.exists({ 'series.name': name, 'series.number': { $gt: series.number } })
}
