import { later, minutes, now, seconds } from '../platform/clock'
import { config } from '../platform/config'
import { log } from '../platform/log'
import { claim, settle } from '../platform/queue'
import { forgetBounce, noteBounce } from './bounce'
import { Letters, type Gate, type Letter } from './email'
import { takeTurn } from './frequency-cap'
import { post } from './transport'

const lease = minutes(2)
const mostTries = 10

/** Says whether somebody may be written to, or until when not; asked for each letter, before each try. */
export type MayReceive = (letter: Letter) => Promise<{ gate: Exclude<Gate, 'too-soon'>; until: Date | null }>

/**
 * Takes one due letter through the gate and to the mail server. True when there was one. What the server does not take is
 * tried again after 1 min, doubled up to 6 h, ten times in all; an address it refuses for good (5xx) is not.
 */
export async function sendNextLetter(mayReceive: MayReceive): Promise<boolean> {
  const letter = await claim(Letters, lease)
  if (!letter) return false
  try {
    const { gate, until } = await askGate(letter, mayReceive)
    if (gate === 'open') {
      await post(letter)
      if (config.smtpUrl) await forgetBounce(letter.to)
      await settle(Letters, letter, { dueAt: null, sentAt: now(), gate, lastError: null, ...kept(letter) })
    } else {
      // Held back is not a failed try.
      const attempts = until ? letter.attempts - 1 : letter.attempts
      await settle(Letters, letter, { dueAt: until, gate, attempts })
    }
    log.info({ letter: letter._id, gate }, gate === 'open' ? 'a letter was sent' : 'a letter was held back')
  } catch (error) {
    await putOff(letter, error as SmtpError)
  }
  return true
}

/** What nodemailer says of a letter that was not taken: the server's code, and the command it answers. */
type SmtpError = Error & { responseCode?: number; command?: string; response?: string }

/** Refused at its name and for good; 5.7 is a refusal of us, by a policy (RFC 3463), and not of the mailbox. */
function isUnknownMailbox({ responseCode = 0, command, response = '' }: SmtpError): boolean {
  return command === 'RCPT TO' && [550, 551, 553].includes(responseCode) && !/\b5\.7\.\d/.test(response)
}

async function askGate(letter: Letter, mayReceive: MayReceive): Promise<{ gate: Gate; until: Date | null }> {
  const answer = await mayReceive(letter)
  if (answer.gate !== 'open' || letter.kind !== 'marketing' || !letter.person) return answer
  const until = await takeTurn(letter.person, letter._id)
  return until ? { gate: 'too-soon', until } : answer
}

/** Of a link that opens a door only the hash is kept: once the letter is on its way, its token goes. The demo's box needs it. */
function kept({ html, text }: Letter): Partial<Letter> {
  if (!config.smtpUrl) return {}
  const withheld = (part: string) => part.replace(/\/(links|verdicts)\/[\w.-]+/g, '/$1/(withheld)')
  return { html: withheld(html), text: withheld(text) }
}

async function putOff(letter: Letter, error: SmtpError): Promise<void> {
  if (isUnknownMailbox(error)) await noteBounce(letter.to)
  const refused = error.responseCode !== undefined && error.responseCode >= 500
  const last = refused || letter.attempts >= mostTries
  const wait = Math.min(seconds(60) * 2 ** (letter.attempts - 1), minutes(360))
  log.error({ err: error, letter: letter._id, attempts: letter.attempts, last }, 'a letter was not sent')
  await settle(Letters, letter, {
    dueAt: last ? null : later(now(), wait),
    gate: 'open',
    lastError: error.message.slice(0, 500),
  })
}
