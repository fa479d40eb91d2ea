import { days, minutes } from '../platform/clock'
import type { EventName, EventData } from '../events/event'
import type { Ledger } from '../scoring/read-ledger'
import type { Reason } from '../scoring/score'
import { dayOf } from '../web/relative-time'

/** A line of the timeline. Its text is a translation below `sales:timeline.`; the keys of its notes are complete. */
export type Line = {
  at: Date
  icon: string
  key: string
  values: Record<string, string | number>
  notes: Reason[]
  /** Base points of all its events together. */
  points: number
  /** Ids of its events. */
  events: string[]
}

type Draft = Omit<Line, 'at' | 'points' | 'events' | 'notes'> & { notes?: Line['notes'] }
type Renderer<N extends EventName> = (data: EventData[N], names: Map<string, string>) => Draft | null

const kindIcons: Record<string, string> = { video: 'video-camera', quiz: 'question' }

/** How each event is shown, in the order of events at the same moment. Events that are missing here aren't shown. */
const renderers: { [N in EventName]?: Renderer<N> } = {
  'person.signed_up': () => ({ icon: 'user', key: 'signedUp', values: {} }),
  'needs_assessment.completed': () => ({ icon: 'list-checks', key: 'needsAssessed', values: {} }),
  'course.enrolled': ({ title }) => ({ icon: 'book-open', key: 'enrolled', values: { title } }),
  'lesson.opened': ({ title }) => ({ icon: 'warning-circle', key: 'unfinished', values: { title } }),
  'quiz.attempted': ({ title, correct, total, passed }) => ({
    icon: passed ? 'seal-check' : 'x-circle',
    key: passed ? 'passed' : 'failed',
    values: { title, correct, total },
  }),
  'lesson.completed': ({ title, kind, seconds, minutes: length }) => ({
    icon: kindIcons[kind] ?? 'article',
    key: 'lesson',
    values: { title },
    notes: seconds ? [note('watched', { time: duration(seconds), length })] : [],
  }),
  'course.completed': ({ title }) => ({ icon: 'seal-check', key: 'course', values: { title } }),
  'certificate.issued': ({ title }) => ({ icon: 'certificate', key: 'certificate', values: { title } }),
  'pricing.viewed': ({ seconds }) => ({
    icon: 'currency-eur',
    key: 'pricing',
    values: {},
    notes: [visibleFor(seconds)],
  }),
  'plans.compared': ({ seconds }) => ({
    icon: 'rows',
    key: 'plans',
    values: {},
    notes: [visibleFor(seconds)],
  }),
  'question.asked': ({ text }) => ({
    icon: 'chat-circle',
    key: 'asked',
    values: { text },
    notes: [note('question')],
  }),
  'colleague.active': ({ name, title }) => ({
    icon: 'users',
    key: !name ? 'colleagueUnnamed' : title ? 'colleagueTitled' : 'colleague',
    values: { name, title: title ?? '' },
  }),
  'contact.requested': ({ kind, text }) => ({
    icon: kind === 'contact' ? 'chat-circle' : 'calendar-blank',
    key: `requested${kind[0]!.toUpperCase()}${kind.slice(1)}`,
    values: {},
    notes: quote(text),
  }),
  'order.paid': ({ title }) => ({ icon: 'receipt', key: 'bought', values: { title } }),
  'order.refunded': ({ title }) => ({ icon: 'receipt', key: 'refunded', values: { title } }),
  'sharing.paused': () => ({ icon: 'pause-circle', key: 'paused', values: {} }),
  'sharing.resumed': () => ({ icon: 'eye', key: 'resumed', values: {} }),
  'lead.qualified': ({ band, trigger }) => ({
    icon: 'flag',
    key: trigger === 'contact_request' ? 'qualifiedByRequest' : 'qualified',
    values: { band },
  }),
  'lead.disqualified': ({ reason }) => ({ icon: 'flag', key: `disqualified.${reason}`, values: {} }),
  'lead.accepted': ({ by }, names) => ({
    icon: 'check',
    key: by ? 'accepted' : 'acceptedByCrm',
    values: { name: nameOf(by, names) },
  }),
  'lead.acceptance_undone': ({ by }, names) => ({
    icon: 'arrow-counter-clockwise',
    key: 'acceptanceUndone',
    values: { name: nameOf(by, names) },
  }),
  'lead.rejected': ({ by, reason, text }, names) => ({
    icon: 'x',
    key: by ? 'rejected' : 'rejectedByCrm',
    values: { name: nameOf(by, names) },
    notes: [rejectionReason(reason), ...quote(text)],
  }),
  'lead.contacted': () => ({ icon: 'phone', key: 'contacted', values: {} }),
  'opportunity.opened': () => ({ icon: 'briefcase', key: 'opened', values: {} }),
  'opportunity.won': () => ({ icon: 'star', key: 'won', values: {} }),
  'opportunity.lost': ({ reason }) => ({
    icon: 'x-circle',
    key: 'lost',
    values: {},
    notes: [rejectionReason(reason)],
  }),
  'opportunity.reopened': () => ({ icon: 'arrow-counter-clockwise', key: 'reopened', values: {} }),
}

const eventOrder = Object.keys(renderers)

/**
 * Returns what a person did and how sales responded, newest first. The end of a course is one line: the passed quiz,
 * its lesson, the course and the certificate. An opened lesson is shown only when it wasn't finished within a day.
 *
 * @param weights base points by event id.
 * @param names names of people in sales, by id.
 * @param owner the current owner, shown at the last hand-off.
 */
export function timelineOf(
  ledger: Ledger,
  weights: ReadonlyMap<string, number>,
  names: Map<string, string>,
  at: Date,
  owner: string | null = null,
): Line[] {
  const past = ledger.filter(event => event.at <= at).sort(byTime)
  const finishedLessons = new Set(past.filter(({ name }) => name === 'lesson.completed').map(lessonOf))
  const lines: Line[] = []
  for (const event of past) {
    if (event.name === 'lesson.opened') {
      if (finishedLessons.has(lessonOf(event)) || at.getTime() - event.at.getTime() < days(1)) continue
    }
    const draft = (renderers[event.name] as Renderer<EventName> | undefined)?.(event.data, names)
    if (!draft) continue
    const points = weights.get(event._id) ?? 0
    const courseEnd = courseEndEvents.has(event.name) && lines.findLast(line => continues(line, event, past))
    if (courseEnd) {
      courseEnd.points += points
      courseEnd.events.push(event._id)
      if (event.name !== 'lesson.completed') courseEnd.notes.push(note(draft.key))
    } else lines.push({ notes: [], ...draft, at: event.at, points, events: [event._id] })
  }
  const handOff = owner && lines.findLast(({ key }) => key.startsWith('qualified'))
  if (handOff) handOff.notes.push(note('assigned', { name: owner }))
  return lines.reverse()
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

/** True when a line shows the end of a course, at most five minutes ago, that the event belongs to. */
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

function visibleFor(seconds: number): Reason {
  return note('visible', { time: duration(seconds) })
}

function quote(text: string): Reason[] {
  return text ? [note('quote', { text })] : []
}

function rejectionReason(reason: string): Reason {
  return { key: `sales:rejectionReason.${reason}`, values: {} }
}

/** Returns seconds as `48 s`, `13 min` or `2 min 05 s`. */
function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const [wholeMinutes, rest] = [Math.floor(whole / 60), whole % 60]
  if (!wholeMinutes) return `${rest} s`
  return rest ? `${wholeMinutes} min ${String(rest).padStart(2, '0')} s` : `${wholeMinutes} min`
}

function nameOf(by: string | null, names: Map<string, string>): string {
  return (by && names.get(by)) ?? ''
}
