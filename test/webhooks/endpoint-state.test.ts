import { Types } from 'mongoose'
import request from 'supertest'
import { days, later, minutes, now, seconds } from '../../src/platform/clock'
import { Deliveries, type Delivery, type DeliveryState } from '../../src/webhooks/delivery'
import { deliverMessages } from '../../src/webhooks/deliver'
import { Endpoints } from '../../src/webhooks/endpoint'
import { Messages } from '../../src/webhooks/message'
import { pauseEndpoint } from '../../src/webhooks/pause-endpoint'
import { createDeliveries } from '../../src/webhooks/queue-deliveries'
import { recoverMessages } from '../../src/webhooks/recover'
import { Recoveries } from '../../src/webhooks/recovery'
import { removeEndpoint } from '../../src/webhooks/remove-endpoint'
import { resumeEndpoint } from '../../src/webhooks/resume-endpoint'
import { rotateSecret } from '../../src/webhooks/rotate-secret'
import { sweepDeliveries } from '../../src/webhooks/apply-endpoint-state'
import { startRecovery } from '../../src/webhooks/start-recovery'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import { jobs } from '../../src/jobs'
import { installJobs } from '../../src/platform/scheduled-job'
import { dieAfter, everyInterleaving } from '../kit/interleave'
import { runAllDue } from '../kit/ledger'
import { closeEndpointServers, openEndpointServer, status, type EndpointServer } from './endpoint-server'

let academy: Academy
let server: EndpointServer

beforeAll(async () => (academy = await openAcademy()))
beforeEach(async () => {
  setTime('2026-11-23T09:00:00Z')
  server = await openEndpointServer()
})
afterEach(async () => {
  await closeEndpointServers()
  await Endpoints.deleteMany({})
})
afterAll(() => academy.close())

const idOf = () => server.endpoint._id
const names = ['being sent', 'due', 'failed', 'queued now'] as const
const delivery = (name: (typeof names)[number]) => `${name}.${idOf()}`

/**
 * Puts the endpoint and its messages back: one that a worker has claimed, one due and one failed. Those of earlier
 * tests go, or a worker would claim them instead.
 *
 * @param options.isSent whether the claimed message is sent then, so that this process has to claim it.
 */
async function prepare(
  endpointState: 'active' | 'paused',
  { isSent }: { isSent: boolean },
): Promise<() => Promise<void>> {
  const { _id: endpoint, secrets } = server.endpoint
  const fresh = {
    lastSuccessAt: null,
    failingSince: null,
    unanswered: 0,
    breakerUntil: null,
    nextSendAt: null,
  }
  const reset = { ...fresh, secrets, slots: [], removedAt: null }
  const setState = (state: 'active' | 'paused') =>
    Endpoints.updateOne({ _id: endpoint }, { $set: { ...reset, state } })
  const record = { endpoint, type: 'order.paid' as const, person: null, createdAt: now() }
  const beingSent = { ...record, _id: delivery('being sent'), message: 'being sent', dueAt: now() }
  await Promise.all([
    setState(isSent ? 'active' : endpointState),
    Deliveries.deleteMany({}),
    Recoveries.deleteMany({}),
  ])
  let send: (() => Promise<void>) | null = null
  if (isSent) {
    await Deliveries.create({ ...beingSent, state: 'pending' })
    send = await deliverMessages.take()
    if (endpointState === 'paused')
      await Endpoints.updateOne({ _id: endpoint }, { $set: { state: 'paused' } })
  }
  const claimed = { leaseToken: 'another worker', leaseUntil: later(now(), seconds(30)) }
  const isPaused = endpointState === 'paused'
  const rest: [string, DeliveryState][] = [
    [delivery('due'), isPaused ? 'held' : 'pending'],
    [delivery('failed'), 'failed'],
  ]
  await Promise.all([
    Deliveries.insertMany([
      ...(isSent ? [] : [{ ...beingSent, ...claimed, state: 'sending' as const, attempts: 1 }]),
      ...rest.map(([_id, state]) => ({
        ...record,
        _id,
        message: _id.split('.')[0]!,
        state,
        dueAt: state === 'pending' ? now() : null,
      })),
    ]),
    Recoveries.create({
      endpoint,
      since: now(),
      until: now(),
      mode: 'failed',
      startedAt: now(),
      total: 3,
      dueAt: now(),
    }),
  ])
  return send!
}

/** True for what sends the message that is claimed. */
const sends = (name: string) => /410|500/.test(name)

const current = async () => (await Endpoints.findById(idOf()))!
type Action = (send: () => Promise<void>) => Promise<unknown>

/** What a worker or a teammate does to the endpoint. Each reads what it decides from within. */
const actions: Record<string, Action> = {
  'pause it': () => pauseEndpoint(idOf()),
  'resume it': () => resumeEndpoint(idOf()),
  'pause and resume it': () => pauseEndpoint(idOf()).then(() => resumeEndpoint(idOf())),
  'rotate its secret': async () => rotateSecret(await current()),
  'disable it (410)': async send => {
    server.respondWith(status(410))
    await send()
  },
  'get a 500': async send => {
    server.respondWith(status(500))
    await send()
  },
  'replay to it': async () => (await recoverMessages.take())!(),
  'queue a message': async () =>
    createDeliveries((await Messages.findById('queued now'))!, [await current()]),
  'remove it': () => removeEndpoint(idOf()),
}

/** Returns the deliveries that rest where nothing will move them. */
async function stuck(): Promise<string[]> {
  const { state, removedAt } = await current()
  const mover = (each: Delivery) => {
    if (['delivered', 'cancelled', 'failed'].includes(each.state)) return 'a person'
    if (each.leaseUntil && each.leaseUntil > now()) return 'the worker that has it'
    if (removedAt) return null
    if (state !== 'active') return each.state === 'held' ? 'resuming the endpoint' : null
    return each.dueAt ? 'a worker' : null
  }
  const deliveries = await Deliveries.find({ endpoint: idOf() }).sort({ _id: 1 })
  return deliveries
    .filter(each => mover(each) === null)
    .map(
      each =>
        `${each._id.split('.')[0]}: ${each.state} at an endpoint that is ${removedAt ? 'removed' : state}`,
    )
}

describe('no message rests where nothing will move it, in whichever order two workers', () => {
  beforeAll(async () => {
    await Messages.insertMany(
      names.map((_id, sequence) => ({
        _id,
        cause: _id,
        type: 'order.paid' as const,
        person: new Types.ObjectId(),
        sequence,
        basis: 'none' as const,
        at: new Date('2026-11-23T09:00:00Z'),
        body: '{}',
      })),
    )
  })
  const pairs = Object.keys(actions).flatMap((a, i, all) => all.slice(i).map(b => [a, b] as const))
  // Only one worker has claimed the message or the replay. Two changes after each other meet what a worker does.
  const isWorker = (name: string) => /410|500|replay|queue/.test(name)
  const together = pairs.filter(([a, b]) => {
    const areExclusive = a === b ? isWorker(a) : /410/.test(a) && /500/.test(b)
    return !areExclusive && !(/pause and/.test(a + b) && !(isWorker(a) || isWorker(b)))
  })

  // Each run takes every third pair, and another third the next day: `INTERLEAVINGS=all` takes all of them.
  const turn = Number(process.env.INTERLEAVINGS ?? Math.floor(Date.now() / days(1))) % 3
  const taken = process.env.INTERLEAVINGS === 'all' ? together : together.filter((_, n) => n % 3 === turn)

  test.each(taken)('%s and %s', async (a, b) => {
    const state = [a, b].includes('resume it') ? 'paused' : 'active'
    const orders = await everyInterleaving(
      ['endpoints', 'deliveries'],
      async () => {
        const send = await prepare(state, { isSent: sends(a) || sends(b) })
        const work = (name: string) => () => actions[name]!(send).catch(ignoreConflict)
        return [work(a), work(b)]
      },
      async order => expect({ state, order, stuck: await stuck() }).toEqual({ state, order, stuck: [] }),
    )
    expect(orders).toBeGreaterThan(0)
  })

  test.each(Object.keys(actions))('dies after any command of: %s', async name => {
    for (const state of ['active', 'paused'] as const) {
      for (let commands = 0, died = true; died; commands++) {
        setTime('2026-11-23T09:00:00Z')
        // A worker that dies while it sends keeps its slot in this process, which lives on.
        if (sends(name)) server = await openEndpointServer()
        const send = await prepare(state, { isSent: sends(name) })
        const work = () => actions[name]!(send).catch(ignoreConflict)
        died = await dieAfter(commands, ['endpoints', 'deliveries'], work)
        advance(minutes(2))
        await sweepDeliveries()
        expect({ state, commands, stuck: await stuck() }).toEqual({ state, commands, stuck: [] })
      }
    }
  })

  function ignoreConflict(error: { status?: number }): void {
    if (error.status !== 409) throw error
  }
})

describe('a message that is held although its endpoint is active', () => {
  const hold = () => Deliveries.updateOne({ _id: delivery('due') }, { $set: { state: 'held', dueAt: null } })
  beforeEach(async () => {
    await (
      await prepare('active', { isSent: true })
    )()
    await hold()
  })

  test('shows in the metrics, and is sent within a minute', async () => {
    const metric = async () => (await request(theApp()).get('/metrics').expect(200)).text
    expect(await metric()).toContain('academy_deliveries_held_at_active 1')
    await installJobs(jobs)
    advance(minutes(1))
    await runAllDue()
    expect(await metric()).toContain('academy_deliveries_held_at_active 0')
    expect(await Deliveries.findById(delivery('due'))).toMatchObject({ state: 'delivered' })
  })

  test('is found by a replay of failed messages', async () => {
    await Recoveries.deleteMany({ endpoint: idOf() })
    await startRecovery(await current(), { since: now(), until: now(), mode: 'failed' })
    await runAllDue()
    expect(await Deliveries.findById(delivery('due'))).toMatchObject({ state: 'delivered' })
  })
})
