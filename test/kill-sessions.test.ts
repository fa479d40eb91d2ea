import { rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import { sessionData } from '../src/sessions/book-seat'
import { bookingId, SessionBookings } from '../src/sessions/booking'
import { LiveSessions, type LiveSession } from '../src/sessions/live-session'
import { createSeats, SessionSeats } from '../src/sessions/seats'
import { People, type Person } from '../src/people/person'
import { record } from '../src/events/record'
import { Events } from '../src/events/event'
import { days, minutes } from '../src/platform/clock'
import { connectDatabase, disconnectDatabase } from '../src/platform/database'
import * as make from './kit/make'
import { freePort, startServer } from './kit/process'
import { eventually } from './kit/retrying-client'
import { transpileServer, transpileStore } from './setup/store-code'
import { endStore, makeFolder, runStore, type RunningStore } from './setup/store-process'

/*
 * The real process is killed with SIGKILL while it sends reminders and offers, at the message with these numbers in
 * each of its lives. Each life is three minutes later, so that the leases of the one before have ended; an offer holds
 * for six.
 */
const killAt = [5, 3, 6]
const [clockStep, claimHours] = [minutes(3), 0.1]
const seats = 4
const lives = killAt.length + 1

const dataDir = makeFolder()
/** What the mail server got: recipient, subject and Message-ID. */
const received: { to: string; subject: string; id: string }[] = []
let onMessage = () => {}
let mailServer: SMTPServer
let store: RunningStore | undefined

beforeAll(async () => {
  mailServer = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false },
    onData: (stream, session, done) => {
      simpleParser(stream).then(mail => {
        const [to] = session.envelope.rcptTo
        received.push({ to: to!.address, subject: mail.subject ?? '', id: mail.messageId ?? '' })
        onMessage()
        done()
      }, done)
    },
  })
  mailServer.on('error', () => {})
  await new Promise<void>(resolve => mailServer.listen(0, '127.0.0.1', () => resolve()))
  await openStore()
  for (let n = 0; n < lives; n++) {
    await bookedSession(`Reminded ${n}`, new Date(Date.now() + days(1) + n * clockStep), seats)
  }
  const full = await bookedSession('Offered', new Date(Date.now() + days(3)), seats * 5)
  // Everyone with a seat has just asked to give it up, when the process died.
  const given = { session: full._id, state: 'booked' as const }
  await SessionBookings.updateMany(given, {
    $set: { isWanted: false, cancelledBy: 'person', dueAt: new Date() },
  })
  await closeStore()
  await runThroughKills()
  await openStore()
}, 400_000)

afterAll(async () => {
  await closeStore()
  await new Promise<void>(resolve => mailServer.close(() => resolve()))
  rmSync(dataDir, { recursive: true, force: true })
})

test('everyone is reminded once and offered a seat once, however often the process is killed', async () => {
  const bookings = await SessionBookings.find()
  const people = new Map((await People.find()).map(each => [String(each._id), each.email]))
  const beginnings = [
    'Reminder',
    'A seat for you',
    'You gave up your seat',
    'The seat is no longer kept for you',
  ]
  const [reminder, offer, givenUp, lapsed] = beginnings as [string, string, string, string]
  const reminded = await LiveSessions.find({ title: /^Reminded/ })
  for (const { _id, session, person, state, isWanted } of bookings) {
    const own = received.filter(({ to }) => to === people.get(String(person)))
    const told = own.flatMap(({ subject }) => beginnings.find(each => subject.startsWith(each)) ?? [])
    const expected = [
      ...(reminded.some(each => each._id.equals(session)) ? [reminder] : []),
      ...(isWanted ? [] : [givenUp]),
      ...(state === 'offered' || state === 'lapsed' ? [offer] : []),
      ...(state === 'lapsed' ? [lapsed] : []),
    ]
    expect({ _id, state, told: [...new Set(told)].sort() }).toEqual({ _id, state, told: expected.sort() })
    // One that the mail server had got when the process died comes again as the same message, which mail servers drop.
    const ids = new Set(
      own.filter(({ subject }) => told.some(each => subject.startsWith(each))).map(({ id }) => id),
    )
    expect({ _id, ids: ids.size }).toEqual({ _id, ids: expected.length })
  }
  const states = bookings.map(({ state }) => state)
  expect(states).toEqual(expect.arrayContaining(['booked', 'cancelled', 'lapsed', 'offered']))
})

test('the seats agree with the bookings afterwards', async () => {
  const held = (await SessionSeats.find()).flatMap(({ _id, taken, capacity, holders }) => {
    expect({ taken, isEnough: taken <= capacity }).toEqual({ taken: holders.length, isEnough: true })
    return holders.map(({ person, kind }) => `${bookingId(_id, person)} ${kind}`)
  })
  const bookings = await SessionBookings.find({ state: { $in: ['booked', 'offered'] } })
  expect(held.sort()).toEqual(bookings.map(({ _id, state }) => `${_id} ${state}`).sort())
})

async function runThroughKills(): Promise<void> {
  const code = transpileServer()
  const port = await freePort()
  const { port: mailPort } = mailServer.server.address() as AddressInfo
  const env = { SMTP_URL: `smtp://127.0.0.1:${mailPort}` }
  for (let life = 0; life < lives; life++) {
    const server = startServer({ code, port, dataDir, ahead: life * clockStep, env })
    const before = received.length
    const last = killAt[life]
    if (last !== undefined) {
      const isReached = new Promise<void>(resolve => {
        onMessage = () => received.length - before >= last && resolve()
      })
      const isStopped = server.ended.then(() => Promise.reject(new Error(server.output())))
      await Promise.race([isReached, isStopped])
      isStopped.catch(() => {})
      await server.kill()
      continue
    }
    let [count, since] = [0, Date.now()]
    const isDone = async () => {
      if (received.length > count) [count, since] = [received.length, Date.now()]
      const reminded = new Set(
        received.filter(({ subject }) => subject.startsWith('Reminder')).map(({ to }) => to),
      )
      const isQuiet = reminded.size === lives * seats && Date.now() - since > 1000
      return (isQuiet && !(await isBusy(port))) || undefined
    }
    await eventually(isDone, 'nothing is left to be sent', 120_000)
    expect(await server.stop()).toBe(0)
  }
}

async function isBusy(port: number): Promise<boolean> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return /^academy_(events|emails)_due [1-9]/m.test(metrics)
}

/** Makes a session that people booked two days ago, one after another, and were told so. */
async function bookedSession(title: string, startsAt: Date, count: number): Promise<LiveSession> {
  const session = await LiveSessions.create({
    ...{ slug: title.toLowerCase().replace(' ', '-'), state: 'published', topic: 'learning', title },
    ...{ summary: '', language: 'en', startsAt, endsAt: new Date(startsAt.getTime() + minutes(45)) },
    ...{ timeZone: 'Europe/London', kind: 'online', claimHours, createdAt: new Date() },
  })
  await createSeats(session._id, seats)
  const people: Person['_id'][] = []
  for (let n = 0; n < count; n++) people.push((await make.person())._id)
  const [booked, waiting] = [people.slice(0, seats), people.slice(seats)]
  const holders = booked.map(person => ({ person, kind: 'booked' as const, until: null }))
  await SessionSeats.updateOne(
    { _id: session._id },
    { $set: { holders, waiting, taken: seats, waitingCount: waiting.length } },
  )
  for (const [n, person] of people.entries()) {
    const hasSeat = n < seats
    await SessionBookings.insertOnce({
      ...{ _id: bookingId(session._id, person), session: session._id, person, number: 1 },
      ...{ state: hasSeat ? 'booked' : 'waiting', bookedAt: new Date(Date.now() - days(2)) },
      dueAt: hasSeat ? new Date(startsAt.getTime() - days(1)) : null,
    })
    const about = { person, idempotencyKey: [session._id, 1], data: sessionData(session) }
    await record({ name: hasSeat ? 'session.booked' : 'session.waitlisted', ...about })
  }
  // Their reactions have run.
  await Events.updateMany({}, { $set: { dueAt: null } })
  return session
}

async function openStore(): Promise<void> {
  store = await runStore(transpileStore(), join(dataDir, 'store'))
  await connectDatabase(store.uri, 'lyceum')
}

async function closeStore(): Promise<void> {
  await disconnectDatabase()
  if (store) await endStore(store, true)
  store = undefined
}
