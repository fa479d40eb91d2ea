import { AuditEntries } from '../../src/events/audit'
import { Events } from '../../src/events/event'
import { record } from '../../src/events/record'
import { acceptLead, assignLead, snoozeLead } from '../../src/leads/change-lead'
import { Leads, type Lead } from '../../src/leads/lead'
import { LeadBatches } from '../../src/leads/lead-batch'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import { minutes, seconds } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let petra: Person
let marek: Person
let sales: Visitor
let salesLead: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  marek = await make.person({ role: 'sales', name: 'Marek Dvořák' })
  sales = await as(petra)
  salesLead = await as(await make.person({ role: 'sales-lead', name: 'Lea Lead' }))
})
afterAll(() => academy.close())

let made = 0
async function lead(owner: Person): Promise<Lead> {
  const name = `Batch Person${++made}`
  const person = await make.person({ name, consents: ['profiling', 'share_with_sales'] })
  const data = { kind: 'demo', text: '', title: null } as const
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [1], data })
  await runAllDue()
  const given = (await Leads.findById(person._id))!
  if (!given.owner?.equals(owner._id)) await assignLead(given, String(owner._id), owner._id)
  return (await Leads.findById(person._id))!
}
const stored = async ({ _id }: Lead) => (await Leads.findById(_id))!
const idsOf = (leads: Lead[]) => leads.map(({ _id }) => String(_id)).join(',')
const eventsOf = async ({ _id }: Lead) =>
  (await Events.find({ person: _id, name: /^lead\.(acc|rej|snoo|ass)/ })).map(({ name }) => name)
const list = '/sales/leads?tab=mine'

test('before leads are answered together, the page says what will happen and what cannot', async () => {
  const [mine, answered, others] = [await lead(petra), await lead(petra), await lead(marek)]
  await acceptLead(answered, petra._id)
  const query = `lead=${mine._id}&lead=${answered._id}&lead=${others._id}`
  const { text } = await sales.get(`/sales/lead-batches/new?action=accept&${query}&list=${list}`).expect(200)
  expect(text).toContain('Accept 1 lead?')
  expect(text).toContain('1 already has a response.')
  expect(text).toContain('1 belongs to a colleague.')
  expect(text).toContain(`value="${mine._id}"`)
  expect((await stored(mine)).status).toBe('new')
  await sales.get('/sales/lead-batches/new?action=accept').expect(303)
  await sales.get(`/sales/lead-batches/new?action=erase&${query}`).expect(404)
})

test('the whole list can be answered, each lead with its own event, and twice is once', async () => {
  const leads = [await lead(petra), await lead(petra), await lead(petra)]
  const page = await sales.get(`/sales/lead-batches/new?action=reject&all=1&list=${encodeURIComponent(list)}`)
  for (const { _id } of leads) expect(page.text).toContain(String(_id))
  const form = { action: 'reject', leads: idsOf(leads), list, occasion: 'a'.repeat(22) }
  const refused = await sales.post('/sales/lead-batches', { ...form, text: 'My words' }).expect(422)
  expect(refused.text).toContain('Choose a reason')
  expect(refused.text).toContain('My words')
  const given = { ...form, reason: 'timing', text: 'Next year' }
  const responses = await Promise.all([1, 2].map(() => sales.post('/sales/lead-batches', given)))
  expect(responses.map(({ status }) => status)).toEqual([303, 303])
  await runAllDue()
  for (const each of leads) {
    expect(await stored(each)).toMatchObject({
      status: 'rejected',
      disposition: { reason: 'timing', text: 'Next year' },
    })
    expect((await eventsOf(each)).filter(name => name === 'lead.rejected')).toHaveLength(1)
  }
  expect((await sales.get(list)).text).toContain('3 leads rejected.')
})

test('what really happened is counted, and all of it can be undone for ten minutes', async () => {
  const [one, two, other] = [await lead(petra), await lead(petra), await lead(marek)]
  const owners = await Promise.all([one, two, other].map(async each => String((await stored(each)).owner)))
  const form = { action: 'reassign', leads: idsOf([one, two, other]), list, owner: String(marek._id) }
  await sales.post('/sales/lead-batches', { ...form, owner: 'nobody' }).expect(422)
  await sales.post('/sales/lead-batches', form).expect(303)
  const text = (await sales.get(list)).text
  expect(text).toContain('2 leads reassigned.')
  expect(text).toContain('1 belongs to a colleague.')
  const undo = /action="(\/sales\/lead-batches\/\w+\/undo[^"]*)"/.exec(text)![1]!
  advance(minutes(1))
  await acceptLead(await stored(two), marek._id)
  await (await as(marek)).post(undo).expect(404)
  await sales.post(undo).expect(303)
  const undone = (await sales.get(list)).text
  expect(undone).toContain('1 lead is as it was before.')
  expect(undone).toContain('1 has changed since and stays as it is.')
  expect((await stored(one)).owner!.equals(petra._id)).toBe(true)
  expect(await stored(two)).toMatchObject({ status: 'accepted' })
  expect(owners[2]).toBe(String(marek._id))
  await sales.post(undo).expect(409)
})

test('a snooze needs a day ahead, and is over when it is undone', async () => {
  const leads = [await lead(petra), await lead(petra)]
  const form = { action: 'snooze', leads: idsOf(leads), list }
  for (const day of ['', '2026-11-01', '2028-01-01', 'x'])
    await sales.post('/sales/lead-batches', { ...form, day }).expect(422)
  await sales.post('/sales/lead-batches', { ...form, day: '2026-11-26', text: 'Trade fair' }).expect(303)
  for (const each of leads)
    expect((await stored(each)).snooze).toMatchObject({
      until: new Date('2026-11-26T09:00:00Z'),
      text: 'Trade fair',
    })
  const undo = /action="(\/sales\/lead-batches\/\w+\/undo[^"]*)"/.exec((await sales.get(list)).text)![1]!
  advance(minutes(11))
  await sales.post(undo).expect(409)
})

test('undoing a snooze brings back the one before it; a batch sent twice is one in the audit log', async () => {
  const [away, awake] = [await lead(petra), await lead(petra)]
  const earlier = { until: new Date('2026-12-01T09:00:00Z'), text: 'On a trip' }
  await snoozeLead(away, petra._id, earlier.until, earlier.text)
  const form = { action: 'snooze', leads: idsOf([away, awake]), list, occasion: 'b'.repeat(22) }
  const entries = () => AuditEntries.count({ action: 'leads.answered', subject: 'snooze' })
  const before = await entries()
  for (const _ of [1, 2]) await sales.post('/sales/lead-batches', { ...form, day: '2026-12-24' }).expect(303)
  expect(await entries()).toBe(before + 1)
  expect((await stored(away)).snooze!.until).toEqual(new Date('2026-12-24T09:00:00Z'))
  const undo = /action="(\/sales\/lead-batches\/\w+\/undo[^"]*)"/.exec((await sales.get(list)).text)![1]!
  await sales.post(undo).expect(303)
  expect((await stored(away)).snooze).toMatchObject(earlier)
  expect((await stored(away)).respondBy).toEqual(earlier.until)
  expect((await stored(awake)).snooze).toBeNull()
})

test('a rep answers for no colleague; who leads the team may, except accept', async () => {
  const [one, two] = [await lead(marek), await lead(marek)]
  const form = { leads: idsOf([one, two]), list, reason: 'spam' }
  await sales.post('/sales/lead-batches', { ...form, action: 'reject' }).expect(303)
  expect((await stored(one)).status).toBe('new')
  await salesLead.post('/sales/lead-batches', { ...form, action: 'accept' }).expect(303)
  expect((await stored(one)).status).toBe('new')
  await salesLead.post('/sales/lead-batches', { ...form, action: 'reject' }).expect(303)
  expect((await stored(one)).status).toBe('rejected')
})

test('what a crash cut off in the middle is continued, and no lead is answered twice', async () => {
  const leads = [await lead(petra), await lead(petra), await lead(petra)]
  const items = leads.map(each => ({
    lead: each._id,
    sequence: each.sequence,
    changeCount: each.changeCount,
  }))
  // The first one was answered before the process died, and the record doesn't know.
  await acceptLead(leads[0]!, petra._id)
  await acceptLead(leads[2]!, marek._id)
  const batch = await LeadBatches.create({
    ...{ _id: leads[0]!._id, by: petra._id, at: new Date('2026-11-23T10:00:00Z'), action: 'accept' as const },
    ...{ text: '', step: 'do' as const, items, dueAt: new Date('2026-11-23T10:00:00Z') },
  })
  setTime('2026-11-23T10:01:00Z')
  expect((await sales.get(`/sales/lead-batches/${batch._id}`).expect(200)).text).toContain(
    '3 leads are still to do.',
  )
  await runAllDue()
  const after = (await LeadBatches.findById(batch._id))!
  expect(after.items.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'changed'])
  expect(after.step).toBeNull()
  for (const each of leads.slice(0, 2)) {
    expect((await eventsOf(each)).filter(name => name === 'lead.accepted')).toHaveLength(1)
    expect((await stored(each)).owner!.equals(petra._id)).toBe(true)
  }
  advance(seconds(1))
  const { text } = await sales.get(`/sales/lead-batches/${batch._id}`).expect(200)
  expect(text).toContain('2 leads accepted.')
  await erasePerson(leads[0]!._id)
  await runAllDue()
  expect((await LeadBatches.findById(batch._id))!.items).toHaveLength(2)
})
