import { Types } from 'mongoose'
import { Events } from '../../src/events/event'
import { record } from '../../src/events/record'
import { eventSeal } from '../../src/events/seal-event'
import { scoreLead } from '../../src/leads/score-lead'
import { People } from '../../src/people/person'
import { days, later, minutes, now, setClock } from '../../src/platform/clock'
import { connectDatabase, disconnectDatabase } from '../../src/platform/database'
import '../../src/app'

// `DATA_DIR=… node scored-live.js 50 500 5000`: what the next event of a lead with so many costs, from the ledger to
// the stored score and lead, as JSON.
const measured = 100
const names = ['lesson.opened', 'lesson.completed', 'lesson.completed', 'pricing.viewed'] as const
const course = new Types.ObjectId()
let clock = Date.parse('2026-11-01T09:00:00Z')

function eventOf(person: Types.ObjectId, n: number, at: Date) {
  const name = names[n % names.length]!
  const lesson = { lesson: `lesson-${n % 40}`, title: 'Pump curves', topics: ['pump-curves'] }
  const data = {
    'lesson.opened': lesson,
    'lesson.completed': { ...lesson, minutes: 5, seconds: 200, kind: 'text' },
    'pricing.viewed': { seconds: 60 },
  }[name]
  const event = { _id: `${name}:${person}:${n}`, name, person, course, at, recordedAt: at, data }
  return { ...event, data: event.data as never }
}

async function leadWith(count: number): Promise<Types.ObjectId> {
  const _id = new Types.ObjectId()
  await People.create({
    ...{ _id, email: `${_id}@firm.example`, name: 'Ada Lind', role: 'prospect', title: 'Head of sales' },
    ...{ company: { domain: 'firm.example', name: 'Firm' }, emailKind: 'company', country: 'DE' },
    consents: ['profiling', 'share_with_sales'],
    ...{ signedUpAt: now(), confirmedAt: now(), search: [] },
  } as never)
  const events = Array.from({ length: count }, (_, n) =>
    eventOf(_id, n, later(now(), -(days(380) * (count - n)) / count)),
  )
  for (let from = 0; from < count; from += 1000) {
    const some = events.slice(from, from + 1000)
    await Events.insertMany(some.map(event => ({ ...event, seal: eventSeal(event), dueAt: null })) as never)
  }
  const request = { kind: 'demo' as const, text: '', title: null }
  await record({ name: 'contact.requested', person: _id, idempotencyKey: [0], data: request })
  await scoreLead({ person: _id })
  return _id
}

/** CPU time in microseconds for an event. */
async function costWith(count: number): Promise<number> {
  const person = await leadWith(count)
  const next = async (n: number) => {
    clock += minutes(1)
    const { name, data } = eventOf(person, 1, now())
    await record({ name, person, course, idempotencyKey: ['next', n], data })
    await scoreLead({ person })
  }
  for (let n = 0; n < measured / 2; n++) await next(n)
  const before = process.cpuUsage()
  for (let n = 0; n < measured; n++) await next(measured + n)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / measured
}

async function main() {
  setClock(() => clock)
  await connectDatabase()
  // The first one warms up.
  await costWith(50)
  const costs = []
  for (const count of process.argv.slice(2).map(Number)) costs.push({ count, micros: await costWith(count) })
  console.log(JSON.stringify(costs))
  await disconnectDatabase()
  process.exit()
}

void main()
