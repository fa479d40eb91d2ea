import type { Types } from 'mongoose'
import { brandOf } from '../brand/brand'
import { Feedback, feedbackFacet, type FeedbackTopic } from '../community/feedback'
import { FeedbackDigests, nextFeedbackDigestAt } from '../community/feedback-digest'
import { queueEmail } from '../mail/queue-email'
import { firstNameOf } from '../people/first-name'
import { People, timeZoneOf, type Person } from '../people/person'
import { unsubscribeToken } from '../people/unsubscribe-token'
import { days, hours, later, minutes, now } from '../platform/clock'
import { doubling, work } from '../platform/queue'
import { secretRoutes, secretUrl } from '../platform/secret-routes'
import { permissionsOf, staff } from '../web/guard'
import { renderEmail } from '../web/render-email'
import { textsOfBrand, languagesOf } from '../web/shown-brand'
import { formattersFor } from '../web/formatters'
import { amountsText } from './feedback-texts'

/** Tells a person what became of what they asked for. The id of the email has the change, so it is sent once. */
export async function emailFeedbackChange(id: Types.ObjectId, topic: FeedbackTopic): Promise<void> {
  const { _id, title, state, reason, message } = topic
  const person = await People.findOne({ _id: id, erasedAt: null, suspendedAt: null })
  if (!person || !message) return
  const brand = await brandOf(person.brand)
  const stop = `${secretUrl(brand.baseUrl, secretRoutes.unsubscribe, unsubscribeToken(id))}?what=feedback`
  const values = {
    name: firstNameOf(person.name),
    title,
    state,
    reason,
    message: message.text,
    href: `${brand.baseUrl}/wishes`,
    stopReminders: stop,
  }
  await queueEmail({
    _id: `feedback:${_id}:${message.number}:${id}`,
    person: id,
    to: person.email,
    kind: 'service',
    listUnsubscribe: stop,
    ...renderEmail('feedbackChanged', values, brand),
  })
}

/** How many topics the weekly email has of each kind. */
const maxLines = 10

/** A server that was down over the weekend doesn't send Monday's email on Tuesday. */
const tooLate = hours(12)

/** Sends the weekly emails that are due. Whoever has left the team gets none, and their choice is forgotten. */
export const emailFeedbackDigests = work(
  FeedbackDigests,
  { lease: minutes(1), backoff: doubling(minutes(1), hours(1)), maxAttempts: 20 },
  async ({ _id, dueAt }) => {
    const person = await People.load(_id)
    if (!person || person.suspendedAt || !(staff.roles as readonly string[]).includes(person.role)) {
      await FeedbackDigests.deleteOne({ _id })
      return null
    }
    if (dueAt && later(dueAt, tooLate) > now()) await emailDigest(person, dueAt)
    return { dueAt: nextFeedbackDigestAt(now(), timeZoneOf(person)) }
  },
)

/** An email about a week in which nothing happened isn't sent. */
async function emailDigest(person: Person, dueAt: Date): Promise<void> {
  const weekAgo = later(dueAt, -days(7))
  const any = feedbackFacet('is', 'any')
  const order = { changedAt: -1, _id: -1 } as const
  const [created, changed, top] = await Promise.all([
    Feedback.find({ facets: feedbackFacet('state', 'new'), createdAt: { $gte: weekAgo } })
      .sort({ people: -1, _id: -1 })
      .limit(maxLines),
    Feedback.find({ facets: any, changedAt: { $gte: weekAgo }, changeCount: { $gt: 0 } })
      .sort(order)
      .limit(maxLines),
    Feedback.find({ facets: feedbackFacet('is', 'open') })
      .sort({ value: -1, people: -1, _id: -1 })
      .limit(maxLines),
  ])
  const own = top.length
    ? await Feedback.find({
        $and: [{ facets: feedbackFacet('owner', person._id) }, { facets: feedbackFacet('is', 'open') }],
      })
        .sort(order)
        .limit(maxLines)
    : []
  if (!created.length && !changed.length && !own.length) return
  const brand = await brandOf(person.brand)
  const language = languagesOf(brand)[0]!
  const { t } = textsOfBrand(brand, language)
  const { money } = formattersFor(language)
  const seesDeals = permissionsOf(person).sales
  const line = (topic: FeedbackTopic) => ({
    title: topic.title,
    href: `${brand.baseUrl}/feedback/${topic._id}`,
    about: [
      t(`insights:feedback.state.${topic.state}`),
      t('insights:feedback.peopleCount', { count: topic.people }),
      ...(seesDeals && topic.amounts.length ? [amountsText(topic, money)] : []),
    ].join(' · '),
  })
  const sections = [
    { title: t('mail:feedbackDigest.own'), lines: own.map(line) },
    { title: t('mail:feedbackDigest.created'), lines: created.map(line) },
    { title: t('mail:feedbackDigest.changed'), lines: changed.map(line) },
    { title: t('mail:feedbackDigest.top'), lines: top.map(line) },
  ].filter(({ lines }) => lines.length)
  await queueEmail({
    _id: `feedbackDigest:${person._id}:${dueAt.toISOString()}`,
    person: person._id,
    to: person.email,
    kind: 'service',
    ...renderEmail(
      'feedbackDigest',
      { name: firstNameOf(person.name), count: created.length, sections, href: `${brand.baseUrl}/feedback` },
      brand,
    ),
  })
}
