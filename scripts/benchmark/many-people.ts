import { Types } from 'mongoose'
import { Events } from '../../src/events/event'
import { Leads } from '../../src/leads/lead'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { FunnelProgresses } from '../../src/people/funnel-progress'
import { People } from '../../src/people/person'
import { sources } from '../../src/people/source'
import { days, later } from '../../src/platform/clock'
import { config } from '../../src/platform/config'
import { Scores } from '../../src/scoring/score'
import { Deliveries, deliveryId } from '../../src/webhooks/delivery'
import { Messages } from '../../src/webhooks/message'
import { documentsOf, fillStore } from './fill-store'
import { leadOf, personOf, pick, qualifiedAtOf, readAcademy, scoreOf, type Academy } from './made-people'

// Adds as many people as `PEOPLE` says to the academy in `DATA_DIR`: each with an enrolment and seven events, one in
// ten with a lead and two messages to each endpoint. The shapes that hurt are among them: a course that nearly
// everybody takes, a company of 500, and a person with 5,000 events.

/** The last people are one company. */
const largeCompany = 500
const manyEvents = 5000
const leadEvery = 10

const hasLead = (n: number) => n % leadEvery === 0
const courseOf = (n: number, { published }: Academy) => (n % 5 ? published[0]! : pick(published, n, 31))

function enrolmentOf(n: number, person: Types.ObjectId, academy: Academy): object {
  const { course, slug, revision, lessons } = courseOf(n, academy)
  const startedAt = later(qualifiedAtOf(n), -days(10))
  const done = n % (lessons.length + 1)
  return {
    ...{ _id: enrolmentId(person, course), person, course, slug, revision, startedAt, revokedAt: null },
    lessons: Object.fromEntries(
      lessons
        .slice(0, done)
        .map(each => [
          each.slug,
          { openedAt: startedAt, completedAt: later(startedAt, days(1)), seconds: 240 },
        ]),
    ),
    ...{ lastLesson: lessons[done]?.slug ?? null, lastActivityAt: later(startedAt, days(2)) },
    completedAt: done === lessons.length ? later(startedAt, days(2)) : null,
    contactRequest: null,
  }
}

function* eventsOf(ids: readonly Types.ObjectId[], academy: Academy): Generator<object> {
  for (const [n, person] of ids.entries()) {
    const { course, content, revision, number, lessons } = courseOf(n, academy)
    const at = later(qualifiedAtOf(n), -days(10))
    const event = (name: string, day: number, data: object, turn = 0) => {
      const moment = later(at, days(day))
      return {
        ...{ _id: `${name}:${person}:${turn}`, name, at: moment, recordedAt: moment, person, course, data },
        ...{ dueAt: null, leaseToken: null, leaseUntil: null, attempts: 0, lastError: null, failedAt: null },
      }
    }
    const lessonData = (turn: number) => {
      const { slug, title, topics } = lessons[turn % lessons.length]!
      return { lesson: slug, title, topics }
    }
    yield event('person.signed_up', 0, { how: 'password' })
    yield event('course.enrolled', 0, {
      ...{ revision: String(revision), number, title: content.title, paid: false },
    })
    for (const turn of [0, 1]) {
      yield event('lesson.opened', 1, lessonData(turn), turn)
      yield event(
        'lesson.completed',
        1,
        { ...lessonData(turn), minutes: 5, seconds: 240, kind: 'text' },
        turn,
      )
    }
    yield event('pricing.viewed', 2, { seconds: 40 })
    if (hasLead(n)) {
      const data = { trigger: 'score', band: 'A1', score: 60, fit: 60, sequence: 1 }
      yield event('lead.qualified', 10, data)
    }
    if (n % 50 === 0) {
      yield event('question.asked', 3, { ...lessonData(n), text: `What about case ${n}?` })
    }
  }
  const busiest = ids[0]!
  const { course, lessons } = courseOf(1, academy)
  for (let turn = 0; turn < manyEvents; turn++) {
    const at = later(qualifiedAtOf(0), -days(turn) / 20)
    const { slug, title, topics } = lessons[turn % lessons.length]!
    yield {
      ...{ _id: `lesson.opened:${busiest}:busy-${turn}`, name: 'lesson.opened', at, recordedAt: at },
      ...{ person: busiest, course, data: { lesson: slug, title, topics } },
      ...{ dueAt: null, leaseToken: null, leaseUntil: null, attempts: 0, lastError: null, failedAt: null },
    }
  }
}

function progressOf(n: number, _id: Types.ObjectId, academy: Academy): object {
  const signedUp = later(qualifiedAtOf(n), -days(10))
  const learner = { enrolled: signedUp, active: later(signedUp, days(1)) }
  const lead = hasLead(n) && {
    qualified: later(signedUp, days(10)),
    ...(n % 20 === 0 && { accepted: later(signedUp, days(11)) }),
    ...(n % 100 === 0 && { won: later(signedUp, days(40)) }),
  }
  return {
    ...{ _id, signedUpAt: signedUp, source: pick(sources, n, 29), steps: { signedUp, ...learner, ...lead } },
    courses: { [String(courseOf(n, academy).course)]: learner },
    deals:
      n % 100 === 0
        ? [{ id: `deal-${n}`, amount: 500_000, currency: 'EUR', at: later(signedUp, days(40)) }]
        : [],
    dealsVersion: 1,
  }
}

const messageId = (person: Types.ObjectId, sequence: number) => `msg_${person}${sequence}`

function* messagesOf(ids: readonly Types.ObjectId[]): Generator<object> {
  for (const [n, person] of ids.entries()) {
    for (const sequence of hasLead(n) ? [1, 2] : []) {
      const type = sequence === 1 ? 'lead.qualified' : 'lead.updated'
      const at = later(qualifiedAtOf(n), days(sequence - 1))
      const body = JSON.stringify({ type, data: { person: { id: String(person) } } })
      yield {
        ...{ _id: messageId(person, sequence), cause: `${type}:${person}:${sequence}`, type, person },
        ...{ sequence, basis: 'consent', at, body },
      }
    }
  }
}

function* deliveriesOf(ids: readonly Types.ObjectId[], { endpoints }: Academy): Generator<object> {
  for (const [n, person] of ids.entries()) {
    for (const sequence of hasLead(n) ? [1, 2] : []) {
      for (const endpoint of endpoints) {
        const createdAt = later(qualifiedAtOf(n), days(sequence - 1))
        const message = messageId(person, sequence)
        const failed = n % 1000 === 0
        const attempt = {
          ...{ at: createdAt, status: failed ? 500 : 200, error: null, durationMs: 80, response: '' },
          ...{ location: null, timestamp: null, signature: null },
        }
        yield {
          ...{ _id: deliveryId(message, endpoint), message, endpoint, person, createdAt },
          type: sequence === 1 ? 'lead.qualified' : 'lead.updated',
          ...{ state: failed ? 'failed' : 'delivered', failures: failed ? 12 : 0, attemptLog: [attempt] },
          ...{ deliveredAt: failed ? null : createdAt, durationMs: failed ? null : 80, reason: null },
          ...{ mapping: null, replay: null, dueAt: null, leaseToken: null, leaseUntil: null, attempts: 1 },
          ...{ lastError: null, failedAt: null },
        }
      }
    }
  }
}

async function fill(count: number): Promise<void> {
  const academy = await readAcademy()
  const ids = Array.from({ length: count }, () => new Types.ObjectId())
  const leads = ids.filter((_, n) => hasLead(n))
  const company = { domain: 'largefirm.example', name: 'Large Firm' }
  const person = (n: number, id: Types.ObjectId) => ({
    ...personOf(n, id),
    ...(n >= count - largeCompany && { company, email: `person${n}@${company.domain}` }),
  })
  await fillStore(config.dataDir, [
    [People, documentsOf(ids, person)],
    [Leads, documentsOf(leads, (n, id) => leadOf(n * leadEvery, id, academy))],
    [Scores, documentsOf(leads, (n, id) => scoreOf(n * leadEvery, id))],
    [Enrolments, documentsOf(ids, (n, id) => enrolmentOf(n, id, academy))],
    [FunnelProgresses, documentsOf(ids, (n, id) => progressOf(n, id, academy))],
    [Events, eventsOf(ids, academy)],
    [Messages, messagesOf(ids)],
    [Deliveries, deliveriesOf(ids, academy)],
  ])
}

fill(Number(process.env.PEOPLE)).then(
  () => process.exit(0),
  error => {
    console.error(error)
    process.exit(1)
  },
)
