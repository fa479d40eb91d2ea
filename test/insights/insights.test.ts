import { days, minutes, now } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import { Events, type Event } from '../../src/events/event'
import { FunnelProgresses } from '../../src/people/funnel-progress'
import type { Person } from '../../src/people/person'
import { sourceOf } from '../../src/people/source'
import { recordFunnelStep } from '../../src/people/record-funnel-step'
import { erasePerson } from '../../src/people/erase-person'
import { recordVisit } from '../../src/people/visit'
import { recordWonDeals } from '../../src/leads/record-won-deals'
import { publishedCourses } from '../../src/courses/published'
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
  await qualify(ada)
  advance(days(2))
  await accept(ada)
  await deal(ada, 'opportunity.won', 500_000)
  await runAllDue()
  // The reactions run again, as after a crash: nothing is counted twice.
  for (const event of await Events.find({ person: ada._id })) {
    await recordFunnelStep(event)
    await recordWonDeals(event)
  }

  const csv = await salesLead.get('/insights.csv?span=90').expect(200)
  expect(csv.text.replace('\ufeff', '').trim().split('\n')).toEqual([
    'source,visited,signed_up,enrolled,active,completed,qualified,accepted,won,won_minor_eur,won_amount_unknown',
    'search,3,1,1,1,1,1,1,1,500000,0',
    'direct,0,1,1,1,0,0,0,0,0,0',
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

test('a deal counts once, with its last amount, and no longer when it is reopened', async () => {
  const { _id } = (await FunnelProgresses.findOne({ 'deals.amount': 500_000 }))!
  const lead = { _id }
  const row = async () => {
    await runAllDue()
    return (await salesLead.get('/insights.csv').expect(200)).text.split('\n')[1]
  }
  advance(minutes(5))
  await deal(lead, 'opportunity.won', 700_000)
  expect(await row()).toBe('search,3,1,1,1,1,1,1,1,700000,0')
  await deal(lead, 'opportunity.won', 200_000, 'second')
  expect(await row()).toBe('search,3,1,1,1,1,1,1,1,900000,0')
  advance(minutes(5))
  await deal(lead, 'opportunity.reopened', null)
  await deal(lead, 'opportunity.reopened', null, 'second')
  expect(await row()).toBe('search,3,1,1,1,1,1,1,0,0')
  advance(minutes(5))
  await deal(lead, 'opportunity.won', null, 'third')
  expect(await row()).toBe('search,3,1,1,1,1,1,1,1,1')
  expect((await salesLead.get('/insights')).text).toContain('1 unknown amount')
})

test('a course without a finished lesson has no leads and no revenue, and only its own visits', async () => {
  setTime(start)
  const levers = await make.course({ title: 'Levers' })
  const [before, after, idle] = [await signedUp(null), await signedUp(null), await signedUp(null)]
  for (const person of [before, after, idle]) await apply('course.enrolled', person, levers.course)
  await qualify(before)
  await qualify(idle)
  advance(minutes(1))
  await apply('lesson.completed', before, levers.course)
  await deal(before, 'opportunity.won', 100_000)
  await deal(idle, 'opportunity.won', 100_000)
  await runAllDue()
  const row = async () =>
    (await salesLead.get(`/insights.csv?course=${levers.slug}`).expect(200)).text.trim().split('\n')[1]
  expect(await row()).toBe('direct,0,3,3,1,0,0,0,0,0')

  await apply('lesson.completed', after, levers.course)
  advance(minutes(1))
  await qualify(after)
  await accept(after)
  await deal(after, 'opportunity.won', 300_000)
  for (const landing of ['/pricing', `/courses/${levers.slug}`, `/courses/${levers.slug}/lessons/lesson-1`]) {
    await recordVisit({ ip: '192.0.2.9', userAgent: 'Firefox' }, { ...touch({ referrer: null }), landing })
  }
  await recordVisit({ ip: '192.0.2.9', userAgent: 'Chrome' }, touch({ referrer: null }))
  await runAllDue()
  expect(await row()).toBe('direct,1,3,3,2,0,1,1,1,300000,0')
  advance(days(1))
  const page = (await salesLead.get(`/insights?course=${levers.slug}`).expect(200)).text
  expect(page).toContain('first handed off to sales after finishing a lesson of the course')
})

describe('a rep who opens a figure', () => {
  const filters = ['', '?by=course', '?span=365', '?course=levers', '?by=course&course=levers', '?span=30']

  test.each(filters)('finds exactly the people it counts, on /insights%s', async filter => {
    setTime('2026-09-20T10:00:00Z')
    const { slug } = (await publishedCourses()).find(({ content }) => content.title === 'Levers')!
    const rep = await as(await make.person({ role: 'sales' }))
    const page = (await rep.get(`/insights${filter.replace('levers', slug)}`).expect(200)).text
    const figures = [...page.matchAll(/<a class="plain-link" href="(\/insights\/people[^"]*)">([^<]+)<\/a>/g)]
    expect(figures.length).toBeGreaterThan(7)
    for (const [, href, figure] of figures) {
      const path = href!.replaceAll('&amp;', '&')
      const list = await rep.get(path).expect(200)
      const rows = list.text.split('<th scope="row">').slice(1)
      if (/^\d+$/.test(figure!)) expect([path, rows.length]).toEqual([path, Number(figure)])
      else expect(sumOfAmounts(rows.join())).toBe(sumOfAmounts(figure!))
    }
  })

  test('finds the people of other pages too', async () => {
    setTime('2026-10-20T10:00:00Z')
    for (let n = 0; n < 60; n++) await signedUp('www.google.com')
    await runAllDue()
    advance(minutes(1))
    const rep = await as(await make.person({ role: 'sales' }))
    const path = '/insights/people?span=30&by=source&step=signedUp&source=search'
    const first = (await rep.get(path).expect(200)).text
    expect(first).toContain('Signed up: 60 people')
    const older = /href="([^"]+)" rel="next"/.exec(first)![1]!.replaceAll('&amp;', '&')
    const rest = (await rep.get(older).expect(200)).text
    const rowsOf = (text: string) => text.split('<th scope="row">').length - 1
    expect([rowsOf(first), rowsOf(rest)]).toEqual([50, 10])
  }, 180_000)

  test('reads no name of a person who does not share with sales, or whose account was deleted', async () => {
    setTime('2026-12-20T10:00:00Z')
    const ada = await signedUp(null, { name: 'Ada Lovelace' })
    const bob = await signedUp(null, { name: 'Bob Private', consents: ['profiling'] })
    const eve = await signedUp(null, { name: 'Eve Gone' })
    await runAllDue()
    advance(minutes(1))
    await erasePerson(eve._id)
    await runAllDue()
    const rep = await as(await make.person({ role: 'sales' }))
    const list = (await rep.get('/insights/people?span=30&step=signedUp').expect(200)).text
    expect(list).toContain('Signed up: 3 people')
    expect(list).toContain(`href="/sales/leads/${ada._id}"><bdi>Ada Lovelace</bdi></a>`)
    expect(list).toContain('share with sales')
    expect(list).toContain('Account deleted')
    for (const hidden of [bob.name, bob.company!.name, eve.name, String(bob._id)])
      expect(list).not.toContain(hidden)
  })

  test('is in sales: an author sees the figures without the lists', async () => {
    const author = await as(await make.person({ role: 'author' }))
    expect((await author.get('/insights').expect(200)).text).not.toContain('/insights/people')
  })
})

test('nonsense in the query string is ignored', async () => {
  await salesLead.get('/insights?span=-1&course=nope&by=%00').expect(200)
})

test('people who came 60 days ago are not in the last 30 days', async () => {
  setTime('2027-12-01T10:00:00Z')
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

async function signedUp(referrer: string | null, given: Partial<Person> = {}): Promise<Person> {
  const person = await make.person({ ...given, firstTouch: touch({ referrer }) })
  await record({ name: 'person.signed_up', person: person._id, idempotencyKey: [], data: { how: 'link' } })
  return person
}

async function qualify({ _id }: Pick<Person, '_id'>): Promise<void> {
  const data = { trigger: 'score' as const, band: 'A1', score: 70, fit: 80, sequence: 1 }
  await record({ name: 'lead.qualified', person: _id, idempotencyKey: [1], data })
}

async function accept({ _id }: Pick<Person, '_id'>): Promise<void> {
  const data = { by: null, source: 'crm' as const }
  await record({ name: 'lead.accepted', person: _id, idempotencyKey: ['a'], data })
}

let reports = 0
async function deal(
  { _id }: Pick<Person, '_id'>,
  name: 'opportunity.won' | 'opportunity.reopened',
  amount: number | null,
  id = 'first',
): Promise<void> {
  const report = { person: _id, idempotencyKey: [++reports] }
  if (name === 'opportunity.reopened') await record({ name, ...report, data: { deal: id } })
  else await record({ name, ...report, data: { deal: id, amount, currency: amount === null ? null : 'EUR' } })
}

/** Returns the sum of the amounts in some text, such as `€5,000`. */
function sumOfAmounts(text: string): number {
  return [...text.matchAll(/€([\d,]+)/g)].reduce((sum, [, n]) => sum + Number(n!.replaceAll(',', '')), 0)
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
    data: {},
    dueAt: null,
    leaseToken: null,
    leaseUntil: null,
    attempts: 0,
    lastError: null,
    failedAt: null,
  })
}
