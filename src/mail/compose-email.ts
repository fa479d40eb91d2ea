/** An email in parts, as services describe one that has come in. */
export type EmailParts = {
  from: string
  to: string
  subject: string
  text: string
  html: string
  /** Every header as name and value, in their order. */
  headers: readonly (readonly [name: string, value: string])[]
  /** The names of the files that came with it. */
  attachments: readonly string[]
}

/** The headers that say who wrote an email and whether a program did; the others describe a body that is gone. */
const kept = /^(message-id|return-path|auto-submitted|precedence|list-id|x-auto(reply|respond|response))$/i

/** Returns an email as it might have come (RFC 5322), so that there is one way to read all of them. */
export async function composeEmail({ from, to, subject, text, html, ...rest }: EmailParts): Promise<Buffer> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer')
  const headers = rest.headers.filter(([name]) => kept.test(name) && !/^message-id$/i.test(name))
  const messageId = rest.headers.find(([name]) => /^message-id$/i.test(name))?.[1]
  const composed = new MailComposer({
    ...{ from, to, subject, text, messageId },
    ...(html && { html }),
    headers: headers.map(([key, value]) => ({ key, value })),
    attachments: rest.attachments.map(filename => ({ filename, content: '' })),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return composed.compile().build()
}
