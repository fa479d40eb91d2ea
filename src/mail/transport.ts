import type { Transporter } from 'nodemailer'
import { config } from '../platform/config'
import type { Email } from './email'

let open: { url: string; transport: Transporter } | undefined

/**
 * Hands a letter to the mail server of `SMTP_URL`; comes back once the server has taken it. In the demo without one it
 * stays in the box of /demo/mail.
 */
export async function deliverEmail(letter: Email): Promise<void> {
  const url = config.smtpUrl
  if (!url) return
  if (open?.url !== url) {
    const { createTransport } = await import('nodemailer')
    closeTransport()
    open = { url, transport: createTransport({ url, pool: true, maxConnections: 2, ...waits } as never) }
  }
  await open!.transport.sendMail({
    from: letter.kind === 'marketing' ? marketingSender(config.mailFrom) : config.mailFrom,
    to: letter.to,
    subject: letter.subject,
    text: letter.text,
    html: letter.html,
    messageId: letter.messageId,
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(letter.listUnsubscribe
        ? {
            'List-Unsubscribe': `<${letter.listUnsubscribe}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }
        : {}),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

/** Milliseconds: shorter than the letter's lease, so that a silent server cannot make two workers send the same. */
const waits = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 }

/** Ends the connections to the mail server, at the end of the process. */
export function closeTransport(): void {
  open?.transport.close()
  open = undefined
}

/** `news@` of the same domain: a mailbox that filters promotion must not lose a sign-in link with it. */
function marketingSender(sender: string): string {
  return sender.replace(/[^<\s@]+@/, 'news@')
}
