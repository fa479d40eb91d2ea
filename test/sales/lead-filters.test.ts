import { Types } from 'mongoose'
import { record } from '../../src/events/record'
import { acceptLead, assignLead, rejectLead, snoozeLead } from '../../src/leads/change-lead'
import { Leads } from '../../src/leads/lead'
import type { Person } from '../../src/people/person'
import { pauseSharing } from '../../src/people/pause-sharing'
import { days, hours, later, now } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let petra: Person
let marek: Person
let sales: Visitor
const leads = new Map<string, Person>()
const course = new Types.ObjectId()
const hidden = new Types.ObjectId()

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-02T09:00:00Z')
  petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  marek = await make.person({ role: 'sales', name: 'Marek Dvořák' })
  sales = await as(petra)
  const places: [name: string, country: string, company: string, owner: Person][] = [
    ['Zoe Alpha', 'DE', 'Beta Works', petra],
    ['Ömer Beta', 'DE', 'Alpha Works', petra],
    ['Cy Gamma', 'FR', 'Delta Works', marek],
    ['Di Delta', 'FR', 'Gamma Works', marek],
    ['Ed Epsilon', 'US', 'Epsilon Works', petra],
  ]
  for (const [n, [name, country, company, owner]] of places.entries()) {
    setTime(later(new Date('2026-11-02T09:00:00Z'), n * days(5)))
    const domain = `${company.toLowerCase().replace(' ', '-')}.example`
    const given = {
      name,
      country,
      company: { domain, name: company },
      title: n % 2 ? 'Engineer' : 'Director',
    }
    const person = await make.person({ ...given, consents: ['profiling', 'share_with_sales'] })
    leads.set(name, person)
    const data = {
      lesson: 'one',
      title: 'One',
      topics: [n < 2 ? 'pumps' : 'valves'],
      minutes: 8,
      seconds: 400,
    }
    const lesson = { ...data, kind: 'text' as const }
    const taken = n === 0 ? course : hidden
    await record({
      name: 'lesson.completed',
      person: person._id,
      course: taken,
      idempotencyKey: [1],
      data: lesson,
    })
    const request = { kind: 'demo', text: '', title: null } as const
    await record({ name: 'contact.requested', person: person._id, idempotencyKey: [1], data: request })
    await runAllDue()
    const lead = (await Leads.findById(person._id))!
    if (!lead.owner?.equals(owner._id)) await assignLead(lead, String(owner._id), owner._id)
  }
  await acceptLead(await stored('Ömer Beta'), petra._id)
  await rejectLead(await stored('Cy Gamma'), marek._id, 'timing', '')
  await snoozeLead(await stored('Ed Epsilon'), petra._id, later(now(), days(2)), '')
  await runAllDue()
})
afterAll(() => academy.close())

const stored = async (name: string) => (await Leads.findById(leads.get(name)!._id))!
const namesIn = (html: string) =>
  [...html.matchAll(/class="name">\s*<a [^>]*><bdi>([^<]*)/g)].map(([, name]) => name!)
const list = async (query: string) => (await sales.get(`/sales/leads?${query}`).expect(200)).text

describe('filters', () => {
  test.each([
    ['grade=A', (name: string) => gradeOf(name).startsWith('A')],
    ['country=DE', (name: string) => ['Zoe Alpha', 'Ömer Beta'].includes(name)],
    ['topic=valves', (name: string) => ['Cy Gamma', 'Di Delta', 'Ed Epsilon'].includes(name)],
    ['status=rejected', (name: string) => name === 'Cy Gamma'],
    ['source=direct', () => true],
    ['source=search', () => false],
    ['age=7', (name: string) => ['Di Delta', 'Ed Epsilon'].includes(name)],
    ['age=over7', (name: string) => ['Zoe Alpha', 'Ömer Beta', 'Cy Gamma'].includes(name)],
    ['country=DE&topic=valves', () => false],
    ['country=FR&status=new', (name: string) => name === 'Di Delta'],
    ['late=1', (name: string) => ['Zoe Alpha', 'Di Delta'].includes(name)],
  ])('%s: the list, its count and the CSV have the same leads', async (query, isIn) => {
    await Promise.all([...leads.keys()].map(async name => grades.set(name, (await stored(name)).grade)))
    setTime('2026-11-23T09:00:00Z')
    const expected = [...leads.keys()].filter(isIn).sort()
    const text = await list(`tab=all&${query}`)
    expect(namesIn(text).sort()).toEqual(expected)
    expect(text).toContain(expected.length ? `to ${expected.length} of ${expected.length}` : 'No leads match')
    const csv = (await sales.get(`/sales/leads.csv?tab=all&${query}`).expect(200)).text
    expect(csv.trim().split('\n')).toHaveLength(expected.length + 1)
    for (const name of expected) expect(csv).toContain(name)
  })

  const grades = new Map<string, string>()
  const gradeOf = (name: string) => grades.get(name)!

  test('an owner, and each filter has a chip that takes it away', async () => {
    const text = await list(`tab=all&owner=${marek._id}&country=FR`)
    expect(namesIn(text).sort()).toEqual(['Cy Gamma', 'Di Delta'])
    expect(text).toContain('Owner: Marek Dvořák')
    expect(text).toContain('Country: France')
    expect(text).toContain(`href="/sales/leads?tab=all&amp;country=FR"`)
    expect(text).toContain(`href="/sales/leads?tab=all&amp;owner=${marek._id}"`)
    expect(text).toContain('2 leads match')
  })

  test('the choices say how many leads each would leave, and leave out those that would leave none', async () => {
    const { text } = await sales.get('/sales/lead-filters?tab=all').expect(200)
    expect(text).toContain('Germany (2)')
    expect(text).toContain('France (2)')
    expect(text).toContain('Marek Dvořák (2)')
    expect(text).not.toContain('Spain')
    const narrowed = (await sales.get('/sales/lead-filters?tab=all&country=DE').expect(200)).text
    expect(narrowed).toContain('Accepted (1)')
    expect(narrowed).not.toContain('Rejected (1)')
    expect(narrowed).toContain('selected>Germany (2)')
    expect(narrowed).toContain('France (2)')
    expect(narrowed).not.toContain('Spain')
    expect(narrowed).not.toContain('Marek Dvořák')
  })

  test('values that nobody could choose, and courses that are not shown, change nothing', async () => {
    for (const query of [
      'grade=Z9',
      'country=x',
      'owner=me',
      'age=1000',
      `course=${hidden}`,
      'status=%00',
      'sort=x',
    ])
      expect(namesIn(await list(`tab=all&${query}`))).toHaveLength(5)
  })

  test('the queue has the same filters', async () => {
    setTime('2026-11-23T09:00:00Z')
    const queued = async (query: string) =>
      [
        ...(await sales.get(`/sales/queue?${query}`).expect(200)).text.matchAll(/queue-name"><bdi>([^<]*)/g),
      ].map(([, name]) => name)
    expect(await queued('view=team')).toEqual(['Zoe Alpha', 'Di Delta'])
    expect(await queued('view=team&country=FR')).toEqual(['Di Delta'])
    expect(await queued('view=team&topic=pumps&late=1')).toEqual(['Zoe Alpha'])
    expect(await queued('view=snoozed&country=US')).toEqual(['Ed Epsilon'])
    expect((await sales.get('/sales/lead-filters?page=queue&view=team').expect(200)).text).toContain(
      'Germany (1)',
    )
  })
})

describe('tabs', () => {
  test.each([
    ['mine', ['Zoe Alpha', 'Ed Epsilon', 'Ömer Beta']],
    ['team', ['Zoe Alpha', 'Ed Epsilon', 'Di Delta', 'Ömer Beta']],
    ['working', ['Ömer Beta']],
    ['snoozed', ['Ed Epsilon']],
    ['rejected', ['Cy Gamma']],
    ['lost', []],
    ['won', []],
  ])('%s has what its count says', async (tab, expected) => {
    setTime('2026-11-23T09:00:00Z')
    const text = await list(`tab=${tab}`)
    expect(namesIn(text).sort()).toEqual(expected.toSorted())
    const count = new RegExp(`tab=${tab}"[^>]*>[^<]*<span class="count">(\\d+)`).exec(text)![1]
    expect(Number(count)).toBe(expected.length)
  })
})

describe('the order', () => {
  test.each([
    ['name', ['Cy Gamma', 'Di Delta', 'Ed Epsilon', 'Ömer Beta', 'Zoe Alpha']],
    ['company', ['Ömer Beta', 'Zoe Alpha', 'Cy Gamma', 'Ed Epsilon', 'Di Delta']],
    ['qualified', ['Ed Epsilon', 'Di Delta', 'Cy Gamma', 'Ömer Beta', 'Zoe Alpha']],
    ['activity', ['Ed Epsilon', 'Di Delta', 'Cy Gamma', 'Ömer Beta', 'Zoe Alpha']],
  ])('by %s, and turned around, is said and is that of the CSV', async (column, expected) => {
    const text = await list(`tab=all&sort=${column}`)
    expect(namesIn(text)).toEqual(expected)
    expect(text).toMatch(/aria-sort="(ascending|descending)"/)
    expect(text).toContain(`sort=-${column}`)
    expect(namesIn(await list(`tab=all&sort=-${column}`))).toEqual(expected.toReversed())
    const csv = (await sales.get(`/sales/leads.csv?tab=all&sort=${column}`).expect(200)).text
    expect(
      csv
        .trim()
        .split('\n')
        .slice(1)
        .map(line => line.split(',')[0]),
    ).toEqual(expected)
  })

  test.each(['score', 'status', 'owner', 'due'])('by %s lists everyone once', async column => {
    expect(namesIn(await list(`tab=all&sort=${column}`)).sort()).toEqual([...leads.keys()].sort())
  })

  test('goes from page to page and back in the same order, whatever the column', async () => {
    const many = Array.from({ length: 50 }, (_, n) => ({
      ...{ _id: new Types.ObjectId(), ledgerVersion: 1, status: 'won' as const, stage: 'new' as const },
      ...{
        rank: n % 3 === 0 ? 2 : 4,
        shared: true,
        qualifiedAt: later(now(), -hours(n % 7)),
        respondBy: now(),
      },
      ...{ trigger: 'score' as const, sequence: 1, score: n % 5, facets: ['all', 'country:ZZ'] },
      sortName: `name ${String((n * 37) % 50).padStart(2, '0')}`,
    }))
    await Leads.insertMany(many)
    for (const sort of ['name', '-name', 'qualified', 'score', 'status']) {
      const at = async (query: string) => {
        const { text } = await sales.get(`/sales/leads?tab=all&country=ZZ&sort=${sort}${query}`).expect(200)
        return {
          older: /href="[^"]*?(after=[\w-]+)" rel="next"/.exec(text)?.[1],
          newer: /href="[^"]*?(before=[\w-]+)" rel="prev"/.exec(text)?.[1],
        }
      }
      const first = await at('')
      const second = await at(`&${first.older}`)
      const third = await at(`&${second.older}`)
      expect(third.older).toBeUndefined()
      expect((await at(`&${third.newer}`)).older).toBe(second.older)
      expect((await at(`&${second.newer}`)).newer).toBeUndefined()
    }
    await Leads.deleteMany({ facets: 'country:ZZ' })
  })
})

test('a lead that stops sharing is in no list, and nothing that lists are sorted by is left', async () => {
  const person = leads.get('Di Delta')!
  await pauseSharing(person._id)
  await runAllDue()
  expect(await stored('Di Delta')).toMatchObject({ facets: [], sortName: '', sortCompany: '', sortOwner: '' })
  expect(namesIn(await list('tab=all'))).not.toContain('Di Delta')
  expect((await sales.get('/sales/leads.csv?tab=all')).text).not.toContain('Di Delta')
})
