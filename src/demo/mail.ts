import type { RequestHandler } from 'express'
import { config } from '../platform/config'
import { notFound } from '../platform/errors'
import { Emails, type Email } from '../mail/email'
import type { Translate } from '../web/i18n'

const most = 100

/** The demo's mail box: every letter there is, the newest first. */
export const index: RequestHandler = async (_request, response) => {
  const letters = await Emails.find({}, { html: 0, text: 0 })
    .sort({ createdAt: -1, _id: -1 })
    .limit(most)
    .lean<Email[]>()
  response.render('demo/mail', {
    letters,
    head: { title: (response.locals.t as Translate)('demo:inbox.title'), noindex: true },
  })
}

/** One letter as plain text, its links to click on, and the way to its HTML. */
export const show: RequestHandler<{ id: string }> = async (request, response) => {
  const letter = await emailOf(request.params.id)
  response.render('demo/email', {
    letter,
    parts: leadHere(letter.text).split(/(https?:\/\/\S+)/),
    head: { title: letter.subject, noindex: true },
  })
}

/** The HTML of a letter as a mail program shows it: no page of ours, so under a policy of its own. Its styles stand in its elements. */
export const html: RequestHandler<{ id: string }> = async (request, response) => {
  const letter = await emailOf(request.params.id)
  response.set(
    'content-security-policy',
    "default-src 'none';style-src 'unsafe-inline';frame-ancestors 'none'",
  )
  response.type('html').send(leadHere(letter.html))
}

/** A letter keeps the address that the academy had when it was written; a demo on this computer may have moved to another port since. */
function leadHere(text: string): string {
  return text.replace(/http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d+(?=\/)/g, config.baseUrl)
}

async function emailOf(id: string): Promise<Email> {
  const letter = await Emails.findById(id).lean<Email>()
  if (!letter) throw notFound()
  return letter
}
