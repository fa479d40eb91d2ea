import { minutes } from '../../src/platform/clock'
import { AuditEntries } from '../../src/events/audit'
import { record } from '../../src/events/record'
import { companyOf } from '../../src/people/company'
import { normaliseEmail } from '../../src/people/email-address'
import type { Person } from '../../src/people/person'
import { Leads } from '../../src/leads/lead'
import { activeModel, Models } from '../../src/scoring/model'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime, advance } from '../kit/clock'
import { runAllDue, happened } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  activeModel.forget()
  setTime('2026-11-23T09:00:00Z')
  admin = await as(await make.person({ role: 'admin' }))
})
afterAll(async () => {
  activeModel.forget()
  await academy.close()
})

const rival = { domain: 'rival.com', name: 'Rival' }

async function requestDemo(person: Person, n = 1): Promise<void> {
  const data = { kind: 'demo' as const, text: '', title: null }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [n], data })
  await runAllDue()
}
const leadOf = (person: Person) => Leads.findById(person._id)
const models = () => Models.find().sort({ _id: 1 })
const save = (domains: string, version: number) => admin.post('/admin/competitors', { domains, version })

test('leads of a new competitor are closed within minutes, and its people are never handed off again', async () => {
  const [spy, ada] = [await make.person({ company: rival }), await make.person()]
  await requestDemo(spy)
  await requestDemo(ada)
  expect(await leadOf(spy)).toMatchObject({ status: 'new' })

  await save('https://www.rival.com/about\nsales@eu.Other-Rival.co.uk', 1).expect(303)
  const [first, second] = await models()
  expect(first).toMatchObject({ status: 'retired', content: { blocked: { domains: [] } } })
  expect(second).toMatchObject({
    _id: 2,
    status: 'active',
    content: { ...first!.content, blocked: { domains: ['other-rival.co.uk', 'rival.com'] } },
  })
  const page = await admin.get('/admin/competitors').expect(200)
  expect(page.text).toContain('Competitor list saved.')
  expect(page.text).toContain('other-rival.co.uk\nrival.com')
  expect((await admin.get('/sales/scoring-model')).text).toContain('2 companies are on the competitor list')
  advance(minutes(3))
  await runAllDue()
  expect(await leadOf(spy)).toMatchObject({ status: 'closed', closed: { reason: 'competitor' } })
  expect(await leadOf(ada)).toMatchObject({ status: 'new' })
  const other = await make.person({ company: rival })
  await requestDemo(other)
  expect(await happened(other)).not.toContain('lead.qualified')
  expect(await AuditEntries.count({ action: 'competitors.changed' })).toBe(1)

  await save('other-rival.co.uk', 2).expect(303)
  advance(minutes(3))
  expect(await happened(other)).toContain('lead.qualified')
})

test('saving the same list creates no new version, and saving an outdated one is rejected', async () => {
  const { length } = await models()
  await save('other-rival.co.uk, OTHER-rival.co.uk', length).expect(303)
  expect(await models()).toHaveLength(length)
  const refused = await save('third.com', length - 1).expect(409)
  expect(refused.text).toContain('Someone else has changed the scoring model')
  const both = await Promise.all([save('third.com', length), save('fourth.com', length)])
  expect(both.map(({ status }) => status).sort()).toEqual([303, 409])
  expect(await models()).toHaveLength(length + 1)
})

test.each([
  ['gmail.com', 'These aren&#39;t company domains: gmail.com'],
  ['rival', 'These aren&#39;t company domains: rival'],
  ['rival.com\n__proto__ <b>', 'These aren&#39;t company domains: __proto__, &lt;b&gt;'],
  [Array.from({ length: 501 }, (_, n) => `rival-${n}.com`).join(' '), 'Enter at most 500 domains'],
])('%.30s is refused with a message at its field, and the input stays', async (domains, sentence) => {
  const before = await models()
  const refused = await save(domains, before.length).expect(422)
  expect(refused.text).toContain(sentence)
  expect(refused.text).toContain(domains.replaceAll('<', '&lt;').replaceAll('>', '&gt;'))
  expect(await models()).toEqual(before)
})

test('people of a competitor with an umlaut in its domain are never handed off, however it was typed', async () => {
  const { _id: version } = await activeModel()
  await save('Konkurrent-Müller.example', version).expect(303)
  activeModel.forget()
  const { text } = await admin.get('/admin/competitors').expect(200)
  expect(text).toContain('konkurrent-müller.example')
  const email = normaliseEmail('karl@konkurrent-müller.example')
  const karl = await make.person({ email, ...companyOf(email) })
  advance(minutes(3))
  await requestDemo(karl)
  expect(await leadOf(karl)).toBeNull()
  await save('', version + 1).expect(303)
  activeModel.forget()
})
