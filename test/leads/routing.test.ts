import { Types } from 'mongoose'
import { AuditEntries } from '../../src/events/audit'
import { Events } from '../../src/events/event'
import { record } from '../../src/events/record'
import { Absences, addAbsence } from '../../src/leads/absence'
import { applyOutcome } from '../../src/leads/apply-outcome'
import { assignOwner, takeFromOwner } from '../../src/leads/assign-owner'
import { acceptLead, rejectLead } from '../../src/leads/change-lead'
import { handOverLeads, undoHandover } from '../../src/leads/hand-over'
import { Leads } from '../../src/leads/lead'
import { rehearseRouting } from '../../src/leads/rehearse-routing'
import {
  activeRouting,
  publishRouting,
  routingDraft,
  routingVersion,
  saveRouting,
  standardPerson,
  standardRouting,
  type RoutingContent,
  type RoutingRule,
} from '../../src/leads/routing-rules'
import { watchResponseTimes } from '../../src/leads/watch-response-times'
import { Emails } from '../../src/mail/email'
import { days, hours, later, minutes, now } from '../../src/platform/clock'
import { withLock } from '../../src/platform/lock'
import { People, type Person } from '../../src/people/person'
import { leadData } from '../../src/webhooks/lead-data'
import { openAcademy, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let [petra, idris, mei, lena]: Person[] = []
/** A Monday, at nine in London. */
const start = '2026-11-23T09:00:00Z'

beforeAll(async () => {
  academy = await openAcademy()
  setTime(start)
  const zone = { timeZone: 'Europe/London' }
  petra = await make.person({ role: 'sales', name: 'Petra Novotná', ...zone })
  idris = await make.person({ role: 'sales', name: 'Idris Bello', ...zone })
  mei = await make.person({ role: 'sales', name: 'Mei Tan', ...zone })
  lena = await make.person({ role: 'sales-lead', name: 'Lena Voss', ...zone })
})
afterAll(() => academy.close())
beforeEach(async () => {
  setTime(start)
  await Promise.all([
    Leads.deleteMany({}),
    Events.deleteMany({}),
    Absences.deleteMany({}),
    Emails.deleteMany({}),
  ])
  await People.deleteMany({ role: 'prospect' })
})

const idOf = (person?: Person) => String(person!._id)
const rule = (name: string, given: Partial<RoutingRule>): RoutingRule => ({
  ...{ id: name.toLowerCase(), name, target: { kind: 'teammate', id: idOf(petra) }, responseHours: null },
  when: { companies: [], domains: [], countries: [], topics: [], answer: null, ...given.when },
  ...(given.target && { target: given.target }),
  ...(given.responseHours && { responseHours: given.responseHours }),
})
async function publish(content: Partial<RoutingContent>): Promise<number> {
  const { draftNumber } = await routingDraft()
  const number = await saveRouting({ ...standardRouting, ...content }, draftNumber)
  return publishRouting(number, 'A test', lena!._id)
}
/** Somebody who has asked for a demo and is with sales. */
async function lead(given: Partial<Person> = {}): Promise<Person> {
  const person = await make.person(given)
  const data = { trigger: 'contact_request', band: 'A1', score: null, fit: 60, sequence: 1 } as const
  await record({ name: 'lead.qualified', person: person._id, idempotencyKey: [1], data })
  await assignOwner({ person: person._id })
  return person
}
const leadOf = async ({ _id }: Pick<Person, '_id'>) => (await Leads.findById(_id))!
const countOf = (person?: Person) => Leads.count({ owner: person!._id })

test('a lead says on its record and in messages which rule chose its owner, and until when they respond', async () => {
  const version = await publish({
    rules: [
      rule('Nordics', { when: { countries: ['nordics'] } as RoutingRule['when'], responseHours: 2 }),
      rule('Food', {
        when: { topics: ['food'] } as RoutingRule['when'],
        target: { kind: 'teammate', id: idOf(mei) },
      }),
    ],
    people: {
      [idOf(petra)]: { ...standardPerson, opens: 600, calendar: 'uk' },
    },
    calendars: [{ id: 'uk', name: 'UK', daysOff: [{ day: '2026-11-23', name: 'Founders’ day' }] }],
  })
  const ada = await lead({ country: 'SE' })
  const { owner, assignedWhy, respondBy } = await leadOf(ada)
  expect(String(owner)).toBe(idOf(petra))
  expect(assignedWhy).toMatchObject({ kind: 'territory', rule: 'nordics', name: 'Nordics', version })
  expect(respondBy).toEqual(new Date('2026-11-24T12:00:00Z'))
  expect((await leadData(ada)).routing).toEqual({
    owner: petra!.email,
    reason: 'Territory: Nordics',
    rule: 'Nordics',
    rules_version: version,
  })

  const bo = await make.person()
  await record({
    name: 'lesson.completed',
    person: bo._id,
    course: new Types.ObjectId(),
    idempotencyKey: [1],
    data: { lesson: 'l', title: 'Drinks', topics: ['food'], minutes: 1, seconds: 60, kind: 'text' },
  })
  await record({
    ...{ name: 'lead.qualified', person: bo._id, idempotencyKey: [1] },
    data: { trigger: 'score', band: 'A1', score: 70, fit: 60, sequence: 1 },
  })
  await assignOwner({ person: bo._id })
  expect(await leadOf(bo)).toMatchObject({ owner: mei!._id, assignedWhy: { name: 'Food' } })
  expect((await Leads.find({ facets: 'rule:nordics' })).map(({ _id }) => _id)).toEqual([ada._id])
})

test('the owner whom a CRM named for a colleague gets the next lead of the company', async () => {
  await publish({ rules: [rule('CRM', { target: { kind: 'crm' } })] })
  const company = { domain: 'acme.example', name: 'Acme' }
  const first = await lead({ company })
  expect((await leadOf(first)).assignedWhy).toMatchObject({ kind: 'fallback' })
  const reported = {
    id: 'm1',
    person: first._id,
    at: now(),
    deal: 'd',
    amount: null,
    currency: null,
    reason: '',
  }
  await applyOutcome({ ...reported, name: 'opportunity.opened', text: '', owner: idOf(mei) })
  advance(minutes(1))
  const second = await lead({ company })
  expect(await leadOf(second)).toMatchObject({ owner: mei!._id, assignedWhy: { kind: 'crm' } })
  expect((await leadOf(await lead())).assignedWhy).toMatchObject({ kind: 'fallback' })
})

test('100 leads at once go by weight, and nobody gets more than their capacity', async () => {
  const members = [petra, idris, mei].map(idOf)
  await publish({
    rules: [rule('All', { target: { kind: 'pool', id: 'all' } })],
    pools: [{ id: 'all', name: 'All', members, share: 'load' }],
    people: {
      [idOf(petra)]: { ...standardPerson, weight: 3 },
      [idOf(mei)]: { ...standardPerson, capacity: 10 },
    },
  })
  const people = await Promise.all(Array.from({ length: 100 }, () => make.person()))
  const data = { trigger: 'contact_request', band: 'A1', score: null, fit: 60, sequence: 1 } as const
  await Promise.all(
    people.map(({ _id: person }) => record({ name: 'lead.qualified', person, idempotencyKey: [1], data })),
  )
  // Each twice, as by two workers.
  await Promise.all([...people, ...people].map(({ _id: person }) => assignOwner({ person })))
  expect(await Promise.all([petra, idris, mei].map(countOf))).toEqual([68, 22, 10])
  expect(await Events.count({ name: 'lead.assigned' })).toBe(100)
})

test('only one process gives leads at a time', async () => {
  let inside = 0
  let most = 0
  const task = async () => {
    most = Math.max(most, ++inside)
    await new Promise(resolve => setTimeout(resolve, 2))
    inside--
  }
  await Promise.all(Array.from({ length: 5 }, () => withLock('test', task)))
  await expect(withLock('test', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await withLock('test', task)
  expect(most).toBe(1)
})

test('a rehearsal of the rules that were active gives every lead to who has it, and writes nothing', async () => {
  const members = [petra, idris].map(idOf)
  const content: RoutingContent = {
    ...standardRouting,
    rules: [
      rule('Acme', { when: { companies: ['acme.example'] } as RoutingRule['when'] }),
      rule('UK', { when: { countries: ['GB'] } as RoutingRule['when'], target: { kind: 'pool', id: 'uk' } }),
    ],
    pools: [{ id: 'uk', name: 'UK', members, share: 'turns' }],
    people: {
      [idOf(petra)]: { ...standardPerson, capacity: 6 },
      [idOf(idris)]: { ...standardPerson, weight: 2 },
    },
  }
  setTime(later(new Date(start), -days(60)))
  await publish(content)
  await addAbsence({ teammate: idris!._id, from: '2026-10-05', until: '2026-10-11' }, lena!._id)
  for (let n = 0; n < 40; n++) {
    advance(hours(20))
    const person = await lead({
      country: n % 3 ? 'GB' : 'FR',
      ...(n % 7 === 0 && { company: { domain: 'acme.example', name: 'Acme' } }),
    })
    const given = await leadOf(person)
    if (n % 4 === 0) await rejectLead(given, given.owner!, 'timing', '')
  }
  const before = await Events.count({})
  const same = await rehearseRouting(content)
  expect(same).toMatchObject({ leads: 40, moved: 0, moves: [], isCut: false })
  expect(same.reps.map(({ now: given, draft }) => given - draft)).toEqual(same.reps.map(() => 0))
  const ownCounts = Object.fromEntries(same.reps.map(({ id, now: given }) => [id, given]))
  expect(ownCounts[idOf(petra)]).toBe(await countOf(petra))
  expect(same.reps.find(({ id }) => id === idOf(petra))!.peak).toBe(6)
  expect([...same.byRule.values()].flat()).toHaveLength(40)

  const other = await rehearseRouting({
    ...content,
    rules: [rule('All', { target: { kind: 'teammate', id: idOf(mei) } })],
  })
  expect([...other.byRule].map(([rule, leads]) => [rule, leads.length])).toEqual([['all', 40]])
  expect(other.moved).toBe(40 - ownCounts[idOf(mei)]!)
  const meis = other.reps.find(({ id }) => id === idOf(mei))!
  expect(meis.draft).toBe(40)
  expect(meis.draftByWeek.reduce((sum, each) => sum + each, 0)).toBe(40)
  expect(await Events.count({})).toBe(before)
  expect((await activeRouting()).content).toMatchObject({ rules: [{ id: 'acme' }, { id: 'uk' }] })
})

describe('a response that is late', () => {
  const response = { hours: 4, remindBefore: 1, escalateAfter: 1, reassignAfter: 3 }
  const subjects = async () =>
    (await Emails.find({}).sort({ _id: 1 })).map(({ to, subject }) => [to, subject])
  const alerts = async () =>
    (
      await Events.find({ name: { $in: ['lead.reminded', 'lead.escalated', 'lead.assigned'] } }).sort({
        at: 1,
      })
    ).map(({ name }) => name)

  test('is reminded of, escalated and given to somebody else, each once', async () => {
    await publish({ rules: [rule('All', {})], response })
    const ada = await lead({ name: 'Ada Late', company: { domain: 'acme.example', name: 'Acme' } })
    await watchResponseTimes()
    expect(await alerts()).toEqual(['lead.assigned'])
    setTime('2026-11-23T12:00:00Z')
    await watchResponseTimes()
    await watchResponseTimes()
    expect(await alerts()).toEqual(['lead.assigned', 'lead.reminded'])
    await runAllDue()
    expect(await subjects()).toContainEqual([petra!.email, 'Respond soon: Ada Late, Acme'])
    setTime('2026-11-23T14:00:00Z')
    await Promise.all([watchResponseTimes(), watchResponseTimes()])
    await runAllDue()
    expect(await subjects()).toContainEqual([lena!.email, 'No response yet: Ada Late, Acme'])
    setTime('2026-11-23T16:00:00Z')
    await Promise.all([watchResponseTimes(), watchResponseTimes()])
    expect(await alerts()).toEqual(['lead.assigned', 'lead.reminded', 'lead.escalated', 'lead.assigned'])
    const { owner, assignedWhy, alert, respondBy } = await leadOf(ada)
    expect(String(owner)).not.toBe(idOf(petra))
    expect(assignedWhy).toMatchObject({ kind: 'fallback', cause: 'overdue' })
    expect(alert).toBeNull()
    expect(respondBy).toEqual(new Date('2026-11-23T13:00:00Z'))
    await runAllDue()
    expect(await Emails.count({ subject: /^Reassigned to you: Ada Late/ })).toBe(1)
    expect(await Emails.count({ subject: /Respond soon|No response yet/ })).toBe(2)
  })

  test('is nobody’s business once there is one', async () => {
    await publish({ rules: [rule('All', {})], response })
    const ada = await lead()
    await acceptLead(await leadOf(ada), petra!._id)
    expect((await leadOf(ada)).alert).toBeNull()
    advance(days(3))
    await watchResponseTimes()
    expect(await alerts()).toEqual(['lead.assigned'])
  })

  test('is reminded of once, when the process is killed between the event and the record', async () => {
    await publish({ rules: [rule('All', {})], response })
    const ada = await lead()
    const { alert } = await leadOf(ada)
    setTime(alert!.at)
    await watchResponseTimes()
    // As the record was before.
    await Leads.updateOne({ _id: ada._id }, { $set: { alert, alertsDone: [], ledgerVersion: 0 } })
    await watchResponseTimes()
    await runAllDue()
    expect(await alerts()).toEqual(['lead.assigned', 'lead.reminded'])
    expect((await leadOf(ada)).alert).toMatchObject({ what: 'escalate' })
    expect(await Emails.count({ subject: /^Respond soon/ })).toBe(1)
  })

  test('stays with its owner when nobody else is there', async () => {
    await publish({ rules: [rule('All', {})], response })
    const ada = await lead()
    await People.updateMany(
      { _id: { $in: [idris, mei, lena].map(each => each!._id) } },
      { suspendedAt: now() },
    )
    await takeFromOwner([ada._id], petra!._id, 'overdue', null)
    await People.updateMany({ role: { $in: ['sales', 'sales-lead'] } }, { suspendedAt: null })
    expect(await leadOf(ada)).toMatchObject({
      owner: petra!._id,
      assignedWhy: { kind: 'stays', cause: 'overdue' },
    })
  })
})

test('somebody who is away gets no new leads, hands over the open ones in one step, and gets them back', async () => {
  await publish({
    rules: [rule('UK', { target: { kind: 'pool', id: 'uk' } })],
    pools: [{ id: 'uk', name: 'UK', members: [petra, idris].map(idOf), share: 'load' }],
  })
  const open = [await lead(), await lead(), await lead(), await lead()]
  expect([await countOf(petra), await countOf(idris)]).toEqual([2, 2])
  const away = { teammate: petra!._id, from: '2026-11-23', until: '2026-11-24' }
  const absence = (await addAbsence(away, lena!._id))!
  advance(minutes(1))
  const taken = await handOverLeads(absence, lena!._id)
  expect([...taken]).toEqual([[idOf(idris), 2]])
  expect(await countOf(petra)).toBe(0)
  const [moved] = await Leads.find({ 'assignedWhy.cause': 'absence' })
  expect(moved!.assignedWhy).toMatchObject({ kind: 'everyLead', name: 'UK', cause: 'absence' })
  // A lead that somebody has answered since stays.
  await acceptLead(moved!, idris!._id)
  advance(minutes(1))
  // A colleague can't undo it, and takes the undo from nobody by trying.
  await expect(undoHandover((await Absences.findById(absence._id))!, idris!._id)).rejects.toMatchObject({
    status: 409,
  })
  expect(await undoHandover((await Absences.findById(absence._id))!, lena!._id)).toBe(1)
  expect([await countOf(petra), await countOf(idris)]).toEqual([1, 3])
  await expect(undoHandover((await Absences.findById(absence._id))!, lena!._id)).rejects.toMatchObject({
    status: 409,
  })
  expect((await leadOf(await lead())).owner).toEqual(idris!._id)
  setTime('2026-11-25T00:00:00Z')
  expect((await leadOf(await lead())).owner).toEqual(petra!._id)
  expect(open).toHaveLength(4)
  expect(await AuditEntries.count({ action: 'leads.handed_over' })).toBe(1)
})

test('two sales leads cannot overwrite each other’s draft, and a version stays as it was published', async () => {
  const { draftNumber } = await routingDraft()
  const number = await saveRouting({ ...standardRouting, rules: [rule('One', {})] }, draftNumber)
  await expect(saveRouting(standardRouting, draftNumber)).rejects.toMatchObject({ status: 409 })
  const version = await publishRouting(number, 'First', lena!._id)
  await publish({ rules: [rule('Two', {})] })
  expect((await activeRouting()).content.rules).toMatchObject([{ name: 'Two' }])
  expect((await routingVersion(version))!.content).toMatchObject({
    rules: [{ name: 'One' }],
    reason: 'First',
  })
  const gone = { ...standardRouting, rules: [rule('Gone', { target: { kind: 'pool', id: 'none' } })] }
  await saveRouting(gone, (await routingDraft()).draftNumber)
  expect((await routingDraft()).content.rules).toEqual([])
  const broken = { ...standardRouting, response: { ...standardRouting.response, hours: -1 } }
  expect(() => saveRouting(broken, 0)).toThrow()
})
