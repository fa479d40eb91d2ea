import { Types } from 'mongoose'
import { days, hours, later, minutes, now } from '../../src/platform/clock'
import { Events } from '../../src/events/event'
import { record } from '../../src/events/record'
import { acceptLead, assignLead, snoozeLead } from '../../src/leads/change-lead'
import { maxNotes } from '../../src/leads/lead-note'
import { saveDemoHours } from '../../src/leads/demo-hours'
import { Leads, type Lead } from '../../src/leads/lead'
import { People, type Person } from '../../src/people/person'
import { shortHighlights, type SalesTexts } from '../../src/sales/sales-texts'
import { snoozeChoices } from '../../src/sales/snooze-choices'
import { leadData } from '../../src/webhooks/lead-data'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let petra: Person
let marek: Person
let sales: Visitor
let colleague: Visitor
/** A Monday, at ten in the morning. */
const start = '2026-11-23T09:00:00Z'

beforeAll(async () => {
  academy = await openAcademy()
  setTime(start)
  petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  marek = await make.person({ role: 'sales', name: 'Marek Dvořák' })
  ;[sales, colleague] = [await as(petra), await as(marek)]
})
afterAll(() => academy.close())
beforeEach(() => setTime(start))

/** A lead of Petra's who asked for a demo. */
async function lead(name: string, text = 'Does it speak Modbus?', owner = petra): Promise<Person> {
  const person = await make.person({ name, consents: ['profiling', 'share_with_sales'], title: 'Engineer' })
  const data = { kind: 'demo', text, title: null } as const
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [1], data })
  await runAllDue()
  const given = (await Leads.findById(person._id))!
  if (!given.owner?.equals(owner._id)) await assignLead(given, String(owner._id), owner._id)
  return person
}
const namesIn = (html: string) => [...html.matchAll(/queue-name"><bdi>([^<]*)/g)].map(([, name]) => name)
const stored = async ({ _id }: Person) => (await Leads.findById(_id))!
const post = (path: string, body: Record<string, unknown> = {}) => sales.post(path, body)

test('the queue lists who is due first on top, by what makes each different, and opens the first', async () => {
  const ada = await lead('Ada First', 'Does it speak Modbus?')
  setTime(later(now(), minutes(30)))
  await lead('Bo Second', 'Can we keep our sensors?')
  const { text } = await sales.get('/sales/queue').expect(200)
  expect(namesIn(text)).toEqual(['Ada First', 'Bo Second'])
  expect(text).toContain('Asked for a demo: “Can we keep our sensors?”')
  expect(text).toContain('id="lead-name" tabindex="-1"><bdi>Ada First')
  expect(text).toContain('After this: Bo Second')
  const other = await colleague.get('/sales/queue').expect(200)
  expect(namesIn(other.text)).toEqual([])
  expect(other.text).toContain('all caught up')
  expect(namesIn((await colleague.get('/sales/queue?view=team')).text)).toEqual(['Ada First', 'Bo Second'])
  expect(namesIn((await sales.get('/sales/queue?q=bo')).text)).toEqual(['Bo Second'])
  expect(namesIn((await sales.get('/sales/queue?late=1')).text)).toEqual([])
  setTime(later(now(), days(1)))
  expect(namesIn((await sales.get('/sales/queue?late=1')).text)).toEqual(['Ada First', 'Bo Second'])
  expect(ada).toBeTruthy()
})

test('a row says why now in one short sentence, and not what the row above it says', () => {
  const asked = (text: string, ...others: Lead['highlights']) =>
    ({
      _id: new Types.ObjectId(),
      highlights: [{ key: 'asked', values: { text } }, ...others],
      reasons: [],
      lastActivityAt: now(),
    }) satisfies Parameters<typeof shortHighlights>[0][number]
  const quiet = { ...asked(''), highlights: [], lastActivityAt: new Date('2026-10-02') }
  const texts = {
    t: (key: string, values: Record<string, string>) =>
      `${key.split('.')[1]}: ${values.text || values.title || values.day}`,
    date: (moment: Date) => moment.toISOString().slice(0, 10),
  } as unknown as SalesTexts
  const said = shortHighlights(
    [
      asked('We look after 60 booster sets in office buildings. How long does it take to fit them all?'),
      asked('Could we see it?'),
      asked('Could we see it?', { key: 'lessons', values: { title: 'Read a trend' } }),
      asked('Could we see it?'),
      asked(`Does ${'a pump '.repeat(30)}help?`),
      quiet,
    ],
    texts,
  )
  expect([...said.values()]).toEqual([
    'AskedQuoted: We look after 60 booster sets in office buildings',
    'AskedQuoted: Could we see it?',
    'Lessons: Read a trend',
    'AskedQuoted: Could we see it?',
    `AskedQuoted: Does ${'a pump '.repeat(10)}a…`,
    'quiet: 2026-10-02',
  ])
})

test('a queue that is done says how many were answered today, how soon, and who comes back next', async () => {
  const rep = await make.person({ role: 'sales', name: 'Rae Done' })
  const [one, away] = [await lead('Ada Done', 'x', rep), await lead('Cy Away', 'x', rep)]
  const visitor = await as(rep)
  setTime(later(now(), minutes(40)))
  await visitor.post(`/sales/leads/${one._id}/acceptance`).expect(303)
  await visitor.post(`/sales/leads/${away._id}/snooze`, { until: later(now(), days(2)).toISOString() })
  const { text } = await visitor.get('/sales/queue').expect(200)
  expect(text).toContain('1 answered today, after 40 min.')
  expect(text).toMatch(/The next one comes back on [^<]*: Cy Away[,.]/)
})

test('an answer leads to the next lead, and its undo back to this one', async () => {
  const ada = await lead('Ada Answered')
  const back = `/sales/queue?lead=${new Types.ObjectId()}`
  const response = await post(`/sales/leads/${ada._id}/acceptance`, { back }).expect(303)
  expect(response.headers.location).toBe(back)
  const undo = `/sales/leads/${ada._id}/acceptance/undo?back=${encodeURIComponent(`/sales/queue?lead=${ada._id}`)}`
  const undone = await post(undo).expect(303)
  expect(undone.headers.location).toBe(`/sales/queue?lead=${ada._id}`)
  expect((await stored(ada)).status).toBe('new')
  for (const elsewhere of [
    'https://evil.example/sales/queue',
    '//evil.example',
    '/admin',
    '/sales/queue/../x',
  ]) {
    const { headers } = await post(`/sales/leads/${ada._id}/snooze/end`, { back: elsewhere }).expect(303)
    expect(headers.location).toBe(`/sales/leads/${ada._id}`)
  }
})

describe('snoozing', () => {
  test('a lead is away until the moment, comes back by itself, and the CRM knows', async () => {
    const ada = await lead('Ada Snoozed')
    const until = later(now(), days(2)).toISOString()
    await post(`/sales/leads/${ada._id}/snooze`, { until, text: 'On a trip' }).expect(303)
    await runAllDue()
    expect(namesIn((await sales.get('/sales/queue')).text)).not.toContain('Ada Snoozed')
    const { text } = await sales.get(`/sales/queue?view=snoozed&lead=${ada._id}`)
    expect(namesIn(text)).toEqual(['Ada Snoozed'])
    expect(text).toContain('On a trip')
    expect((await stored(ada)).respondBy.toISOString()).toBe(until)
    const told = await leadData(await reread(ada))
    expect(told.lead).toMatchObject({ status: 'new', snoozed_until: until, respond_by: until })
    setTime(later(new Date(until), 1))
    expect(namesIn((await sales.get('/sales/queue')).text)).toContain('Ada Snoozed')
  })

  test('bringing it back restores the deadline it had', async () => {
    const ada = await lead('Ada Woken')
    const { respondBy } = await stored(ada)
    await post(`/sales/leads/${ada._id}/snooze`, { until: later(now(), days(3)).toISOString() }).expect(303)
    await post(`/sales/leads/${ada._id}/snooze/end`).expect(303)
    await post(`/sales/leads/${ada._id}/snooze/end`).expect(303)
    expect(await stored(ada)).toMatchObject({ snooze: null, respondBy })
    expect(await Events.count({ person: ada._id, name: 'lead.snooze_ended' })).toBe(1)
  })

  test('its undo brings back the snooze before it, once; only the owner and who leads the team snooze', async () => {
    const ada = await lead('Ada Twice')
    const [first, second] = [later(now(), days(3)), later(now(), days(9))]
    await snoozeLead(await stored(ada), petra._id, first, 'First')
    await post(`/sales/leads/${ada._id}/snooze`, { until: second.toISOString() }).expect(303)
    const page = (await sales.get(`/sales/leads/${ada._id}`)).text
    const undo = /action="([^"]*snooze\/undo[^"]*)"/.exec(page)![1]!
    await post(undo).expect(303)
    await post(undo).expect(409)
    expect((await stored(ada)).snooze).toMatchObject({ until: first, text: 'First' })
    const seen = (await colleague.get(`/sales/leads/${ada._id}`)).text
    expect(seen).toContain('First')
    expect(seen).not.toContain('/snooze"')
    await colleague.post(`/sales/leads/${ada._id}/snooze`, { until: second.toISOString() }).expect(403)
    await colleague.post(`/sales/leads/${ada._id}/snooze/end`).expect(403)
    await colleague.post(undo).expect(403)
  })

  test('undoing an acceptance brings the snooze back', async () => {
    const ada = await lead('Ada Twice')
    const until = later(now(), days(1))
    await snoozeLead(await stored(ada), petra._id, until, '')
    await acceptLead(await stored(ada), petra._id)
    expect(await stored(ada)).toMatchObject({ status: 'accepted', snooze: null })
    await post(`/sales/leads/${ada._id}/acceptance/undo`).expect(303)
    expect((await stored(ada)).snooze!.until).toEqual(until)
  })

  test('someone who asks to be contacted is in the queue again', async () => {
    const ada = await lead('Ada Asking')
    await post(`/sales/leads/${ada._id}/snooze`, { until: later(now(), days(9)).toISOString() })
    setTime(later(now(), hours(1)))
    const data = { kind: 'trial', text: '', title: null } as const
    await record({ name: 'contact.requested', person: ada._id, idempotencyKey: [2], data })
    await runAllDue()
    expect((await stored(ada)).snooze).toBeNull()
  })

  test('a moment that has passed, is too far or is none is refused, and so is a lead with a response', async () => {
    const ada = await lead('Ada Refused')
    const path = `/sales/leads/${ada._id}/snooze`
    for (const until of [now().toISOString(), later(now(), days(181)).toISOString(), 'soon', 'day', '']) {
      await post(path, { until }).expect(422)
    }
    await post(path, { until: 'day', day: '2026-11-26' }).expect(303)
    expect((await stored(ada)).snooze!.until.toISOString()).toBe('2026-11-26T09:00:00.000Z')
    await acceptLead(await stored(ada), petra._id)
    await post(path, { until: later(now(), days(1)).toISOString() }).expect(409)
  })

  test.each([
    ['2026-11-23T09:00:00Z', ['laterToday 12:00', 'tomorrow 24', 'nextWeek 30']],
    ['2026-11-25T16:00:00Z', ['tomorrow 26', 'nextWeek 30', 'inAWeek 2']],
    ['2026-11-27T16:00:00Z', ['nextWeek 30', 'inAWeek 4']],
    ['2026-11-28T10:00:00Z', ['nextWeek 30']],
    ['2026-11-29T10:00:00Z', ['tomorrow 30']],
  ])('at %s, the choices are %j', (at, choices) => {
    const offered = snoozeChoices(new Date(at), 'UTC').map(
      ({ key, until }) => `${key} ${key === 'laterToday' ? '12:00' : until.getUTCDate()}`,
    )
    expect(offered).toEqual(choices)
  })

  test('the morning is that of the time zone, also across a change of its clocks', () => {
    const inPrague = snoozeChoices(new Date('2026-03-28T10:00:00Z'), 'Europe/Prague')
    expect(inPrague.map(({ until }) => until.toISOString())).toEqual(['2026-03-30T07:00:00.000Z'])
    const inKolkata = snoozeChoices(new Date('2026-11-24T20:00:00Z'), 'Asia/Kolkata')
    expect(inKolkata[0]!.until.toISOString()).toBe('2026-11-26T03:30:00.000Z')
  })
})

describe('notes and the next step', () => {
  test('a second click is one note, which the CRM gets; only its author can remove it', async () => {
    const ada = await lead('Ada Noted')
    const form = { text: 'Met at the fair.\nTwo more dairies.', key: 'a-form-key' }
    await post(`/sales/leads/${ada._id}/notes`, form).expect(303)
    await post(`/sales/leads/${ada._id}/notes`, form).expect(303)
    const note = (await leadData(await reread(ada))).lead!.notes
    expect(note).toEqual([{ text: form.text, by: petra.email, at: now().toISOString() }])
    const { text } = await colleague.get(`/sales/leads/${ada._id}`).expect(200)
    expect(text).toContain('Two more dairies.')
    const [, removal] = /action="([^"]*removal)"/.exec((await sales.get(`/sales/leads/${ada._id}`)).text)!
    await colleague.post(removal!).expect(404)
    await post(removal!).expect(303)
    expect((await leadData(await reread(ada))).lead!.notes).toEqual([])
    // Its words are gone from the timeline and from the ledger too, also on an earlier day.
    setTime(later(now(), days(2)))
    for (const query of ['', '?all=1', '?on=2026-11-23'])
      expect((await sales.get(`/sales/leads/${ada._id}${query}`).expect(200)).text).not.toContain(
        'Two more dairies.',
      )
    const notes = await Events.find({ person: ada._id, name: 'lead.noted' })
    expect(notes).toMatchObject([{ data: { text: '' } }])
    await post(`/sales/leads/${ada._id}/notes`, { text: ' ' }).expect(422)
    await post(`/sales/leads/${ada._id}/notes`, { text: 'x'.repeat(2001) }).expect(422)
    for (let n = 1; n < maxNotes; n++)
      await Events.create({ ...notes[0]!, _id: `lead.noted:${ada._id}:${n}`, dueAt: null })
    const full = await post(`/sales/leads/${ada._id}/notes`, { text: 'One more' }).expect(422)
    expect(full.text).toContain('A lead can have 200 notes')
  })

  test('a next step is shown and sent until it is done, and changes no number of the lead', async () => {
    const ada = await lead('Ada Stepping')
    const before = await stored(ada)
    const path = `/sales/leads/${ada._id}/next-step`
    await post(path, { text: 'Send the SCADA sheet', due: '2026-11-27' }).expect(303)
    expect((await stored(ada)).changeCount).toBe(before.changeCount)
    expect((await leadData(await reread(ada))).lead!.next_step).toMatchObject({
      text: 'Send the SCADA sheet',
      due: '2026-11-27',
      by: petra.email,
    })
    setTime(later(now(), hours(1)))
    await post(path, { text: 'Send the SCADA sheet', done: '1' }).expect(303)
    expect((await leadData(await reread(ada))).lead!.next_step).toBeNull()
  })

  test('what cannot be stored as it was typed is refused, and changes nothing', async () => {
    const ada = await lead('Ada Refusing')
    const path = `/sales/leads/${ada._id}`
    await post(`${path}/next-step`, { text: 'Call', due: '2026-11-27' }).expect(303)
    await post(`${path}/next-step`, { text: 'x'.repeat(501) }).expect(422)
    await post(`${path}/next-step`, { text: 'Mail', due: '2026-02-31' }).expect(422)
    expect((await stored(ada)).nextStep).toMatchObject({ text: 'Call', due: '2026-11-27' })
    const until = later(now(), days(2)).toISOString()
    await post(`${path}/snooze`, { until, text: 'x'.repeat(501) }).expect(422)
    await post(`${path}/snooze`, { until: 'day', day: '2026-11-31' }).expect(422)
    expect((await stored(ada)).snooze).toBeNull()
    await post(`${path}/acceptance`).expect(303)
    await post(`${path}/return`, { text: 'x'.repeat(501) }).expect(422)
    expect((await stored(ada)).status).toBe('accepted')
  })

  test('a form that the browser shows again with other words counts again', async () => {
    const ada = await lead('Ada Again')
    const path = `/sales/leads/${ada._id}`
    for (const text of ['First', 'First', 'Second']) {
      setTime(later(now(), minutes(1)))
      await post(`${path}/notes`, { text, key: 'a-form-key' }).expect(303)
      await post(`${path}/next-step`, { text, due: '', key: 'a-form-key' }).expect(303)
    }
    const told = (await leadData(await reread(ada))).lead!
    expect(told.notes.map(({ text }) => text)).toEqual(['Second', 'First'])
    expect(told.next_step).toMatchObject({ text: 'Second', due: null })
  })
})

test('when sales looked at a lead is in the lead’s own data, but not who did; a teammate has their own', async () => {
  const ada = await lead('Ada Exporting')
  await sales.get(`/sales/leads/${ada._id}`).expect(200)
  const { text } = await (await as(ada)).get('/account/data.json').expect(200)
  const visits = [{ at: now().toISOString(), before: null }]
  expect((JSON.parse(text) as { leadVisits: object[] }).leadVisits).toEqual(visits)
  const eve = await make.person({ role: 'sales' })
  const own = await as(eve)
  await own.get(`/sales/leads/${ada._id}`).expect(200)
  const hours = { weekdays: [1], opens: 540, closes: 600, length: 30, place: 'Room 1', notBefore: null }
  await saveDemoHours(eve._id, hours)
  const about = (await own.get('/account/data.json').expect(200)).text
  expect(JSON.parse(about)).toMatchObject({ leadVisits: visits, demoHours: hours })
  expect(about).not.toContain(String(ada._id))
})

describe('reassigning', () => {
  test('an owner hands over a lead of their own, and can undo it once', async () => {
    const ada = await lead('Ada Handed')
    const path = `/sales/leads/${ada._id}/owner`
    await colleague.post(path, { owner: String(marek._id) }).expect(403)
    await post(path, { owner: String(marek._id) }).expect(303)
    const handed = await stored(ada)
    expect(handed.owner).toEqual(marek._id)
    await colleague.post(`${path}/undo?change=${handed.changeCount}`).expect(409)
    await post(`${path}/undo?change=${handed.changeCount}`).expect(303)
    expect((await stored(ada)).owner).toEqual(petra._id)
    await post(`${path}/undo?change=${handed.changeCount}`).expect(409)
    await post(`${path}/undo?change=${handed.changeCount + 1}`).expect(303)
    setTime(later(now(), minutes(11)))
    await post(`${path}/undo?change=${handed.changeCount + 2}`).expect(409)

    // In the queue, the answer is the queue with this lead as it is now, and the message.
    const back = encodeURIComponent('/sales/queue?view=team')
    const late = await post(`${path}/undo?change=${handed.changeCount}&back=${back}`).expect(303)
    expect(late.headers.location).toBe(`/sales/queue?view=team&lead=${ada._id}`)
    const shown = (await sales.get(late.headers.location!).expect(200)).text
    expect(shown).toContain('You can undo your own change for 10 minutes')
    expect(shown).toContain('Ada Handed')
  })
})

async function reread({ _id }: Person): Promise<Person> {
  return (await People.findById(_id))!
}
