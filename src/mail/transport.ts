import type { Transporter } from 'nodemailer'
import type SMTPPool from 'nodemailer/lib/smtp-pool'
import { config } from '../platform/config'
import type { Email } from './email'

let open: { url: string; transport: Transporter } | undefined

/**
 * Hands an email to the mail server of `SMTP_URL` and resolves once the server has accepted it. Without `SMTP_URL`,
 * as in the demo, the email only shows in the demo inbox.
 */
export async function deliverEmail(email: Email): Promise<void> {
  const transport = await openTransport()
  await transport?.sendMail({
    from: fromOf(email),
    ...(email.sender?.replyTo && { replyTo: email.sender.replyTo }),
    to: email.to,
    subject: email.subject,
    text: email.text,
    html: email.html,
    messageId: email.messageId,
    ...(email.calendar && {
      icalEvent: { method: email.calendar.method, content: email.calendar.text, filename: 'invitation.ics' },
    }),
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(email.listUnsubscribe
        ? {
            'List-Unsubscribe': `<${email.listUnsubscribe}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }
        : {}),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

/**
 * Connects to the mail server and signs in, without sending anything.
 *
 * @returns false without `SMTP_URL`, when there is no server.
 * @throws nodemailer's error, whose `code` says what failed: `EAUTH`, `EDNS`, `ETIMEDOUT`, `ETLS` and so on.
 */
export async function verifyMailServer(): Promise<boolean> {
  const transport = await openTransport()
  return transport ? transport.verify() : false
}

async function openTransport(): Promise<Transporter | null> {
  const url = config.smtpUrl
  if (!url) return null
  if (open?.url !== url) {
    const { createTransport } = await import('nodemailer')
    closeTransport()
    open = {
      url,
      transport: createTransport({ url, pool: true, maxConnections: 4, ...timeouts } as SMTPPool.Options),
    }
  }
  return open.transport
}

/**
 * Milliseconds. Shorter than the email's lease, so that a silent server cannot make two workers send the same email.
 */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 }

/** Closes the connections to the mail server when the process ends. */
export function closeTransport(): void {
  open?.transport.close()
  open = undefined
}

/** Returns the sender's own address, or that of `MAIL_FROM`, with the academy's own name where the email has one. */
function fromOf({ kind, sender }: Email): string | { name: string; address: string } {
  const own = sender?.address ?? config.mailFrom
  const from = kind === 'marketing' ? marketingSender(own) : own
  const address = /<([^>]+)>/.exec(from)?.[1] ?? from.trim()
  return sender ? { name: sender.name, address } : from
}

/** Returns `news@` of the same domain, so that a filter for marketing cannot hide sign-in links too. */
function marketingSender(sender: string): string {
  return sender.replace(/[^<\s@]+@/, 'news@')
}
