import { rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { Webhook } from 'standardwebhooks'
import { minutes, setClock } from '../src/platform/clock'
import { Courses } from '../src/courses/course'
import { revisionById } from '../src/courses/published'
import { connectDatabase, disconnectDatabase } from '../src/platform/database'
import { Events, type Event } from '../src/events/event'
import { addEndpoint } from '../src/webhooks/add-endpoint'
import { subscribable } from '../src/webhooks/message-types'
import { Deliveries } from '../src/webhooks/delivery'
import { liveSecrets } from '../src/webhooks/endpoint'
import { messageId, Messages } from '../src/webhooks/message'
import { Attempts } from '../src/learning/attempt'
import { Certificates } from '../src/learning/certificate'
import { Enrolments } from '../src/learning/enrolment'
import { progressOf } from '../src/learning/progress'
import { Emails } from '../src/mail/email'
import { Orders } from '../src/orders/order'
import { givesAccess, stateOf } from '../src/orders/payment'
import { People } from '../src/people/person'
import { checkScores } from '../src/leads/check-scores'
import { Leads } from '../src/leads/lead'
import { leadState } from '../src/leads/lead-state'
import { completeFunnel, type Acknowledgement } from './kit/complete-funnel'
import { defaultBrandId } from '../src/brand/brand'
import { publishGuideBrand } from '../scripts/demo/brand'
import { guideLists, saveDemoLists } from '../scripts/demo/lists'
import * as make from './kit/make'
import { freePort, sleep, startServer, type ServerProcess } from './kit/process'
import { eventually, retryingClient } from './kit/retrying-client'
import { transpileServer, transpileStore } from './setup/store-code'
import { endStore, makeFolder, runStore, type RunningStore } from './setup/store-process'

/** How often the process is killed; `npm run test:long` kills it 20 times. */
const kills = Number(process.env.KILLS ?? 6)
const minLearners = 6
const concurrency = 4
/** How far each restart moves the clock, so that the leases of the killed process have expired. */
const clockStep = minutes(3)

/**
 * `KILL_WORKERS=2` adds that many workers, each in its own process, and kills these too. All processes share the
 * database at `MONGODB_URI` then or, without one, an embedded store in a process of its own, which lives on.
 */
const extraWorkers = Number(process.env.KILL_WORKERS) || 0
const isShared = extraWorkers > 0 || process.env.MONGODB_URI !== undefined

const seed = Number(process.env.KILL_SEED) || Math.floor(Math.random() * 1e9)
const random = seededRandom(seed)
const courses = { free: 'pumps', paid: 'valves' }
const dataDir = makeFolder()
const acknowledged: Acknowledgement[] = []

let crm: Server
let secret: string
/** The bodies that the CRM received, by their `webhook-id`. */
const received = new Map<string, string[]>()
const verificationErrors: string[] = []
let store: RunningStore | undefined
let server: ServerProcess | undefined
const workers: ServerProcess[] = []
let restarts = 0
let killed = 0
/** How far the clock of a process that starts now is ahead. Processes with one database follow its clock. */
const ahead = () => (isShared ? 0 : restarts * clockStep)

beforeAll(async () => {
  console.log(`The process is killed at random times. KILL_SEED=${seed} repeats them.`)
  crm = createServer(receive)
  await new Promise<void>(resolve => crm.listen(0, '127.0.0.1', resolve))
  await openStore()
  await saveDemoLists(guideLists)
  await publishGuideBrand(defaultBrandId)
  await make.course({ slug: courses.free, lessons: 2, quiz: 2 })
  await make.course({ slug: courses.paid, lessons: 2, price: { amount: 24000, currency: 'EUR' } })
  await make.person({ role: 'sales', email: 'sales@lyceum.example' })
  const url = `http://127.0.0.1:${(crm.address() as AddressInfo).port}/hooks`
  const endpoint = await addEndpoint({ name: 'CRM', url, types: [...subscribable], perSecond: 50 })
  secret = liveSecrets(endpoint)[0]!
  await closeStore()
  await runThroughKills()
  setClock(() => Date.now() + ahead())
  await openStore()
}, 600_000)

afterAll(async () => {
  setClock()
  await server?.kill()
  for (const worker of workers) await worker.kill()
  if (isShared && mongoose.connection.db) await mongoose.connection.db.dropDatabase()
  await closeStore()
  if (store) await endStore(store)
  crm.closeAllConnections()
  await new Promise(resolve => crm.close(resolve))
  rmSync(dataDir, { recursive: true, force: true })
})

test(`nothing a learner has been told is lost, although the process is killed ${kills} times`, async () => {
  expect(killed).toBe(kills)
  expect(acknowledged.length).toBeGreaterThanOrEqual(9 * minLearners)
  const lost: Acknowledgement[] = []
  for (const each of acknowledged) if (!(await isStored(each))) lost.push(each)
  expect(lost).toEqual([])
})

test('nobody is certified, charged or handed to sales twice', async () => {
  const events = await Events.find()
  const people = await People.find({ role: 'prospect' })
  expect(new Set(people.map(person => person.email)).size).toBe(people.length)
  for (const { _id, email } of people) {
    const ownEvents = events.filter(event => event.person.equals(_id))
    const count = (name: string) => ownEvents.filter(event => event.name === name).length
    expect({ email, signedUp: count('person.signed_up'), paid: count('order.paid') }).toEqual({
      email,
      signedUp: 1,
      paid: 1,
    })
    expect(await Certificates.count({ person: _id })).toBe(1)
    const orders = await Orders.find({ person: _id })
    expect(orders.filter(order => stateOf(order) === 'paid')).toHaveLength(1)
    expect(await Attempts.count({ person: _id })).toBe(2)
    const handOffs = ownEvents.filter(event => event.name === 'lead.qualified') as Event<'lead.qualified'>[]
    expect(handOffs.map(event => event.data.sequence).sort()).toEqual(handOffs.map((_, n) => n + 1))
    expect(new Set(handOffs.map(event => event.data.trigger)).size).toBe(handOffs.length)
    expect(handOffs.some(event => event.data.trigger === 'contact_request')).toBe(true)
  }
})

test('the CRM receives every message, always under the same id and with the same body', async () => {
  expect(verificationErrors).toEqual([])
  for (const [id, bodies] of received) expect([id, new Set(bodies).size]).toEqual([id, 1])
  const messages = await Messages.find()
  expect(new Set(messages.map(({ cause, type }) => `${type} ${cause}`)).size).toBe(messages.length)
  const deliveries = await Deliveries.find()
  expect(deliveries.filter(({ state }) => state !== 'delivered')).toEqual([])
  expect([...received.keys()].sort()).toEqual([...new Set(deliveries.map(({ message }) => message))].sort())
  for (const name of ['lead.qualified', 'order.paid'] as const) {
    const events = await Events.find({ name })
    const silent = events.filter(event => !received.has(messageId(event._id, name)))
    expect(silent).toEqual([])
  }
})

test('each email is sent once', async () => {
  const emails = await Emails.find()
  expect(emails.filter(({ sentAt }) => !sentAt)).toEqual([])
  expect(new Set(emails.map(({ messageId }) => messageId)).size).toBe(emails.length)
  for (const person of await People.find({ role: 'prospect' })) {
    const subjects = emails.filter(
      email => email.person?.equals(person._id) && !/link|sign/i.test(email.subject),
    )
    expect(new Set(subjects.map(({ subject }) => subject)).size).toBe(subjects.length)
  }
})

test('progress matches the ledger', async () => {
  const enrolments = await Enrolments.find()
  for (const enrolment of enrolments) {
    const { person, course } = enrolment
    const events = await Events.find({ person, course })
    const completed = events.filter(event => event.name === 'lesson.completed') as Event<'lesson.completed'>[]
    const lessons = Object.fromEntries(
      completed.map(event => [event.data.lesson, { openedAt: event.at, completedAt: event.at }]),
    )
    const revision = (await revisionById(enrolment.revision))!
    const fromLedger = progressOf(revision.lessons, { lessons, lastLesson: enrolment.lastLesson })
    expect(progressOf(revision.lessons, enrolment)).toEqual(fromLedger)
    for (const { data, at } of completed) expect(enrolment.lessons[data.lesson]!.completedAt).toEqual(at)
    const attempts = events.filter(event => event.name === 'quiz.attempted').length
    expect(enrolment.lessons['final-quiz']?.attempts ?? 0).toBe(attempts)
    const completion = events.find(event => event.name === 'course.completed')
    expect(enrolment.completedAt).toEqual(completion?.at ?? null)
  }
})

test('scores and leads match the ledger', async () => {
  expect(await checkScores()).toEqual([])
  for (const lead of await Leads.find()) {
    const state = leadState(await Events.find({ person: lead._id }))
    expect(lead).toMatchObject({ ...state })
    expect(lead.owner).not.toBeNull()
  }
})

/** Learners use the academy while its process is killed again and again. Waits at the end until nothing is due. */
async function runThroughKills(): Promise<void> {
  const code = transpileServer()
  const port = await freePort()
  const env: Record<string, string> = isShared ? { MONGODB_URI: sharedUri() } : {}
  const start = () => startServer({ code, port, dataDir, ahead: ahead(), env })
  const startWorker = () =>
    startServer({ code, port, dataDir, ahead: ahead(), env: { ...env, ROLE: 'worker' } })
  for (let n = 0; n < extraWorkers; n++) workers.push(startWorker())
  let running = (server = start())
  let open = running.isOpen()
  const untilOpen = async () => {
    while (!(await open)) {
      // Learners stop waiting once the server has failed to start.
      if (failure) throw failure
      await sleep(10)
    }
  }
  let learners = 0
  let failure: Error | undefined
  const learn = async () => {
    while ((killed < kills || learners < minLearners) && !failure) {
      const n = ++learners
      const email = `learner-${n}@company-${n}.example`
      // Only Linux has all addresses of the loopback network.
      const address = process.platform === 'linux' ? `127.0.${1 + (n >> 7)}.${1 + (n % 128)}` : undefined
      const learner = retryingClient(email, `http://127.0.0.1:${port}`, untilOpen, address)
      await completeFunnel(learner, courses, acknowledgement => acknowledged.push(acknowledgement))
    }
  }
  const learning = Promise.all(Array.from({ length: concurrency }, learn)).catch((error: Error) => {
    failure = new Error(`${error.message}\nOutput of the server:\n${running.output()}`, { cause: error })
  })
  while (killed < kills && !failure) {
    // Sometimes the process is killed before it accepts requests.
    const isOpen = random() < 0.2 || (await open)
    if (!isOpen) throw (failure = new Error(`The server did not start:\n${running.output()}`))
    await sleep(700 * random())
    const victim = Math.floor(random() * (1 + extraWorkers)) - 1
    if (victim >= 0) {
      await workers[victim]!.kill()
      killed++
      workers[victim] = startWorker()
      continue
    }
    await running.kill()
    killed++
    restarts++
    running = server = start()
    open = running.isOpen()
  }
  await learning
  if (failure) throw failure
  let due: string[] = []
  if (isShared) await openStore()
  const isIdle = async () => {
    due = await dueWork(port)
    // Elsewhere, the clock of the next start is beyond every next attempt.
    if (isShared) due.push(...(await nextAttempts()))
    return due.length ? undefined : true
  }
  // What a killed process had claimed waits until its lease ends, by the database's clock.
  await eventually(isIdle, 'nothing is due', isShared ? 240_000 : 60_000).catch((error: Error) => {
    throw new Error(`${error.message}, but ${due.join(', ')}`, { cause: error })
  })
  if (isShared) await closeStore()
  expect(await running.stop()).toBe(0)
  for (const worker of workers) expect(await worker.stop()).toBe(0)
}

/** Returns what is due: reactions, emails, deliveries and other jobs, as lines of the metrics. */
async function dueWork(port: number): Promise<string[]> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const waiting = /^academy_(?:\w+_due|deliveries\{state="(?:pending|sending)"\}) [1-9]\d*$/gm
  return metrics.match(waiting) ?? []
}

/** Returns the queues with work that waits for its next attempt after one that failed. */
async function nextAttempts(): Promise<string[]> {
  const queues = { events: Events, emails: Emails, deliveries: Deliveries }
  const counts = await Promise.all(
    Object.entries(queues).map(
      async ([name, records]) => [name, await records.count({ dueAt: { $type: 'date' } })] as const,
    ),
  )
  return counts.filter(([, count]) => count > 0).map(([name, count]) => `${count} ${name}`)
}

async function isStored(acknowledged: Acknowledgement): Promise<boolean> {
  const person = await People.findOne({ email: acknowledged.email })
  if (!person || acknowledged.action === 'signed up') return person !== null
  if (acknowledged.action === 'requested contact')
    return (await Events.exists({ person: person._id, name: 'contact.requested' })) !== null
  const course = await Courses.findOne({ slug: acknowledged.course })
  const of = { person: person._id, course: course!._id }
  const enrolment = await Enrolments.findOne({ ...of, revokedAt: null })
  switch (acknowledged.action) {
    case 'enrolled':
      return enrolment !== null
    case 'completed lesson':
      return enrolment?.lessons[acknowledged.lesson]?.completedAt !== undefined
    case 'attempted quiz': {
      const attempt = await Attempts.findOne({ ...of, number: acknowledged.number })
      return attempt?.passed === acknowledged.passed
    }
    case 'certified':
      return (await Certificates.findOne(of))?._id === acknowledged.certificate
    case 'paid': {
      const orders = await Orders.find(of)
      return orders.some(order => givesAccess(stateOf(order))) && enrolment !== null
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
    const error = verificationErrorOf(body, request.headers as Record<string, string>)
    if (error) verificationErrors.push(error)
    // Sometimes slow, so that the sender is killed before it has saved our response.
    setTimeout(() => response.writeHead(error ? 400 : 204).end(), random() < 0.3 ? 600 * random() : 0)
  })
}

/** Returns the error of a third-party library, or undefined. The library reads the system clock, so this moves it. */
function verificationErrorOf(body: string, headers: Record<string, string>): string | undefined {
  const systemClock = Date.now
  Date.now = () => systemClock() + ahead()
  try {
    new Webhook(secret).verify(body, headers)
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    Date.now = systemClock
  }
}

async function openStore(): Promise<void> {
  if (!process.env.MONGODB_URI) store ??= await runStore(transpileStore(), join(dataDir, 'store'))
  await (isShared ? connectDatabase(sharedUri()) : connectDatabase(store!.uri, 'lyceum'))
}

async function closeStore(): Promise<void> {
  await disconnectDatabase()
  if (isShared) return
  if (store) await endStore(store, true)
  store = undefined
}

/** Returns the address of the database that all processes share, with a name of this run's own. */
function sharedUri(): string {
  const uri = new URL(process.env.MONGODB_URI ?? store!.uri)
  uri.pathname = `/lyceum_kill_${seed}`
  return uri.href
}

/** Returns numbers from 0 to 1 (mulberry32). The same seed gives the same numbers. */
function seededRandom(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
