import type { Types } from 'mongoose'
import type { CommunityNotices } from '../community/advance-threads'
import type { Thread } from '../community/thread'
import { writersIn } from '../community/writers'
import { threadPath } from '../community/thread-path'
import { brandOf, type ShownBrand } from '../brand/brand'
import { mentionable, mentionedIn } from '../courses/comment-notice'
import { Courses, type Course } from '../courses/course'
import type { Published } from '../courses/published'
import { shownCourse } from '../courses/shown-courses'
import { clock } from '../courses/transcript'
import { queueEmail } from '../mail/queue-email'
import { makeReplyAddress } from '../mail/reply-address'
import { replyMarker } from '../mail/reply-text'
import { firstNameOf } from '../people/first-name'
import { People, type Person } from '../people/person'
import { secretRoutes, secretUrl } from '../platform/secret-routes'
import { unsubscribeToken } from '../people/unsubscribe-token'
import { renderEmail } from '../web/render-email'
import { languagesOf, textsOfBrand } from '../web/shown-brand'

/*
 * What people are told about questions: the team of a course that there is one, and followers that there is an answer.
 * Each email has an id that follows from what it is about, so that it is sent once whatever is interrupted. Nobody is
 * told about a course that they don't see any more.
 */

/** The roles on a course's team whose work it is to answer. */
const answering = ['owner', 'author', 'expert'] as const

export const communityNotices: CommunityNotices = {
  asked: async thread => {
    const course = await Courses.findById(thread.course)
    if (!course) return
    for (const person of await toldOf(thread, course)) {
      await tell('questionAsked', `questionAsked:${thread._id}:${person._id}`, person, thread, {
        text: thread.text,
        who: (await writersIn(thread.course, [thread.person])).get(String(thread.person))?.name,
      })
    }
  },
  answered: async (thread, post, follower) => {
    const person = await People.findOne({ _id: follower, erasedAt: null, suspendedAt: null })
    if (!person) return
    const writer = (await writersIn(thread.course, [post.person])).get(String(post.person))
    const isAsker = post.person.equals(thread.person)
    await tell('questionAnswered', `questionAnswered:${post._id}:${follower}`, person, thread, {
      writer: post.person,
      text: post.text,
      who: isAsker && thread.isNameHidden ? null : (writer?.name ?? null),
      isReply: post.answer !== null,
      isOwn: thread.person.equals(follower),
      anchor: `#post-${String(post._id)}`,
      target: post.answer ?? post._id,
    })
  },
  warned: async (id, { at, text }) => {
    const person = await People.findOne({ _id: id, erasedAt: null })
    if (!person) return
    const brand = await brandOf(person.brand)
    const values = { name: firstNameOf(person.name), text, href: `${brand.baseUrl}/community` }
    await queueEmail({
      _id: `communityWarning:${String(id)}:${at.getTime()}`,
      ...{ person: id, to: person.email, kind: 'service', ...renderEmail('communityWarning', values, brand) },
    })
  },
}

/** Returns those who answer for a course, and whom the question mentions by name. */
async function toldOf({ title, text, person }: Thread, course: Course): Promise<Person[]> {
  const { team = [] } = course
  const ids = team
    .filter(({ role }) => answering.some(each => each === role))
    .map(each => String(each.person))
  const people = await mentionable(course)
  const mentioned = mentionedIn(`${title} ${text}`, people)
  return people.filter(
    each => !each._id.equals(person) && (ids.includes(String(each._id)) || mentioned.includes(each)),
  )
}

/** `target` is what a reply to the email is to; the question itself by default. */
type Told = {
  anchor?: string
  who?: string | null
  target?: Types.ObjectId
  /** Who has written the answer that it is about. */
  writer?: Types.ObjectId
} & Record<string, unknown>

async function tell(
  view: string,
  id: string,
  person: Person,
  thread: Thread,
  { anchor = '', target = thread._id, writer, ...values }: Told,
): Promise<void> {
  const brand = await brandOf(person.brand)
  const published = await courseFor(thread, person, brand)
  if (!published) return
  const { t } = textsOfBrand(brand, languagesOf(brand)[0]!)
  const lesson = published.lessons.find(({ slug }) => slug === thread.lesson)
  const path = threadPath(published.slug, thread)
  const place = [published.content.title, lesson?.title].filter(Boolean).join(', ')
  const replyTo = makeReplyAddress({ target, person: person._id })
  const query = new URLSearchParams({ what: 'question', id: String(thread._id) })
  const unsubscribe = secretUrl(brand.baseUrl, secretRoutes.unsubscribe, unsubscribeToken(person._id))
  const stop = `${unsubscribe}?${query}`
  const rendered = renderEmail(
    view,
    {
      ...values,
      name: firstNameOf(person.name),
      who: values.who ?? t('academy:community.nameHidden'),
      title: thread.title,
      place: thread.second === null ? place : `${place}, ${clock(thread.second)}`,
      href: `${brand.baseUrl}${path}${anchor}`,
      stop,
      replyMarker: replyTo && replyMarker,
    },
    brand,
  )
  await queueEmail({
    ...{ _id: id, person: person._id, to: person.email, kind: 'service' },
    // It has the question, and the words of whoever answered: erasing either deletes it.
    ...{ aboutEach: [thread.person, ...(writer ? [writer] : [])], ...rendered },
    ...(view === 'questionAnswered' && { listUnsubscribe: stop }),
    ...(replyTo && { sender: { ...rendered.sender, replyTo } }),
  })
}

/** Returns a question's course as someone sees it; undefined when they don't see it, or not the lesson. */
async function courseFor(
  { course, lesson }: Thread,
  person: Person,
  brand: ShownBrand,
): Promise<Published | undefined> {
  const found = await Courses.findById(course, { slug: 1 })
  const published = found ? await shownCourse(brand, found.slug, person) : undefined
  const isSeen = lesson === null || published?.lessons.some(({ slug }) => slug === lesson)
  return isSeen ? published : undefined
}
