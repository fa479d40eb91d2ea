import request from 'supertest'
import { days, minutes } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import { People, type Person } from '../../src/people/person'
import { pauseSharing } from '../../src/people/pause-sharing'
import { acceptLead, assignLead, rejectLead } from '../../src/leads/change-lead'
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
  petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
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

test('a rep with a phone and no password reads the brief behind the link: words, opening, why now, needs', async () => {
  const { ada, path } = await emailedLink('Does the API give us <b>vibration</b> per speed band?')
  const page = (await browser().get(path).expect(200)).text
  expect(page).toContain('Does the API give us &lt;b&gt;vibration&lt;/b&gt; per speed band?')
  expect(page).toContain('wrote this today at 09:00, in the course Read the evidence')
  expect(page).toContain('Open with:')
  expect(page).toContain('<mark>asked for a demo</mark>')
  expect(page).toContain('Never opened')
  expect(page).toContain(ada.email)
  expect(page).toContain('This link shows Petra Novotná only this lead, until 30 November 2026')
  // Each number in the text leads to its event.
  for (const [, n] of page.matchAll(/href="#event-(\d+)"/g)) expect(page).toContain(`id="event-${n}"`)
  expect(page).not.toMatch(/\{\{|sales:/)
})

test('a rep whose colleague has responded in the meantime reads who did what behind the link', async () => {
  const { ada, path } = await emailedLink()
  const idris = await make.person({ role: 'sales', name: 'Idris Bello' })
  const before = (await leadOf(ada))!
  expect(await acceptLead(before, idris._id)).toBe(true)
  const late = browser().post(`${path}/acceptance`).type('form').set('accept', 'text/html')
  expect((await late.send({}).expect(409)).text).toContain('Idris Bello has accepted this lead')
  expect((await browser().get(path).expect(200)).text).toContain('Idris Bello has accepted this lead')
  // Both have read the lead before either changes it.
  await expect(rejectLead(before, petra._id, 'no_need', '')).rejects.toMatchObject({
    status: 409,
    values: { name: 'Idris Bello' },
  })
})

test('the link of a rep whose lead went to a colleague asks first, and then really takes it over', async () => {
  const { ada, path } = await emailedLink()
  const idris = await make.person({ role: 'sales', name: 'Idris Bello' })
  await assignLead((await leadOf(ada))!, String(idris._id), idris._id)
  await browser().post(`${path}/acceptance`).expect(303)
  expect(await leadOf(ada)).toMatchObject({ status: 'new', owner: idris._id })
  const rejection = browser().post(`${path}/rejection`).type('form')
  const asked = await rejection.send({ reason: 'no_need', text: 'My words' }).expect(422)
  expect(asked.text).toContain('My words')
  expect(await leadOf(ada)).toMatchObject({ status: 'new', owner: idris._id })

  const page = (await browser().get(path).expect(200)).text
  expect(page).toContain('This lead belongs to Idris Bello now.')
  expect(page).toContain('Take over and accept')
  const owner = /name="owner" value="(\w+)"/.exec(page)![1]
  await browser().post(`${path}/acceptance`).type('form').send({ owner }).expect(303)
  expect(await leadOf(ada)).toMatchObject({ status: 'accepted', owner: petra._id })
})

test.each([{ role: 'author' as const }, { suspendedAt: new Date('2026-11-23') }])(
  'the link of a teammate who has left sales shows nothing: %j',
  async change => {
    const { path } = await emailedLink()
    await People.updateOne({ _id: petra._id }, { $set: change })
    await browser().get(path).expect(410)
    await People.updateOne({ _id: petra._id }, { $set: { role: 'sales', suspendedAt: null } })
  },
)

test('one click accepts the lead for the teammate who got the email, without signing in', async () => {
  const { ada, path } = await emailedLink()
  await browser().post(`${path}/acceptance`).expect(303)
  await browser().post(`${path}/acceptance`).expect(303)
  expect(await leadOf(ada)).toMatchObject({ status: 'accepted', disposition: { by: petra._id } })
  expect((await browser().get(path)).text).toContain('has been accepted')
})

test('the recipient undoes a response from the same page, for 10 minutes', async () => {
  const { ada, path } = await emailedLink()
  await browser().post(`${path}/undo`).expect(409)
  await browser().post(`${path}/acceptance`).expect(303)
  expect((await browser().get(path)).text).toContain(`action="${path}/undo"`)
  const undone = await browser().post(`${path}/undo`).expect(303)
  const [cookie] = String(undone.headers['set-cookie']).split(';')
  expect((await browser().get(path).set('cookie', cookie!)).text).toContain(
    `Acceptance of ${ada.name} undone.`,
  )
  expect(await leadOf(ada)).toMatchObject({ status: 'new', disposition: null })
  await browser().post(`${path}/acceptance`).expect(303)
  advance(minutes(10))
  expect((await browser().get(path)).text).not.toContain(`${path}/undo`)
  await browser().post(`${path}/undo`).expect(409)
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

async function emailedLink(text = '') {
  const ada = await make.person({ title: 'Head of Enablement' })
  await make.course()
  await askForDemo(ada, text)
  await runAllDue()
  await assignLead((await leadOf(ada))!, String(petra._id), petra._id)
  const lead = await leadOf(ada)
  const url = await createLeadActionLink(ada._id, lead!.sequence, petra._id, 'https://academy.example')
  return { ada, path: new URL(url).pathname }
}

let requests = 0
async function askForDemo(person: Person, text = '') {
  const data = { kind: 'demo' as const, text, title: 'Read the evidence' }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [++requests], data })
}

const leadOf = (person: Person) => Leads.findById(person._id)
