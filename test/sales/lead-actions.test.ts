import request from 'supertest'
import { days } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import type { Person } from '../../src/people/person'
import { pauseSharing } from '../../src/people/pause-sharing'
import { Leads } from '../../src/leads/lead'
import { createLeadActionLink, LeadActionLinks } from '../../src/leads/lead-action-link'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let petra: Person
beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  petra = await make.person({ role: 'sales' })
})
afterAll(() => academy.close())
beforeEach(() => setTime('2026-11-23T09:00:00Z'))

test('a mail scanner that opens the link in the email changes nothing', async () => {
  const { ada, path } = await emailedLink()
  const page = await browser().get(path).expect(200)
  expect(page.text).toContain(ada.name)
  expect(page.headers['cache-control']).toBe('no-store')
  expect(await leadOf(ada)).toMatchObject({ status: 'new' })
})

test('one click accepts the lead for the teammate who got the email, without signing in', async () => {
  const { ada, path } = await emailedLink()
  await browser().post(`${path}/acceptance`).expect(303)
  await browser().post(`${path}/acceptance`).expect(303)
  expect(await leadOf(ada)).toMatchObject({ status: 'accepted', disposition: { by: petra._id } })
  expect((await browser().get(path)).text).toContain('has been accepted')
})

test('rejecting from the email needs a reason, too', async () => {
  const { ada, path } = await emailedLink()
  expect((await browser().post(`${path}/rejection`).type('form').send({})).status).toBe(422)
  await browser().post(`${path}/rejection`).type('form').send({ reason: 'no_need' }).expect(303)
  expect(await leadOf(ada)).toMatchObject({ status: 'rejected', disposition: { reason: 'no_need' } })
})

test('the database stores no token that opens a link', async () => {
  const { path } = await emailedLink()
  const stored = JSON.stringify(await LeadActionLinks.find())
  expect(stored).not.toContain(path.split('/').at(-1))
})

test.each(['/lead-actions/nonsense', `/lead-actions/${'x'.repeat(300)}`])(
  'a made-up link answers 410: %#',
  async path => {
    await browser().get(path).expect(410)
    await browser().post(`${path}/acceptance`).expect(410)
  },
)

test('the link stops working after 7 days, or when the learner stops sharing', async () => {
  const first = await emailedLink()
  advance(days(7))
  await browser().post(`${first.path}/acceptance`).expect(410)
  const second = await emailedLink()
  await pauseSharing(second.ada._id)
  await runAllDue()
  await browser().get(second.path).expect(410)
})

test('a link about an earlier hand-off does nothing to a later one', async () => {
  const { ada, path } = await emailedLink()
  advance(days(1))
  await askForDemo(ada)
  await runAllDue()
  await browser().post(`${path}/acceptance`).expect(410)
})

function browser() {
  const agent = request(academy.app)
  return {
    get: (path: string) => agent.get(path).set('accept', 'text/html'),
    post: (path: string) => agent.post(path).set('accept', 'text/html'),
  }
}

async function emailedLink() {
  const ada = await make.person({ title: 'Head of Enablement' })
  await askForDemo(ada)
  await runAllDue()
  const lead = await leadOf(ada)
  const url = await createLeadActionLink(ada._id, lead!.sequence, petra._id)
  return { ada, path: new URL(url).pathname }
}

let requests = 0
async function askForDemo(person: Person) {
  const data = { kind: 'demo' as const, text: '', title: 'Read the evidence' }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [++requests], data })
}

const leadOf = (person: Person) => Leads.findById(person._id)
