import { withoutSecrets } from '../platform/secret-routes'
import { notFound } from '../platform/errors'
import { Events } from '../events/event'
import { Deliveries } from '../webhooks/delivery'
import { bodyAboutPerson } from '../webhooks/field-mapping'
import { Messages } from '../webhooks/message'
import { activeConsent, agreedLast, purposes } from '../people/consent'
import { objectToMarketing } from '../people/object-to-marketing'
import { pauseSharing } from '../people/pause-sharing'
import { resumeSharing } from '../people/resume-sharing'
import { explainScore, type Explanation } from '../scoring/explain'
import type { MemberHandler } from '../web/handler'
import { setFlash } from '../web/flash'
import { textsOf } from '../web/texts'
import { consentText, newTextFor, shownField } from '../web/consent-texts'
import { leadOwnerOf, recipientsOf } from './recipients'
import { sharingPage } from './sharing-page'

/** Shows the person everything that sales can see about them, and lets them stop it. */
export const show: MemberHandler = async (request, response, person) => {
  const [explanation, recipients, owner, ...consents] = await Promise.all([
    explainScore(person._id),
    recipientsOf(person._id),
    leadOwnerOf(person._id),
    ...purposes.map(purpose => activeConsent(person._id, purpose)),
  ])
  const isOn = person.consents.includes('share_with_sales')
  const input = {
    state: isOn ? 'on' : person.sharingPausedAt ? 'paused' : 'off',
    explanation,
    titles: explanation ? await titlesOf(explanation) : new Map<string, string>(),
    recipients,
    owner,
    consents: await Promise.all(
      purposes.map(async (purpose, i) => ({
        purpose,
        consent: consents[i] ?? null,
        text: consents[i] ? agreedLast(consents[i]).text : consentText(response, purpose),
        shown: shownField(response, purpose),
        newText: await newTextFor(response, consents[i] ?? null),
      })),
    ),
  } as const
  response.render('account/sharing', sharingPage(input, textsOf(response)))
}

/** Returns the titles of the lessons and courses that the events behind a score are about, by event id. */
async function titlesOf({ groups }: Explanation): Promise<Map<string, string>> {
  const ids = groups.flatMap(group => group.rules.flatMap(rule => rule.events.map(({ event }) => event)))
  // The title in a colleague's event is the colleague's job title, which is private.
  const events = await Events.find(
    { _id: { $in: ids }, name: { $ne: 'colleague.active' } },
    { 'data.title': 1 },
  )
  return new Map(events.map(({ _id, data }) => [_id, (data as { title?: string | null }).title ?? '']))
}

/** One message about the person, word for word as an endpoint received it, except for the tokens in its links. */
export const message: MemberHandler = async (request, response, user) => {
  const { t, date } = textsOf(response)
  const person = user._id
  const delivery = await Deliveries.findOne({
    _id: request.params.id,
    person,
    deliveredAt: { $ne: null },
  })
  const sent = delivery && (await Messages.findOne({ _id: delivery.message, person }))
  if (!delivery || !sent) throw notFound()
  const whole = sent.body && (await bodyAboutPerson(sent.body, delivery.mapping))
  const body = whole && withoutSecrets(whole)
  const day = date(delivery.deliveredAt ?? delivery.createdAt, 'full')
  response.render('account/message', {
    lede: t('account:message.lede', { day }),
    body: body && JSON.stringify(JSON.parse(body), null, 2),
    hasHiddenTokens: body !== whole,
    head: { title: t('account:message.title'), noindex: true },
  })
}

export const pause: MemberHandler = async (request, response, person) => {
  await pauseSharing(person._id)
  response.redirect(303, '/account/sharing')
}

export const resume: MemberHandler = async (request, response, person) => {
  await resumeSharing(person._id)
  response.redirect(303, '/account/sharing')
}

export const object: MemberHandler = async (request, response, person) => {
  await objectToMarketing(person._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('account:sharing.objected') })
  response.redirect(303, '/account/sharing')
}
