import { hours, later } from '../platform/clock'
import type { EventData } from '../events/event'
import type { Ledger } from './read-ledger'
import type { Reason } from './score'

/** One topic of somebody's needs map, and what it rests on: reasons below `sales:needs.`, and the events. */
export type Need = { topic: string; reasons: Reason[]; events: string[] }

export type NeedsMap = {
  wants: Need[]
  unsure: Need[]
  never: Need[]
  /** How many topics the lessons have in all. */
  topics: number
}

const most = 5

type Trace = {
  asked: string[]
  finished: string[]
  minutes: number
  left: { event: string; title: string } | null
  wrong: { event: string; correct: number; total: number } | null
  seen: boolean
}

/**
 * What somebody wants, is unsure of, and has never opened, by the topics that authors gave to lessons. Wants: asked about, or
 * two finished lessons. Unsure: a wrong answer in the last attempt, or a lesson opened more than a day ago and left. `topics`
 * are those of all published lessons.
 */
export function needsMapOf(ledger: Ledger, topics: readonly string[], at: Date): NeedsMap {
  const traces = new Map<string, Trace>()
  const trace = (topic: string) => {
    if (!traces.has(topic)) {
      traces.set(topic, { asked: [], finished: [], minutes: 0, left: null, wrong: null, seen: false })
    }
    return traces.get(topic)!
  }
  const past = ledger.filter(event => event.at <= at)
  const done = new Set(past.flatMap(event => (event.name === 'lesson.completed' ? [lessonOf(event)] : [])))
  const topicsOfLesson = new Map<string, string[]>()
  for (const event of past) {
    if (event.name === 'lesson.opened' || event.name === 'lesson.completed') {
      const data = event.data as EventData['lesson.completed']
      topicsOfLesson.set(lessonOf(event), data.topics)
      for (const topic of data.topics) {
        const of = trace(topic)
        of.seen = true
        if (event.name === 'lesson.completed') {
          of.finished.push(event._id)
          of.minutes += Math.round((data.seconds || data.minutes * 60) / 60)
        } else if (!done.has(lessonOf(event)) && event.at < later(at, -hours(24))) {
          of.left = { event: event._id, title: data.title }
        }
      }
    } else if (event.name === 'quiz.attempted') {
      const { topics: asked, weakTopics, correct, total } = event.data as EventData['quiz.attempted']
      for (const topic of new Set([...asked, ...weakTopics])) {
        Object.assign(trace(topic), {
          seen: true,
          wrong: weakTopics.includes(topic) ? { event: event._id, correct, total } : null,
        })
      }
    } else if (event.name === 'question.asked') {
      for (const topic of topicsOfLesson.get(lessonOf(event)) ?? []) trace(topic).asked.push(event._id)
    }
  }
  const entries = [...traces]
  const unsure = entries.filter(([, { wrong, left, asked }]) => (wrong ?? left) && !asked.length)
  const wants = entries
    .filter(
      ([topic, { asked, finished }]) =>
        asked.length || (finished.length > 1 && !unsure.some(([of]) => of === topic)),
    )
    .sort(([, a], [, b]) => b.asked.length - a.asked.length || b.finished.length - a.finished.length)
  const all = [...new Set(topics)]
  return {
    wants: wants.slice(0, most).map(([topic, of]) => wantedNeed(topic, of)),
    unsure: unsure.slice(0, most).map(([topic, of]) => unsureNeed(topic, of)),
    never: all
      .filter(topic => !traces.get(topic)?.seen)
      .slice(0, most)
      .map(topic => ({ topic, reasons: [], events: [] })),
    topics: all.length,
  }
}

function wantedNeed(topic: string, { asked, finished, minutes }: Trace): Need {
  const reasons: Reason[] = []
  if (asked.length) reasons.push({ key: 'asked', values: { count: asked.length } })
  if (finished.length) reasons.push({ key: 'lessons', values: { count: finished.length, minutes } })
  return { topic, reasons: reasons, events: [...asked, ...finished] }
}

function unsureNeed(topic: string, { wrong, left }: Trace): Need {
  const reasons: Reason[] = []
  if (wrong) reasons.push({ key: 'correctOf', values: { correct: wrong.correct, total: wrong.total } })
  if (left) reasons.push({ key: 'unfinished', values: { title: left.title } })
  return { topic, reasons: reasons, events: [wrong?.event, left?.event].filter(id => id !== undefined) }
}

/** A lesson's slug is unique within its course only. */
function lessonOf(event: Ledger[number]): string {
  return `${event.course}:${(event.data as { lesson: string | null }).lesson}`
}
