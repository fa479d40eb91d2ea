import type { Types } from 'mongoose'
import type { QueryFilter } from 'mongoose'
import { days, hours, later, now } from '../platform/clock'
import { searchFilter, wordsToFind } from '../platform/fold'
import { retained } from '../platform/retained'
import { Groups } from './group'
import { Posts } from './post'
import { questionsIn, unanswered } from './question'
import { Threads, type Thread } from './thread'

/** How long questions wait, in days: from and below. */
const waitingAges = {
  day: [0, 1],
  threeDays: [1, 3],
  week: [3, 7],
  older: [7, Infinity],
} as const
export type WaitingAge = keyof typeof waitingAges
export const waitingAgeNames = Object.keys(waitingAges) as WaitingAge[]

/** Returns the filter for questions that wait for so long, at a moment. */
export function threadsWaiting(age: WaitingAge, at: Date): QueryFilter<Thread> {
  const [from, below] = waitingAges[age]
  const since = Number.isFinite(below) ? { $gt: later(at, -days(below)) } : {}
  return { ...unanswered, askedAt: { ...since, $lte: later(at, -days(from)) } }
}

/** Counts what waits for an answer, by how long. */
export function countThreadsWaiting(): Promise<number[]> {
  const at = now()
  return Promise.all(
    waitingAgeNames.map(age => Threads.count({ ...questionsIn(), ...threadsWaiting(age, at) })),
  )
}

const weeks = 12
/** The newest questions and answers that the figures are made of, and the rows of a list. */
const [maxRead, maxRows] = [5000, 10]

type WeekOfAnswers = { start: Date; asked: number; medianHours: number | null }
type Repeated = { title: string; words: string; count: number }

/**
 * Returns for each of the last 12 weeks, the oldest first, how many questions were asked, and the median hours until
 * someone else answered; and what was asked again and again in them. Kept for a day, until a question is written.
 */
export const askedLately = retained(
  async (day: number, dependOn): Promise<{ weeks: WeekOfAnswers[]; repeated: Repeated[] }> => {
    dependOn(Threads)
    const end = later(new Date(0), days(day + 1))
    const begin = later(end, -days(7 * weeks))
    const found = await Threads.find(
      { askedAt: { $gte: begin }, state: 'shown' },
      { title: 1, votes: 1, askedAt: 1, firstAnsweredAt: 1 },
    )
      .sort({ askedAt: -1, _id: -1 })
      .limit(maxRead)
    const byWeek = Array.from({ length: weeks }, (_, n) => {
      const [start, below] = [later(begin, days(7 * n)), later(begin, days(7 * (n + 1)))]
      const asked = found.filter(({ askedAt }) => askedAt >= start && askedAt < below)
      const waits = asked.flatMap(({ askedAt, firstAnsweredAt }) =>
        firstAnsweredAt ? [(firstAnsweredAt.getTime() - askedAt.getTime()) / hours(1)] : [],
      )
      return { start, asked: asked.length, medianHours: medianOf(waits) }
    })
    return { weeks: byWeek, repeated: await repeatedIn(found) }
  },
  { max: 2 },
)

/** Returns the median; null of nothing. */
function medianOf(values: readonly number[]): number | null {
  if (!values.length) return null
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A title's longest words, of which pairs are counted; the shortest that say something; and pairs that are shown. */
const [maxWords, minLength, maxRepeated] = [8, 5, 5]

/** Returns what several titles ask, by two words that they share, with how many questions have both. */
async function repeatedIn(threads: readonly Pick<Thread, 'title' | 'votes'>[]): Promise<Repeated[]> {
  const pairs = new Map<string, Pick<Thread, 'title' | 'votes'>[]>()
  for (const thread of threads) {
    for (const pair of pairsOf(thread.title)) pairs.set(pair, [...(pairs.get(pair) ?? []), thread])
  }
  const common = [...pairs].filter(([, own]) => own.length > 1).sort((a, b) => b[1].length - a[1].length)
  const taken = new Set<unknown>()
  const chosen: [string, Pick<Thread, 'title' | 'votes'>[]][] = []
  for (const [words, own] of common) {
    if (chosen.length === maxRepeated) break
    if (own.filter(each => taken.has(each)).length > own.length / 2) continue
    for (const each of own) taken.add(each)
    chosen.push([words, own])
  }
  return Promise.all(
    chosen.map(async ([words, own]) => ({
      title: own.reduce((best, each) => (each.votes > best.votes ? each : best)).title,
      words,
      count: await Threads.count({ $and: [questionsIn(), searchFilter(words)] }),
    })),
  )
}

function pairsOf(title: string): string[] {
  const words = wordsToFind(title)
    .filter(word => word.length >= minLength)
    .sort((a, b) => b.length - a.length)
    .slice(0, maxWords)
    .sort()
  return words.flatMap((a, n) => words.slice(n + 1).map(b => `${a} ${b}`))
}

const helpDays = 90

type Helper = { person: Types.ObjectId; answers: number; accepted: number }

/** Returns who answered the most questions within 90 days, and how many of these answers were accepted. */
export const helpersLately = retained(
  async (day: number, dependOn): Promise<Helper[]> => {
    dependOn(Posts)
    dependOn(Threads)
    const since = later(new Date(0), days(day + 1 - helpDays))
    const written = { state: 'shown', answer: null, writtenAt: { $gte: since } } as const
    const posts = await Posts.find(written, { person: 1, thread: 1 }).sort({ writtenAt: -1 }).limit(maxRead)
    const threads = await Threads.find({ _id: { $in: posts.map(({ thread }) => thread) } }, { accepted: 1 })
    const accepted = new Set(threads.map(each => String(each.accepted)))
    const helpers = new Map<string, Helper>()
    for (const { _id, person } of posts) {
      const helper = helpers.get(String(person)) ?? { person, answers: 0, accepted: 0 }
      helper.answers++
      if (accepted.has(String(_id))) helper.accepted++
      helpers.set(String(person), helper)
    }
    return [...helpers.values()]
      .sort((a, b) => b.accepted - a.accepted || b.answers - a.answers)
      .slice(0, maxRows)
  },
  { max: 2 },
)

const asleepAfter = 30

/**
 * Returns the groups in which nothing has happened for 30 days: nobody joined, the shelf is the same, and nobody asked
 * or answered in their course. The longest asleep come first.
 */
export async function groupsAsleep(brand: string) {
  const since = later(now(), -days(asleepAfter))
  const found = await Groups.find(
    { brand, activeAt: { $lt: since } },
    { slug: 1, name: 1, course: 1, members: 1, activeAt: 1 },
  )
    .sort({ activeAt: 1 })
    .limit(100)
  const courses = found.flatMap(({ course }) => (course ? [course] : []))
  const awake = courses.length
    ? await Threads.distinct('course', { course: { $in: courses }, activeAt: { $gte: since } })
    : []
  const isAwake = new Set(awake.map(String))
  return found.filter(({ course }) => !isAwake.has(String(course))).slice(0, maxRows)
}

/** Today as a number of days, by which what was read lately is kept. */
export const dayNumber = () => Math.floor(now().getTime() / days(1))
