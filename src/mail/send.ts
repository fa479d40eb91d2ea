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

/** Says whether somebody may be written to, or until when not; asked for each letter, before each try. */
export type MayReceive = (
  letter: Email,
) => Promise<{ decision: Exclude<SendDecision, 'too-soon'>; retryAt: Date | null }>

/**
 * Takes one due letter through the gate and to the mail server. True when there was one. What the server does not take is
 * tried again after 1 min, doubled up to 6 h, ten times in all; an address it refuses for good (5xx) is not.
 */
export async function sendNextEmail(mayReceive: MayReceive): Promise<boolean> {
  const letter = await claim(Emails, lease)
  if (!letter) return false
  try {
    const { decision, retryAt } = await decide(letter, mayReceive)
    if (decision === 'open') {
      await deliverEmail(letter)
      if (config.smtpUrl) await clearBounce(letter.to)
      await complete(Emails, letter, {
        dueAt: null,
        sentAt: now(),
        sendDecision: decision,
        lastError: null,
        ...withoutTokens(letter),
      })
    } else {
      // Held back is not a failed try.
      const attempts = retryAt ? letter.attempts - 1 : letter.attempts
      await complete(Emails, letter, { dueAt: retryAt, sendDecision: decision, attempts })
    }
    log.info(
      { email: letter._id, decision },
      decision === 'open' ? 'a letter was sent' : 'a letter was held back',
    )
  } catch (error) {
    await reschedule(letter, error as SmtpError)
  }
  return true
}

/** What nodemailer says of a letter that was not taken: the server's code, and the command it answers. */
type SmtpError = Error & { responseCode?: number; command?: string; response?: string }

/** Refused at its name and for good; 5.7 is a refusal of us, by a policy (RFC 3463), and not of the mailbox. */
function isUnknownMailbox({ responseCode = 0, command, response = '' }: SmtpError): boolean {
  return command === 'RCPT TO' && [550, 551, 553].includes(responseCode) && !/\b5\.7\.\d/.test(response)
}

async function decide(
  letter: Email,
  mayReceive: MayReceive,
): Promise<{ decision: SendDecision; retryAt: Date | null }> {
  const answer = await mayReceive(letter)
  if (answer.decision !== 'open' || letter.kind !== 'marketing' || !letter.person) return answer
  const retryAt = await claimSendSlot(letter.person, letter._id)
  return retryAt ? { decision: 'too-soon', retryAt } : answer
}

/** Of a link that opens a door only the hash is kept: once the letter is on its way, its token goes. The demo's box needs it. */
function withoutTokens({ html, text }: Email): Partial<Email> {
  if (!config.smtpUrl) return {}
  const withheld = (part: string) => part.replace(/\/(links|lead-actions)\/[\w.-]+/g, '/$1/(withheld)')
  return { html: withheld(html), text: withheld(text) }
}

async function reschedule(letter: Email, error: SmtpError): Promise<void> {
  if (isUnknownMailbox(error)) await recordBounce(letter.to)
  const refused = error.responseCode !== undefined && error.responseCode >= 500
  const last = refused || letter.attempts >= maxAttempts
  const wait = Math.min(seconds(60) * 2 ** (letter.attempts - 1), minutes(360))
  log.error({ err: error, letter: letter._id, attempts: letter.attempts, last }, 'a letter was not sent')
  await complete(Emails, letter, {
    dueAt: last ? null : later(now(), wait),
    sendDecision: 'open',
    lastError: error.message.slice(0, 500),
  })
}
