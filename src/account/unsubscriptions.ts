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
const kinds = ['dates', 'groups'] as const
type Kind = (typeof kinds)[number]

/** Puts the person that the token in the URL belongs to into `response.locals.recipient`, or responds with 404. */
export const load: Handler = async (request, response) => {
  const id = personOfToken(request.params.token)
  const person = id && (await People.findOne({ _id: id }))
  if (!person) throw notFound()
  const { t } = textsOf(response)
  const path = secretPath(secretRoutes.unsubscribe, request.params.token)
  const about = kinds.find(each => each === request.query.what) ?? null
  const key = about ? `account:unsubscribe.${about}.ask` : 'account:unsubscribe'
  Object.assign(response.locals, {
    recipient: person,
    about,
    layout: 'plain',
    head: { title: t(`${key}.title`), noindex: true },
    question: { title: t(`${key}.title`), text: t(`${key}.text`), button: t(`${key}.button`) },
    action: about ? `${path}?what=${about}` : path,
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
 * clients (RFC 8058). The link of a reminder, with `what=dates` in its query, or of the
 * groups' digest, with `what=groups`, ends those only. With `what=all`, it
 * records an objection to all direct marketing (GDPR Art. 21(2)).
 */
export const create: Handler = async (request, response) => {
  const { t } = textsOf(response)
  const person = response.locals.recipient as Person
  const isAll = request.body?.what === 'all'
  const about = response.locals.about as Kind | null
  if (isAll) await objectToMarketing(person._id)
  else if (about === 'dates') await stopReminders(person._id)
  else if (about === 'groups') await setDigest(person._id, false)
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
