import { createHash } from 'node:crypto'
import { Types } from 'mongoose'
import { brandOf, type ShownBrand } from '../brand/brand'
import { answerQuestion } from '../community/answer-question'
import { Posts } from '../community/post'
import { communityCaps, Threads, type Thread } from '../community/thread'
import { threadPath } from '../community/thread-path'
import { Courses } from '../courses/course'
import { recordBounce } from '../mail/bounce'
import { Emails } from '../mail/email'
import type { InboundReply, InboundResult } from '../mail/inbound-email'
import { queueEmail } from '../mail/queue-email'
import { normaliseEmail } from '../people/email-address'
import { firstNameOf } from '../people/first-name'
import { People, type Person } from '../people/person'
import { hours, later, now } from '../platform/clock'
import { HttpError } from '../platform/errors'
import { renderEmail } from '../web/render-email'
import { languagesOf, textsOfBrand } from '../web/shown-brand'
import { contextOf } from './course-context'
import { canWrite, threadContextFor } from './thread-context'

type Reason = 'empty' | 'hidden' | 'tooMuch' | 'tooLong' | 'suspended'

/**
 * Posts what someone has replied to an email about a question: as an answer to the question, or as a reply to the
 * answer that the email was about. The address says who it is, and the email has to be from theirs; a forged one and
 * what programs write are dropped in silence. Whose reply can't be posted is told why, at most once an hour.
 */
export async function receiveReply({
  _id,
  target,
  person: id,
  isForged,
  email,
}: InboundReply): Promise<InboundResult> {
  const person = await People.findOne({ _id: id, erasedAt: null, suspendedAt: null })
  if (!person) return 'forged'
  const isOwn = (address: string | null) => address !== null && normaliseEmail(address) === person.email
  if (email.kind === 'bounce') {
    if (isOwn(email.bounced)) await recordBounce(person.email)
    return 'bounce'
  }
  if (email.kind === 'automatic') return 'automatic'
  if (isForged || !isOwn(email.from)) return 'forged'
  const brand = await brandOf(person.brand)
  const found = await placeOf(target, person, brand)
  const refuse = async (reason: Reason) => {
    await tellOfRefusal(reason, _id, person, brand, found?.path ?? '/')
    return 'refused' as const
  }
  if (!found) return refuse('hidden')
  if (!email.text.trim()) return refuse('empty')
  if (email.text.length > communityCaps.text) return refuse('tooLong')
  const { t } = textsOfBrand(brand, languagesOf(brand)[0]!)
  const left = email.attachments && t('academy:community.attachmentsLeft', { count: email.attachments })
  const text = [email.text, left && `*${left}*`].filter(Boolean).join('\n\n')
  const post = { _id: postIdOf(_id), person: person._id, text, answer: found.answer, via: 'email' as const }
  try {
    await answerQuestion(found.thread, post, found.about)
    return 'posted'
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    if (error.key.endsWith('Enough')) return refuse('tooMuch')
    return refuse(error.key.includes('suspended') ? 'suspended' : 'hidden')
  }
}

/** The same for the same email. */
const postIdOf = (email: string) =>
  new Types.ObjectId(createHash('sha256').update(`post ${email}`).digest('hex').slice(0, 24))

/** Returns where a reply goes; null when the person can't write there, or what they reply to is gone. */
async function placeOf(target: Types.ObjectId, person: Person, brand: ShownBrand) {
  const post = await Posts.findById(target)
  const thread = await Threads.findById(post?.thread ?? target)
  const course = thread && (await Courses.findById(thread.course, { slug: 1 }))
  if (!course || thread.state !== 'shown' || (post && post.state !== 'shown')) return null
  const context = await readable(thread, person, brand, course.slug)
  if (!context || !canWrite(...context)) return null
  const [{ lesson }, { published }] = context
  return {
    thread,
    answer: post && (post.answer ?? post._id),
    about: lesson?.title ?? published.content.title,
    path: threadPath(published.slug, thread),
  }
}

async function readable(thread: Thread, person: Person, brand: ShownBrand, slug: string) {
  try {
    const context = await contextOf(brand, slug, person)
    return [await threadContextFor(person, context.published, thread), context] as const
  } catch (error) {
    if (error instanceof HttpError) return null
    throw error
  }
}

/** Tells someone at their own address, at most once an hour. */
async function tellOfRefusal(
  reason: Reason,
  email: string,
  person: Person,
  brand: ShownBrand,
  path: string,
): Promise<void> {
  const prefix = `replyRefused:${String(person._id)}:`
  const recent = { person: person._id, createdAt: { $gt: later(now(), -hours(1)) } }
  if (await Emails.exists({ ...recent, _id: { $gte: prefix, $lt: `${prefix}\uffff` } })) return
  const values = { name: firstNameOf(person.name), reason, href: brand.baseUrl + path }
  await queueEmail({
    ...{ _id: prefix + email, person: person._id, to: person.email, kind: 'service' },
    ...renderEmail('replyRefused', values, brand),
  })
}
