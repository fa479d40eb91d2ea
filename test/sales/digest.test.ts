import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brandOf, defaultBrandId } from '../../src/brand/brand'
import { Leads } from '../../src/leads/lead'
import { Emails } from '../../src/mail/email'
import { erasePerson } from '../../src/people/erase-person'
import { People, type Person } from '../../src/people/person'
import { days, hours, later, now, setClock } from '../../src/platform/clock'
import { digestOf, nextDigestAt } from '../../src/sales/digest'
import { Digests } from '../../src/leads/digest-choice'
import { ChannelDigests } from '../../src/sales/digest-queue'
import { slackMessage } from '../../src/sales/slack-message'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let site: Server
let address: string
let answer: { status: number; body: string }
const bodies: string[] = []

beforeAll(async () => {
  academy = await openAcademy()
  site = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => (body += chunk))
    request.on('end', () => {
      bodies.push(body)
      response.writeHead(answer.status).end(answer.body)
    })
  })
  await new Promise<void>(resolve => site.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/services/T0/B0/secret-token`
})
afterAll(async () => {
  site.close()
  await academy.close()
})

let rep: Person
let colleague: Person
beforeEach(async () => {
  // A Thursday, 7:00 in Prague.
  setTime('2026-11-26T06:00:00Z')
  answer = { status: 200, body: 'ok' }
  bodies.length = 0
  for (const each of [Leads, Digests, ChannelDigests, Emails]) await each.deleteMany({})
  await People.updateMany({ role: { $in: ['sales', 'sales-lead'] } }, { $set: { suspendedAt: now() } })
  rep = await make.person({ role: 'sales', name: 'Petra Novak', timeZone: 'Europe/Prague' })
  colleague = await make.person({ role: 'sales-lead', name: 'Lee Lead' })
})
afterEach(() => setClock())

async function lead(name: string, more: Record<string, unknown> = {}): Promise<Person> {
  const person = await make.person({ name })
  await Leads.create({
    ...{ _id: person._id, ledgerVersion: 1, status: 'new', stage: 'new', rank: 0, shared: true },
    ...{
      owner: rep._id,
      assignedAt: now(),
      qualifiedAt: now(),
      awaitedSince: now(),
      trigger: 'score',
      sequence: 1,
    },
    ...{
      respondBy: later(now(), hours(2)),
      disposition: null,
      closed: null,
      deals: [],
      reasons: [],
      search: [],
    },
    highlights: [{ key: 'requestedDemo', values: { title: '', text: 'Does <b>it</b> & fit?' } }],
    ...more,
  })
  return person
}

/** One lead of each kind, and some that are not in a digest of today. */
async function someLeads() {
  await lead('Late', { respondBy: later(now(), -hours(3)) })
  await lead('Today')
  await lead('Tomorrow', { respondBy: later(now(), days(1)) })
  const snooze = { by: rep._id, at: now(), text: '' }
  await lead('Back', {
    snooze: { ...snooze, until: later(now(), hours(5)) },
    respondBy: later(now(), hours(5)),
  })
  await lead('Asleep', {
    snooze: { ...snooze, until: later(now(), days(3)) },
    respondBy: later(now(), -hours(1)),
  })
  const step = { by: rep._id, at: now() }
  const working = { rank: 1, status: 'accepted', stage: 'accepted' }
  await lead('Step', { ...working, nextStep: { ...step, text: 'Send the offer', due: '2026-11-26' } })
  await lead('Later step', { ...working, nextStep: { ...step, text: 'Call', due: '2026-11-27' } })
  await lead('Paused', { shared: false })
  await lead('Not hers', { owner: colleague._id })
}

test('a digest has what is late, due today, back today and next, of the reader or of the team', async () => {
  await someLeads()
  const brand = await brandOf(defaultBrandId)
  const named = async (reader: Person | null) =>
    (await digestOf(reader, 'Europe/Prague', brand))!.sections.map(({ title, lines }) => [
      title,
      ...lines.map(({ name, when }) => `${name} | ${when}`),
    ])
  expect(await named(rep)).toEqual([
    ['Late (1)', 'Late | Thursday 26 November at 04:00 CET'],
    ['Respond today (1)', 'Today | Thursday 26 November at 09:00 CET'],
    ['Back from snooze today (1)', 'Back | Thursday 26 November at 12:00 CET'],
    ['Next steps due (1)', 'Step | '],
  ])
  const team = await named(null)
  expect(team[1]).toEqual([
    'Respond today (2)',
    'Today | Thursday 26 November at 09:00 CET · Petra Novak',
    'Not hers | Thursday 26 November at 09:00 CET · Lee Lead',
  ])
  expect((await digestOf(rep, 'Europe/Prague', brand))!.subject).toBe('4 leads are waiting for you, 1 late')
})

test('mornings are those of working days on the clock of the reader, also when the clocks change', () => {
  const next = (at: string, zone: string, every: 'day' | 'week') =>
    nextDigestAt(new Date(at), zone, every).toISOString()
  expect(next('2026-11-26T06:59:59Z', 'Europe/Prague', 'day')).toBe('2026-11-26T07:00:00.000Z')
  expect(next('2026-11-26T07:00:00Z', 'Europe/Prague', 'day')).toBe('2026-11-27T07:00:00.000Z')
  expect(next('2026-11-27T07:00:00Z', 'Europe/Prague', 'day')).toBe('2026-11-30T07:00:00.000Z')
  expect(next('2026-11-26T06:00:00Z', 'Europe/Prague', 'week')).toBe('2026-11-30T07:00:00.000Z')
  // Summer time begins on Sunday 28 March 2027.
  expect(next('2027-03-26T12:00:00Z', 'Europe/Prague', 'day')).toBe('2027-03-29T06:00:00.000Z')
  expect(next('2026-11-26T00:00:00Z', 'Pacific/Auckland', 'day')).toBe('2026-11-26T19:00:00.000Z')
})

test('a teammate who chose it gets one email in the morning, and none when nothing waits', async () => {
  await someLeads()
  const visitor = await as(rep)
  await visitor.post('/sales/digest', { every: 'day' }).expect(303)
  await runAllDue()
  expect(await Emails.count({})).toBe(0)
  advance(hours(1))
  await runAllDue()
  await Digests.updateOne({ _id: rep._id }, { $set: { dueAt: now() } })
  await runAllDue()
  const emails = await Emails.find({})
  expect(emails.map(({ to, subject }) => [to, subject])).toEqual([
    [rep.email, '4 leads are waiting for you, 1 late'],
  ])
  expect(emails[0]!.html).toContain('Asked for a demo: “Does &lt;b&gt;it&lt;/b&gt; &amp; fit?”')
  expect(await Digests.findById(rep._id)).toMatchObject({ dueAt: new Date('2026-11-27T07:00:00Z') })
  await Leads.deleteMany({})
  advance(days(1))
  await runAllDue()
  expect(await Emails.count({})).toBe(1)
  await visitor.post('/sales/digest', { every: 'never' }).expect(303)
  expect(await Digests.exists({})).toBe(false)
  await visitor.post('/sales/digest', { every: 'hourly' }).expect(422)
})

test('a digest that is hours late is left out, and who has left sales gets none', async () => {
  await someLeads()
  const visitor = await as(rep)
  await visitor.post('/sales/digest', { every: 'day' }).expect(303)
  advance(hours(8))
  await runAllDue()
  expect(await Emails.count({})).toBe(0)
  await People.updateOne({ _id: rep._id }, { $set: { suspendedAt: now() } })
  advance(days(1))
  await runAllDue()
  expect(await Emails.count({})).toBe(0)
  expect(await Digests.exists({})).toBe(false)
})

test('an administrator, who may own leads, gets digests too', async () => {
  const admin = await make.person({ role: 'admin' })
  await lead('Of the administrator', { owner: admin._id })
  await (await as(admin)).post('/sales/digest', { every: 'day' }).expect(303)
  advance(hours(3))
  await runAllDue()
  expect(await Emails.count({ person: admin._id })).toBe(1)
  expect(await Digests.exists({ _id: admin._id })).toBe(true)
})

test('a channel that fails all morning is left alone until the next one', async () => {
  await someLeads()
  await (await as(colleague)).post('/sales/digest/channel', { address, every: 'day' }).expect(303)
  answer = { status: 500, body: 'down' }
  setTime('2026-11-26T08:00:00Z')
  for (let hour = 0; hour < 6; hour++) {
    await runAllDue()
    advance(hours(1))
  }
  expect(bodies).toHaveLength(7)
  answer = { status: 200, body: 'ok' }
  await runAllDue()
  expect(bodies).toHaveLength(7)
  expect((await ChannelDigests.find({}))[0]!.dueAt).toEqual(new Date('2026-11-27T08:00:00Z'))
})

test('the erasure of a person reaches the digests that name them, and that of a teammate their choice', async () => {
  const ada = await lead('Ada')
  const visitor = await as(rep)
  await visitor.post('/sales/digest/email').expect(303)
  expect(await Emails.count({ person: rep._id })).toBe(1)
  await erasePerson(ada._id)
  await runAllDue()
  expect(await Emails.count({ person: rep._id })).toBe(0)
  await visitor.post('/sales/digest', { every: 'week' }).expect(303)
  await erasePerson(rep._id)
  await runAllDue()
  expect(await Digests.exists({})).toBe(false)
})

test('a sales lead sends the digest of the team to a channel, whose address is kept secret', async () => {
  await someLeads()
  const visitor = await as(colleague)
  answer = { status: 403, body: 'invalid_token' }
  const refused = await visitor.post('/sales/digest/channel', { address, every: 'day' }).expect(422)
  expect(refused.text).toContain('the channel answered 403 invalid_token')
  expect(await ChannelDigests.exists({})).toBe(false)
  answer = { status: 200, body: 'ok' }
  await visitor.post('/sales/digest/channel', { address, every: 'day' }).expect(303)
  const message = JSON.parse(bodies.at(-1)!) as ReturnType<typeof slackMessage>
  expect(message.text).toBe('5 leads are waiting for you, 1 late')
  expect(JSON.stringify(message.blocks)).toContain('Does &lt;b&gt;it&lt;/b&gt; &amp; fit?')
  const page = (await visitor.get('/sales/digest').expect(200)).text
  expect(page).toContain('At 127.0.0.1. Next one: 26 November 2026 at 08:00')
  expect(page + JSON.stringify(await ChannelDigests.find({}))).not.toContain('secret-token')
  answer = { status: 500, body: 'rollup_error' }
  advance(hours(2))
  await runAllDue()
  expect((await visitor.get('/sales/digest')).text).toContain('127.0.0.1 answered 500 rollup_error')
  answer = { status: 200, body: 'ok' }
  advance(hours(1))
  const before = bodies.length
  await runAllDue()
  expect(bodies.length).toBe(before + 1)
  expect((await ChannelDigests.find({}))[0]).toMatchObject({
    failure: null,
    dueAt: new Date('2026-11-27T08:00:00Z'),
  })
  await visitor.post('/sales/digest/channel/removal').expect(303)
  expect(await ChannelDigests.exists({})).toBe(false)
  expect((await (await as(rep)).get('/sales/digest').expect(200)).text).not.toContain('Slack')
})

test('a message stays within what Slack takes', async () => {
  for (let n = 0; n < 30; n++) {
    const text = '&'.repeat(700)
    await lead(`Lead ${n}`, { highlights: [{ key: 'requestedDemo', values: { title: '', text } }] })
  }
  const brand = await brandOf(defaultBrandId)
  const digest = await digestOf(null, 'UTC', brand)
  expect(digest!.sections[0]).toMatchObject({ more: 'And 20 more.' })
  const { blocks } = slackMessage(digest, brand)
  expect(blocks.every(({ text }) => text.text.length <= 3000)).toBe(true)
  expect(blocks[1]!.text.text).toMatch(/And 20 more\.$/)
  // What a learner calls themselves is text there: neither a mention nor a link.
  const evil = {
    name: '<!channel> @here',
    company: 'https://evil.example|x',
    what: '',
    when: '',
    href: 'https://a.example/1',
  }
  const lines = [{ ...evil, person: rep._id }]
  const message = slackMessage(
    { subject: 'One', queueHref: '/', sections: [{ title: 'Late', lines, more: null }] },
    brand,
  )
  expect(message.blocks[1]!.text).toEqual({
    type: 'mrkdwn',
    text: '*Late*\n• <https://a.example/1|&lt;!channel&gt; @here>, https://evil.example|x',
    verbatim: true,
  })
  expect(slackMessage(null, brand).text).toBe('No lead is waiting for a response today.')
})
