import { days, minutes, now } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import { Events, type Event } from '../../src/events/event'
import { FunnelProgresses } from '../../src/people/funnel-progress'
import type { Person } from '../../src/people/person'
import { sourceOf } from '../../src/people/source'
import { recordFunnelStep } from '../../src/people/record-funnel-step'
import { recordVisit } from '../../src/people/visit'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let salesLead: Visitor
const start = '2026-09-01T10:00:00Z'

beforeAll(async () => {
  academy = await openAcademy()
  salesLead = await as(await make.person({ role: 'sales-lead' }))
})
afterAll(() => academy.close())

test('an academy without visitors says what will appear here', async () => {
  expect((await salesLead.get('/insights').expect(200)).text).toContain('No visitors yet')
})

test('each person counts once per step, under the source they came from', async () => {
  setTime(start)
  const pumps = await make.course({ title: 'Pumps' })
  for (let n = 0; n < 3; n++) {
    await recordVisit({ ip: '192.0.2.1', userAgent: `v${n}` }, touch({ referrer: 'www.google.com' }))
  }
  const [ada, ben] = [await signedUp('www.google.com'), await signedUp(null)]
  for (const person of [ada, ben]) {
    await apply('course.enrolled', person, pumps.course)
    await apply('lesson.completed', person, pumps.course)
  }
  await apply('lesson.completed', ada, pumps.course, 'again')
  await apply('course.completed', ada, pumps.course)
  await apply('lead.qualified', ada)
  advance(days(2))
  await apply('lead.accepted', ada)
  await apply('opportunity.won', ada)
  await runAllDue()
  // The reactions run again, as after a crash: nothing is counted twice.
  for (const event of await Events.find({ person: ada._id })) await recordFunnelStep(event)

  const csv = await salesLead.get('/insights.csv?span=90').expect(200)
  expect(csv.text.replace('\ufeff', '').trim().split('\n')).toEqual([
    'source,visited,signed_up,enrolled,active,completed,qualified,accepted,won,won_minor_eur',
    'search,3,1,1,1,1,1,1,1,500000',
    'direct,0,1,1,1,0,0,0,0,0',
  ])
  const page = await salesLead.get('/insights').expect(200)
  expect(page.text).toMatch(/Of 2 people who signed up, <b>1 finished a course<\/b>/)
  expect(page.text).toContain('€5,000')
  expect(page.text).toContain('2 days')
  expect(page.text).toContain('Too few sign-ups')
})

test('by course, and for one course, only people who enrolled in it count', async () => {
  const byCourse = await salesLead.get('/insights.csv?by=course').expect(200)
  expect(byCourse.text).toMatch(/Pumps,0,2,2,2,1,1,1,1,500000/)
  const other = await make.course({ title: 'Valves', slug: 'valves' })
  expect(
    (await salesLead.get(`/insights.csv?course=${other.slug}`).expect(200)).text.trim().split('\n'),
  ).toHaveLength(1)
})

test('a reopened deal no longer counts as won', async () => {
  const progress = await FunnelProgresses.findOne({ 'won.amount': 500_000 })
  advance(minutes(5))
  await record({ name: 'opportunity.reopened', person: progress!._id, idempotencyKey: ['x'], data: {} })
  await runAllDue()
  expect((await salesLead.get('/insights.csv').expect(200)).text).toContain('search,3,1,1,1,1,1,1,0')
})

test('nonsense in the query string is ignored', async () => {
  await salesLead.get('/insights?span=-1&course=nope&by=%00').expect(200)
})

test('people who came 60 days ago are not in the last 30 days', async () => {
  advance(days(60))
  expect((await salesLead.get('/insights?span=30').expect(200)).text).toContain('No visitors yet')
})

test.each([
  [{ medium: 'cpc', source: 'google' }, 'paid'],
  [{ medium: 'newsletter', source: 'pump-weekly' }, 'newsletter'],
  [{ medium: 'invite', source: 'colleague' }, 'invited'],
  [{ referrer: 'www.google.co.uk' }, 'search'],
  [{ referrer: 'www.linkedin.com' }, 'social'],
  [{ referrer: 'partner-site.example' }, 'referral'],
  [{ source: 'partner' }, 'referral'],
  [{}, 'direct'],
] as const)('a first touch of %j counts as %s', (given, source) => {
  expect(sourceOf({ source: null, medium: null, referrer: null, ...given })).toBe(source)
})

function touch(given: { referrer: string | null }) {
  return {
    at: new Date(start),
    landing: '/',
    source: null,
    medium: null,
    campaign: null,
    term: null,
    content: null,
    ...given,
  }
}

async function signedUp(referrer: string | null): Promise<Person> {
  const person = await make.person({ firstTouch: touch({ referrer }) })
  await record({ name: 'person.signed_up', person: person._id, idempotencyKey: [], data: { how: 'link' } })
  return person
}

async function apply(
  name: Event['name'],
  person: Person,
  course: Person['_id'] | null = null,
  suffix = '',
): Promise<void> {
  // Written as it is in the ledger; the functions that record it have their own tests.
  await recordFunnelStep({
    _id: `${name}${person._id}${suffix}`,
    name,
    person: person._id,
    course,
    at: now(),
    recordedAt: now(),
    data: { amount: 500_000, currency: 'EUR' },
    dueAt: null,
    leaseToken: null,
    leaseUntil: null,
    attempts: 0,
    lastError: null,
    failedAt: null,
  })
}
