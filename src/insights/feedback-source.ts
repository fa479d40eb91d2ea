import { isObjectIdOrHexString, type Types } from 'mongoose'
import { feedbackCaps, feedbackTitle, type FeedbackKind, type FeedbackSource } from '../community/feedback'
import { Threads } from '../community/thread'
import { SearchMisses } from '../courses/search-miss'
import { Events } from '../events/event'
import { People, sharesWithSales, type Person } from '../people/person'
import { notFound } from '../platform/errors'
import { canSeeLearning } from '../webhooks/delivery-consent'
import { permissionsOf } from '../web/guard'

/** What a teammate puts on the list: a learner's question or request, or searches without a result. */
export type FeedbackOrigin = {
  /** The learner who said it, and where; null for searches. */
  given: { person: Types.ObjectId; source: FeedbackSource; isNameHidden?: boolean } | null
  /** The id of the search without a result. */
  miss: { id: string; brand: string; count: number } | null
  kind: FeedbackKind
  title: string
  /** Their own words; empty for searches. */
  text: string
}

const originEvents = {
  question: ['question.asked', 'session.question_asked'],
  contact: ['contact.requested'],
} as const

/**
 * Reads what the address names: `source` is `question`, `contact` or `search`, and `ref` the id of its thread, of its
 * event or of the search. Null without a source.
 *
 * @throws 404 for what doesn't exist, or what the teammate may not read elsewhere either.
 */
export async function feedbackOrigin(
  source: string | undefined,
  ref: string | undefined,
  reader: Person,
): Promise<FeedbackOrigin | null> {
  if (!source) return null
  const can = permissionsOf(reader)
  if (source === 'search') {
    const miss = can.allCourses && ref ? await SearchMisses.findById(ref) : null
    if (!miss) throw notFound()
    const { _id: id, brand, count, words } = miss
    return { given: null, miss: { id, brand, count }, kind: 'search', title: feedbackTitle(words), text: '' }
  }
  return source === 'question' && isObjectIdOrHexString(ref)
    ? readThread(ref!, can.allCourses)
    : readEvent(source, ref, can)
}

/** A learner's question, by the id of its thread. */
async function readThread(id: string, mayRead: boolean): Promise<FeedbackOrigin> {
  const thread = mayRead ? await Threads.findOne({ _id: id, state: 'shown' }) : null
  const person = thread && (await People.load(thread.person))
  if (!thread || !person || person.erasedAt) throw notFound()
  const { title, text, isNameHidden } = thread
  return {
    given: { person: person._id, source: { kind: 'question', id: String(thread._id) }, isNameHidden },
    miss: null,
    kind: 'question',
    title: feedbackTitle(title),
    text: [title, text].filter(Boolean).join('\n\n').slice(0, feedbackCaps.text),
  }
}

async function readEvent(
  source: string,
  ref: string | undefined,
  can: ReturnType<typeof permissionsOf>,
): Promise<FeedbackOrigin> {
  const names = originEvents[source as keyof typeof originEvents]
  const event = names && ref ? await Events.findOne({ _id: ref, name: { $in: [...names] } }) : null
  const person = event && (await People.load(event.person))
  if (!event || !person || person.erasedAt) throw notFound()
  // Authors read every question. Sales reads those, and the requests, of people who share with it.
  const isShared = source === 'contact' ? sharesWithSales(person) : canSeeLearning(person)
  if (!(source === 'question' && can.allCourses) && !(can.sales && isShared)) throw notFound()
  const { thread, ...data } = event.data as { text: string; thread?: string }
  // What a moderator has hidden or its asker removed isn't passed on from where it was read before either.
  if (thread && !(await Threads.exists({ _id: thread, state: 'shown' }))) throw notFound()
  const text = data.text.slice(0, feedbackCaps.text)
  return {
    given: {
      person: person._id,
      source: { kind: source as 'question' | 'contact', id: thread ?? event._id },
    },
    miss: null,
    kind: source === 'question' ? 'question' : 'complaint',
    title: feedbackTitle(text),
    text,
  }
}
