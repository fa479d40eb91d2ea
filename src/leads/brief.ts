import { days, later } from '../platform/clock'
import type { EventName, Happenings } from '../events/event'
import type { Needs } from '../scoring/needs-map'
import type { Ledger } from '../scoring/read-ledger'
import type { Reason } from '../scoring/score'

/** A sentence of "why now": its translation below `desk:why.`, the number in its margin, and the events it rests on. */
export type Claim = {
  n: number
  key: string
  values: Record<string, string | number>
  /** When the last of its events happened. */
  at: Date
  /** Newest first; never empty. */
  events: string[]
}

export type Brief = {
  claims: Claim[]
  /** What to say first, below `desk:say.`. */
  say: Reason | null
  /** What to leave for later, below `desk:say.`. */
  leave: Reason | null
}

/** Older events are history, and not why somebody should be called now. */
const recent = days(30)

const kinds = { demo: 'Demo', trial: 'Trial', contact: 'Contact' } as const

/**
 * Why somebody should be called now, in the order in which a colleague would say it: a raised hand, what they learned, what
 * they asked, that they read the prices, who else of their company is here. Each sentence names its events.
 */
export function briefOf(ledger: Ledger, needs: Needs, at: Date): Brief {
  const found = sentences(ledger, at)
  const unsure = needs.unsure[0]
  return {
    claims: found.map(({ claim }, index) => ({ ...claim, n: index + 1 })),
    say: firstToSay(found),
    leave: found.length && unsure ? { key: 'leave', values: { topic: unsure.topic } } : null,
  }
}

// Somebody who asked is answered before anything else is said.
const sayOrder = ['hand', 'asked', 'course', 'prices', 'lessons']

function firstToSay(found: Sentence[]): Reason | null {
  const sayings = found.flatMap(({ say }) => say ?? [])
  const place = ({ key }: Reason) => sayOrder.findIndex(start => key.startsWith(start))
  return sayings.sort((a, b) => place(a) - place(b))[0] ?? null
}

/** The brief in one line of a list: at most three of its reasons, below `desk:headline.`. */
export function headlineOf(ledger: Ledger, at: Date): Reason[] {
  return sentences(ledger, at)
    .map(({ headline }) => headline)
    .slice(0, 3)
}

type Sentence = { claim: Omit<Claim, 'n'>; headline: Reason; say: Reason | null }

function sentences(ledger: Ledger, at: Date): Sentence[] {
  const past = ledger.filter(event => event.at <= at && event.at > later(at, -recent)).reverse()
  const of = <N extends EventName>(name: N) =>
    past.filter(event => event.name === name) as (Ledger[number] & { data: Happenings[N] })[]
  return [
    hand(of('hand.raised')),
    learned(of('course.completed'), of('quiz.attempted'), of('lesson.completed'), of('certificate.issued')),
    asked(of('question.asked')),
    prices(of('prices.read')),
    colleagues(of('colleague.active')),
    bought(of('order.paid')),
  ].filter(sentence => sentence !== null)
}

type Found<N extends EventName> = (Ledger[number] & { data: Happenings[N] })[]

function hand(raised: Found<'hand.raised'>): Sentence | null {
  const [last] = raised
  if (!last) return null
  const { kind, title, text } = last.data
  const values = { title: title ?? '', text }
  return {
    claim: { key: `hand${kinds[kind]}`, values, ...evidence(raised) },
    headline: { key: `hand${kinds[kind]}`, values: {} },
    say: { key: `hand${kinds[kind]}`, values },
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
      claim: { key: 'lessons', values, ...evidence(lessons) },
      headline: { key: 'lessons', values: { count: lessons.length } },
      say: { key: 'lessons', values },
    }
  }
  const passed = attempts.find(({ data, course: of }) => data.passed && String(of) === String(course.course))
  const span = first ? Math.max(1, Math.ceil((course.at.getTime() - first.at.getTime()) / days(1))) : 1
  const values = {
    course: course.data.title,
    courses: courses.length,
    lessons: lessons.length,
    count: span,
    percent: passed ? Math.round((100 * passed.data.right) / passed.data.of) : 0,
  }
  return {
    claim: {
      key: passed ? 'coursePassed' : 'course',
      values,
      ...evidence([...courses, ...(passed ? [passed] : []), ...certificates]),
    },
    headline: { key: 'courses', values: { count: courses.length } },
    say: { key: 'course', values: { course: course.data.title } },
  }
}

function asked(questions: Found<'question.asked'>): Sentence | null {
  const [last] = questions
  if (!last) return null
  return {
    claim: { key: 'asked', values: { text: last.data.text }, ...evidence(questions) },
    headline: { key: 'asked', values: { count: questions.length } },
    say: { key: 'asked', values: { text: last.data.text } },
  }
}

function prices(read: Found<'prices.read'>): Sentence | null {
  if (!read.length) return null
  return {
    claim: {
      key: read.length === 2 ? 'pricesTwice' : 'prices',
      values: { count: read.length, seconds: read[0]!.data.seconds },
      ...evidence(read),
    },
    headline: { key: read.length === 2 ? 'pricesTwice' : 'prices', values: { count: read.length } },
    say: { key: 'prices', values: {} },
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
    claim: { key: who ? 'colleagues' : 'colleaguesUnnamed', values, ...evidence(active) },
    headline: { key: 'colleagues', values: { count: active.length } },
    say: null,
  }
}

function bought(orders: Found<'order.paid'>): Sentence | null {
  const [last] = orders
  if (!last) return null
  return {
    claim: { key: 'bought', values: { title: last.data.title }, ...evidence(orders) },
    headline: { key: 'bought', values: { title: last.data.title } },
    say: null,
  }
}

function evidence(events: Ledger): { at: Date; events: string[] } {
  return { at: events[0]!.at, events: events.map(event => event._id) }
}
