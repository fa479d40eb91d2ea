import { isObjectIdOrHexString, Types } from 'mongoose'
import { setFeedbackEmails } from '../community/feedback-emails'
import { stopFollowing } from '../community/vote'
import { stopReminders } from '../learning/goal'
import { setDigest } from '../community/digest-queue'
import { notFound } from '../platform/errors'
import { secretPath, secretRoutes } from '../platform/secret-routes'
import { objectToMarketing } from '../people/object-to-marketing'
import { People, type Person } from '../people/person'
import { suppress } from '../people/suppression'
import { personOfToken } from '../people/unsubscribe-token'
import { withdrawConsent } from '../people/withdraw-consent'
import type { Handler } from '../web/handler'
import { textsOf } from '../web/texts'

/** Emails that a link of their own ends. */
const kinds = ['dates', 'feedback', 'groups', 'question'] as const
type Kind = (typeof kinds)[number]

/** Puts the person that the token in the URL belongs to into `response.locals.recipient`, or responds with 404. */
export const load: Handler = async (request, response) => {
  const id = personOfToken(request.params.token)
  const person = id && (await People.findOne({ _id: id }))
  if (!person) throw notFound()
  const { t } = textsOf(response)
  const path = secretPath(secretRoutes.unsubscribe, request.params.token)
  const about = kinds.find(each => each === request.query.what)
  const key = about ? `account:unsubscribe.${about}.ask` : 'account:unsubscribe'
  const thread =
    about === 'question' && isObjectIdOrHexString(request.query.id) ? String(request.query.id) : ''
  if (about === 'question' && !thread) throw notFound()
  Object.assign(response.locals, {
    recipient: person,
    about,
    thread,
    layout: 'plain',
    head: { title: t(`${key}.title`), noindex: true },
    question: { title: t(`${key}.title`), text: t(`${key}.text`), button: t(`${key}.button`) },
    action: about ? `${path}?${new URLSearchParams({ what: about, ...(thread && { id: thread }) })}` : path,
    path,
    done: null,
    offersAll: true,
  })
}

/** A page with buttons: email security scanners follow links, and must not unsubscribe anyone. */
export const show: Handler = (_request, response) => {
  response.render('account/unsubscribe')
}

/**
 * Unsubscribes immediately, without a cookie or sign-in. Also the endpoint of the one-click unsubscribe of email
 * clients (RFC 8058). The link of a reminder, with `what=dates` in its query, ends those only, that of an email about
 * a wish, with `what=feedback`, those, that of the groups' digest, with `what=groups`, those, and that of an answer,
 * with `what=question` and its `id`, those about it. With `what=all`, it records an objection to all direct marketing
 * (GDPR Art. 21(2)).
 */
export const create: Handler = async (request, response) => {
  const { t } = textsOf(response)
  const person = response.locals.recipient as Person
  const about = response.locals.about as Kind | undefined
  const isAll = request.body?.what === 'all'
  if (isAll) await objectToMarketing(person._id)
  else if (about === 'dates') await stopReminders(person._id)
  else if (about === 'groups') await setDigest(person._id, false)
  else if (about === 'feedback') await setFeedbackEmails(person._id, false)
  else if (about === 'question')
    await stopFollowing(new Types.ObjectId(response.locals.thread as string), person._id)
  else {
    await withdrawConsent(person._id, 'marketing_email')
    if (!person.erasedAt) await suppress(person.email, 'unsubscribed')
  }
  const key = `account:unsubscribe.${isAll ? 'all' : (about ?? 'emails')}`
  response.render('account/unsubscribe', {
    done: { title: t(`${key}.title`), text: t(`${key}.text`) },
    offersAll: !isAll,
  })
}
