import { days, later } from '../platform/clock'
import type { EventData } from '../events/definitions'
import type { Ledger } from './read-ledger'
import type { Reason } from './evidence'

/** One topic of a needs map, with the reasons (keys below `sales:needs.`) and the ids of the events behind it. */
export type Need = { topic: string; reasons: Reason[]; events: string[] }

export type NeedsMap = {
  wants: Need[]
  unsure: Need[]
  neverOpened: Need[]
  /** Number of distinct topics in all published lessons. */
  topicCount: number
}

const maxPerList = 5

type TopicActivity = {
  /** Ids of the questions and of the finished lessons. */
  asked: string[]
  finished: string[]
  /** Spent in finished lessons; 0 for a lesson that was only marked as done. */
  seconds: number
  unfinished: { event: string; title: string } | null
  incorrect: { event: string; correct: number; total: number } | null
  isOpened: boolean
}

/**
 * Returns what a person wants, is unsure about and has never opened, by the topics that authors give to lessons.
 *
 * - Wants: topics they asked about, or with at least two finished lessons.
 * - Unsure: a wrong answer in the last attempt, or a lesson opened over a day ago and not finished.
 *
 * @param topics the topics of all published lessons; duplicates are ignored.
 */
export function needsMapOf(ledger: Ledger, topics: readonly string[], at: Date): NeedsMap {
  const activities = [...activityByTopic(ledger, at)]
  const unsure = activities.filter(
    ([, { incorrect, unfinished, asked }]) => (incorrect ?? unfinished) && !asked.length,
  )
  const unsureTopics = new Set(unsure.map(([topic]) => topic))
  const wants = activities
    .filter(
      ([topic, { asked, finished }]) => asked.length || (finished.length > 1 && !unsureTopics.has(topic)),
    )
    .sort(([, a], [, b]) => b.asked.length - a.asked.length || b.finished.length - a.finished.length)
  const opened = new Set(activities.flatMap(([topic, { isOpened }]) => (isOpened ? [topic] : [])))
  const allTopics = [...new Set(topics)]
  return {
    wants: wants.slice(0, maxPerList).map(([topic, activity]) => wantedNeed(topic, activity)),
    unsure: unsure.slice(0, maxPerList).map(([topic, activity]) => unsureNeed(topic, activity)),
    neverOpened: allTopics
      .filter(topic => !opened.has(topic))
      .slice(0, maxPerList)
      .map(topic => ({ topic, reasons: [], events: [] })),
    topicCount: allTopics.length,
  }
}

function activityByTopic(ledger: Ledger, at: Date): Map<string, TopicActivity> {
  const activities = new Map<string, TopicActivity>()
  const activityIn = (topic: string) => {
    const known = activities.get(topic)
    if (known) return known
    const empty: TopicActivity = {
      asked: [],
      finished: [],
      seconds: 0,
      unfinished: null,
      incorrect: null,
      isOpened: false,
    }
    activities.set(topic, empty)
    return empty
  }
  const past = ledger.filter(event => event.at <= at)
  const finishedLessons = new Set(
    past.flatMap(event => (event.name === 'lesson.completed' ? [lessonOf(event)] : [])),
  )
  const topicsOfLesson = new Map<string, string[]>()
  for (const event of past) {
    if (event.name === 'lesson.opened' || event.name === 'lesson.completed') {
      const data = event.data as EventData['lesson.completed']
      topicsOfLesson.set(lessonOf(event), data.topics)
      for (const topic of data.topics) {
        const activity = activityIn(topic)
        activity.isOpened = true
        if (event.name === 'lesson.completed') {
          activity.finished.push(event._id)
          activity.seconds += data.seconds
        } else if (!finishedLessons.has(lessonOf(event)) && event.at < later(at, -days(1))) {
          activity.unfinished = { event: event._id, title: data.title }
        }
      }
    } else if (event.name === 'quiz.attempted') {
      const { topics: tested, weakTopics, correct, total } = event.data as EventData['quiz.attempted']
      for (const topic of new Set([...tested, ...weakTopics])) {
        const activity = activityIn(topic)
        activity.isOpened = true
        activity.incorrect = weakTopics.includes(topic) ? { event: event._id, correct, total } : null
      }
    } else if (event.name === 'question.asked') {
      for (const topic of topicsOfLesson.get(lessonOf(event)) ?? []) activityIn(topic).asked.push(event._id)
    }
  }
  return activities
}

function wantedNeed(topic: string, { asked, finished, seconds }: TopicActivity): Need {
  const reasons: Reason[] = []
  if (asked.length) reasons.push({ key: 'asked', values: { count: asked.length } })
  if (finished.length) {
    const values = { count: finished.length, minutes: Math.round(seconds / 60) }
    reasons.push({ key: 'lessons', values })
  }
  return { topic, reasons, events: [...asked, ...finished] }
}

function unsureNeed(topic: string, { incorrect, unfinished }: TopicActivity): Need {
  const reasons: Reason[] = []
  if (incorrect) {
    reasons.push({ key: 'correctOf', values: { correct: incorrect.correct, total: incorrect.total } })
  }
  if (unfinished) reasons.push({ key: 'unfinished', values: { title: unfinished.title } })
  return { topic, reasons, events: [incorrect?.event, unfinished?.event].filter(id => id !== undefined) }
}

/** A lesson's slug is unique only within its course. */
function lessonOf(event: Ledger[number]): string {
  return `${event.course}:${(event.data as { lesson: string | null }).lesson}`
}
