import type { Request, Response } from 'express'
import { isObjectIdOrHexString, type Types } from 'mongoose'
import { z } from 'zod'
import { defaultBrandId } from '../brand/brand'
import {
  Feedback,
  feedbackCaps,
  feedbackFacet,
  FeedbackVoices,
  type FeedbackTopic,
} from '../community/feedback'
import { feedbackReaders, setFeedbackEmails } from '../community/feedback-emails'
import { giveFeedback, withdrawFeedback } from '../community/give-feedback'
import type { Person } from '../people/person'
import { notFound } from '../platform/errors'
import { feedbackTags } from '../web/feedback-tags'
import { setFlash } from '../web/flash'
import { field, readForm, refuseForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { submissionOf } from '../web/occasion'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'

const kinds = ['wish', 'complaint', 'course'] as const

/** A learner reads the newest of their own, and those public ones that most people want. */
const maxShown = 50

/** `GET /wishes`: what the learner has asked the product team for, what became of it, and what others want. */
export const index: MemberHandler = async (request, response, person) => {
  response.render('account/wishes', await wishesPage(request, response, person))
}

const wishSchema = z.object({
  kind: z.enum(kinds, { error: 'web:errors.chooseOne' }),
  text: field('account:errors.wishes.missing', feedbackCaps.text),
})

/** `POST /wishes`: asks the product team for something, complains, or asks for a course that there isn't. */
export const create: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(wishSchema, request, response)
  if (!data) {
    return refuseForm(response, 'account/wishes', form, await wishesPage(request, response, person))
  }
  const source = { kind: 'own', id: submissionOf(request, person) } as const
  await giveFeedback({ person: person._id, topic: null, ...data, source, by: null })
  const { t } = textsOf(response)
  setFlash(response, { kind: 'done', bold: t('account:wishes.sent'), text: t('account:wishes.sentText') })
  response.redirect(303, '/wishes')
}

/** `POST /wishes/:id/vote`: the learner wants what others have asked for, too. */
export const createVote: MemberHandler = async (request, response, person) => {
  const topic = await shownTopic(request, person)
  const source = { kind: 'vote', id: '' } as const
  await giveFeedback({ person: person._id, topic: topic._id, kind: topic.kind, text: '', source, by: null })
  response.redirect(303, '/wishes')
}

/** `POST /wishes/:id/vote/removal`: the learner doesn't want it any more. */
export const destroyVote: MemberHandler = async (request, response, person) => {
  const topic = await shownTopic(request, person)
  await withdrawFeedback(topic._id, person._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('account:wishes.withdrawn') })
  response.redirect(303, '/wishes')
}

/** `POST /wishes/emails`: whether the learner is told by email what becomes of their wishes. */
export const updateEmails: MemberHandler = async (request, response, person) => {
  const isOn = request.body?.isOn === '1'
  await setFeedbackEmails(person._id, isOn)
  const key = `account:wishes.emails.${isOn ? 'started' : 'stopped'}`
  setFlash(response, { kind: 'done', bold: textsOf(response).t(key) })
  response.redirect(303, '/wishes')
}

/** Returns a topic that the learner may see: a public one of their brand, or one that they want. */
async function shownTopic({ params }: Request, person: Person): Promise<FeedbackTopic> {
  const { id } = params
  const topic = isObjectIdOrHexString(id) ? await Feedback.findById(id) : null
  if (!topic || topic.mergedInto) throw notFound()
  const isShown = topic.facets.includes(publicFacet(person)) || (await isOwn(topic._id, person))
  if (!isShown) throw notFound()
  return topic
}

const isOwn = (topic: Types.ObjectId, { _id }: Person) =>
  FeedbackVoices.exists({ topic, person: _id, withdrawnAt: null })

async function wishesPage(request: Request, response: Response, person: Person) {
  const texts = textsOf(response)
  const { t } = texts
  const { about, kind } = parametersOf(request)
  const [voices, shared, readers] = await Promise.all([
    FeedbackVoices.find({ person: person._id, withdrawnAt: null }).sort({ at: -1 }).limit(maxShown),
    Feedback.find({ facets: publicFacet(person) })
      .sort({ people: -1, _id: -1 })
      .limit(maxShown),
    feedbackReaders([person._id]),
  ])
  const topics = await Feedback.find({ _id: { $in: voices.map(({ topic }) => topic) } })
  const own = topics.map(topic => {
    const words = voices.find(voice => voice.topic.equals(topic._id) && voice.text)?.text
    return wishRow(topic, texts, words)
  })
  const isEmailed = readers.length > 0
  return {
    head: { title: t('account:wishes.title'), noindex: true },
    own,
    shared: shared
      .filter(({ _id }) => !topics.some(topic => topic._id.equals(_id)))
      .map(topic => wishRow(topic, texts)),
    fields: [
      {
        name: 'kind',
        kind: 'radios',
        label: t('account:wishes.kind'),
        value: kinds.find(each => each === kind) ?? 'wish',
        options: kinds.map(value => ({ value, text: t(`account:wishes.kinds.${value}`) })),
      },
      {
        name: 'text',
        kind: 'textarea',
        label: t('account:wishes.text'),
        hint: t('account:wishes.textHint'),
        value: (about ?? '').slice(0, feedbackCaps.title),
        rows: 4,
        maxlength: feedbackCaps.text,
        required: true,
      },
    ],
    emails: { isOn: isEmailed, text: t(`account:wishes.emails.${isEmailed ? 'on' : 'off'}`) },
  }
}

const publicFacet = ({ brand }: Pick<Person, 'brand'>) =>
  feedbackFacet('is', `public.${brand ?? defaultBrandId}`)

/** The title of a topic is the team's: it is shown with what is public, and the learner's own words otherwise. */
function wishRow(
  { _id, title, state, reason, people, isPublic, changedAt }: FeedbackTopic,
  { t, date }: Texts,
  words?: string,
) {
  return {
    action: `/wishes/${_id}/vote`,
    title: isPublic || !words ? title : words,
    state: t(`account:wishes.state.${state}`),
    tag: feedbackTags[state],
    reason,
    about: [
      ...(isPublic ? [t('account:wishes.people', { count: people })] : []),
      t('account:wishes.changed', { day: date(changedAt, 'short') }),
    ].join(' · '),
  }
}
