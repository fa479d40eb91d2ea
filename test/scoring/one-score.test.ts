import { days, hours, later, minutes, now } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import { Emails } from '../../src/mail/email'
import { roundedPoints, roundedToAddUp } from '../../src/scoring/rules'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeEndpointServers, openEndpointServer } from '../webhooks/endpoint-server'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterEach(closeEndpointServers)
afterAll(() => academy.close())

test('a rep reads one score, with its moment, in the email, CRM, list, export and on the page', async () => {
  setTime('2026-11-23T09:42:00Z')
  const crm = await openEndpointServer()
  const petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  const ada = await make.person({ name: 'Ada Lovelace' })
  const at = (ago: number) => ({ person: ada._id, at: later(now(), -ago), idempotencyKey: [ago] })
  for (const ago of [days(3), days(8), days(13)]) {
    await record({ name: 'pricing.viewed', ...at(ago), data: { seconds: 40 } })
  }
  const asked = { text: 'Does it work offline?', lesson: null, title: null }
  await record({ name: 'question.asked', ...at(hours(31)), data: asked })
  const request = { kind: 'demo' as const, text: '', title: null }
  await record({ name: 'contact.requested', ...at(minutes(1)), data: request })
  await runAllDue()

  const message = crm.received
    .map(({ body }) => JSON.parse(body))
    .find(({ type }: { type: string }) => type === 'lead.qualified')
  const { value, engagement, at: scoredAt, reasons } = message.data.score
  // 20 for the request, 5.6 for the question, 10.3 for the pricing views.
  expect(value).toBe(35.9)
  expect({ engagement, scoredAt }).toEqual({ engagement: value, scoredAt: '2026-11-23T09:42:00.000Z' })
  const sum = reasons.reduce((total: number, { points }: { points: number }) => total + points, 0)
  expect(sum).toBeCloseTo(value, 10)

  const [email] = await Emails.find({ to: petra.email })
  expect(email!.text).toContain('engagement 35.9 on 23 November 2026 at 09:42 (UTC)')
  const rep = await as(petra)
  const page = (path: string) => rep.get(path).expect(200)
  const lead = (await page(`/sales/leads/${ada._id}`)).text
  expect(lead).toContain('Score 35.9 at 09:42')
  expect(lead).toMatch(/engagement\s+<b>35\.9<\/b>/)
  const list = (await page('/sales/leads')).text
  expect(list).toContain('Scores as of 09:42')
  expect(list).toMatch(/35\.9/)
  const csv = (await page('/sales/leads.csv')).text.split('\n')
  expect(csv[0]).toContain('engagement,scored_at')
  expect(csv[1]).toContain(',35.9,2026-11-23T09:42:00.000Z,')
  const own = (await (await as(ada)).get('/account/sharing')).text
  expect(own).toContain('Your score at 09:42 (UTC) is 35.9 out of 100')

  advance(days(3) + minutes(3))
  expect((await page(`/sales/leads/${ada._id}`)).text).toContain('Score 29.7 at 09:45')
  expect((await page(`/sales/leads/${ada._id}?on=2026-11-23`)).text).toContain(
    'Score 34.6 at the end of 23 November 2026',
  )
})

test('a rep whose lead is not scored gets an email without a score', async () => {
  setTime('2026-11-24T09:00:00Z')
  await Emails.deleteMany({})
  const bob = await make.person({ name: 'Bob', consents: ['share_with_sales'] })
  const data = { trigger: 'contact_request' as const, band: 'C3', score: null, fit: 0, sequence: 1 }
  await record({ name: 'lead.qualified', person: bob._id, idempotencyKey: [1], data })
  await runAllDue()
  const email = await Emails.findOne({ about: bob._id })
  expect(email!.text).toContain('is ready to talk.')
  expect(email!.text).not.toContain('engagement')
})

test('a rep reads the same figure however it was computed: sums and their rounded rows agree', () => {
  expect(roundedPoints(63.85)).toBe(63.9)
  // The same sum in another order.
  expect(roundedPoints(63.849999999999994)).toBe(63.9)
  expect(Object.is(roundedPoints(-0.01), 0)).toBe(true)
  for (let seed = 1; seed <= 2000; seed++) {
    const points = Array.from({ length: 1 + (seed % 12) }, (_, n) => ((seed * 7919 * (n + 3)) % 1000) / 47)
    const sum = points.reduceRight((total, each) => total + each, 0)
    const shown = roundedToAddUp(points, sum).reduce((total, each) => total + each, 0)
    expect(shown).toBeCloseTo(roundedPoints(sum), 9)
  }
})
