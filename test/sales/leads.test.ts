import { Types } from 'mongoose'
import { days, later, minutes, now } from '../../src/platform/clock'
import { AuditEntries } from '../../src/events/audit'
import { Events } from '../../src/events/event'
import { record } from '../../src/events/record'
import type { Person } from '../../src/people/person'
import { pauseSharing } from '../../src/people/pause-sharing'
import { acceptLead, assignLead, rejectLead } from '../../src/leads/change-lead'
import { Leads } from '../../src/leads/lead'
import { Scores } from '../../src/scoring/score'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous, type Visitor } from '../kit/as'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let petra: Person
let sales: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  sales = await as(petra)
})
afterAll(() => academy.close())
beforeEach(() => setTime('2026-11-23T09:00:00Z'))

describe('who sees the sales pages', () => {
  test.each(['/sales/leads', '/sales/leads.csv', '/sales/scoring-model'])(
    'an anonymous visitor to %s is asked to sign in',
    async path => {
      const response = await (await anonymous()).get(path).expect(303)
      expect(response.headers.location).toContain('/sign-in')
    },
  )

  test.each(['prospect', 'author'] as const)('a %s is refused', async role => {
    const visitor = await as(await make.person({ role }))
    await visitor.get('/sales/leads').expect(403)
    await visitor.get(`/sales/leads/${petra._id}`).expect(403)
  })

  test("a learner who doesn't share with sales has no page here", async () => {
    const ada = await make.person({ consents: ['profiling'] })
    await sales.get(`/sales/leads/${ada._id}`).expect(404)
    await sales.get('/sales/leads/nobody').expect(404)
    await sales.get(`/sales/leads/${new Types.ObjectId()}`).expect(404)
    await sales.get(`/sales/leads/${petra._id}`).expect(404)
  })

  test('once a lead pauses sharing, their page and their row are gone', async () => {
    const ada = await lead({ name: 'Ada Pausing' })
    await pauseSharing(ada._id)
    await runAllDue()
    await sales.get(`/sales/leads/${ada._id}`).expect(410)
    expect((await sales.get('/sales/leads?q=pausing')).text).not.toContain('Ada Pausing')
  })
})

describe("the lead's page", () => {
  test('says why now, links each sentence to its event, and every column adds up', async () => {
    const amara = await leadReadyToBuy({ name: 'Amara Okonkwo', title: 'Head of Enablement' })
    const page = (await sales.get(`/sales/leads/${amara._id}`).expect(200)).text
    expect(page).toContain('finished <i>Read the evidence</i>')
    expect(page).toContain('Does this write to our CRM?')
    // Webhook messages link to the part of the page with the buttons.
    expect(page).toContain('id="disposition"')
    for (const [, n] of page.matchAll(/href="#event-(\d+)"/g)) expect(page).toContain(`id="event-${n}"`)

    const cells = [
      ...page.matchAll(
        /<tr>\s*<th scope="row">[^]*?<td class="num">(?:<a [^>]*>)?([−\d.]+)(?:<\/a>)?<\/td>\s*<\/tr>/g,
      ),
    ].map(numberIn)
    const groups = [...page.matchAll(/<td class="num">\s*<b>([−\d.]+)<\/b>\s*<\/td>/g)].map(numberIn)
    const [sum] = [...page.matchAll(/<tfoot>[^]*<td class="num">([\d.]+)<\/td>/g)].map(numberIn)
    expect(groups.reduce((total, each) => total + each, 0)).toBeCloseTo(sum!, 5)
    expect(cells.slice(0, -1).reduce((total, each) => total + each, 0)).toBeCloseTo(sum!, 5)
    expect(page).toContain(`>Score ${sum!.toFixed(1)} at `)
    expect((await sales.get('/sales/leads?q=amara')).text).toContain(`<b>${sum!.toFixed(1)}</b>`)
  })

  test('says how the lead watched, listened to or clicked through a lesson, and for how long', async () => {
    const ada = await lead({ name: 'Ada Listening' })
    for (const [kind, title] of [
      ['audio', 'A talk'],
      ['video', 'A film'],
      ['tour', 'A tour'],
    ] as const) {
      const steps = kind === 'tour' ? { steps: { seen: 4, total: 6 } } : {}
      const data = { lesson: kind, title, topics: [], minutes: 4, seconds: 180, kind, ...steps }
      await record({ name: 'lesson.completed', person: ada._id, idempotencyKey: [kind], data })
    }
    await runAllDue()
    const page = (await sales.get(`/sales/leads/${ada._id}`).expect(200)).text
    expect(page).toContain('Listened to 3 min of 4 min')
    expect(page).toContain('Watched 3 min of 4 min')
    expect(page).toMatch(
      /<mark>clicked through <i>A tour<\/i><\/mark><sup>\d<\/sup><\/a> [^<]+: 4 of 6 steps\./,
    )
    expect(page).toMatch(/Finished <i>A tour<\/i>\s*<span class="meta">4 of 6 steps in 3 min · \+3\.0</)
  })

  test('as of another day, later activity is left out', async () => {
    const ada = await leadReadyToBuy({ name: 'Ada Then' })
    advance(days(3))
    await askForDemo(ada)
    await runAllDue()
    const then = (await sales.get(`/sales/leads/${ada._id}?on=2026-11-24`).expect(200)).text
    expect(then).not.toContain('Asked for a demo')
    expect(then).toContain('This is the lead as of the end of')
    expect((await sales.get(`/sales/leads/${ada._id}`)).text).toContain('Asked for a demo')
    for (const day of ['2030-01-01', '2026-13-45', 'x'])
      expect((await sales.get(`/sales/leads/${ada._id}?on=${day}`).expect(200)).text).toContain(
        'Asked for a demo',
      )
  })

  test("a colleague who doesn't share with sales is counted but not named", async () => {
    const company = { domain: 'quiet.example', name: 'Quiet' }
    const ada = await lead({ name: 'Ada Loud', company })
    const sharing = await make.person({ name: 'Ben Loud', company })
    const notSharing = await make.person({ name: 'Sil Ent', company, consents: ['profiling'] })
    for (const { _id, name, title } of [sharing, notSharing]) {
      const data = { colleague: String(_id), name, title }
      await record({ name: 'colleague.active', person: ada._id, idempotencyKey: [_id], data })
    }
    await runAllDue()
    const page = (await sales.get(`/sales/leads/${ada._id}`)).text
    expect(page).toContain('2\u00a0colleagues')
    expect(page).toContain('Ben Loud')
    expect(page).not.toContain('Sil Ent')
    expect(page).toContain('1 more person from this company')
  })

  test('text typed by a learner is never markup', async () => {
    const ada = await lead({ name: 'Ada <b>Bold</b>' }, '<script>alert(1)</script>')
    const page = (await sales.get(`/sales/leads/${ada._id}`)).text
    expect(page).not.toContain('<script>alert')
    expect(page).not.toContain('<b>Bold</b>')
  })
})

/** Accepts a lead, even one that belongs to someone else. */
async function accept(visitor: Visitor, { _id }: Person) {
  const owner = String((await leadOf({ _id }))?.owner)
  return visitor.post(`/sales/leads/${_id}/acceptance`, { owner })
}

describe('accepting and rejecting', () => {
  test('one click accepts, and a second click changes nothing', async () => {
    const ada = await lead()
    const clicks = [accept(sales, ada), accept(sales, ada)]
    for (const response of await Promise.all(clicks)) expect(response.status).toBe(303)
    expect(await leadOf(ada)).toMatchObject({ status: 'accepted', changeCount: 2 })
    expect(await AuditEntries.count({ action: 'lead.accepted', subject: String(ada._id) })).toBe(1)
    expect((await sales.get(`/sales/leads/${ada._id}`)).text).toContain(' accepted.')
  })

  test('when two people accept at the same moment, one gets the lead and the other sees an error', async () => {
    const ada = await lead()
    const idris = await as(await make.person({ role: 'sales' }))
    const responses = await Promise.all([sales, idris, sales, idris].map(each => accept(each, ada)))
    const owner = (await leadOf(ada))!.disposition!.by!
    const [mine, theirs] = owner.equals(petra._id) ? [0, 1] : [1, 0]
    expect(responses.map(({ status }, n) => [n % 2, status])).toEqual(
      expect.arrayContaining([
        [mine, 303],
        [theirs, 409],
      ]),
    )
    expect(responses.filter((_, n) => n % 2 === theirs).map(({ status }) => status)).toEqual([409, 409])
    expect(await AuditEntries.count({ action: 'lead.accepted', subject: String(ada._id) })).toBe(1)
  })

  test('when one person accepts and another rejects at the same moment, one is told who did what', async () => {
    const idrisBello = await make.person({ role: 'sales', name: 'Idris Bello' })
    for (let round = 0; round < 5; round++) {
      const ada = await lead()
      const before = (await leadOf(ada))!
      const results = await Promise.allSettled([
        acceptLead(before, petra._id),
        rejectLead(before, idrisBello._id, 'no_need', ''),
      ])
      const { kind } = (await leadOf(ada))!.disposition!
      const [loser, key, name] =
        kind === 'accepted' ? [1, 'accepted', 'Petra Novotná'] : [0, 'rejected', 'Idris Bello']
      expect(results[loser]).toMatchObject({
        reason: { status: 409, key: `sales:respondedBy.${key}`, values: { name } },
      })
      expect(results[1 - loser]).toMatchObject({ value: true })
      const names = (await Events.find({ person: ada._id, name: /^lead\.(acc|rej)/ })).map(({ name }) => name)
      expect(names).toEqual([`lead.${kind}`])
    }
    const ada = await lead()
    await accept(sales, ada)
    expect((await accept(await as(idrisBello), ada)).text).toContain('Petra Novotná has accepted this lead')
  })

  test('when two people assign a lead to two colleagues at the same moment, one is told to reload', async () => {
    const ada = await lead()
    const owners = [await make.person({ role: 'sales' }), await make.person({ role: 'sales' })]
    const before = (await leadOf(ada))!
    const results = await Promise.allSettled(
      owners.map(({ _id }) => assignLead(before, String(_id), petra._id)),
    )
    const winner = results.findIndex(({ status }) => status === 'fulfilled')
    expect(results[1 - winner]).toMatchObject({ reason: { key: 'sales:errors.changedMeanwhile' } })
    expect((await leadOf(ada))!.owner).toEqual(owners[winner]!._id)
  })

  test('an acceptance can be undone for 10 minutes, by the person who accepted', async () => {
    const ada = await lead()
    expect((await accept(sales, ada)).status).toBe(303)
    advance(minutes(1))
    const idris = await as(await make.person({ role: 'sales' }))
    await idris.post(`/sales/leads/${ada._id}/acceptance/undo`).expect(409)
    await sales.post(`/sales/leads/${ada._id}/acceptance/undo`).expect(303)
    expect(await leadOf(ada)).toMatchObject({ status: 'new', disposition: null })
    advance(minutes(1))
    expect((await accept(sales, ada)).status).toBe(303)
    advance(minutes(10))
    await sales.post(`/sales/leads/${ada._id}/acceptance/undo`).expect(409)
    expect(await leadOf(ada)).toMatchObject({ status: 'accepted' })
  })

  test("a rejection needs a reason, keeps what was typed, and shows on the lead's page", async () => {
    const ada = await lead()
    await assignLead((await leadOf(ada))!, String(petra._id), petra._id)
    const path = `/sales/leads/${ada._id}/rejection`
    expect((await sales.get(`${path}/new`).expect(200)).text).toContain('No budget')
    for (const fields of [{}, { reason: 'because' }, { text: 'My words' }]) {
      const response = await sales.post(path, fields).expect(422)
      expect(response.text).toContain('Choose a reason')
      if ('text' in fields) expect(response.text).toContain('My words')
    }
    const long = await sales.post(path, { reason: 'timing', text: 'x'.repeat(501) }).expect(422)
    expect(long.text).toContain('Use at most 500 characters. You&#39;ve used 501')
    expect(await leadOf(ada)).toMatchObject({ status: 'new' })

    await sales.post(path, { reason: 'timing', text: 'Next year' }).expect(303)
    await sales.post(path, { reason: 'timing', text: 'Next year' }).expect(303)
    expect(await leadOf(ada)).toMatchObject({
      status: 'rejected',
      disposition: { reason: 'timing', text: 'Next year' },
    })
    expect((await sales.get(`/sales/leads/${ada._id}`)).text).toContain('Bad timing')
  })

  test('a form opened before the lead went to a colleague asks again, and keeps what was typed', async () => {
    const ada = await lead()
    await assignLead((await leadOf(ada))!, String(petra._id), petra._id)
    const form = (await sales.get(`/sales/leads/${ada._id}/rejection/new`).expect(200)).text
    expect(form).not.toContain('name="owner"')
    const idris = await make.person({ role: 'sales', name: 'Idris Bello' })
    await assignLead((await leadOf(ada))!, String(idris._id), idris._id)
    const path = `/sales/leads/${ada._id}/rejection`
    const asked = await sales.post(path, { reason: 'timing', text: 'My words' }).expect(422)
    expect(asked.text).toContain('Idris Bello')
    expect(asked.text).toContain('My words')
    expect(await leadOf(ada)).toMatchObject({ status: 'new', owner: idris._id })
    await sales.post(path, { reason: 'timing', text: 'My words', owner: String(idris._id) }).expect(303)
    expect(await leadOf(ada)).toMatchObject({ status: 'rejected' })
  })

  test('a form opened before the owner accepted the lead says so, and keeps what was typed', async () => {
    const ada = await lead()
    const idris = await make.person({ role: 'sales', name: 'Idris Bello' })
    await assignLead((await leadOf(ada))!, String(idris._id), idris._id)
    const path = `/sales/leads/${ada._id}/rejection`
    const fieldsOf = (page: string) => ({
      owner: /name="owner" value="(\w+)"/.exec(page)![1]!,
      changeCount: /name="changeCount" value="(\d+)"/.exec(page)![1]!,
    })
    const opened = fieldsOf((await sales.get(`${path}/new`).expect(200)).text)
    await acceptLead((await leadOf(ada))!, idris._id)
    const typed = { reason: 'timing', text: 'My words' }
    const told = await sales.post(path, { ...typed, ...opened }).expect(422)
    expect(told.text).toContain('Idris Bello has accepted this lead')
    expect(told.text).toContain('My words')
    expect(await leadOf(ada)).toMatchObject({ status: 'accepted', owner: idris._id })
    await sales.post(path, { ...typed, ...fieldsOf(told.text) }).expect(303)
    expect(await leadOf(ada)).toMatchObject({ status: 'rejected' })
  })

  test('a won lead cannot be rejected', async () => {
    const ada = await lead()
    await record({
      name: 'opportunity.won',
      person: ada._id,
      idempotencyKey: ['o'],
      data: { deal: null, amount: 1840000, currency: 'EUR' },
    })
    await runAllDue()
    await sales.post(`/sales/leads/${ada._id}/rejection`, { reason: 'other' }).expect(409)
    expect((await accept(sales, ada)).status).toBe(409)
    expect((await sales.get('/sales/leads?tab=won')).text).toContain('€18,400')
  })

  test('a form without the CSRF token changes nothing', async () => {
    const ada = await lead()
    await sales.post(`/sales/leads/${ada._id}/acceptance`, { _csrf: 'forged' }).expect(403)
    expect(await leadOf(ada)).toMatchObject({ status: 'new' })
  })

  test('only a sales lead reassigns a lead, and only to a person in sales', async () => {
    const ada = await lead()
    const idris = await make.person({ role: 'sales', name: 'Idris Bello' })
    const path = `/sales/leads/${ada._id}/owner`
    await sales.post(path, { owner: String(idris._id) }).expect(403)
    const salesLead = await as(await make.person({ role: 'sales-lead' }))
    for (const owner of ['', 'nobody', String(ada._id)]) await salesLead.post(path, { owner }).expect(422)
    await salesLead.post(path, { owner: String(idris._id) }).expect(303)
    expect((await leadOf(ada))!.owner).toEqual(idris._id)
  })
})

describe('the list', () => {
  test('shows no one twice and leaves no one out while rows come and go between pages', async () => {
    const people = await Promise.all(
      Array.from({ length: 45 }, (_, n) => make.person({ name: `Keyset Person${n}` })),
    )
    await Leads.insertMany(people.map((person, n) => leadRecord(person, n)))
    await Scores.insertMany(people.map((person, n) => scoreRecord(person, n)))
    const names: string[] = []
    let path: string | undefined = '/sales/leads?q=keyset'
    for (let page = 0; path && page < 5; page++) {
      const text: string = (await sales.get(path).expect(200)).text
      names.push(...[...text.matchAll(/<bdi>(Keyset Person\d+)/g)].map(([, name]) => name!))
      if (page === 0) await Leads.deleteOne({ _id: people[44]!._id })
      path = link(text, 'next')
    }
    expect(names).toHaveLength(45)
    expect(new Set(names).size).toBe(45)

    const second = (await sales.get(link((await sales.get('/sales/leads?q=keyset')).text, 'next')!)).text
    expect(second).toContain('21 to 40 of 44')
    const back = (await sales.get(link(second, 'prev')!)).text
    expect(back).toContain('1 to 20 of 44')
    expect((await sales.get('/sales/leads?after=nonsense').expect(200)).text).toContain('1 to 20')
  })

  test('a search that finds more than a thousand leads says so instead of counting them all', async () => {
    const person = await make.person({ name: 'Popular Person' })
    const many = Array.from({ length: 1001 }, (_, n) => ({
      ...leadRecord(person, n),
      _id: n === 1000 ? person._id : new Types.ObjectId(),
      search: ['popular', `person${n}`],
    }))
    const ids = { _id: { $in: many.map(({ _id }) => _id) } }
    await Leads.insertMany(many)
    await Scores.insertMany(many.map(({ _id }, n) => scoreRecord({ ...person, _id }, n)))
    const page = (await sales.get('/sales/leads?q=popular').expect(200)).text
    expect(page).toContain('More than 1,000 leads match “popular”.')
    expect(page).toContain('of more than 1,000')
    await Leads.deleteOne({ _id: many[0]!._id })
    expect((await sales.get('/sales/leads?q=popular')).text).toContain('1000 leads match “popular”.')
    await Promise.all([Leads.deleteMany(ids), Scores.deleteMany(ids)])
  })

  test('finds a lead by the beginning of a name, a company or an email address', async () => {
    await lead({
      name: 'Siobhán Ní Bhriain',
      company: { domain: 'tidewater.example', name: 'Tidewater Health' },
    })
    for (const query of ['siob', 'bhriain', 'Tidew', 'tidewater.ex', 'siobhan health', 'Siobhán'])
      expect((await sales.get(`/sales/leads?q=${encodeURIComponent(query)}`)).text).toContain(
        'Siobhán Ní Bhriain',
      )
    for (const query of ['iobhan', '.*', '(', 'tidewater zzz'])
      expect((await sales.get(`/sales/leads?q=${encodeURIComponent(query)}`).expect(200)).text).not.toContain(
        'Siobhán Ní',
      )
  })

  test('shows who is close to qualifying, which leads are mine, and how overdue a response is', async () => {
    const ben = await make.person({ name: 'Ben Almost', title: null })
    await finishCourse(ben, 7)
    await record({ name: 'pricing.viewed', person: ben._id, idempotencyKey: [1], data: { seconds: 82 } })
    await runAllDue()
    expect((await sales.get('/sales/leads?tab=nearThreshold')).text).toContain('Ben Almost')
    await sales.get(`/sales/leads/${ben._id}`).expect(200)
    await sales.post(`/sales/leads/${ben._id}/acceptance`).expect(404)

    const ada = await lead({ name: 'Ada Mine' })
    await assignLead((await leadOf(ada))!, String(petra._id), petra._id)
    expect((await sales.get('/sales/leads?tab=mine')).text).toContain('Ada Mine')
    advance(minutes(4 * 60 + 38))
    expect((await sales.get('/sales/leads?tab=mine')).text).toContain('38 min overdue')
  })

  test('exports a CSV in which no name is a formula', async () => {
    await lead({ name: '=HYPERLINK("x")' })
    const response = await sales.get('/sales/leads.csv').expect(200)
    expect(response.headers['content-type']).toContain('text/csv')
    expect(response.text).toContain(`'=HYPERLINK`)
    expect(await AuditEntries.count({ action: 'leads.exported' })).toBe(1)
  })

  test.each(['rejected', 'working', 'won', 'nonsense'])('the tab %s opens', async tab => {
    await sales.get(`/sales/leads?tab=${tab}`).expect(200)
  })
})

test('the active scoring model can be read in words', async () => {
  const page = (await sales.get('/sales/scoring-model').expect(200)).text
  expect(page).toContain('Lesson finished')
  expect(page).toContain('A lead qualifies at a score of 60 with')
  expect(page).toContain('<title>Scoring model v1')
  for (const name of ['Decision-maker', 'Work email', 'Needs assessment answers'])
    expect(page).toContain(name)
  expect(page).not.toMatch(/\{\{|sales:/)
})

async function lead(given: Partial<Person> = {}, text = 'Next week, if you can'): Promise<Person> {
  const person = await make.person({ title: 'Head of Enablement', ...given })
  await askForDemo(person, text)
  await runAllDue()
  return person
}

async function leadReadyToBuy(given: Partial<Person>): Promise<Person> {
  const person = await make.person({ title: 'Head of Enablement', ...given })
  await finishCourse(person, 7)
  await record({
    name: 'pricing.viewed',
    person: person._id,
    idempotencyKey: [1],
    data: { seconds: 125 },
    at: later(now(), -minutes(700)),
  })
  await record({
    name: 'pricing.viewed',
    person: person._id,
    idempotencyKey: [2],
    data: { seconds: 82 },
    at: later(now(), -minutes(600)),
  })
  await record({
    name: 'question.asked',
    person: person._id,
    idempotencyKey: [1],
    data: { text: 'Does this write to our CRM?', lesson: null, title: null },
  })
  await runAllDue()
  return person
}

async function finishCourse(person: Person, lessons: number) {
  const course = new Types.ObjectId()
  for (let n = 0; n < lessons; n++) {
    await record({
      name: 'lesson.completed',
      person: person._id,
      course,
      idempotencyKey: [course, n],
      at: later(now(), -days(2) - minutes(n)),
      data: {
        lesson: `l${n}`,
        title: `Lesson ${n}`,
        topics: ['scoring'],
        minutes: 8,
        seconds: 411,
        kind: 'text',
      },
    })
  }
  const data = { revision: 'r', title: 'Read the evidence', topics: ['scoring'] }
  await record({
    name: 'course.completed',
    person: person._id,
    course,
    idempotencyKey: [course],
    at: later(now(), -days(2)),
    data,
  })
  const certificate = { certificate: 'c', title: 'Read the evidence' }
  await record({
    name: 'certificate.issued',
    person: person._id,
    course,
    idempotencyKey: [course],
    at: later(now(), -days(2)),
    data: certificate,
  })
  await record({
    name: 'plans.compared',
    person: person._id,
    idempotencyKey: [1],
    at: later(now(), -minutes(700)),
    data: { seconds: 48 },
  })
}

let requests = 0
async function askForDemo(person: Person, text = '') {
  const data = { kind: 'demo' as const, text, title: 'Read the evidence' }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [++requests], data })
}

const leadOf = (person: Pick<Person, '_id'>) => Leads.findById(person._id)

function leadRecord(person: Person, n: number) {
  const search = ['keyset', `person${n}`]
  return {
    _id: person._id,
    ledgerVersion: 1,
    status: 'new' as const,
    stage: 'new' as const,
    rank: 0,
    shared: true,
    qualifiedAt: now(),
    respondBy: now(),
    trigger: 'score' as const,
    sequence: 1,
    score: 60 + Math.floor(n / 3),
    search,
    facets: ['all', 'status:new'],
  }
}

function scoreRecord(person: Person, n: number) {
  const engagement = 60 + Math.floor(n / 3)
  return {
    _id: person._id,
    ledgerVersion: 1,
    at: now(),
    model: 1,
    engagement,
    fit: 80,
    grade: 'A1',
    rawPointsByRule: { lessonFinished: 20 },
  }
}

function link(page: string, rel: string): string | undefined {
  return new RegExp(`href="([^"]+)" rel="${rel}"`).exec(page)?.[1]?.replaceAll('&amp;', '&')
}

function numberIn(match: RegExpMatchArray): number {
  return Number(match[1]!.replace('−', '-'))
}
