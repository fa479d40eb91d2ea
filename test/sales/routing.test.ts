import { AuditEntries } from '../../src/events/audit'
import { record } from '../../src/events/record'
import { Absences } from '../../src/leads/absence'
import { assignOwner } from '../../src/leads/assign-owner'
import { acceptLead, assignLead } from '../../src/leads/change-lead'
import { Leads } from '../../src/leads/lead'
import { activeRouting, routingDraft } from '../../src/leads/routing-rules'
import { days, later, now } from '../../src/platform/clock'
import { addProfileQuestion } from '../../src/people/profile-question'
import { Types } from 'mongoose'
import type { Person } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime } from '../kit/clock'
import * as make from '../kit/make'

let academy: Academy
let petra: Person
let mei: Person
let lena: Person
let [rep, boss]: Visitor[] = []
const size = new Types.ObjectId()

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  mei = await make.person({ role: 'sales', name: 'Mei Tan' })
  lena = await make.person({ role: 'sales-lead', name: 'Lena Voss' })
  ;[rep, boss] = [await as(petra), await as(lena)]
  const choice = { type: 'choice' as const, choices: ['1–50', 'Over 50'], required: false, forSales: true }
  await addProfileQuestion(
    { _id: size, label: 'How big is your company?', purpose: 'Fit', ...choice },
    lena._id,
  )
})
afterAll(() => academy.close())

async function lead(given: Partial<Person> = {}): Promise<Person> {
  const person = await make.person(given)
  const data = { trigger: 'contact_request', band: 'A1', score: null, fit: 60, sequence: 1 } as const
  await record({ name: 'lead.qualified', person: person._id, idempotencyKey: [1], data })
  await assignOwner({ person: person._id })
  return person
}
const save = async (path: string, fields: Record<string, unknown>) =>
  boss!.post(`/sales/routing/draft/${path}`, { draftNumber: (await routingDraft()).draftNumber, ...fields })
const draftRules = async () => (await routingDraft()).content.rules
const inTable = (html: string) => [...html.matchAll(/<b><bdi>([^<]*)/g)].map(([, name]) => name)

test('a sales lead writes rules, rehearses them on what was, and publishes them with a reason', async () => {
  await lead({ name: 'Ada Before', country: 'GB' })
  await lead({ name: 'Bo Before', country: 'GB' })
  expect((await boss!.get('/sales/routing').expect(200)).text).toContain('Nobody has set rules yet')
  const empty = (await boss!.get('/sales/routing/draft?edit=rules.new').expect(200)).text
  expect(empty).toContain('name="countries"')
  expect(empty).toContain('How big is your company?')

  const target = `teammate:${String(mei._id)}`
  const refused = await save('rules/new', { name: '', countries: 'Narnia', target: 'nobody', answers: 'x' })
  expect(refused.status).toBe(422)
  for (const text of [
    'Enter a name',
    'Enter countries such as Germany',
    'Choose who gets the lead',
    'value="narnia"',
    'x</textarea>',
  ])
    expect(refused.text.toLowerCase()).toContain(text.toLowerCase())
  expect(await draftRules()).toEqual([])

  await save('rules/new', {
    name: 'UK',
    countries: 'united kingdom, Nordics',
    target,
    responseHours: '2,5',
  }).then(expectSaved)
  await save('pools/new', {
    name: 'All',
    members: [String(petra._id), String(mei._id)],
    share: 'turns',
  }).then(expectSaved)
  const big = { question: String(size), answers: 'Over 50' }
  await save('rules/new', {
    name: 'Big',
    target: 'pool:all',
    companies: 'https://www.Acme.example/',
    ...big,
  }).then(expectSaved)
  expect(await draftRules()).toMatchObject([
    { id: 'uk', when: { countries: ['GB', 'nordics'] }, responseHours: 2.5, target: { kind: 'teammate' } },
    {
      id: 'big',
      when: { companies: ['acme.example'], answer: { values: ['Over 50'] } },
      target: { id: 'all' },
    },
  ])
  const draft = (await boss!.get('/sales/routing/draft').expect(200)).text
  expect(draft).toContain('Territory: United Kingdom, Nordics')
  expect(draft).toContain('Named account: company is acme.example; How big is your company?: Over 50')
  expect(draft).toContain('Pool All (2 teammates)')
  expect(draft).toContain('2.5 office hours')
  expect(await activeRouting()).toMatchObject({ number: null })

  const rehearsal = (await boss!.get('/sales/routing/rehearsal').expect(200)).text
  expect(rehearsal).toContain('1 of 2 would have gone to another teammate. A rule decides for each of them.')
  expect(rehearsal).toMatch(/Who moves[\s\S]*(Ada|Bo) Before[\s\S]*By territory: UK/)
  expect(rehearsal).not.toContain('id="rule"')
  const figure = /href="([^"]*rehearsal\?rule=uk[^"]*)"\s+aria-label="UK: (\d+)"/.exec(rehearsal)
  const ofRule = (await boss!.get(figure![1]!.split('#')[0]!).expect(200)).text
  const listed = /<h2 id="rule">UK<\/h2>[\s\S]*?<tbody>([\s\S]*?)<\/tbody>([\s\S]*?)<\/section>/.exec(ofRule)!
  expect(listed[1]!.match(/<tr>/g)).toHaveLength(Number(figure![2]))
  expect(listed[1]).toMatch(/(Ada|Bo) Before/)
  expect(listed[2]).toMatch(new RegExp(`1\\D+${figure![2]} of ${figure![2]}`))
  expect((await boss!.get('/sales/routing/rehearsal?rule=none&after=x').expect(200)).text).not.toContain(
    'id="rule"',
  )
  expect(rehearsal).toContain(
    'aria-label="Mei Tan: 1 now and 2 by the draft, which gives them at most 2 a week"',
  )

  const { draftNumber } = await routingDraft()
  const unsaid = await boss!.post('/sales/routing/publications', { draftNumber, reason: ' ' }).expect(422)
  expect(unsaid.text).toContain('Tell your colleagues why')
  await boss!.post('/sales/routing/publications', { draftNumber, reason: 'Mei knows the UK' }).expect(303)
  expect(await activeRouting()).toMatchObject({ number: 1 })
  const shown = (await rep!.get('/sales/routing').expect(200)).text
  expect(shown).toContain('Version 1, published by Lena Voss on 23 November 2026: Mei knows the UK')
  expect(shown).not.toContain('/sales/routing/draft')
  const ada = await lead({ name: 'Ada After', country: 'SE' })
  expect(await Leads.findById(ada._id)).toMatchObject({ owner: mei._id })
  expect((await rep!.get(`/sales/leads/${ada._id}`).expect(200)).text).toContain('By territory: UK')
  expect((await rep!.get(`/sales/queue?view=team&lead=${ada._id}`).expect(200)).text).toContain(
    'By territory: UK',
  )
  // Whose it is already can't be its new owner.
  const [owners = ''] = /<select[^>]*id="new-owner"[\s\S]*?<\/select>/.exec(
    (await boss!.get(`/sales/leads/${ada._id}`).expect(200)).text,
  )!
  expect(owners).toContain('Petra Novotná')
  expect(owners).not.toContain('Mei Tan')
  expect(await AuditEntries.count({ action: 'routing.published' })).toBe(1)

  // Each figure opens the list that it counts, also of a lead that a teammate has taken over since.
  await assignLead((await Leads.findById(ada._id))!, String(petra._id), lena._id)
  const figures = (await rep!.get('/sales/routing').expect(200)).text
  const href = (rule: string) => `/sales/leads?tab=all&rule=${rule}&age=90`
  for (const [rule, count] of [
    ['uk', 1],
    ['kind.fallback', 2],
  ] as const) {
    expect(figures).toMatch(
      new RegExp(`href="${href(rule).replace(/[?.]/g, '\\$&').replaceAll('&', '&amp;')}">${count}<`),
    )
    expect((await rep!.get(href(rule)).expect(200)).text).toMatch(new RegExp(`\\b${count} leads? match`))
  }
  expect((await rep!.get(href('uk'))).text).toContain('Assigned by: UK')
  expect(figures).toContain(`href="/sales/leads?tab=team&amp;owner=${petra._id}">`)
  const filters = (await rep!.get('/sales/lead-filters?tab=all').expect(200)).text
  expect(filters).toContain('No rule matched (2)')
  await assignLead((await Leads.findById(ada._id))!, String(mei._id), lena._id)
})

test('a sales lead suspends a rep, whose leads go to others, and lets them in again', async () => {
  const rae = await make.person({ role: 'sales', name: 'Rae Leaves' })
  const taken = await lead({ name: 'Ada Left' })
  await assignLead((await Leads.findById(taken._id))!, String(rae._id), lena._id)
  const page = (await boss!.get('/sales/routing').expect(200)).text
  const suspension = `/admin/people/${rae._id}/suspension`
  expect(page).toContain(`action="${suspension}"`)
  expect((await rep!.get('/sales/routing')).text).not.toContain('/suspension')
  await rep!.post(suspension).expect(403)
  for (const colleague of [lena, await make.person({ role: 'admin' }), taken])
    await boss!.post(`/admin/people/${colleague._id}/suspension`).expect(403)
  const asked = await boss!.post(suspension).expect(303)
  const form = (await boss!.get(asked.headers.location!).expect(200)).text
  expect(form).toContain('Rae Leaves owns 1 open lead.')
  expect(form).toContain('href="/sales/routing"')
  const done = await boss!.post(suspension, { successor: String(petra._id) }).expect(303)
  expect(done.headers.location).toBe('/sales/routing')
  expect((await Leads.findById(taken._id))!.owner).toEqual(petra._id)
  const after = (await boss!.get('/sales/routing').expect(200)).text
  expect(after).toContain('1 open lead now belongs to Petra Novotná')
  expect(after).toContain(`/admin/people/${rae._id}/reactivation`)

  // The undo beside it brings back what has not changed since, and the rules' shares as well.
  await boss!.post(`/admin/people/${rae._id}/reactivation`).expect(303)
  const undone = (await boss!.get('/sales/routing')).text
  expect(undone).toContain('1 open lead is theirs again.')
  expect(undone).toContain(`action="${suspension}"`)
  expect((await Leads.findById(taken._id))!.owner).toEqual(rae._id)
  await boss!.post(`/admin/people/${rae._id}/reactivation`).expect(303)
  const kept = await lead({ name: 'Bo Left' })
  await assignLead((await Leads.findById(kept._id))!, String(rae._id), lena._id)
  await boss!.post(suspension, { successor: 'rules' }).expect(303)
  await acceptLead((await Leads.findById(kept._id))!, (await Leads.findById(kept._id))!.owner!)
  const byRules = (await Leads.findById(kept._id))!.owner
  expect(byRules).not.toEqual(rae._id)
  await boss!.post(`/admin/people/${rae._id}/reactivation`).expect(303)
  expect((await Leads.findById(taken._id))!.owner).toEqual(rae._id)
  expect((await Leads.findById(kept._id))!.owner).toEqual(byRules)
  setTime('2026-11-23T09:20:00Z')
  await boss!.post(suspension, { successor: String(petra._id) }).expect(303)
  setTime('2026-11-23T09:31:00Z')
  await boss!.post(`/admin/people/${rae._id}/reactivation`).expect(303)
  expect((await Leads.findById(taken._id))!.owner).toEqual(petra._id)

  // Only what the suspension took comes back: the other was given away before.
  setTime('2026-11-23T09:40:00Z')
  const assign = async (id: typeof taken._id, owner: typeof rae._id) =>
    assignLead((await Leads.findById(id))!, String(owner), lena._id)
  await assign(taken._id, rae._id)
  await assign(kept._id, rae._id)
  await assign(kept._id, petra._id)
  setTime('2026-11-23T09:41:00Z')
  await boss!.post(suspension, { successor: String(petra._id) }).expect(303)
  await boss!.post(`/admin/people/${rae._id}/reactivation`).expect(303)
  expect((await Leads.findById(taken._id))!.owner).toEqual(rae._id)
  expect((await Leads.findById(kept._id))!.owner).toEqual(petra._id)
  setTime('2026-11-23T09:00:00Z')
})

test('a new rule goes before those that take every lead, and one after them says so', async () => {
  const target = `teammate:${String(mei._id)}`
  await save('rules/new', { name: 'The rest', target }).then(expectSaved)
  await save('rules/new', { name: 'Acme', target, companies: 'acme.example' }).then(expectSaved)
  await save('rules/new', { name: 'Nobody else', target }).then(expectSaved)
  expect((await draftRules()).map(({ id }) => id)).toEqual(['uk', 'big', 'acme', 'the-rest', 'nobody-else'])
  const page = (await boss!.get('/sales/routing/draft')).text
  expect(page).not.toContain('Moved')
  expect(page.match(/nobody is free in “The rest”/g)).toHaveLength(1)
  expect(page).not.toContain('every lead: every lead')
  for (const id of ['nobody-else', 'acme', 'the-rest'])
    await save(`rules/${id}`, { change: 'remove' }).then(expectSaved)
})

test('rules are put in order, removed, discarded and brought back', async () => {
  await save('rules/big', { change: 'up' }).then(expectSaved)
  expect((await draftRules()).map(({ id }) => id)).toEqual(['big', 'uk'])
  expect(inTable((await boss!.get('/sales/routing/draft')).text).slice(0, 2)).toEqual(['Big', 'UK'])
  expect((await boss!.get('/sales/routing/draft')).text).toContain('Moved')
  expect((await save('pools/all', { change: 'remove' })).status).toBe(422)
  await save('rules/big', { change: 'remove' }).then(expectSaved)
  await save('pools/all', { change: 'remove' }).then(expectSaved)
  expect((await save('rules/none', { change: 'remove' })).status).toBe(404)
  expect((await save('nothing/uk', { change: 'up' })).status).toBe(404)
  await boss!.post(
    '/sales/routing/draft/removal',
    await routingDraft().then(({ draftNumber }) => ({ draftNumber })),
  )
  expect((await draftRules()).map(({ id }) => id)).toEqual(['uk', 'big'])
  await save('rules/uk', { change: 'remove' }).then(expectSaved)
  const { draftNumber } = await routingDraft()
  await boss!.post('/sales/routing/versions/1/restoration', { draftNumber }).expect(303)
  await boss!.post('/sales/routing/versions/9/restoration', { draftNumber: draftNumber + 1 }).expect(404)
  expect((await draftRules()).map(({ id }) => id)).toEqual(['uk', 'big'])
  expect((await boss!.get('/sales/routing/versions').expect(200)).text).toContain('Mei knows the UK')
})

test('two sales leads at once: the second sees that the draft changed, and keeps what was typed', async () => {
  const { draftNumber } = await routingDraft()
  await save('rules/new', { name: 'First', target: 'crm' }).then(expectSaved)
  const late = { draftNumber, name: 'Second', target: 'crm' }
  const { text } = await boss!.post('/sales/routing/draft/rules/new', late).expect(409)
  expect(text).toContain('A colleague has changed the draft')
  expect(text).toContain('value="Second"')
  expect(text).toContain(`name="draftNumber" value="${draftNumber + 1}"`)
})

test('who works when, how much they take, and the general times are checked and saved', async () => {
  const path = `people/${petra._id}`
  const typed = {
    weight: '2',
    capacity: '5',
    days: ['1', '2'],
    opens: '10:00',
    closes: '18:30',
    calendar: '',
  }
  const bad = await save(path, { ...typed, weight: '0', days: [], closes: '09:00' })
  expect(bad.status).toBe(422)
  for (const text of ['Enter a whole number from 1 to 10', 'Choose at least one day'])
    expect(bad.text).toContain(text)
  await save('calendars/new', { name: 'England', daysOff: '2026-12-25 Christmas Day\n2026-01-01' }).then(
    expectSaved,
  )
  expect((await save('calendars/new', { name: 'Bad', daysOff: 'Christmas' })).text).toContain(
    'Start each line with a day',
  )
  await save(path, { ...typed, calendar: 'england' }).then(expectSaved)
  const times = { hours: '3', remindBefore: '1', escalateAfter: '0', reassignAfter: '' }
  expect(
    (await save('settings/all', { ...times, hours: '', fallback: 'everybody', overflow: 'fewest' })).status,
  ).toBe(422)
  await save('settings/all', { ...times, fallback: 'all', overflow: 'sales-lead' }).then(expectSaved)
  expect((await routingDraft()).content).toMatchObject({
    people: {
      [String(petra._id)]: {
        weight: 2,
        capacity: 5,
        days: [1, 2],
        opens: 600,
        closes: 1110,
        calendar: 'england',
      },
    },
    calendars: [
      {
        daysOff: [
          { day: '2026-01-01', name: '' },
          { day: '2026-12-25', name: 'Christmas Day' },
        ],
      },
    ],
    response: { hours: 3, remindBefore: 1, escalateAfter: 0, reassignAfter: null },
    fallback: 'all',
  })
  const { text } = await boss!.get('/sales/routing/draft').expect(200)
  for (const shown of ['Mon, Tue, 10:00–18:30', '· England', 'as soon as it is late', 'goes to the pool All'])
    expect(text).toContain(shown)
})

test('days off come from a pasted calendar file, too: its whole days', async () => {
  const event = (summary: string, start: string, end = '') => [
    'BEGIN:VEVENT',
    `UID:${summary}`,
    `SUMMARY:${summary}`,
    `DTSTART${start}`,
    ...(end ? [`DTEND${end}`] : []),
    'END:VEVENT',
  ]
  const file = [
    ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:test'],
    ...event('Christmas', ';VALUE=DATE:20261225', ';VALUE=DATE:20261227'),
    ...event('A meeting', ':20261201T090000Z', ':20261201T100000Z'),
    ...event('New Year', ';VALUE=DATE:20270101'),
    'END:VCALENDAR',
  ].join('\r\n')
  await save('calendars/new', { name: 'Czechia', daysOff: file }).then(expectSaved)
  const { calendars } = (await routingDraft()).content
  expect(calendars.find(({ id }) => id === 'czechia')!.daysOff).toEqual([
    { day: '2026-12-25', name: 'Christmas' },
    { day: '2026-12-26', name: 'Christmas' },
    { day: '2027-01-01', name: 'New Year' },
  ])
  const broken = await save('calendars/new', { name: 'Broken', daysOff: 'BEGIN:VCALENDAR\nnonsense' })
  expect([broken.status, broken.text.includes('Start each line with a day')]).toEqual([422, true])
})

test('a rep enters their own absence and no colleague’s; a lead hands the open leads over, with an undo', async () => {
  const from = now().toISOString().slice(0, 10)
  const until = later(now(), days(3)).toISOString().slice(0, 10)
  await rep!.post('/sales/routing/absences', { teammate: String(mei._id), from, until }).expect(303)
  expect(await Absences.find({})).toMatchObject([{ teammate: petra._id, from, until }])
  expect((await rep!.get('/sales/routing')).text).toContain('Petra Novotná is away from 23 November 2026')
  const over = { from: '2026-11-01', until: '2026-11-02' }
  expect((await rep!.post('/sales/routing/absences', over).expect(422)).text).toContain(
    'Enter days that aren’t over',
  )
  const count = await Leads.count({ owner: mei._id, rank: 0 })
  expect(count).toBeGreaterThan(1)
  await boss!
    .post('/sales/routing/absences', { teammate: String(mei._id), from, until, handOver: 'on' })
    .expect(303)
  const { text } = await boss!.get('/sales/routing')
  expect(text).toContain(`${count} open leads were handed over.`)
  expect(text).toContain('Undo the handover')
  expect(await Leads.count({ owner: mei._id })).toBe(0)
  const absence = (await Absences.findOne({ teammate: mei._id }))!
  await rep!.post(`/sales/routing/absences/${absence._id}/removal`).expect(403)
  await boss!.post(`/sales/routing/absences/${absence._id}/handover/undo`).expect(303)
  expect((await boss!.get('/sales/routing')).text).toContain(`${count} leads came back.`)
  expect(await Leads.count({ owner: mei._id })).toBe(count)
  await boss!.post(`/sales/routing/absences/${absence._id}/handover`).expect(303)
  await boss!.post(`/sales/routing/absences/${absence._id}/removal`).expect(303)
  await boss!.post(`/sales/routing/absences/${absence._id}/removal`).expect(404)
})

function expectSaved({ status, headers }: { status: number; headers: Record<string, string> }): void {
  expect([status, headers.location]).toEqual([303, expect.stringContaining('/sales/routing/draft#')])
}
