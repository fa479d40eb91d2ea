import type { Request, Response } from 'express'
import { isObjectIdOrHexString, Types } from 'mongoose'
import {
  Feedback,
  feedbackCaps,
  feedbackFacet,
  feedbackStates,
  FeedbackVoices,
  undoableChange,
  type FeedbackTopic,
  type FeedbackVoice,
} from '../community/feedback'
import { feedbackRecipients } from '../community/advance-feedback'
import { Leads } from '../leads/lead'
import { namesOf } from '../people/names'
import { People, sharesWithSales, type Person } from '../people/person'
import { notFound } from '../platform/errors'
import { feedbackTags } from '../web/feedback-tags'
import type { Form } from '../web/form'
import { feedbackEditors, permissionsOf } from '../web/guard'
import { initialsOf } from '../web/initials'
import { pageLinks, readPage, type At } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { amountsText } from './feedback-texts'

const voicesOnPage = 20

/** `GET /feedback/:id`: one topic, who asked in their own words, and what becomes of it. */
export async function show(request: Request, response: Response, person: Person): Promise<void> {
  response.render('insights/feedback-topic', await feedbackTopicPage(request, response, person))
}

/**
 * Reads the topic of the address.
 *
 * @throws 404 for a topic that doesn't exist.
 */
export async function topicOf({ params }: Pick<Request, 'params'>): Promise<FeedbackTopic> {
  const { id } = params
  const topic = isObjectIdOrHexString(id) ? await Feedback.findById(id) : null
  if (!topic) throw notFound()
  return topic
}

/** Returns what the page of a topic shows, with or without a form that was refused. */
export async function feedbackTopicPage(request: Request, response: Response, person: Person, form?: Form) {
  const texts = textsOf(response)
  const { t, date } = texts
  const topic = await topicOf(request)
  const { _id, title, area, kind, state, reason, message } = topic
  const can = permissionsOf(person)
  const [page, told, duplicates, target, owners] = await Promise.all([
    readPage<FeedbackVoice>(
      beyond => FeedbackVoices.find({ $and: [{ topic: _id, withdrawnAt: null }, beyond] }),
      { rank: -1, at: -1, _id: -1 },
      parametersOf(request),
      voicesOnPage,
    ),
    feedbackRecipients(_id),
    Feedback.find({ mergedInto: { $type: 'objectId', $eq: _id } }, { title: 1 }),
    topic.mergedInto ? Feedback.findById(topic.mergedInto, { title: 1 }) : null,
    People.find(
      { role: { $in: [...(feedbackEditors.roles as Person['role'][])] }, suspendedAt: null },
      { name: 1 },
    ),
  ])
  const staffIds = [...topic.notes.map(({ by }) => by), ...topic.changes.map(({ by }) => by)]
  const [voices, names] = await Promise.all([voiceRows(page.rows, can.sales, texts), namesOf(staffIds)])
  const nameOf = (id: Types.ObjectId) => names.get(String(id)) ?? t('insights:feedback.formerTeammate')
  const undoable = undoableChange(topic)
  return {
    layout: 'workspace',
    nav: 'feedback',
    head: { title, noindex: true },
    form,
    topic: {
      href: `/feedback/${_id}`,
      number: topic.changeCount,
      title,
      state: t(`insights:feedback.state.${state}`),
      tag: feedbackTags[state],
      reason,
      meta: [
        t(`insights:feedback.kind.${kind}`),
        area && texts.listName('topics', area),
        t('insights:feedback.peopleCount', { count: topic.people }),
        topic.companies ? t('insights:feedback.companyCount', { count: topic.companies }) : '',
        topic.searches ? t('insights:feedback.searched', { count: topic.searches }) : '',
      ]
        .filter(Boolean)
        .join(' · '),
      deals:
        can.sales && topic.deals
          ? t('insights:feedback.dealsBehind', {
              count: topic.deals,
              amounts: amountsText(topic, texts.money),
            })
          : '',
      mergedInto: target && { href: `/feedback/${target._id}`, text: target.title },
    },
    duplicates: duplicates.map(each => ({ href: `/feedback/${each._id}`, text: each.title })),
    fields: can.changeFeedback && !topic.mergedInto ? changeFields(topic, owners, texts) : null,
    told: {
      count: told.length,
      save: t('insights:feedback.saveAndTell', { count: told.length }),
      others:
        topic.people > told.length
          ? t('insights:feedback.notTold', { count: topic.people - told.length })
          : '',
      waiting: message
        ? t('insights:feedback.waiting', { count: told.length, time: date(message.at, 'time') })
        : '',
    },
    undo: undoable && can.changeFeedback ? t('insights:feedback.undo') : null,
    voices,
    pages: pageLinks(page, (at: At) => `/feedback/${_id}?${new URLSearchParams(at)}`),
    notes: topic.notes
      .map(({ text, by, at }) => ({ text, about: `${nameOf(by)} · ${date(at, 'full')}` }))
      .reverse(),
    changes: topic.changes
      .map(change => ({ text: changeText(change, nameOf(change.by), texts), when: date(change.at, 'full') }))
      .reverse(),
    noteField: {
      name: 'text',
      kind: 'textarea',
      label: t('insights:feedback.note'),
      rows: 2,
      maxlength: feedbackCaps.reason,
      required: true,
    },
  }
}

function changeFields(
  topic: FeedbackTopic,
  owners: Pick<Person, '_id' | 'name'>[],
  { t, lists, listName }: Texts,
) {
  const { title, area, state, reason, owner, isPublic } = topic
  return [
    {
      name: 'state',
      kind: 'select',
      label: t('insights:feedback.field.state'),
      value: state,
      options: feedbackStates.map(value => ({ value, text: t(`insights:feedback.state.${value}`) })),
    },
    {
      name: 'owner',
      kind: 'select',
      label: t('insights:feedback.field.owner'),
      value: owner ? String(owner) : '',
      options: [
        { value: '', text: t('insights:feedback.noOwner') },
        ...owners
          .map(({ _id, name }) => ({ value: String(_id), text: name }))
          .sort((a, b) => a.text.localeCompare(b.text, 'en')),
      ],
    },
    {
      name: 'area',
      kind: 'select',
      label: t('insights:feedback.field.area'),
      value: area,
      options: [
        { value: '', text: t('insights:feedback.noArea') },
        ...lists.topics.map(({ id }) => ({ value: id, text: listName('topics', id) })),
      ],
    },
    {
      name: 'title',
      label: t('insights:feedback.field.title'),
      value: title,
      maxlength: feedbackCaps.title,
      required: true,
    },
    {
      name: 'reason',
      kind: 'textarea',
      label: t('insights:feedback.field.reason'),
      hint: t('insights:feedback.field.reasonHint'),
      value: reason,
      rows: 2,
      maxlength: feedbackCaps.reason,
    },
    {
      name: 'isPublic',
      kind: 'checkbox',
      label: t('insights:feedback.field.isPublic'),
      checked: isPublic,
    },
    {
      name: 'message',
      kind: 'textarea',
      label: t('insights:feedback.field.message'),
      hint: t('insights:feedback.field.messageHint'),
      rows: 3,
      maxlength: feedbackCaps.message,
    },
  ]
}

function changeText({ set, isUndo }: FeedbackTopic['changes'][number], name: string, { t }: Texts): string {
  if (isUndo) return t('insights:feedback.change.undone', { name })
  if (set.mergedInto) return t('insights:feedback.change.merged', { name })
  if (set.state)
    return t('insights:feedback.change.state', { name, state: t(`insights:feedback.state.${set.state}`) })
  return t('insights:feedback.change.other', { name })
}

/** People who don't share with sales have no name here, whoever reads it. */
async function voiceRows(voices: FeedbackVoice[], seesDeals: boolean, texts: Texts) {
  const { t, date, money } = texts
  const ids = [...new Set(voices.map(({ person }) => String(person)))]
  const [people, leads] = await Promise.all([
    People.find(
      { _id: { $in: ids }, erasedAt: null },
      { name: 1, company: 1, consents: 1, sharingPausedAt: 1 },
    ),
    seesDeals ? Leads.find({ _id: { $in: ids }, shared: true }, { deals: 1 }) : [],
  ])
  const byId = new Map(people.filter(sharesWithSales).map(person => [String(person._id), person]))
  return voices.map(({ person: id, text, source, at, isNameHidden }) => {
    const person = isNameHidden ? undefined : byId.get(String(id))
    const lead = person && leads.find(({ _id }) => _id.equals(id))
    const open = (lead?.deals ?? []).flatMap(({ state, amount, currency }) =>
      state === 'open' && amount && currency ? [money(amount, currency)] : [],
    )
    const name = person?.name ?? t('insights:feedback.aLearner')
    return {
      initials: person ? initialsOf(person.name) : '',
      text,
      voted: source === 'vote' ? t('insights:feedback.voted') : '',
      source: t(`insights:feedback.source.${source}`),
      name: [name, person?.company?.name].filter(Boolean).join(', '),
      href: lead ? `/sales/leads/${String(id)}` : null,
      about: [...open.map(amount => t('insights:feedback.deal', { amount })), date(at, 'short')].join(' · '),
    }
  })
}

/** Returns the topics that someone may mean, by the words of a text: the ones with the most people first. */
export async function similarTopics(words: string[]): Promise<Pick<FeedbackTopic, '_id' | 'title'>[]> {
  if (!words.length) return []
  return Feedback.find(
    { $and: [{ facets: feedbackFacet('is', 'open') }, { search: { $in: words } }] },
    { title: 1 },
  )
    .sort({ people: -1, _id: -1 })
    .limit(20)
}
