import { AuditEntries } from '../../src/events/audit'
import { Events } from '../../src/events/event'
import { record } from '../../src/events/record'
import { reactTo } from '../../src/events/react'
import { days, hours, minutes } from '../../src/platform/clock'
import { retryFailed, work } from '../../src/platform/queue'
import { installJobs, runJobs, type ScheduledJob } from '../../src/platform/scheduled-job'
import { reactions } from '../../src/reactions'
import { drainQueue } from '../../src/worker'
import type { Person } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let admin: Person
let tomasz: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  admin = await make.person({ role: 'admin', name: 'Tomasz Wrona' })
  tomasz = await as(admin)
})
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterAll(() => academy.close())

const path = '/admin/background-jobs'
const failing = reactTo({
  ...reactions,
  'pricing.viewed': [() => Promise.reject(new Error('the tax service is <b>down</b>'))],
})

/** Records an event whose reactions fail until all their attempts are used up. Returns the event's id. */
async function failForGood(): Promise<string> {
  const ada = await make.person()
  await runAllDue()
  await record({
    name: 'pricing.viewed',
    person: ada._id,
    idempotencyKey: [Math.random()],
    data: { seconds: 30 },
  })
  const { _id } = (await Events.findOne({ person: ada._id, name: 'pricing.viewed' }))!
  for (let attempt = 0; attempt < 20; attempt++) {
    await drainQueue(failing)
    advance(hours(1))
  }
  return _id
}

test('a reaction that always fails is set aside with its error after 20 attempts', async () => {
  const id = await failForGood()
  const event = await Events.findById(id)
  expect(event).toMatchObject({ attempts: 20, dueAt: null, lastError: 'the tax service is <b>down</b>' })
  const page = await tomasz.get(path).expect(200)
  expect(page.text).toContain('1 job has failed')
  expect(page.text).toContain('the tax service is &lt;b&gt;down&lt;/b&gt;')
  expect(page.text).toContain(id)
  await tomasz.post(`${path}/events/discards`, { id }).expect(303)
})

test('an administrator retries a failed job, which then runs, and the log says who did it', async () => {
  const id = await failForGood()
  await tomasz.post(`${path}/events/retries`, { id }).expect(303)
  expect((await tomasz.get(path)).text).toContain('1 job will run again.')
  await runAllDue()
  expect(await Events.findById(id)).toMatchObject({ dueAt: null, failedAt: null, lastError: null })
  expect((await tomasz.get(path)).text).toContain('No jobs have failed.')
  const entry = await AuditEntries.findOne({ subject: id })
  expect(entry).toMatchObject({
    actor: admin._id,
    action: 'job.retried',
    detail: { queue: 'events', count: 1 },
  })
})

test('an administrator discards a failed job; discarding it again says that it is gone', async () => {
  const id = await failForGood()
  await tomasz.post(`${path}/events/discards`, { id }).expect(303)
  expect((await tomasz.get(path)).text).toContain('1 job discarded.')
  expect(await Events.findById(id)).toMatchObject({ dueAt: null, failedAt: null })
  await tomasz.post(`${path}/events/discards`, { id }).expect(303)
  expect((await tomasz.get(path)).text).toContain('This job is no longer in the failed list.')
  expect(await AuditEntries.count({ subject: id })).toBe(1)
})

test('an administrator retries all failed jobs in a queue together', async () => {
  await failForGood()
  await failForGood()
  expect((await tomasz.get(path)).text).toContain('Retry all')
  // The figure of a queue opens its list.
  expect((await tomasz.get(path)).text).toContain(`href="${path}?queue=events#failed">2<`)
  const jobsIn = async (queue: string) =>
    (await tomasz.get(`${path}?queue=${queue}`).expect(200)).text.match(/class="job"/g) ?? []
  expect(await jobsIn('events')).toHaveLength(2)
  expect(await jobsIn('deliveries')).toHaveLength(0)
  expect(await jobsIn('nonsense')).toHaveLength(2)
  await tomasz.post(`${path}/events/retries`).expect(303)
  expect((await tomasz.get(path)).text).toContain('2 jobs will run again.')
  await runAllDue()
})

test.each([
  ['an unknown queue', 'rubbish/retries', {}],
  ['a queue named like a property of an object', '__proto__/discards', {}],
  ['an id that is a list', 'events/retries', { id: ['a', 'b'] }],
])('a request for %s is not found', async (_what, action, body) => {
  await tomasz.post(`${path}/${action}`, body).expect(404)
})

test('a job whose process dies at each attempt is set aside instead of killing every worker', async () => {
  const ada = await make.person()
  await record({ name: 'pricing.viewed', person: ada._id, idempotencyKey: ['poison'], data: { seconds: 30 } })
  await Events.updateOne({ person: ada._id, name: 'pricing.viewed' }, { $set: { attempts: 20 } })
  const run = jest.fn()
  const policy = { lease: minutes(1), backoff: () => 1000, maxAttempts: 20 }
  await drainQueue(work(Events, policy, run))
  expect(run).not.toHaveBeenCalled()
  const event = await Events.findOne({ person: ada._id, name: 'pricing.viewed' })
  expect(event).toMatchObject({ dueAt: null, lastError: 'The process ended during the last attempt' })
  await retryFailed('events', event!._id)
  await runAllDue()
})

test('a scheduled job that fails for 2 hours is shown as failed, and runs again the next day', async () => {
  let isBroken = true
  let runs = 0
  const run = async () => {
    runs++
    if (isBroken) throw new Error('no space left')
  }
  const jobs: ScheduledJob[] = [{ name: 'check-scores', every: hours(24), run }]
  await installJobs(jobs)
  advance(hours(24))
  for (let n = 0; n < 12; n++) {
    await drainQueue(runJobs(jobs))
    advance(minutes(10))
  }
  expect(runs).toBe(12)
  expect((await tomasz.get(path)).text).toContain('no space left')
  isBroken = false
  advance(days(1))
  await drainQueue(runJobs(jobs))
  expect(runs).toBe(13)
  const page = await tomasz.get(path)
  expect(page.text).not.toContain('no space left')
  expect(page.text).toContain('Check all scores against the ledger')
})
