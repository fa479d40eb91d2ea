import { days } from '../platform/clock'
import type { EventName, EventData } from '../events/definitions'
import type { Ledger } from './read-ledger'
import { inTime } from './rules'

/** A reason in words: a translation key below `sales:headline.` (or as documented where it is used), and its values. */
export type Reason = { key: string; values: Record<string, string | number> }

/** Evidence is of so many days and of today: older events are history, not a reason to call now. */
const evidenceDays = 30

/** Returns the day of a moment: how many days UTC had since 1970. */
export const utcDayOf = (at: number): number => Math.floor(at / days(1))

/** Returns the first day of the evidence at a moment. Whole days, so that counts by day say what is left of it. */
export const firstEvidenceDay = (at: Date): number => utcDayOf(at.getTime()) - evidenceDays

/** Returns when the evidence at a moment begins. */
export const evidenceStart = (at: Date): Date => new Date(days(firstEvidenceDay(at)))

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
export function headlineOf(seen: SeenEvidence): Reason[] {
  return headlineFrom(sentencesOf(seen))
}

/** Returns what a list says of a person: the headline, and what sets them apart. */
export function listReasonsOf(seen: SeenEvidence): { headline: Reason[]; highlights: Reason[] } {
  const evidence = sentencesOf(seen)
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

/** What counts as evidence, by kind. */
export const evidenceKinds = {
  requests: ({ name }: Seeable) => name === 'contact.requested',
  courses: ({ name }: Seeable) => name === 'course.completed',
  passed: ({ name, data }: Seeable) => name === 'quiz.attempted' && (data as { passed: boolean }).passed,
  lessons: ({ name }: Seeable) => name === 'lesson.completed',
  tours: ({ name, data }: Seeable) =>
    name === 'lesson.completed' && (data as { kind?: string }).kind === 'tour',
  certificates: ({ name }: Seeable) => name === 'certificate.issued',
  sessions: ({ name }: Seeable) => name === 'session.attended',
  questions: ({ name }: Seeable) => name === 'question.asked' || name === 'session.question_asked',
  pricing: ({ name }: Seeable) => name === 'pricing.viewed',
  colleagues: ({ name }: Seeable) => name === 'colleague.active',
  opened: ({ name }: Seeable) => name === 'order.paid' || name === 'order.reinstated',
  closed: ({ name }: Seeable) => name === 'order.refunded' || name === 'order.disputed',
} satisfies Record<string, (event: Seeable) => boolean>

type Seeable = Pick<Ledger[number], 'name' | 'data'>
export type EvidenceKind = keyof typeof evidenceKinds
export const evidenceKindNames = Object.keys(evidenceKinds) as EvidenceKind[]

/** What was seen of a kind since the evidence begins. */
export type Seen<N extends EventName = EventName> = {
  count: number
  /** The newest first: all, or as many as sentences need. */
  latest: EventsNamed<N>
  /** When the first of all happened. */
  firstAt: Date | null
  /** Ids of all, the newest first; none where only the latest were read, as lists need no more. */
  ids: string[]
}

type NamesOf = {
  requests: 'contact.requested'
  courses: 'course.completed'
  passed: 'quiz.attempted'
  lessons: 'lesson.completed'
  tours: 'lesson.completed'
  certificates: 'certificate.issued'
  sessions: 'session.attended'
  questions: 'question.asked' | 'session.question_asked'
  pricing: 'pricing.viewed'
  colleagues: 'colleague.active'
  opened: 'order.paid' | 'order.reinstated'
  closed: 'order.refunded' | 'order.disputed'
}
export type SeenEvidence = { [K in EvidenceKind]: Seen<NamesOf[K]> }

/** Returns what a ledger has of evidence at a moment. */
export function seenIn(ledger: Ledger, at: Date): SeenEvidence {
  const from = evidenceStart(at)
  const newestFirst = ledger.filter(event => event.at <= at && event.at >= from).sort((a, b) => inTime(b, a))
  const seen = (isOfKind: (event: Seeable) => boolean): Seen => {
    const latest = newestFirst.filter(isOfKind)
    return {
      count: latest.length,
      latest,
      firstAt: latest.at(-1)?.at ?? null,
      ids: latest.map(({ _id }) => _id),
    }
  }
  return Object.fromEntries(evidenceKindNames.map(kind => [kind, seen(evidenceKinds[kind])])) as SeenEvidence
}

/** Returns the evidence at a moment, see `sentencesOf`; each claim has the events behind it. */
export function evidenceOf(ledger: Ledger, at: Date): Sentence[] {
  return sentencesOf(seenIn(ledger, at))
}

/**
 * Returns what evidence says, in the order a colleague would explain it: a contact request, what they learned, which
 * live sessions they attended, what they asked, their pricing views, the product tours they clicked through, their
 * colleagues, what they bought.
 */
function sentencesOf(seen: SeenEvidence): Sentence[] {
  return [
    contactRequest(seen.requests),
    learned(seen),
    attended(seen.sessions),
    asked(seen.questions),
    pricing(seen.pricing),
    toured(seen.tours),
    colleagues(seen.colleagues),
    bought(seen.opened, seen.closed),
  ].filter(sentence => sentence !== null)
}

type EventsNamed<N extends EventName> = (Ledger[number] & { data: EventData[N] })[]

function contactRequest(requests: SeenEvidence['requests']): Sentence | null {
  const [last] = requests.latest
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

function learned({ courses, passed: attempts, lessons, certificates }: SeenEvidence): Sentence | null {
  const [course] = courses.latest
  if (!course) return finishedLessons(lessons)
  const passed = attempts.latest.find(({ course: courseId }) => String(courseId) === String(course.course))
  const daysTaken = lessons.firstAt
    ? Math.max(1, Math.ceil((course.at.getTime() - lessons.firstAt.getTime()) / days(1)))
    : 1
  const values = {
    course: course.data.title,
    courses: courses.count,
    lessons: lessons.count,
    count: daysTaken,
    percent: passed ? Math.round((100 * passed.data.correct) / passed.data.total) : 0,
  }
  return {
    claim: {
      key: passed ? 'coursePassed' : 'course',
      values,
      at: course.at,
      events: [...courses.ids, ...(passed ? [passed._id] : []), ...certificates.ids],
    },
    headline: { key: 'courses', values: { count: courses.count } },
    opening: { key: 'course', values: { course: course.data.title } },
  }
}

function finishedLessons(lessons: SeenEvidence['lessons']): Sentence | null {
  const [last] = lessons.latest
  if (!last) return null
  const values = { count: lessons.count, title: last.data.title }
  return {
    claim: { key: 'lessons', values, ...basedOn(lessons) },
    headline: { key: 'lessons', values: { count: lessons.count } },
    opening: { key: 'lessons', values },
  }
}

function attended(sessions: SeenEvidence['sessions']): Sentence | null {
  const [last] = sessions.latest
  if (!last) return null
  const { title, minutes, length } = last.data
  const values = { title, minutes, length, count: sessions.count }
  return {
    claim: { key: 'attended', values, ...basedOn(sessions) },
    headline: { key: 'attended', values: { count: sessions.count } },
    opening: { key: 'attended', values: { title } },
  }
}

function asked(questions: SeenEvidence['questions']): Sentence | null {
  const [last] = questions.latest
  if (!last) return null
  const values = { text: last.data.text }
  return {
    claim: { key: 'asked', values, ...basedOn(questions) },
    headline: { key: 'asked', values: { count: questions.count } },
    opening: { key: 'asked', values },
  }
}

function toured(tours: SeenEvidence['tours']): Sentence | null {
  const [last] = tours.latest
  if (!last?.data.steps) return null
  const values = { title: last.data.title, ...last.data.steps, count: tours.count }
  return {
    claim: { key: 'tour', values, ...basedOn(tours) },
    headline: { key: 'tour', values: { count: tours.count } },
    opening: { key: 'tour', values: { title: last.data.title } },
  }
}

function pricing(views: SeenEvidence['pricing']): Sentence | null {
  const [last] = views.latest
  if (!last) return null
  const key = views.count === 2 ? 'pricingTwice' : 'pricing'
  return {
    claim: { key, values: { count: views.count, seconds: last.data.seconds }, ...basedOn(views) },
    headline: { key, values: { count: views.count } },
    opening: { key: 'pricing', values: {} },
  }
}

/** How many colleagues a sentence names. */
export const namedColleagues = 3

function colleagues(active: SeenEvidence['colleagues']): Sentence | null {
  if (!active.count) return null
  // Colleagues who don't share with sales, or have been deleted, have no name here.
  const who = active.latest
    .filter(({ data }) => data.name)
    .slice(0, namedColleagues)
    .map(({ data }) => (data.title ? `${data.name} (${data.title})` : data.name))
    .join(', ')
  const values = { count: active.count, who }
  return {
    claim: { key: who ? 'colleagues' : 'colleaguesUnnamed', values, ...basedOn(active) },
    headline: { key: 'colleagues', values: { count: active.count } },
    opening: null,
  }
}

/** A course whose money was sent back since isn't bought. */
function bought(opened: SeenEvidence['opened'], closed: SeenEvidence['closed']): Sentence | null {
  const isClosedSince = ({ data }: (typeof opened.latest)[number]) =>
    closed.latest.some(event => event.data.order === data.order && event.data.number > data.number)
  const owned = opened.latest.filter(event => !isClosedSince(event))
  const [last] = owned
  if (!last) return null
  const values = { title: last.data.title }
  return {
    claim: { key: 'bought', values, at: last.at, events: owned.map(({ _id }) => _id) },
    headline: { key: 'bought', values },
    opening: null,
  }
}

function basedOn({ latest, ids }: Seen): { at: Date; events: string[] } {
  return { at: latest[0]!.at, events: ids }
}
