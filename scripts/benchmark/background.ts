import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Types } from 'mongoose'

/**
 * Measures the work in the background, all parts or the named ones:
 *
 *     node dist/scripts/benchmark/background.js [rate] [reactions] [isolation] [outage] [shutdown] [kill]
 *         [--seed 1] [--seconds 120] [--requests 1000] [--people 200]
 *
 * The same seed repeats the same people and pauses. A part that takes longer than `--seconds` ends with what it has.
 */
const { values, positionals } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '120' },
    requests: { type: 'string', default: '1000' },
    people: { type: 'string', default: '200' },
  },
  allowPositionals: true,
})
const seed = Number(values.seed)
const bound = Number(values.seconds) * 1000
const dataDir = mkdtempSync(join(tmpdir(), 'lyceum-background-'))
const firstPort = 4880
Object.assign(process.env, { NODE_ENV: 'demo', DATA_DIR: dataDir, LOG_LEVEL: 'silent', TZ: 'UTC' })

const parts = { rate, reactions, isolation, outage, shutdown, kill }

async function measure(): Promise<void> {
  const names = Object.keys(parts) as (keyof typeof parts)[]
  const unknown = positionals.filter(name => !names.some(each => each === name))
  if (unknown.length)
    throw new Error(`There is no part ${unknown.join(', ')}: choose from ${names.join(', ')}`)
  // Each part starts on its own data, in its own process.
  const chosen = names.filter(name => !positionals.length || positionals.includes(name))
  if (chosen.length === 1) return parts[chosen[0]!]()
  for (const name of chosen) {
    spawnSync(
      process.execPath,
      [__filename, name, ...process.argv.slice(2).filter(option => !names.some(each => each === option))],
      {
        stdio: 'inherit',
      },
    )
  }
}

/** How fast a queue of 5,000 messages leaves to one endpoint, signed and persisted. */
async function rate(): Promise<void> {
  const { Deliveries, addEndpoint, startWorker, queueMessages } = await openDatabase()
  const crm = await startSink(firstPort)
  const endpoint = await addEndpoint({ name: 'CRM', url: crm.url, types: ['order.paid'], perSecond: 10_000 })
  const total = 5000
  await queueMessages([endpoint._id], total)
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  const worker = startWorker()
  const left = () => Deliveries.count({ dueAt: { $type: 'date' } })
  while ((await left()) && performance.now() - startedAt < bound) await sleep(200)
  const ms = performance.now() - startedAt
  const sent = total - (await left())
  const used = process.cpuUsage(cpu)
  await worker.stop()
  crm.stop()
  const perMessage = (used.user + used.system) / 1000 / Math.max(1, sent)
  console.log(
    `rate: ${sent} of ${total} in ${(ms / 1000).toFixed(1)} s, ${Math.round((sent * 1000) / ms)}/s,`,
  )
  console.log(`      ${perMessage.toFixed(2)} ms of CPU each, with the store`)
}

/** How long after a contact request its first webhook is sent, at 50 requests a second; in all and in each fifth. */
async function reactions(): Promise<void> {
  const { Deliveries, Events, People, addEndpoint, record, startWorker } = await openDatabase()
  const crm = await startSink(firstPort)
  await addEndpoint({ name: 'CRM', url: crm.url, types: ['lead.contact_requested'], perSecond: 10_000 })
  const people = await makePeople(People, Number(values.people))
  await makePeople(People, 3, 'sales')
  const worker = startWorker()
  const startedAt = performance.now()
  const total = Number(values.requests)
  const recorded: Promise<boolean>[] = []
  for (let n = 0; n < total && performance.now() - startedAt < bound; n++) {
    // Without waiting for the one before, as requests of many people come.
    const request = record({
      name: 'contact.requested',
      person: people[Math.floor(random() * people.length)]!,
      idempotencyKey: [n],
      data: { kind: 'demo', text: `Request ${n}`, title: null },
    })
    recorded.push(request)
    await sleep(startedAt + (n + 1) * 20 - performance.now())
  }
  await Promise.all(recorded)
  const recordedFor = performance.now() - startedAt
  const left = async () =>
    (await Events.count({ dueAt: { $type: 'date' } })) +
    (await Deliveries.count({ dueAt: { $type: 'date' } }))
  while ((await left()) && performance.now() - startedAt < bound) await sleep(200)
  const drained = performance.now() - startedAt
  await worker.stop()
  crm.stop()
  const causes = new Map((await Events.find({ name: 'contact.requested' })).map(each => [each._id, each.at]))
  const { Messages } = await import('../../src/webhooks/message')
  const messages = new Map((await Messages.find({})).map(message => [message._id, message.cause]))
  const deliveries = await Deliveries.find({})
  const firsts = deliveries.flatMap(({ message, attemptLog: [first] }) => {
    const at = causes.get(messages.get(message) ?? '')
    return at && first ? [{ at, lag: first.at.getTime() - at.getTime() }] : []
  })
  const lags = firsts.toSorted((a, b) => a.at.getTime() - b.at.getTime()).map(({ lag }) => lag)
  const undone = await Events.count({ dueAt: { $type: 'date' } })
  console.log(`reactions: ${total} requests in ${(recordedFor / 1000).toFixed(1)} s; after`)
  console.log(
    `      ${(drained / 1000).toFixed(1)} s ${undone} events were undone; ${lags.length} first attempts, ${spread(lags)}`,
  )
  for (let fifth = 0; fifth < 5; fifth++) {
    const [from, to] = [fifth, fifth + 1].map(n => (n * lags.length) / 5)
    console.log(`      ${fifth + 1}/5: ${spread(lags.slice(from, to))}`)
  }
}

/** How long a message to a good endpoint takes, alone and beside 100 that take 10 s for each response. */
async function isolation(): Promise<void> {
  const { Deliveries, addEndpoint, startWorker, queueMessages } = await openDatabase()
  const crm = await startSink(firstPort)
  const good = await addEndpoint({ name: 'Good', url: crm.url, types: ['order.paid'], perSecond: 50 })
  const worker = startWorker()
  const sample = async () => {
    for (let n = 0; n < 50; n++) {
      await queueMessages([good._id], 1)
      await sleep(100)
    }
    await sleep(500)
    const sent = await Deliveries.find({ endpoint: good._id, deliveredAt: { $ne: null } })
      .sort({ createdAt: -1 })
      .limit(50)
    const delays = sent.map(each => each.attemptLog[0]!.at.getTime() - each.createdAt.getTime())
    return `${sent.length} of 50, ${spread(delays)}`
  }
  const calm = await sample()
  const slow = await startSink(firstPort + 1, 10_000)
  const bad = []
  for (let n = 0; n < 100; n++) {
    bad.push(
      (await addEndpoint({ name: `Bad ${n}`, url: slow.url, types: ['order.paid'], perSecond: 50 }))._id,
    )
  }
  await queueMessages(bad, 10)
  await sleep(3000)
  console.log(`isolation: calm ${calm}; beside 100 slow ones ${await sample()}`)
  crm.stop()
  slow.stop()
  await Promise.race([worker.stop(), sleep(20_000)])
}

/** What outages of 72 h and 140 h lose, with a moved clock. */
async function outage(): Promise<void> {
  const { Deliveries, addEndpoint, queueMessages } = await openDatabase()
  const { hours, minutes, setClock } = await import('../../src/platform/clock')
  const { resumeEndpoint } = await import('../../src/webhooks/resume-endpoint')
  const { runAllDue } = await import('../../src/worker')
  const startedAt = performance.now()
  for (const length of [72, 140]) {
    let moment = Date.now()
    setClock(() => moment)
    const down = await startSink(firstPort, 0, 503)
    const endpoint = await addEndpoint({
      name: `${length} h`,
      url: down.url,
      types: ['order.paid'],
      perSecond: 50,
    })
    const end = moment + hours(length)
    await queueMessages([endpoint._id], 40)
    while (moment < end && performance.now() - startedAt < bound) {
      await runAllDue()
      const [next] = await Deliveries.find({ endpoint: endpoint._id, dueAt: { $ne: null } })
        .sort({ dueAt: 1 })
        .limit(1)
      moment = Math.min(end, Math.max(next?.dueAt?.getTime() ?? end, moment + minutes(1)))
    }
    down.stop()
    await sleep(200)
    const up = await startSink(firstPort)
    await resumeEndpoint(endpoint._id)
    for (let day = 0; day < 3; day++) {
      moment += hours(29)
      await runAllDue()
    }
    up.stop()
    await sleep(200)
    const states = new Map<string, number>()
    for (const { state } of await Deliveries.find({ endpoint: endpoint._id })) {
      states.set(state, (states.get(state) ?? 0) + 1)
    }
    console.log(
      `outage of ${length} h: ${[...states].map(([state, count]) => `${count} ${state}`).join(', ')}`,
    )
  }
  setClock()
}

/** How a server with 20 busy connections ends after SIGTERM. */
async function shutdown(): Promise<void> {
  const { startAcademy } = await import('./academy')
  const env = { NODE_ENV: 'demo', DATA_DIR: dataDir }
  spawnSync(process.execPath, [join(__dirname, '../seed.js')], { env: { ...process.env, ...env } })
  const server = await startAcademy(dataDir)
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  let [isStopped, answered, stoppedAt] = [false, 0, Infinity]
  const clients = Array.from({ length: 20 }, async () => {
    while (!isStopped) {
      const at = performance.now()
      if (await answers(`${server.base}/`, agent)) answered += at > stoppedAt ? 1 : 0
      else await sleep(10)
    }
  })
  await sleep(1000)
  stoppedAt = performance.now()
  const ended = await Promise.race([server.stop().then(() => true), sleep(bound).then(() => false)])
  isStopped = true
  await Promise.all(clients)
  agent.destroy()
  const took = ((performance.now() - stoppedAt) / 1000).toFixed(1)
  console.log(
    `shutdown: ${ended ? 'ended' : 'did not end'} within ${took} s, ${answered} requests answered after SIGTERM`,
  )
}

/** Kills the process again and again (test/kill.test.ts). */
async function kill(): Promise<void> {
  const env = { ...process.env, NODE_ENV: 'test', KILL_SEED: String(seed), LOG_LEVEL: 'silent' }
  const jest = join(__dirname, '../../../node_modules/.bin/jest')
  const options = { env, timeout: bound, encoding: 'utf8' as const, cwd: join(__dirname, '../../..') }
  const { status, stderr } = spawnSync(jest, ['test/kill.test.ts', '--maxWorkers=1'], options)
  console.log(`kill: ${status === 0 ? 'nothing lost' : `failed\n${stderr}`}`)
}

async function openDatabase() {
  const { connectDatabase } = await import('../../src/platform/database')
  const { startWorker } = await import('../../src/worker')
  await connectDatabase()
  const { Deliveries, deliveryId } = await import('../../src/webhooks/delivery')
  const { Messages } = await import('../../src/webhooks/message')
  const { People } = await import('../../src/people/person')
  const { Events } = await import('../../src/events/event')
  const { record } = await import('../../src/events/record')
  const { addEndpoint } = await import('../../src/webhooks/add-endpoint')
  const { now } = await import('../../src/platform/clock')
  const { wakeWorker } = await import('../../src/platform/queue')
  let sequence = 0
  /** Queues messages of 1 kB to endpoints, each about one of 500 people. */
  const queueMessages = async (endpoints: Types.ObjectId[], count: number) => {
    const people = await makePeople(People, Math.min(500, count))
    const type = 'order.paid' as const
    const messages = Array.from({ length: count }, (_, n) => {
      const _id = `msg_${++sequence}`
      const person = people[Math.floor(random() * people.length)]!
      const body = JSON.stringify({ id: _id, type, data: 'x'.repeat(1000) })
      return {
        _id,
        cause: `benchmark ${n}`,
        type,
        person,
        sequence,
        basis: 'contract' as const,
        at: now(),
        body,
      }
    })
    for (let n = 0; n < count; n += 500) await Messages.insertMany(messages.slice(n, n + 500))
    for (const id of endpoints) {
      for (let n = 0; n < count; n += 500) {
        await Deliveries.insertMany(
          messages.slice(n, n + 500).map(({ _id, person }) => ({
            _id: deliveryId(_id, id),
            message: _id,
            endpoint: id,
            type,
            person,
            state: 'pending' as const,
            createdAt: now(),
            dueAt: now(),
          })),
        )
      }
    }
    wakeWorker.emit('due', Deliveries.queue)
  }
  return { Deliveries, Events, People, addEndpoint, record, startWorker, queueMessages }
}

type PeopleRecords = typeof import('../../src/people/person').People
let people = 0

async function makePeople(People: PeopleRecords, count: number, role: 'prospect' | 'sales' = 'prospect') {
  const made = Array.from({ length: count }, () => {
    const domain = `company-${++people}.example`
    const consents = ['profiling' as const, 'share_with_sales' as const]
    return {
      email: `person@${domain}`,
      name: `Person ${people}`,
      company: { domain, name: `Company ${people}` },
      search: [],
      role,
      signedUpAt: new Date(),
      confirmedAt: new Date(),
      emailKind: 'company' as const,
      consents,
    }
  })
  await People.insertMany(made)
  const emails = made.map(({ email }) => email)
  return (await People.find({ email: { $in: emails } }, { _id: 1 })).map(({ _id }) => _id)
}

/** Starts a CRM in its own process, so that it doesn't count as our work. */
async function startSink(port: number, delay = 0, status = 200): Promise<{ url: string; stop: () => void }> {
  const options = ['--port', String(port), '--delay', String(delay), '--status', String(status), '--quiet']
  const child = spawn(process.execPath, [join(__dirname, '../crm-sink.js'), ...options], { stdio: 'ignore' })
  process.once('exit', () => child.kill())
  const url = `http://127.0.0.1:${port}/hooks`
  for (;;) {
    const isOpen = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(200) }).then(
      () => true,
      error => (error as Error).name === 'TimeoutError',
    )
    if (isOpen) return { url, stop: () => void child.kill() }
    await sleep(20)
  }
}

function answers(url: string, agent: Agent): Promise<boolean> {
  return new Promise(resolve => {
    get(url, { agent }, response => {
      response.resume()
      response.once('end', () => resolve(true))
    }).once('error', () => resolve(false))
  })
}

function spread(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`
}

/** A sequence of numbers from 0 to 1 that the seed decides (mulberry32). */
let randomState = seed
function random(): number {
  randomState = (randomState + 0x6d2b79f5) | 0
  let mixed = Math.imul(randomState ^ (randomState >>> 15), 1 | randomState)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
}

const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, Math.max(0, ms)))

measure().then(
  () => {
    rmSync(dataDir, { recursive: true, force: true })
    process.exit(0)
  },
  error => {
    console.error(error)
    process.exit(1)
  },
)
