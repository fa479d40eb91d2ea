import type { RequestHandler } from 'express'
import { notFound } from '../platform/errors'
import { Events, type Event } from '../events/event'
import { Deliveries, type Delivery } from '../webhooks/delivery'
import { Messages, withoutTokens, type Message } from '../webhooks/message'
import { activeConsent, purposes } from '../people/consent'
import { objectToMarketing } from '../people/object-to-marketing'
import { pauseSharing } from '../people/pause-sharing'
import { resumeSharing } from '../people/resume-sharing'
import { explainScore, type Explanation } from '../scoring/explain'
import { setFlash } from '../web/flash'
import type { Translate } from '../web/i18n'
import { consentText } from './consent-boxes'
import { recipientsOf, deliveriesAbout } from './recipients'

/** Everything that sales can see of somebody, shown to that somebody, with the switch that stops it. */
export const show: RequestHandler = async (request, response) => {
  const person = request.user!
  const [explained, recipients, owner, ...consents] = await Promise.all([
    explainScore(person._id),
    recipientsOf(person._id),
    deliveriesAbout(person._id),
    ...purposes.map(purpose => activeConsent(person._id, purpose)),
  ])
  const on = person.consents.includes('share_with_sales')
  response.render('account/sharing', {
    head: { title: (response.locals.t as Translate)('account:sharing.title'), noindex: true },
    explained,
    titles: explained ? await titlesOf(explained) : null,
    recipients,
    owner,
    state: on ? 'on' : person.sharingPausedAt ? 'paused' : 'off',
    since: consents[purposes.indexOf('share_with_sales')]?.givenAt ?? null,
    boxes: purposes.map((purpose, i) => ({
      purpose,
      consent: consents[i] ?? null,
      text: consents[i]?.text ?? consentText(response, purpose),
    })),
  })
}

/** What the events behind a score were about, by their ids: the lesson, the course. */
async function titlesOf({ groups }: Explanation): Promise<Map<string, string>> {
  const ids = groups.flatMap(group => group.rules.flatMap(rule => rule.events.map(({ event }) => event)))
  // A colleague's event has their job title there, which is theirs to tell.
  const events = await Events.find(
    { _id: { $in: ids }, name: { $ne: 'colleague.active' } },
    { 'data.title': 1 },
  ).lean<Event[]>()
  return new Map(events.map(({ _id, data }) => [_id, (data as { title?: string | null }).title ?? '']))
}

/** One message about somebody, word for word as a receiver got it, but for what lets its owner answer. */
export const message: RequestHandler<{ id: string }> = async (request, response) => {
  const person = request.user!._id
  const delivery = await Deliveries.findOne({
    _id: request.params.id,
    person,
    deliveredAt: { $ne: null },
  })
  const sent = delivery && (await Messages.findOne({ _id: delivery.message, person }))
  if (!delivery || !sent) throw notFound()
  const body = sent.body && withoutTokens(sent.body)
  response.render('account/message', {
    delivery,
    body: body && JSON.stringify(JSON.parse(body), null, 2),
    isCut: body !== sent.body,
    head: { title: (response.locals.t as Translate)('account:message.title'), noindex: true },
  })
}

export const pause: RequestHandler = async (request, response) => {
  await pauseSharing(request.user!._id)
  response.redirect(303, '/account/sharing')
}

export const resume: RequestHandler = async (request, response) => {
  await resumeSharing(request.user!._id)
  response.redirect(303, '/account/sharing')
}

export const object: RequestHandler = async (request, response) => {
  await objectToMarketing(request.user!._id)
  setFlash(response, { kind: 'done', bold: (response.locals.t as Translate)('account:sharing.objected') })
  response.redirect(303, '/account/sharing')
}
