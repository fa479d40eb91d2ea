import { days, later } from '../platform/clock'
import type { EventName, EventData } from '../events/event'
import type { Ledger } from './read-ledger'
import type { Reason } from './score'

/** Older events are history, not a reason to call now. */
const recent = days(30)

const kinds = { demo: 'Demo', trial: 'Trial', contact: 'Contact' } as const

/** A sentence of "why now": its translation below `sales:whyNow.`, the number in its margin, and the events it rests on. */
export type Claim = {
  n: number
  key: string
  values: Record<string, string | number>
  /** When the last of its events happened. */
  at: Date
  /** Newest first; never empty. */
  events: string[]
}

/** The brief in one line of a list: at most three of its reasons, below `sales:headline.`. */
export function headlineOf(ledger: Ledger, at: Date): Reason[] {
  return evidenceOf(ledger, at)
    .map(({ headline }) => headline)
    .slice(0, 3)
}

/** One sentence of evidence: its claim in the brief, its short form in a list, and what to say first. */
export type Sentence = { claim: Omit<Claim, 'n'>; headline: Reason; opening: Reason | null }

/**
 * The evidence of the last 30 days, in the order in which a colleague would tell it: a contact request, what they learned,
 * what they asked, that they read the prices, who else of their company is here, what they bought.
 */
export function evidenceOf(ledger: Ledger, at: Date): Sentence[] {
  const past = ledger.filter(event => event.at <= at && event.at > later(at, -recent)).reverse()
  const of = <N extends EventName>(name: N) =>
    past.filter(event => event.name === name) as (Ledger[number] & { data: EventData[N] })[]
  return [
    contactRequest(of('contact.requested')),
    learned(of('course.completed'), of('quiz.attempted'), of('lesson.completed'), of('certificate.issued')),
    asked(of('question.asked')),
    pricing(of('pricing.viewed')),
    colleagues(of('colleague.active')),
    bought(of('order.paid')),
  ].filter(sentence => sentence !== null)
}

type Found<N extends EventName> = (Ledger[number] & { data: EventData[N] })[]

function contactRequest(raised: Found<'contact.requested'>): Sentence | null {
  const [last] = raised
  if (!last) return null
  const { kind, title, text } = last.data
  const values = { title: title ?? '', text }
  return {
    claim: { key: `requested${kinds[kind]}`, values, ...basis(raised) },
    headline: { key: `requested${kinds[kind]}`, values: {} },
    opening: { key: `requested${kinds[kind]}`, values },
  }
}

function learned(
  courses: Found<'course.completed'>,
  attempts: Found<'quiz.attempted'>,
  lessons: Found<'lesson.completed'>,
  certificates: Found<'certificate.issued'>,
): Sentence | null {
  const [course] = courses
  const first = lessons.at(-1)
  if (!course) {
    if (!lessons.length) return null
    const values = { count: lessons.length, title: lessons[0]!.data.title }
    return {
      claim: { key: 'lessons', values, ...basis(lessons) },
      headline: { key: 'lessons', values: { count: lessons.length } },
      opening: { key: 'lessons', values },
    }
  }
  const passed = attempts.find(({ data, course: of }) => data.passed && String(of) === String(course.course))
  const span = first ? Math.max(1, Math.ceil((course.at.getTime() - first.at.getTime()) / days(1))) : 1
  const values = {
    course: course.data.title,
    courses: courses.length,
    lessons: lessons.length,
    count: span,
    percent: passed ? Math.round((100 * passed.data.correct) / passed.data.total) : 0,
  }
  return {
    claim: {
      key: passed ? 'coursePassed' : 'course',
      values,
      ...basis([...courses, ...(passed ? [passed] : []), ...certificates]),
    },
    headline: { key: 'courses', values: { count: courses.length } },
    opening: { key: 'course', values: { course: course.data.title } },
  }
}

function asked(questions: Found<'question.asked'>): Sentence | null {
  const [last] = questions
  if (!last) return null
  return {
    claim: { key: 'asked', values: { text: last.data.text }, ...basis(questions) },
    headline: { key: 'asked', values: { count: questions.length } },
    opening: { key: 'asked', values: { text: last.data.text } },
  }
}

function pricing(read: Found<'pricing.viewed'>): Sentence | null {
  if (!read.length) return null
  return {
    claim: {
      key: read.length === 2 ? 'pricingTwice' : 'pricing',
      values: { count: read.length, seconds: read[0]!.data.seconds },
      ...basis(read),
    },
    headline: { key: read.length === 2 ? 'pricingTwice' : 'pricing', values: { count: read.length } },
    opening: { key: 'pricing', values: {} },
  }
}

function colleagues(active: Found<'colleague.active'>): Sentence | null {
  if (!active.length) return null
  // Who does not share with sales, or is erased, has no name here.
  const who = active
    .filter(({ data }) => data.name)
    .slice(0, 3)
    .map(({ data }) => (data.title ? `${data.name} (${data.title})` : data.name))
    .join(', ')
  const values = { count: active.length, who }
  return {
    claim: { key: who ? 'colleagues' : 'colleaguesUnnamed', values, ...basis(active) },
    headline: { key: 'colleagues', values: { count: active.length } },
    opening: null,
  }
}

function bought(orders: Found<'order.paid'>): Sentence | null {
  const [last] = orders
  if (!last) return null
  return {
    claim: { key: 'bought', values: { title: last.data.title }, ...basis(orders) },
    headline: { key: 'bought', values: { title: last.data.title } },
    opening: null,
  }
}

function basis(events: Ledger): { at: Date; events: string[] } {
  return { at: events[0]!.at, events: events.map(event => event._id) }
}
