import type { Types } from 'mongoose'
import { findThreads } from '../community/find-threads'
import { Posts } from '../community/post'
import { threadPath } from '../community/thread-path'
import { writersIn } from '../community/writers'
import type { ShownBrand } from '../brand/brand'
import { coursesOf } from '../courses/shown-courses'
import type { Person } from '../people/person'
import { days, later, now } from '../platform/clock'
import { retained } from '../platform/retained'
import { Threads } from '../community/thread'
import type { Texts } from '../web/texts'
import { agoText } from './post-view'

/** The latest questions of a learner that are looked at, and how many answers are listed. */
const [maxQuestions, maxListed] = [10, 3]
/** Older answers aren't news. */
const newsFor = days(30)

/** The last answer of someone else to each of a learner's latest questions. */
const latestAnswers = retained(
  async (person: Types.ObjectId, dependOn) => {
    dependOn(Threads, 'person', person)
    const asked = await findThreads({ person, state: 'shown', answers: { $gt: 0 } })
      .sort({ activeAt: -1, _id: -1 })
      .limit(maxQuestions)
    if (!asked.length) return []
    dependOn(Posts)
    const answers = await Posts.find(
      { thread: { $in: asked.map(({ _id }) => _id) }, answer: null, state: 'shown', person: { $ne: person } },
      { thread: 1, person: 1, writtenAt: 1 },
    )
    return asked.flatMap(thread => {
      const own = answers.filter(answer => answer.thread.equals(thread._id))
      const last = own.toSorted((a, b) => b.writtenAt.getTime() - a.writtenAt.getTime())[0]
      return last ? [{ thread, answer: last }] : []
    })
  },
  { max: 1000, nameOf: String },
)

/** Returns the newest answers to a learner's questions in courses that they see, for My learning. */
export async function answersToYou(texts: Texts, brand: ShownBrand, person: Person) {
  const found = await latestAnswers(person._id)
  const since = later(now(), -newsFor)
  const recent = found.filter(({ answer }) => answer.writtenAt > since)
  if (!recent.length) return []
  const courses = new Map((await coursesOf(brand, person)).map(each => [String(each.course), each]))
  const seen = recent
    .filter(({ thread: { course, lesson } }) => {
      const seenIn = courses.get(String(course))
      return seenIn && (lesson === null || seenIn.lessons.some(({ slug }) => slug === lesson))
    })
    .toSorted((a, b) => b.answer.writtenAt.getTime() - a.answer.writtenAt.getTime())
    .slice(0, maxListed)
  return Promise.all(
    seen.map(async ({ thread, answer }) => {
      const writer = (await writersIn(thread.course, [answer.person])).get(String(answer.person))
      return {
        href: `${threadPath(courses.get(String(thread.course))!.slug, thread)}#post-${String(answer._id)}`,
        title: thread.title,
        note: texts.t('academy:learning.answered', {
          name: writer?.name ?? texts.t('academy:community.gone'),
          when: agoText(texts, answer.writtenAt),
        }),
      }
    }),
  )
}
