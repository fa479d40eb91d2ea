import { rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { Webhook } from 'standardwebhooks'
import { minutes, setClock } from '../src/platform/clock'
import { Courses } from '../src/courses/course'
import { revisionById } from '../src/courses/published'
import { connectDatabase } from '../src/platform/database'
import { Events, type Event } from '../src/events/event'
import { addEndpoint } from '../src/webhooks/add-endpoint'
import { subscribable } from '../src/webhooks/message-types'
import { Deliveries, type Delivery } from '../src/webhooks/delivery'
import { liveSecrets } from '../src/webhooks/endpoint'
import { messageId, Messages, type Message } from '../src/webhooks/message'
import { Attempts, type Attempt } from '../src/learning/attempt'
import { Certificates, type Certificate } from '../src/learning/certificate'
import { Enrolments, type Enrolment } from '../src/learning/enrolment'
import { progressOf } from '../src/learning/progress'
import { Emails, type Email } from '../src/mail/email'
import { Orders, stateOf, type Order } from '../src/orders/order'
import { People, type Person } from '../src/people/person'
import { checkScores } from '../src/leads/check-scores'
import { Leads, type Lead } from '../src/leads/lead'
import { leadState } from '../src/leads/lead-state'
import { walkThrough, type Action } from './kit/funnel'
import * as make from './kit/make'
import { freePort, rest, startServer, type ServerProcess } from './kit/process'
import { eventually, walker } from './kit/http-walker'
import { transpileServer, transpileStore } from './setup/store-code'
import { endStore, makeFolder, runStore, type RunningStore } from './setup/store-process'

/** The process is killed so often; so many people come at least, so many at a time. */
const kills = 11
const atLeast = 8
const atOnce = 4
/** The clock of each restart is this much further: leases of the dead process have run out. */
const later = minutes(3)

const seed = Number(process.env.KILL_SEED) || Math.floor(Math.random() * 1e9)
const random = randomFrom(seed)
const courses = { free: 'pumps', paid: 'valves' }
const dataDir = makeFolder()
const acknowledged: Action[] = []

let crm: Server
let secret: string
/** Every body that the CRM got, by its `webhook-id`. */
const received = new Map<string, string[]>()
const unbelieved: string[] = []
let store: RunningStore
let server: ServerProcess | undefined
let restarts = 0
let killed = 0

beforeAll(async () => {
  console.log(`killed at random: KILL_SEED=${seed} repeats the moments`)
  crm = createServer(receive)
  await new Promise<void>(resolve => crm.listen(0, '127.0.0.1', resolve))
  await openStore()
  await make.course({ slug: courses.free, lessons: 2, quiz: 2 })
  await make.course({ slug: courses.paid, lessons: 2, price: { amount: 24000, currency: 'EUR' } })
  await make.person({ role: 'sales', email: 'sales@lyceum.example' })
  const url = `http://127.0.0.1:${(crm.address() as AddressInfo).port}/hooks`
  const endpoint = await addEndpoint({ name: 'CRM', url, types: [...subscribable], perSecond: 50 })
  secret = liveSecrets(endpoint)[0]!
  await closeStore()
  await liveThroughKills()
  setClock(() => Date.now() + restarts * later)
  await openStore()
}, 120_000)

afterAll(async () => {
  setClock()
  await server?.kill()
  await closeStore()
  crm.closeAllConnections()
  await new Promise(resolve => crm.close(resolve))
  rmSync(dataDir, { recursive: true, force: true })
})

test(`nothing acknowledged is lost though the process is killed ${kills} times`, async () => {
  expect(killed).toBe(kills)
  expect(acknowledged.length).toBeGreaterThanOrEqual(9 * atLeast)
  const lost: Action[] = []
  for (const deed of acknowledged) if (!(await isKept(deed))) lost.push(deed)
  expect(lost).toEqual([])
})

test('nobody is certified, charged or handed over twice', async () => {
  const events = await Events.find().lean<Event[]>()
  const people = await People.find({ role: 'prospect' }).lean<Person[]>()
  expect(new Set(people.map(person => person.email)).size).toBe(people.length)
  for (const { _id, email } of people) {
    const happened = events.filter(event => event.person.equals(_id))
    const count = (name: string) => happened.filter(event => event.name === name).length
    expect({ email, joined: count('person.signed_up'), paid: count('order.paid') }).toEqual({
      email,
      joined: 1,
      paid: 1,
    })
    expect(await Certificates.countDocuments({ person: _id })).toBe(1)
    expect(await Orders.countDocuments({ person: _id, paidAt: { $ne: null } })).toBe(1)
    expect(await Attempts.countDocuments({ person: _id })).toBe(2)
    const handOffs = happened.filter(event => event.name === 'lead.qualified') as Event<'lead.qualified'>[]
    expect(handOffs.map(event => event.data.sequence).sort()).toEqual(handOffs.map((_, n) => n + 1))
    expect(new Set(handOffs.map(event => event.data.trigger)).size).toBe(handOffs.length)
    expect(handOffs.some(event => event.data.trigger === 'contact_request')).toBe(true)
  }
})

test('the CRM hears of each thing, under one id and in the same words', async () => {
  expect(unbelieved).toEqual([])
  for (const [id, bodies] of received) expect([id, new Set(bodies).size]).toEqual([id, 1])
  const messages = await Messages.find()
  expect(new Set(messages.map(({ cause, type }) => `${type} ${cause}`)).size).toBe(messages.length)
  const told = await Deliveries.find()
  expect(told.filter(({ state }) => state !== 'delivered')).toEqual([])
  expect([...received.keys()].sort()).toEqual([...new Set(told.map(({ message }) => message))].sort())
  for (const name of ['lead.qualified', 'order.paid'] as const) {
    const events = await Events.find({ name }).lean<Event[]>()
    for (const event of events) expect(received.has(messageId(event._id, name))).toBe(true)
  }
})

test('each letter is sent once', async () => {
  const letters = await Emails.find().lean<Email[]>()
  expect(letters.filter(({ sentAt }) => !sentAt)).toEqual([])
  expect(new Set(letters.map(({ messageId }) => messageId)).size).toBe(letters.length)
  for (const person of await People.find({ role: 'prospect' }).lean<Person[]>()) {
    const subjects = letters.filter(
      letter => letter.person?.equals(person._id) && !/link|sign in/i.test(letter.subject),
    )
    expect(new Set(subjects.map(({ subject }) => subject)).size).toBe(subjects.length)
  }
})

test('progress is what the ledger says', async () => {
  const enrolments = await Enrolments.find().lean<Enrolment[]>()
  for (const enrolment of enrolments) {
    const { person, course } = enrolment
    const events = await Events.find({ person, course }).lean<Event[]>()
    const completed = events.filter(event => event.name === 'lesson.completed') as Event<'lesson.completed'>[]
    const lessons = Object.fromEntries(
      completed.map(event => [event.data.lesson, { openedAt: event.at, completedAt: event.at }]),
    )
    const revision = (await revisionById(enrolment.revision))!
    const fromLedger = progressOf(revision.lessons, { lessons, lastLesson: enrolment.lastLesson })
    const kept = progressOf(revision.lessons, enrolment)
    expect(kept).toEqual(fromLedger)
    for (const { data, at } of completed) expect(enrolment.lessons[data.lesson]!.completedAt).toEqual(at)
    const attempts = events.filter(event => event.name === 'quiz.attempted').length
    expect(enrolment.lessons['final-check']?.attempts ?? 0).toBe(attempts)
    const finished = events.find(event => event.name === 'course.completed')
    expect(enrolment.completedAt).toEqual(finished?.at ?? null)
  }
})

test('scores and leads are what the ledger says', async () => {
  expect(await checkScores()).toEqual([])
  for (const kept of await Leads.find().lean<Lead[]>()) {
    const state = leadState(await Events.find({ person: kept._id }).lean<Event[]>())
    expect(kept).toMatchObject({ ...state })
    expect(kept.owner).not.toBeNull()
  }
})

/** Learners come and go while the process is killed again and again; in the end all that is due has been done. */
async function liveThroughKills(): Promise<void> {
  const code = transpileServer()
  const port = await freePort()
  const start = () => startServer({ code, port, dataDir, ahead: restarts * later })
  let running = (server = start())
  let open = running.isOpen()
  const isThere = async () => {
    while (!(await open)) {
      // Without a server nobody waits for ever.
      if (fault) throw fault
      await rest(10)
    }
  }
  let learners = 0
  let fault: Error | undefined
  const walk = async () => {
    while ((killed < kills || learners < atLeast) && !fault) {
      const n = ++learners
      const email = `learner-${n}@company-${n}.example`
      const person = walker(email, `http://127.0.0.1:${port}`, isThere)
      await walkThrough(person, courses, deed => acknowledged.push(deed))
    }
  }
  const walking = Promise.all(Array.from({ length: atOnce }, walk)).catch((error: Error) => {
    fault = new Error(`${error.message}\nThe server said:\n${running.said()}`, { cause: error })
  })
  while (killed < kills && !fault) {
    // Now and then before it has opened.
    const isOpen = random() < 0.2 || (await open)
    if (!isOpen) throw (fault = new Error(`the server did not start:\n${running.said()}`))
    await rest(700 * random())
    await running.kill()
    killed++
    restarts++
    running = server = start()
    open = running.isOpen()
  }
  await walking
  if (fault) throw fault
  await eventually(() => isIdle(port), 'everything that is due is done')
  expect(await running.stop()).toBe(0)
}

/** True when nothing waits: no reaction, letter or message. */
async function isIdle(port: number): Promise<true | undefined> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const waiting = metrics.matchAll(/^lyceum_(?:\w+_due|deliveries\{state="(?:pending|sending)"\}) (\d+)$/gm)
  return [...waiting].every(([, count]) => count === '0') || undefined
}

async function isKept(deed: Action): Promise<boolean> {
  const person = await People.findOne({ email: deed.email }).lean<Person>()
  if (!person || deed.action === 'joined') return person !== null
  if (deed.action === 'requested contact')
    return (await Events.exists({ person: person._id, name: 'contact.requested' })) !== null
  const course = await Courses.findOne({ slug: deed.course }).lean()
  const of = { person: person._id, course: course!._id }
  const enrolment = await Enrolments.findOne({ ...of, revokedAt: null }).lean<Enrolment>()
  switch (deed.action) {
    case 'enrolled':
      return enrolment !== null
    case 'completed':
      return enrolment?.lessons[deed.lesson]?.completedAt !== undefined
    case 'attempted': {
      const attempt = await Attempts.findOne({ ...of, number: deed.number }).lean<Attempt>()
      return attempt?.passed === deed.right
    }
    case 'certified':
      return (await Certificates.findOne(of).lean<Certificate>())?._id === deed.certificate
    case 'paid': {
      const orders = await Orders.find(of).lean<Order[]>()
      return orders.some(order => stateOf(order) === 'paid') && enrolment !== null
    }
  }
}

const receive: Parameters<typeof createServer>[1] = (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString()
    const id = String(request.headers['webhook-id'])
    received.set(id, [...(received.get(id) ?? []), body])
    const fault = faultOf(body, request.headers as Record<string, string>)
    if (fault) unbelieved.push(fault)
    // Sometimes slow, so that the sender dies between our answer and its note of it.
    setTimeout(() => response.writeHead(fault ? 400 : 204).end(), random() < 0.3 ? 600 * random() : 0)
  })
}

/** What somebody else's library says against a message; it reads the clock of the machine, so that is moved for it. */
function faultOf(body: string, headers: Record<string, string>): string | undefined {
  const machine = Date.now
  Date.now = () => machine() + restarts * later
  try {
    new Webhook(secret).verify(body, headers)
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    Date.now = machine
  }
}

async function openStore(): Promise<void> {
  store = await runStore(transpileStore(), join(dataDir, 'store'))
  await connectDatabase(store.uri, 'lyceum')
}

async function closeStore(): Promise<void> {
  await mongoose.disconnect()
  await endStore(store, true)
}

/** Mulberry32: the same seed gives the same numbers. */
function randomFrom(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
