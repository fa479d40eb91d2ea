import { days, minutes } from '../platform/clock'
import { iconOfKind } from '../courses/kinds/kinds'
import { definitionOf, definitions, type EventName } from '../events/definitions'
import { removedNotesIn } from '../leads/lead-note'
import type { Ledger } from '../scoring/read-ledger'
import type { Reason } from '../scoring/evidence'
import { dayOf } from '../web/relative-time'

/** A line of the timeline. Its text is a translation below `sales:timeline.`; the keys of its notes are complete. */
export type Line = {
  at: Date
  icon: string
  key: string
  values: Record<string, string | number>
  notes: Reason[]
  /** Total base points of all its events. */
  points: number
  /** Ids of its events. */
  events: string[]
}

/** The order of events at the same moment. */
const eventOrder = Object.keys(definitions)

/**
 * Returns what a person did and how sales responded, newest first. The end of a course is one line: the passed quiz,
 * its lesson, the course and the certificate. An opened lesson is shown only when it wasn't finished within a day.
 *
 * @param weights base points by event id.
 * @param nameOf returns the name of a teammate.
 */
export function timelineOf(
  ledger: Ledger,
  weights: ReadonlyMap<string, number>,
  nameOf: (id: string) => string,
  at: Date,
): Line[] {
  const removed = removedNotesIn(ledger)
  const past = ledger.filter(event => event.at <= at && !removed.has(event._id)).sort(byTime)
  const finishedLessons = new Set(past.filter(({ name }) => name === 'lesson.completed').map(lessonOf))
  const lines: Line[] = []
  for (const event of past) {
    if (event.name === 'lesson.opened') {
      if (finishedLessons.has(lessonOf(event)) || at.getTime() - event.at.getTime() < days(1)) continue
    }
    const draft = entryOf(event, nameOf)
    if (!draft) continue
    const points = weights.get(event._id) ?? 0
    const courseEnd = courseEndEvents.has(event.name) && lines.findLast(line => continues(line, event, past))
    if (courseEnd) {
      courseEnd.points += points
      courseEnd.events.push(event._id)
      if (event.name !== 'lesson.completed') courseEnd.notes.push(note(draft.key))
    } else lines.push({ ...draft, at: event.at, points, events: [event._id] })
  }
  return lines.reverse()
}

function entryOf({ name, data }: Ledger[number], nameOf: (id: string) => string) {
  const entry = definitionOf(name).timeline?.(data)
  if (!entry) return null
  const { icon, key, values = {}, notes = [], actor, people = {} } = entry
  const named = Object.entries(people).map(([value, id]) => [value, nameOf(id)])
  return {
    icon: typeof icon === 'string' ? icon : iconOfKind(icon.lessonKind),
    key,
    values: {
      ...values,
      ...(actor !== undefined && { name: actor ? nameOf(actor) : '' }),
      ...(Object.fromEntries(named) as Record<string, string>),
    },
    notes: notes.map(each =>
      each.key.startsWith('reason.') ? rejectionReason(each.key.slice(7)) : note(each.key, each.values),
    ),
  }
}

/** Groups lines by day (UTC), in their order. */
export function byDay<L extends { at: Date }>(lines: L[]): { day: Date; lines: L[] }[] {
  const grouped: { day: Date; lines: L[] }[] = []
  for (const line of lines) {
    const last = grouped.at(-1)
    if (last && dayOf(last.day) === dayOf(line.at)) last.lines.push(line)
    else grouped.push({ day: line.at, lines: [line] })
  }
  return grouped
}

function byTime(a: Ledger[number], b: Ledger[number]): number {
  return a.at.getTime() - b.at.getTime() || eventOrder.indexOf(a.name) - eventOrder.indexOf(b.name)
}

const courseEndEvents = new Set<EventName>(['lesson.completed', 'course.completed', 'certificate.issued'])

/** True when a line shows the end of the course that the event belongs to, at most five minutes earlier. */
function continues(line: Line, event: Ledger[number], past: Ledger): boolean {
  if (event.at.getTime() - line.at.getTime() > minutes(5)) return false
  const first = past.find(({ _id }) => _id === line.events[0])!
  const isCourseEnd =
    first.name === 'quiz.attempted' ? line.key === 'passed' : first.name === 'course.completed'
  const isSameLesson = event.name !== 'lesson.completed' || lessonOf(event) === lessonOf(first)
  return isCourseEnd && isSameLesson && String(first.course) === String(event.course)
}

function lessonOf(event: Ledger[number]): string {
  return `${event.course}:${(event.data as { lesson: string }).lesson}`
}

function note(key: string, values: Reason['values'] = {}): Reason {
  return { key: `sales:timelineNote.${key}`, values }
}

function rejectionReason(reason: string): Reason {
  return { key: `sales:rejectionReason.${reason}`, values: {} }
}
