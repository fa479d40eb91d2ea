import { Types } from 'mongoose'
import { days, hours, now } from '../../src/platform/clock'
import type { EventData, EventName } from '../../src/events/definitions'
import { record } from '../../src/events/record'
import { changeRole } from '../../src/people/change-role'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import { recordOutcome } from '../../src/crm/record-outcome'
import { acceptLead, assignLead, returnLead } from '../../src/leads/change-lead'
import { applyOutcome } from '../../src/leads/apply-outcome'
import { Leads } from '../../src/leads/lead'
import { blockCompetitors } from '../../src/scoring/block-competitors'
import { activeModel } from '../../src/scoring/model'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeEndpointServers, openEndpointServer } from '../webhooks/endpoint-server'

const company = { domain: 'hartley.example', name: 'Hartley Dairies' }
const day = '2026-11-23'
const nextMorning = '2026-11-24T08:00:00Z'

let academy: Academy
let petra: Person
let sales: Visitor
let serial = 0
beforeAll(async () => {
  academy = await openAcademy()
  setTime(`${day}T09:00:00Z`)
  petra = await make.person({ role: 'sales-lead', name: 'Petra Novotná' })
  sales = await as(petra)
})
afterAll(async () => {
  await closeEndpointServers()
  await academy.close()
})

test('whatever happens later, the page of a lead as of a day stays word for word the same', async () => {
  const crm = await openEndpointServer({ name: 'Sales CRM' })
  const idris = await make.person({ role: 'sales', name: 'Idris Bello' })
  await make.course({ slug: 'pumps', lesson: () => ({ topics: ['pumps'] }) })
  const [amara, ben] = [await learner('Amara Okonkwo'), await learner('Ben Ward')]
  await happens(amara, 'lesson.completed', lesson('pumps'))
  await happens(amara, 'lesson.completed', lesson('pumps'))
  await happens(amara, 'contact.requested', { kind: 'demo', text: 'My first words', title: 'Pumps' })
  advance(hours(1))
  await acceptLead((await leadOf(amara))!, idris._id)
  await runAllDue()

  setTime(nextMorning)
  const before = await pageOn(amara)
  expect(before).toContain('My first words')
  expect(before).toMatch(/Quizzes and minutes<\/h2>\s*<span class="meta">\d+ min of verified attention</)
  expect(before).toContain('Accepted · Idris Bello responded')

  advance(days(1))
  await happens(amara, 'contact.requested', { kind: 'trial', text: 'My later words', title: 'Pumps' })
  await happens(amara, 'question.asked', { text: 'A later question', lesson: null, title: null })
  await happens(amara, 'quiz.attempted', failedQuiz())
  await happens(amara, 'pricing.viewed', { seconds: 90 })
  await happens(ben, 'contact.requested', { kind: 'demo', text: '', title: 'Pumps' })
  await happens(amara, 'colleague.active', { colleague: String(ben._id), name: ben.name, title: null })
  const cleo = await learner('Cleo Later')
  await happens(cleo, 'lesson.completed', lesson('valves'))
  await make.course({ slug: 'valves', lesson: () => ({ topics: ['valves'] }) })
  await assignLead((await leadOf(amara))!, String(petra._id), petra._id)
  await assignLead((await leadOf(ben))!, String(idris._id), petra._id)
  await returnLead((await leadOf(amara))!, petra._id, 'Later, perhaps')
  await recordOutcome(crm.endpoint._id, 'o-1', {
    type: 'lead.contacted',
    externalId: String(amara._id),
    crmId: '00Q-4417',
    occurredAt: now(),
    amount: null,
    currency: null,
    reasonCode: null,
    reasonText: '',
  })
  const deal = { deal: 'D-1', amount: 1840000, currency: 'EUR', reason: 'price', text: '' }
  await applyOutcome({ ...deal, id: 'w', name: 'opportunity.won', person: ben._id, at: now() })
  await applyOutcome({ ...deal, id: 'x', name: 'opportunity.opened', person: amara._id, at: now() })
  await blockCompetitors(['rival.example'], (await activeModel())._id)
  await runAllDue()
  const today = (await sales.get(`/sales/leads/${amara._id}`).expect(200)).text
  expect(today).toMatch(/Not passed, 1 of 3\s*<span class="second">4 min · Wrong on/)
  for (const later of ['My later words', 'A later question', 'Cleo Later', '00Q-4417', 'Model v2', '€18,400'])
    expect(today).toContain(later)

  setTime(nextMorning)
  expect(await pageOn(amara)).toBe(before)
})

test('the page as of a day offers nothing to click that would change today', async () => {
  const amara = await learner('Amara Past')
  setTime(`${day}T09:00:00Z`)
  await happens(amara, 'contact.requested', { kind: 'demo', text: '', title: 'Pumps' })
  await runAllDue()
  expect(await mainOf(amara, '')).toContain('method="post"')
  setTime(nextMorning)
  expect(await pageOn(amara)).not.toContain('method="post"')
})

function learner(name: string): Promise<Person> {
  return make.person({ name, title: 'Head of Enablement', company })
}

const course = new Types.ObjectId()

async function happens<N extends EventName>(person: Person, name: N, data: EventData[N]) {
  await record({ name, person: person._id, course, idempotencyKey: [++serial], data })
  await runAllDue()
}

function lesson(topic: string): EventData['lesson.completed'] {
  const title = `About ${topic}`
  return { lesson: `${topic}-${++serial}`, title, topics: [topic], minutes: 8, seconds: 411, kind: 'text' }
}

function failedQuiz(): EventData['quiz.attempted'] {
  const result = { attempt: 'a', number: 1, correct: 1, total: 3, passed: false, weakTopics: ['pumps'] }
  return { lesson: 'quiz', title: 'Final check', topics: ['pumps'], ...result, seconds: 250 }
}

const leadOf = ({ _id }: Person) => Leads.findById(_id)
const pageOn = (person: Person) => mainOf(person, `?on=${day}&all=1`)

async function mainOf({ _id }: Person, query: string): Promise<string> {
  const { text } = await sales.get(`/sales/leads/${_id}${query}`).expect(200)
  return /<main[^]*<\/main>/.exec(text)![0]
}

test('a rep still reads who responded after that teammate has another role or is gone', async () => {
  setTime(`${day}T09:00:00Z`)
  await make.person({ role: 'admin' })
  const idris = await make.person({ role: 'sales', name: 'Idris Moving' })
  const amara = await learner('Amara Owned')
  await happens(amara, 'contact.requested', { kind: 'demo', text: '', title: 'Pumps' })
  await acceptLead((await leadOf(amara))!, idris._id)
  await changeRole(idris._id, 'author')
  expect(await mainOf(amara, '')).toContain('Accepted by Idris Moving')
  await erasePerson(idris._id)
  await runAllDue()
  expect(await mainOf(amara, '')).toContain('Accepted by a former teammate')
})

test('why a score is what it is: each day, the events behind each figure, and what would change it', async () => {
  const dora = await make.person({ name: 'Dora Why', company: { domain: 'dairy.example', name: 'Dairy' } })
  await happens(dora, 'pricing.viewed', { seconds: 60 })
  await happens(dora, 'question.asked', { text: 'How does it fade?', lesson: null, title: null })
  advance(days(7))
  await happens(dora, 'pricing.viewed', { seconds: 61 })
  const path = `/sales/leads/${dora._id}/score`
  const [today, then] = [(await sales.get(path).expect(200)).text, dayBefore(now(), 7)]
  // 7 points, halved after a week, and 7 new ones; 6 points, half of them after two weeks.
  expect(today).toContain('A score of 14.7 and grade')
  expect(today).toContain('The score is 45.3 below 60.')
  expect(today).toMatch(/<dt>Contact requested<\/dt>\s*<dd class="num">\+20.0</)
  expect(today).toMatch(/<dt>Pricing page read<\/dt>\s*<dd class="num">−7.9</)
  expect(today).toContain('visible for 1 min 01 s')
  expect(today).not.toContain('How does it fade?')

  const past = (await sales.get(`${path}?on=${then}`).expect(200)).text
  expect(past).toContain('How does it fade?')
  expect(past).not.toContain('are missing to')
  expect(past).toMatch(/A score of \d\d?\.\d and grade [ABC][123] at the end of/)

  const behind = (await sales.get(`/sales/leads/${dora._id}?rule=pricingViewed`).expect(200)).text
  expect(behind).toContain('2 events behind “Pricing page read”')
  expect(behind.match(/visible for 1 min/g)).toHaveLength(2)
  const timeline = behind.slice(behind.indexOf('id="happened"'))
  expect(timeline).not.toContain('How does it fade?')
  expect((await sales.get(`${path}?on=nonsense`)).status).toBe(200)
})

const dayBefore = (end: Date, count: number) =>
  new Date(end.getTime() - days(count)).toISOString().slice(0, 10)
