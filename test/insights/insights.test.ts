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
let leader: Visitor
const begin = '2026-09-01T10:00:00Z'

beforeAll(async () => {
  academy = await openAcademy()
  leader = await as(await make.person({ role: 'sales-lead' }))
})
afterAll(() => academy.close())

test('an academy that nobody has visited says what will show here', async () => {
  expect((await leader.get('/insights').expect(200)).text).toContain('Nobody has come yet')
})

test('people are counted once at each step they came to, by where they came from', async () => {
  setTime(begin)
  const pumps = await make.course({ title: 'Pumps' })
  for (let n = 0; n < 3; n++) {
    await recordVisit({ ip: '192.0.2.1', userAgent: `v${n}` }, touch({ referrer: 'www.google.com' }))
  }
  const [ada, ben] = [await joined('www.google.com'), await joined(null)]
  for (const person of [ada, ben]) {
    await happen('course.enrolled', person, pumps.course)
    await happen('lesson.completed', person, pumps.course)
  }
  await happen('lesson.completed', ada, pumps.course, 'again')
  await happen('course.completed', ada, pumps.course)
  await happen('lead.qualified', ada)
  advance(days(2))
  await happen('lead.accepted', ada)
  await happen('opportunity.won', ada)
  await runAllDue()
  // Everything again, as after a crash: nothing is counted twice.
  for (const event of await Events.find({ person: ada._id }).lean<Event[]>()) await recordFunnelStep(event)

  const csv = await leader.get('/insights.csv?span=90').expect(200)
  expect(csv.text.replace('\ufeff', '').trim().split('\n')).toEqual([
    'source,visited,joined,enrolled,active,completed,qualified,accepted,won,won_minor_eur',
    'search,3,1,1,1,1,1,1,1,500000',
    'direct,0,1,1,1,0,0,0,0,0',
  ])
  const page = await leader.get('/insights').expect(200)
  expect(page.text).toMatch(/Of 2 people who signed up, <b>1 finished a course<\/b>/)
  expect(page.text).toContain('€5,000')
  expect(page.text).toContain('2 days')
  expect(page.text).toContain('too few to say')
})

test('by course, and for one course, only who enrolled in it counts', async () => {
  const byCourse = await leader.get('/insights.csv?by=course').expect(200)
  expect(byCourse.text).toMatch(/Pumps,0,2,2,2,1,1,1,1,500000/)
  const other = await make.course({ title: 'Valves', slug: 'valves' })
  expect(
    (await leader.get(`/insights.csv?course=${other.slug}`).expect(200)).text.trim().split('\n'),
  ).toHaveLength(1)
})

test('a deal that is opened again is not won any more', async () => {
  const journey = await FunnelProgresses.findOne({ 'won.amount': 500_000 }).lean()
  advance(minutes(5))
  await record({ name: 'opportunity.reopened', person: journey!._id, idempotencyKey: ['x'], data: {} })
  await runAllDue()
  expect((await leader.get('/insights.csv').expect(200)).text).toContain('search,3,1,1,1,1,1,1,0')
})

test('rubbish in the address is answered as if it were not there', async () => {
  await leader.get('/insights?span=-1&course=nope&by=%00').expect(200)
})

test('who came long ago is not in the last 30 days', async () => {
  advance(days(60))
  expect((await leader.get('/insights?span=30').expect(200)).text).toContain('Nobody has come yet')
})

test.each([
  [{ medium: 'cpc', source: 'google' }, 'paid'],
  [{ medium: 'newsletter', source: 'pump-weekly' }, 'newsletter'],
  [{ medium: 'invite', source: 'colleague' }, 'invited'],
  [{ referrer: 'www.google.co.uk' }, 'search'],
  [{ referrer: 'www.linkedin.com' }, 'social'],
  [{ referrer: 'somebody.example' }, 'referral'],
  [{ source: 'partner' }, 'referral'],
  [{}, 'direct'],
] as const)('a touch of %j is %s', (given, source) => {
  expect(sourceOf({ source: null, medium: null, referrer: null, ...given })).toBe(source)
})

function touch(given: { referrer: string | null }) {
  return {
    at: new Date(begin),
    landing: '/',
    source: null,
    medium: null,
    campaign: null,
    term: null,
    content: null,
    ...given,
  }
}

async function joined(referrer: string | null): Promise<Person> {
  const person = await make.person({ firstTouch: touch({ referrer }) })
  await record({ name: 'person.signed_up', person: person._id, idempotencyKey: [], data: { how: 'link' } })
  return person
}

async function happen(
  name: Event['name'],
  person: Person,
  course: Person['_id'] | null = null,
  once = '',
): Promise<void> {
  const data = {
    amount: 500_000,
    currency: 'EUR',
    lesson: 'lesson-1',
    title: '',
    topics: [],
    by: null,
    source: 'crm',
    sequence: 1,
  }
  // Written as the ledger keeps it; the verbs that write it have their own tests.
  await recordFunnelStep({
    _id: `${name}${person._id}${once}`,
    name,
    person: person._id,
    course,
    at: now(),
    data,
  } as never)
}
