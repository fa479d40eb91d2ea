import { config } from '../platform/config'
import { notFound } from '../platform/errors'
import { Emails, type Email } from '../mail/email'
import type { Handler } from '../web/handler'
import { textsOf, type Texts } from '../web/texts'

const maxEmails = 100

/** The demo inbox: the latest emails to anyone, newest first. */
export const index: Handler = async (_request, response) => {
  const texts = textsOf(response)
  const emails = await Emails.find({}, { html: 0, text: 0 }).sort({ createdAt: -1, _id: -1 }).limit(maxEmails)
  response.render('demo/inbox', {
    head: { title: texts.t('demo:inbox.title'), noindex: true },
    lede: texts.t('demo:inbox.lede', { count: emails.length }),
    emails: emails.map(email => ({
      href: pathOf(email),
      subject: email.subject,
      to: email.to,
      sent: sentAtOf(email, texts),
    })),
  })
}

/** One email as plain text with clickable links, and a link to its HTML. */
export const show: Handler = async (request, response) => {
  const texts = textsOf(response)
  const email = await emailOf(request.params.id)
  response.render('demo/email', {
    head: { title: email.subject, noindex: true },
    subject: email.subject,
    to: email.to,
    sent: sentAtOf(email, texts),
    kind: texts.t(`demo:inbox.kinds.${email.kind}`),
    parts: withCurrentOrigin(email.text)
      .split(/(https?:\/\/[^\s<>]+)/)
      .map(text => ({ text, isLink: /^https?:/.test(text) })),
    htmlHref: `${pathOf(email)}/html`,
  })
}

/** The HTML of an email, as an email client shows it. It has inline styles, so it gets its own security policy. */
export const html: Handler = async (request, response) => {
  const email = await emailOf(request.params.id)
  response.set(
    'content-security-policy',
    "default-src 'none';style-src 'unsafe-inline';frame-ancestors 'none'",
  )
  response.type('html').send(withCurrentOrigin(email.html))
}

/** Updates the port of links in stored emails: a demo on this computer may run on a different port than before. */
function withCurrentOrigin(text: string): string {
  const { port } = new URL(config.baseUrl)
  return text
    .replace(/http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d+(?=\/)/g, config.baseUrl)
    .replace(/(http:\/\/[\w.-]+\.localhost):\d+(?=\/)/g, `$1:${port}`)
}

/** When an email was sent, or why it wasn't. */
function sentAtOf(
  { sentAt, dueAt, sendDecision }: Pick<Email, 'sentAt' | 'dueAt' | 'sendDecision'>,
  { t, date }: Texts,
): string {
  if (sentAt) return date(sentAt, 'full')
  return t(`demo:inbox.sendDecision.${dueAt ? 'waiting' : sendDecision}`)
}

function pathOf({ _id }: Pick<Email, '_id'>): string {
  return `/demo/mail/${encodeURIComponent(_id)}`
}

async function emailOf(id: string): Promise<Email> {
  const email = await Emails.findById(id)
  if (!email) throw notFound()
  return email
}
