import { Types } from 'mongoose'
import { days, later, minutes, now } from '../../src/platform/clock'
import type { CourseContent, Lesson } from '../../src/courses/course'
import { Courses } from '../../src/courses/course'
import { emptyLesson, type GradedLesson } from '../../src/courses/kinds/kinds'
import { newPath, publishPath } from '../../src/courses/change-path'
import type { PathContent } from '../../src/courses/path'
import { publishCourse } from '../../src/courses/publish-course'
import { publishedCourse, type Published } from '../../src/courses/published'
import { Orders, type Order } from '../../src/orders/order'
import { recordPaymentFact } from '../../src/orders/record-payment-fact'
import { People, type Person } from '../../src/people/person'
import { LiveSessions, type LiveSession } from '../../src/sessions/live-session'
import { createSeats } from '../../src/sessions/seats'
import { publishedSessions } from '../../src/sessions/shown-sessions'
import { searchWords } from '../../src/people/search-words'

let count = 0

/** Creates a person who has signed up: by default, a prospect at a company who agreed to profiling and sharing. */
export async function person(given: Partial<Person> = {}): Promise<Person> {
  const n = ++count
  const domain = given.company?.domain ?? `company-${n}.example`
  const identity = {
    email: given.email ?? `person-${n}@${domain}`,
    name: given.name ?? `Person ${n}`,
    company: given.company === undefined ? { domain, name: `Company ${n}` } : given.company,
  }
  return People.create({
    search: searchWords(identity),
    role: 'prospect',
    signedUpAt: now(),
    confirmedAt: now(),
    emailKind: 'company',
    consents: ['profiling', 'share_with_sales'],
    ...given,
    ...identity,
  })
}

export type CourseInput = Partial<Omit<CourseContent, 'modules'>> & {
  slug?: string
  /** The number of text lessons. */
  lessons?: number
  /** Adds a final quiz of this many questions, with a pass mark of 50%. */
  quiz?: number
  /** Fields of the final quiz. */
  quizFields?: Partial<GradedLesson>
  /** Returns fields of lesson `n`, counted from 1. */
  lesson?: (n: number) => Partial<Lesson>
}

/** Creates and publishes a course: by default three text lessons, the first of which is a free preview. */
export async function course({
  slug,
  lessons = 3,
  quiz = 0,
  quizFields,
  lesson,
  ...content
}: CourseInput = {}): Promise<Published> {
  const n = ++count
  const name = slug ?? `course-${n}`
  const made = await Courses.create({
    slug: name,
    draft: courseContent({ lessons, quiz, quizFields, lesson, title: `Course ${n}`, ...content }),
    createdAt: now(),
    changedAt: now(),
  })
  const by = await person({ role: 'author' })
  await publishCourse({ course: made._id, by: by._id, draftNumber: made.draftNumber })
  return (await publishedCourse(name))!
}

/** Creates a published live session of 45 minutes, in a week by default; no page says the address of its meeting. */
export async function liveSession(given: Partial<LiveSession> = {}, seats = 10): Promise<LiveSession> {
  const n = ++count
  const startsAt = given.startsAt ?? later(now(), days(7))
  const session = await LiveSessions.create({
    ...{ slug: `session-${n}`, state: 'published', title: `Session ${n}`, summary: 'Bring a question.' },
    ...{ topic: 'learning', language: 'en', timeZone: 'Europe/Oslo', kind: 'online', createdAt: now() },
    joinUrl: secretMeeting,
    hosts: [{ person: null, name: 'Ingrid Solheim', role: 'Field engineer', isPanel: false }],
    endsAt: later(startsAt, minutes(45)),
    ...given,
    startsAt,
  })
  await createSeats(session._id, seats)
  publishedSessions.forget()
  return session
}
export const secretMeeting = 'https://meetings.example/secret-room'

/** Creates and publishes a learning path. */
export async function path({ slug, ...content }: PathContent & { slug: string }): Promise<void> {
  await publishPath(await newPath(content, null, slug), 1, null)
}

/** Creates an order that its buyer has paid: one message to endpoints, whatever the buyer's score. */
export async function paidOrder(buyer: Pick<Person, '_id'>, given: Partial<Order> = {}): Promise<Order> {
  const order = await Orders.create({
    _id: new Types.ObjectId(),
    person: buyer._id,
    course: new Types.ObjectId(),
    slug: 'running-an-academy',
    title: 'Running an academy',
    amount: 24_000,
    currency: 'EUR',
    placedAt: now(),
    session: `cs_${++count}`,
    ...given,
  })
  const { _id, amount, currency, session } = order
  const payment = `pi_${_id}`
  const paid = { fact: 'session', status: 'paid', session: session!, payment, amount, currency } as const
  return (await recordPaymentFact(_id, { ...paid, at: now() }))!
}

export function courseContent({
  lessons = 3,
  quiz = 0,
  quizFields,
  lesson,
  ...content
}: CourseInput = {}): CourseContent {
  const texts = Array.from({ length: lessons }, (_, i) => lessonOf(i + 1, lesson?.(i + 1)))
  return {
    title: 'Pumps, plainly',
    summary: 'What a pump does and when to call.',
    description: 'A course for tests.',
    topic: 'learning',
    audiences: ['l-d'],
    level: 'beginner',
    language: 'en',
    price: null,
    authors: [{ name: 'Ines Halvorsen', role: 'learning' }],
    outcomes: ['tell a pump from a valve'],
    forYou: ['you call people'],
    notForYou: ['you have no pumps'],
    callToAction: { kind: 'demo', label: 'Book a demo', text: 'Half an hour with a person.' },
    certificate: true,
    checkedOn: '2026-11-02',
    related: [],
    assets: [],
    ...content,
    modules: [
      {
        folder: '01-all',
        title: 'Part one',
        lessons: quiz ? [...texts, quizLesson(quiz, quizFields)] : texts,
      },
    ],
  }
}

function lessonOf(n: number, given: Partial<Lesson> = {}): Lesson {
  const lesson = emptyLesson(`lesson-${n}`, `Lesson ${n}`, given.kind ?? 'text')
  const text = { preview: n === 1, topics: ['scoring'], body: `The text of lesson ${n}.\n` }
  return { ...lesson, ...text, ...given } as Lesson
}

/** Returns a quiz in which the first choice of each question is correct. */
function quizLesson(questions: number, given: Partial<GradedLesson> = {}): Lesson {
  const blocks = Array.from({ length: questions }, (_, i) => quizBlock(i + 1))
  return lessonOf(0, {
    slug: 'final-quiz',
    title: 'Final check',
    kind: 'quiz',
    passMark: 50,
    attempts: 3,
    body: blocks.join('\n'),
    ...given,
  })
}

function quizBlock(n: number): string {
  return `\`\`\`quiz
id: q${n}
kind: single
prompt: Question ${n}?
choices:
  - content: Right ${n}
    isCorrect: true
    explanation: Because.
  - content: Wrong ${n}
    explanation: Because not.
\`\`\`
`
}
