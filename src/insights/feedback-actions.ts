import { isObjectIdOrHexString, Types } from 'mongoose'
import { z } from 'zod'
import { defaultBrandId } from '../brand/brand'
import { changeFeedback, mergeFeedback, noteFeedback, undoFeedbackChange } from '../community/change-feedback'
import { Feedback, feedbackCaps, feedbackKinds, feedbackStates } from '../community/feedback'
import { setFeedbackDigest } from '../community/feedback-digest'
import { addTopic, giveFeedback } from '../community/give-feedback'
import { People, timeZoneOf, type Person } from '../people/person'
import { notFound } from '../platform/errors'
import { wordsToFind } from '../platform/fold'
import { setFlash, showFlash } from '../web/flash'
import { checkbox, field, lineField, optionalField, readForm, refuseForm, type Form } from '../web/form'
import { feedbackEditors } from '../web/guard'
import type { MemberHandler } from '../web/handler'
import type { Translate } from '../web/i18n'
import { submissionOf } from '../web/occasion'
import { parametersOf } from '../web/parameters'
import { textsOf } from '../web/texts'
import { feedbackTopicPage, similarTopics, topicOf } from './feedback-item'
import { feedbackListPage } from './feedback-list'
import { feedbackOrigin, type FeedbackOrigin } from './feedback-source'

const changeSchema = z
  .object({
    number: z.coerce.number().int().min(0),
    title: lineField('insights:errors.feedback.title', feedbackCaps.title),
    area: z.string().max(100).default(''),
    state: z.enum(feedbackStates, { error: 'web:errors.chooseOne' }),
    reason: optionalField(feedbackCaps.reason),
    owner: z.string().default(''),
    isPublic: checkbox,
    message: optionalField(feedbackCaps.message),
    tell: z.literal('1').optional(),
  })
  .refine(({ state, reason }) => state !== 'declined' || reason !== null, {
    path: ['reason'],
    error: 'insights:errors.feedback.reason',
  })
  .refine(({ tell, message }) => !tell || message !== null, {
    path: ['message'],
    error: 'insights:errors.feedback.message',
  })

/** `POST /feedback/:id`: its state, owner and the rest, and with `tell`, what those who asked are told. */
export const update: MemberHandler = async (request, response, person) => {
  const topic = await topicOf(request)
  const { data, form } = readForm(changeSchema, request, response)
  const { t, lists } = textsOf(response)
  const refuse = async (refused: Form) =>
    refuseForm(
      response,
      'insights/feedback-topic',
      refused,
      await feedbackTopicPage(request, response, person, refused),
    )
  if (!data) return refuse(form)
  const { number, title, area, state, reason, owner, isPublic, message, tell } = data
  const newOwner = owner ? await editorOf(owner) : null
  if ((owner && !newOwner) || (area && area !== topic.area && !lists.topics.some(({ id }) => id === area))) {
    const name = owner && !newOwner ? 'owner' : 'area'
    return refuse({ values: request.body as Form['values'], errors: { [name]: t('web:errors.chooseOne') } })
  }
  await changeFeedback({
    topic: topic._id,
    by: person._id,
    number,
    set: { title, area, state, reason: reason ?? '', owner: newOwner?._id ?? null, isPublic },
    message: tell ? message : null,
  })
  // Who answers for a topic gets the weekly email, which they can stop.
  if (newOwner && !topic.owner?.equals(newOwner._id)) {
    await setFeedbackDigest(newOwner._id, timeZoneOf(newOwner))
  }
  setFlash(response, {
    kind: 'done',
    bold: t('insights:feedback.saved'),
    text: t(tell ? 'insights:feedback.savedTell' : 'insights:feedback.savedUndo'),
    undo: undoOf(topic._id, number + 1, t),
  })
  response.redirect(303, `/feedback/${topic._id}`)
}

async function editorOf(id: string): Promise<Person | null> {
  const person = isObjectIdOrHexString(id) ? await People.findOne({ _id: id, suspendedAt: null }) : null
  return person && (feedbackEditors.roles as readonly string[]).includes(person.role) ? person : null
}

const undoOf = (topic: Types.ObjectId, number: number, t: Translate) => ({
  action: `/feedback/${topic}/undo?number=${number}`,
  text: t('insights:feedback.undo'),
})

const numberSchema = z.object({ number: z.coerce.number().int().min(0) })

/** `POST /feedback/:id/undo?number=3`: undoes its last change, within ten minutes. */
export const undoTopicChange: MemberHandler = async (request, response, person) => {
  const topic = await topicOf(request)
  const { data } = numberSchema.safeParse(parametersOf(request))
  if (!data) throw notFound()
  await undoFeedbackChange(topic._id, data.number, person._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('insights:feedback.undone') })
  response.redirect(303, `/feedback/${topic._id}`)
}

const noteSchema = z.object({ text: field('insights:errors.feedback.note', feedbackCaps.reason) })

/** `POST /feedback/:id/notes`: a note that only the team reads. */
export const createTopicNote: MemberHandler = async (request, response, person) => {
  const topic = await topicOf(request)
  const { data, form } = readForm(noteSchema, request, response)
  if (!data) {
    const page = await feedbackTopicPage(request, response, person, form)
    return refuseForm(response, 'insights/feedback-topic', form, page)
  }
  await noteFeedback(topic._id, person._id, data.text)
  response.redirect(303, `/feedback/${topic._id}#notes`)
}

const mergeSchema = z.object({ topic: z.array(z.string().refine(isObjectIdOrHexString)).length(2) })

/** `POST /feedback/merges`: merges the two ticked topics into the one that more people want. */
export const merge: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const { data } = mergeSchema.safeParse(request.body)
  if (!data) {
    const page = await feedbackListPage(request, response, person)
    showFlash(response, { kind: 'error', bold: t('insights:feedback.mergeTwo') })
    response.status(422).render('insights/feedback', page)
    return
  }
  const topics = await Feedback.find({ _id: { $in: data.topic } }).sort({ people: -1, _id: 1 })
  const [into, from] = topics
  if (!into || !from) throw notFound()
  await mergeFeedback(from._id, into._id, person._id)
  const href = `/feedback/${into._id}`
  setFlash(response, {
    kind: 'done',
    bold: t('insights:feedback.mergedNow', { title: from.title }),
    text: t('insights:feedback.savedUndo'),
    undo: undoOf(from._id, from.changeCount + 1, t),
  })
  response.redirect(303, href)
}

/** `POST /feedback/digest`: starts or stops the weekly email of the reader. */
export const updateDigest: MemberHandler = async (request, response, person) => {
  const isOn = request.body?.isOn === '1'
  await setFeedbackDigest(person._id, isOn ? timeZoneOf(person) : null)
  const key = `insights:feedback.digest.${isOn ? 'started' : 'stopped'}`
  setFlash(response, { kind: 'done', bold: textsOf(response).t(key) })
  response.redirect(303, '/feedback')
}

const topicSchema = z.object({
  title: lineField('insights:errors.feedback.title', feedbackCaps.title),
  kind: z.enum(feedbackKinds, { error: 'web:errors.chooseOne' }),
  area: z.string().max(100).default(''),
  topic: z.string().default(''),
  source: z.string().max(20).optional(),
  ref: z.string().max(300).optional(),
})

/** `GET /feedback/new`: a new topic, or where what a learner said belongs. */
export const showNew: MemberHandler = async (request, response, person) => {
  const { source, ref } = parametersOf(request)
  const origin = await feedbackOrigin(source, ref, person)
  response.render('insights/feedback-new', await newPage(response, origin, { source, ref }))
}

/** `POST /feedback`: puts it on the list, or adds it to a topic that is there. */
export const create: MemberHandler = async (request, response, person) => {
  const { t, lists } = textsOf(response)
  const { source, ref } = request.body as { source?: unknown; ref?: unknown }
  const named = { source: textOrNone(source), ref: textOrNone(ref) }
  const origin = await feedbackOrigin(named.source, named.ref, person)
  const { data, form } = readForm(topicSchema, request, response)
  const refuse = async (refused: Form) =>
    refuseForm(response, 'insights/feedback-new', refused, await newPage(response, origin, named))
  if (!data) return refuse(form)
  const known = isObjectIdOrHexString(data.topic) ? new Types.ObjectId(data.topic) : null
  if ((data.topic && !known) || (data.area && !lists.topics.some(({ id }) => id === data.area))) {
    const errors = { [data.topic && !known ? 'topic' : 'area']: t('web:errors.chooseOne') }
    return refuse({ values: request.body as Form['values'], errors })
  }
  const { title, kind, area } = data
  const topic = origin?.given
    ? await giveFeedback({
        ...origin.given,
        topic: known,
        kind,
        text: origin.text,
        by: person._id,
        title,
        area,
      })
    : await addTopic({
        ...{
          kind,
          title,
          area,
          createdBy: person._id,
          brand: origin?.miss?.brand ?? person.brand ?? defaultBrandId,
        },
        cause: origin?.miss ? `search ${origin.miss.id}` : submissionOf(request, person),
        misses: origin?.miss ? [origin.miss.id] : [],
        searches: origin?.miss?.count ?? 0,
      })
  setFlash(response, { kind: 'done', bold: t('insights:feedback.added') })
  response.redirect(303, `/feedback/${topic}`)
}

const textOrNone = (value: unknown) => (typeof value === 'string' && value ? value : undefined)

async function newPage(
  response: Parameters<MemberHandler>[1],
  origin: FeedbackOrigin | null,
  { source, ref }: { source?: string; ref?: string },
) {
  const { t, lists, listName } = textsOf(response)
  const words = wordsToFind(origin?.title ?? '').filter(word => word.length > 3)
  const similar = origin?.given ? await similarTopics(words.slice(0, 8)) : []
  return {
    layout: 'workspace',
    nav: 'feedback',
    head: { title: t('insights:feedback.new'), noindex: true },
    quote: origin?.text ?? '',
    hidden: Object.entries({ source, ref }).flatMap(([name, value]) => (value ? [{ name, value }] : [])),
    fields: [
      ...(similar.length
        ? [
            {
              name: 'topic',
              kind: 'select',
              label: t('insights:feedback.field.topic'),
              options: [
                { value: '', text: t('insights:feedback.newTopic') },
                ...similar.map(({ _id, title }) => ({ value: String(_id), text: title })),
              ],
            },
          ]
        : []),
      {
        name: 'title',
        label: t('insights:feedback.field.title'),
        value: origin?.title ?? '',
        maxlength: feedbackCaps.title,
        required: true,
      },
      {
        name: 'kind',
        kind: 'select',
        label: t('insights:feedback.filter.kind'),
        value: origin?.kind ?? 'wish',
        options: feedbackKinds.map(value => ({ value, text: t(`insights:feedback.kind.${value}`) })),
      },
      {
        name: 'area',
        kind: 'select',
        label: t('insights:feedback.field.area'),
        options: [
          { value: '', text: t('insights:feedback.noArea') },
          ...lists.topics.map(({ id }) => ({ value: id, text: listName('topics', id) })),
        ],
      },
    ],
  }
}
