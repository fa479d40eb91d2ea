import request from 'supertest'
import { days } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import type { Person } from '../../src/people/person'
import { pauseSharing } from '../../src/people/pause-sharing'
import { Leads, type Lead } from '../../src/leads/lead'
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

test('a scanner that opens the link of the letter answers nothing', async () => {
  const { ada, path } = await letter()
  const page = await visit().get(path).expect(200)
  expect(page.text).toContain(ada.name)
  expect(page.headers['cache-control']).toBe('no-store')
  expect(await leadOf(ada)).toMatchObject({ status: 'new' })
})

test('one click accepts for the person whom the letter was sent to, without signing in', async () => {
  const { ada, path } = await letter()
  await visit().post(`${path}/acceptance`).expect(303)
  await visit().post(`${path}/acceptance`).expect(303)
  expect(await leadOf(ada)).toMatchObject({ status: 'accepted', disposition: { by: petra._id } })
  expect((await visit().get(path)).text).toContain('is yours')
})

test('a rejection from the letter needs a reason, too', async () => {
  const { ada, path } = await letter()
  expect((await visit().post(`${path}/rejection`).type('form').send({})).status).toBe(422)
  await visit().post(`${path}/rejection`).type('form').send({ reason: 'no_need' }).expect(303)
  expect(await leadOf(ada)).toMatchObject({ status: 'rejected', disposition: { reason: 'no_need' } })
})

test('the database holds no token that would open a link', async () => {
  const { path } = await letter()
  const kept = JSON.stringify(await LeadActionLinks.find().lean())
  expect(kept).not.toContain(path.split('/').at(-1))
})

test.each(['/lead-actions/nonsense', `/lead-actions/${'x'.repeat(300)}`])(
  'a made-up link is gone: %#',
  async path => {
    await visit().get(path).expect(410)
    await visit().post(`${path}/acceptance`).expect(410)
  },
)

test('after seven days, or when the person stops sharing, the link is over', async () => {
  const first = await letter()
  advance(days(7))
  await visit().post(`${first.path}/acceptance`).expect(410)
  const second = await letter()
  await pauseSharing(second.ada._id)
  await runAllDue()
  await visit().get(second.path).expect(410)
})

test('a letter about an earlier hand-off answers nothing about a later one', async () => {
  const { ada, path } = await letter()
  advance(days(1))
  await raiseHand(ada)
  await runAllDue()
  await visit().post(`${path}/acceptance`).expect(410)
})

function visit() {
  const agent = request(academy.app)
  return {
    get: (path: string) => agent.get(path).set('accept', 'text/html'),
    post: (path: string) => agent.post(path).set('accept', 'text/html'),
  }
}

async function letter() {
  const ada = await make.person({ title: 'Head of Enablement' })
  await raiseHand(ada)
  await runAllDue()
  const lead = await leadOf(ada)
  const address = await createLeadActionLink(ada._id, lead!.sequence, petra._id)
  return { ada, path: new URL(address).pathname }
}

let hands = 0
async function raiseHand(person: Person) {
  const data = { kind: 'demo' as const, text: '', title: 'Read the evidence' }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [++hands], data })
}

const leadOf = (person: Person) => Leads.findById(person._id).lean<Lead>()
