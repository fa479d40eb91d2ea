import { days, later } from '../platform/clock'
import type { EventName, EventData } from '../events/definitions'
import type { Ledger } from './read-ledger'
import type { Reason } from './score'

/** Older events are history, not a reason to call now. */
export const evidencePeriod = days(30)

const kinds = { demo: 'Demo', trial: 'Trial', contact: 'Contact' } as const

/** A sentence of "why now": its translation below `sales:whyNow.`, its footnote number, and the events behind it. */
export type Claim = {
  n: number
  key: string
  values: Record<string, string | number>
  /** When the latest of its events happened. */
  at: Date
  /** Ids, newest first; never empty. */
  events: string[]
}

/** Returns the brief as one line for a list: at most three reasons, below `sales:headline.`. */
export function headlineOf(ledger: Ledger, at: Date): Reason[] {
  return listReasonsOf(ledger, at).headline
}

/** Returns what a list says of a person: the headline, and what sets them apart, from one reading of the ledger. */
export function listReasonsOf(ledger: Ledger, at: Date): { headline: Reason[]; highlights: Reason[] } {
  const evidence = evidenceOf(ledger, at)
  return { headline: headlineFrom(evidence), highlights: highlightsFrom(evidence) }
}

function headlineFrom(evidence: Sentence[]): Reason[] {
  return evidence.map(({ headline }) => headline).slice(0, 3)
}

/** What sets someone apart comes first: their own words, their colleagues, and what they compared or passed. */
const mostTelling = [
  'requested',
  'asked',
  'colleagues',
  'tour',
  'pricing',
  'attended',
  'bought',
  'coursePassed',
  'course',
  'lessons',
]
const maxHighlights = 4
/** The most characters of a person's words in a line of a list. */
const maxQuote = 160

/** What makes a lead different from others, for a line in a list, below `sales:highlight.`. */
function highlightsFrom(evidence: Sentence[]): Reason[] {
  const rankOf = ({ key }: Reason) => mostTelling.findIndex(start => key.startsWith(start))
  return evidence
    .map(({ claim }) => ({ key: claim.key, values: shortened(claim.values) }))
    .sort((a, b) => rankOf(a) - rankOf(b))
    .slice(0, maxHighlights)
}

function shortened(values: Reason['values']): Reason['values'] {
  const cut = (value: string | number) =>
    typeof value === 'string' && value.length > maxQuote
      ? `${value.slice(0, maxQuote - 1).trimEnd()}…`
      : value
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, cut(value)]))
}

/** One piece of evidence: its claim in the brief, its short form in a list, and how to open a call with it. */
export type Sentence = { claim: Omit<Claim, 'n'>; headline: Reason; opening: Reason | null }

/**
 * Returns the evidence from the last 30 days, in the order a colleague would explain it: a contact request, what they
 * learned, which live sessions they attended, what they asked, their pricing views, the product tours they clicked
 * through, their colleagues, what they bought.
 */
export function evidenceOf(ledger: Ledger, at: Date): Sentence[] {
  const newestFirst = ledger
    .filter(event => event.at <= at && event.at > later(at, -evidencePeriod))
    .reverse()
  const named = <N extends EventName>(name: N) =>
    newestFirst.filter(event => event.name === name) as EventsNamed<N>
  return [
    contactRequest(named('contact.requested')),
    learned(
      named('course.completed'),
      named('quiz.attempted'),
      named('lesson.completed'),
      named('certificate.issued'),
    ),
    attended(named('session.attended')),
    asked([...named('question.asked'), ...named('session.question_asked')]),
    pricing(named('pricing.viewed')),
    toured(named('lesson.completed')),
    colleagues(named('colleague.active')),
    bought(
      [...named('order.paid'), ...named('order.reinstated')],
      [...named('order.refunded'), ...named('order.disputed')],
    ),
  ].filter(sentence => sentence !== null)
}

type EventsNamed<N extends EventName> = (Ledger[number] & { data: EventData[N] })[]

function contactRequest(requests: EventsNamed<'contact.requested'>): Sentence | null {
  const [last] = requests
  if (!last) return null
  const { kind, title, text } = last.data
  const key = `requested${kinds[kind]}`
  const values = { title: title ?? '', text }
  return {
    claim: { key, values, ...basedOn(requests) },
    headline: { key, values: {} },
    opening: { key, values },
  }
}

function learned(
  courses: EventsNamed<'course.completed'>,
  attempts: EventsNamed<'quiz.attempted'>,
  lessons: EventsNamed<'lesson.completed'>,
  certificates: EventsNamed<'certificate.issued'>,
): Sentence | null {
  const [course] = courses
  if (!course) return finishedLessons(lessons)
  const firstLesson = lessons.at(-1)
  const passed = attempts.find(
    ({ data, course: courseId }) => data.passed && String(courseId) === String(course.course),
  )
  const daysTaken = firstLesson
    ? Math.max(1, Math.ceil((course.at.getTime() - firstLesson.at.getTime()) / days(1)))
    : 1
  const values = {
    course: course.data.title,
    courses: courses.length,
    lessons: lessons.length,
    count: daysTaken,
    percent: passed ? Math.round((100 * passed.data.correct) / passed.data.total) : 0,
  }
  return {
    claim: {
      key: passed ? 'coursePassed' : 'course',
      values,
      ...basedOn([...courses, ...(passed ? [passed] : []), ...certificates]),
    },
    headline: { key: 'courses', values: { count: courses.length } },
    opening: { key: 'course', values: { course: course.data.title } },
  }
}

function finishedLessons(lessons: EventsNamed<'lesson.completed'>): Sentence | null {
  const [last] = lessons
  if (!last) return null
  const values = { count: lessons.length, title: last.data.title }
  return {
    claim: { key: 'lessons', values, ...basedOn(lessons) },
    headline: { key: 'lessons', values: { count: lessons.length } },
    opening: { key: 'lessons', values },
  }
}

function attended(sessions: EventsNamed<'session.attended'>): Sentence | null {
  const [last] = sessions
  if (!last) return null
  const { title, minutes, length } = last.data
  const values = { title, minutes, length, count: sessions.length }
  return {
    claim: { key: 'attended', values, ...basedOn(sessions) },
    headline: { key: 'attended', values: { count: sessions.length } },
    opening: { key: 'attended', values: { title } },
  }
}

function asked(unsorted: EventsNamed<'question.asked' | 'session.question_asked'>): Sentence | null {
  const questions = unsorted.sort((a, b) => b.at.getTime() - a.at.getTime())
  const [last] = questions
  if (!last) return null
  const values = { text: last.data.text }
  return {
    claim: { key: 'asked', values, ...basedOn(questions) },
    headline: { key: 'asked', values: { count: questions.length } },
    opening: { key: 'asked', values },
  }
}

function toured(lessons: EventsNamed<'lesson.completed'>): Sentence | null {
  const tours = lessons.filter(({ data }) => data.kind === 'tour')
  const [last] = tours
  if (!last?.data.steps) return null
  const values = { title: last.data.title, ...last.data.steps, count: tours.length }
  return {
    claim: { key: 'tour', values, ...basedOn(tours) },
    headline: { key: 'tour', values: { count: tours.length } },
    opening: { key: 'tour', values: { title: last.data.title } },
  }
}

function pricing(views: EventsNamed<'pricing.viewed'>): Sentence | null {
  const [last] = views
  if (!last) return null
  const key = views.length === 2 ? 'pricingTwice' : 'pricing'
  return {
    claim: { key, values: { count: views.length, seconds: last.data.seconds }, ...basedOn(views) },
    headline: { key, values: { count: views.length } },
    opening: { key: 'pricing', values: {} },
  }
}

function colleagues(active: EventsNamed<'colleague.active'>): Sentence | null {
  if (!active.length) return null
  // Colleagues who don't share with sales, or have been deleted, have no name here.
  const who = active
    .filter(({ data }) => data.name)
    .slice(0, 3)
    .map(({ data }) => (data.title ? `${data.name} (${data.title})` : data.name))
    .join(', ')
  const values = { count: active.length, who }
  return {
    claim: { key: who ? 'colleagues' : 'colleaguesUnnamed', values, ...basedOn(active) },
    headline: { key: 'colleagues', values: { count: active.length } },
    opening: null,
  }
}

/** A course whose money was sent back since isn't bought. */
function bought(
  opened: EventsNamed<'order.paid' | 'order.reinstated'>,
  closed: EventsNamed<'order.refunded' | 'order.disputed'>,
): Sentence | null {
  const isClosedSince = ({ data }: (typeof opened)[number]) =>
    closed.some(event => event.data.order === data.order && event.data.number > data.number)
  const owned = opened.filter(event => !isClosedSince(event)).sort((a, b) => b.at.getTime() - a.at.getTime())
  const [last] = owned
  if (!last) return null
  const values = { title: last.data.title }
  return {
    claim: { key: 'bought', values, ...basedOn(owned) },
    headline: { key: 'bought', values },
    opening: null,
  }
}

function basedOn(events: Ledger): { at: Date; events: string[] } {
  return { at: events[0]!.at, events: events.map(event => event._id) }
}
