import { days, minutes } from '../platform/clock'
import type { EventName, EventData } from '../events/event'
import type { Ledger } from '../scoring/read-ledger'
import { dayOf } from '../web/relative-time'

/** One thing that happened, as the lead's page tells it. Texts are translations below `sales:timeline.` and `sales:timelineNote.`. */
export type Line = {
  at: Date
  icon: string
  key: string
  values: Record<string, string | number>
  notes: { key: string; values: Record<string, string | number> }[]
  /** Points when new, of all events of this line. */
  points: number
  events: string[]
}

type Draft = Omit<Line, 'at' | 'points' | 'events' | 'notes'> & { notes?: Line['notes'] }
type Renderers<N extends EventName> = (data: EventData[N], people: Map<string, string>) => Draft | null

const kindIcons: Record<string, string> = { video: 'video-camera', quiz: 'question' }

/** How each event is told, in the order of one and the same moment; what is missing is not told to sales. */
const render: { [N in EventName]?: Renderers<N> } = {
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
    notes: seconds ? [{ key: 'watched', values: { time: clock(seconds), length } }] : [],
  }),
  'course.completed': ({ title }) => ({ icon: 'seal-check', key: 'course', values: { title } }),
  'certificate.issued': ({ title }) => ({ icon: 'certificate', key: 'certificate', values: { title } }),
  'pricing.viewed': ({ seconds }) => ({
    icon: 'currency-eur',
    key: 'pricing',
    values: {},
    notes: [visible(seconds)],
  }),
  'plans.compared': ({ seconds }) => ({ icon: 'rows', key: 'plans', values: {}, notes: [visible(seconds)] }),
  'question.asked': ({ text }) => ({
    icon: 'chat-circle',
    key: 'asked',
    values: { text },
    notes: [{ key: 'question', values: {} }],
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
    notes: renderEvent(text),
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
  'lead.accepted': ({ by }, people) => ({
    icon: 'check',
    key: by ? 'accepted' : 'acceptedByCrm',
    values: { name: named(by, people) },
  }),
  'lead.acceptance_undone': ({ by }, people) => ({
    icon: 'arrow-counter-clockwise',
    key: 'acceptanceUndone',
    values: { name: named(by, people) },
  }),
  'lead.rejected': ({ by, reason, text }, people) => ({
    icon: 'x',
    key: by ? 'rejected' : 'rejectedByCrm',
    values: { name: named(by, people) },
    notes: [{ key: `rejectionReason.${reason}`, values: {} }, ...renderEvent(text)],
  }),
  'lead.contacted': () => ({ icon: 'phone', key: 'contacted', values: {} }),
  'opportunity.opened': () => ({ icon: 'briefcase', key: 'opened', values: {} }),
  'opportunity.won': () => ({ icon: 'star', key: 'won', values: {} }),
  'opportunity.lost': ({ reason }) => ({
    icon: 'x-circle',
    key: 'lost',
    values: {},
    notes: [{ key: `rejectionReason.${reason}`, values: {} }],
  }),
  'opportunity.reopened': () => ({ icon: 'arrow-counter-clockwise', key: 'reopened', values: {} }),
}

/**
 * What somebody did and what we did about it, newest first. The end of a course is one line: the passed check, the finished
 * course and the certificate. A lesson that was opened is told only when it was left.
 */
export function timelineOf(
  ledger: Ledger,
  weights: ReadonlyMap<string, number>,
  people: Map<string, string>,
  at: Date,
  owner: string | null = null,
): Line[] {
  const past = ledger.filter(event => event.at <= at).sort(byTime)
  const finished = new Set(past.filter(({ name }) => name === 'lesson.completed').map(lessonOf))
  const lines: Line[] = []
  for (const event of past) {
    if (event.name === 'lesson.opened') {
      if (finished.has(lessonOf(event)) || at.getTime() - event.at.getTime() < days(1)) continue
    }
    const draft = (render[event.name] as Renderers<EventName> | undefined)?.(event.data, people)
    if (!draft) continue
    const points = weights.get(event._id) ?? 0
    const end = courseEnd.has(event.name) && lines.findLast(line => isSameEnd(line, event, past))
    if (end) {
      end.points += points
      end.events.push(event._id)
      if (event.name !== 'lesson.completed') end.notes.push({ key: draft.key, values: {} })
    } else lines.push({ notes: [], ...draft, at: event.at, points, events: [event._id] })
  }
  const handOff = owner && lines.findLast(({ key }) => key.startsWith('qualified'))
  if (handOff) handOff.notes.push({ key: 'assigned', values: { name: owner } })
  return lines.reverse()
}

/** The lines by day, in their order. */
export function byDay(lines: Line[]): { day: Date; lines: Line[] }[] {
  const grouped: { day: Date; lines: Line[] }[] = []
  for (const line of lines) {
    const last = grouped.at(-1)
    if (last && dayOf(last.day) === dayOf(line.at)) last.lines.push(line)
    else grouped.push({ day: line.at, lines: [line] })
  }
  return grouped
}

const places = Object.keys(render)

function byTime(a: Ledger[number], b: Ledger[number]): number {
  return a.at.getTime() - b.at.getTime() || places.indexOf(a.name) - places.indexOf(b.name)
}

const courseEnd = new Set<EventName>(['lesson.completed', 'course.completed', 'certificate.issued'])

function isSameEnd(line: Line, event: Ledger[number], past: Ledger): boolean {
  if (event.at.getTime() - line.at.getTime() > minutes(5)) return false
  const begun = past.find(({ _id }) => _id === line.events[0])!
  const isEnd = begun.name === 'quiz.attempted' ? line.key === 'passed' : begun.name === 'course.completed'
  const isIt = event.name !== 'lesson.completed' || lessonOf(event) === lessonOf(begun)
  return isEnd && isIt && String(begun.course) === String(event.course)
}

function lessonOf(event: Ledger[number]): string {
  return `${event.course}:${(event.data as { lesson: string }).lesson}`
}

function visible(seconds: number): Line['notes'][number] {
  return { key: 'visible', values: { time: clock(seconds) } }
}

/** 48 s, 13 min, 2 min 05 s. */
function clock(seconds: number): string {
  const whole = Math.round(seconds)
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60]
  if (!minutes) return `${rest} s`
  return rest ? `${minutes} min ${String(rest).padStart(2, '0')} s` : `${minutes} min`
}

function renderEvent(text: string): Line['notes'] {
  return text ? [{ key: 'quote', values: { text } }] : []
}

function named(by: string | null, people: Map<string, string>): string {
  return (by && people.get(by)) ?? ''
}
