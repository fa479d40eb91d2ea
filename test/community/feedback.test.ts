import { Types } from 'mongoose'
import { Threads } from '../../src/community/thread'
import { askQuestion } from '../../src/community/ask-question'
import { Feedback, FeedbackVoices, type FeedbackTopic } from '../../src/community/feedback'
import { FeedbackDigests, nextFeedbackDigestAt } from '../../src/community/feedback-digest'
import { addTopic, applyGivenFeedback, giveFeedback } from '../../src/community/give-feedback'
import { SearchMisses } from '../../src/courses/search-miss'
import { AuditEntries } from '../../src/events/audit'
import { Events, isNamed } from '../../src/events/event'
import { record } from '../../src/events/record'
import { Emails } from '../../src/mail/email'
import { erasePerson } from '../../src/people/erase-person'
import { pauseSharing } from '../../src/people/pause-sharing'
import type { Person } from '../../src/people/person'
import { unsubscribeToken } from '../../src/people/unsubscribe-token'
import { days, hours, later, minutes, now } from '../../src/platform/clock'
import { secretPath, secretRoutes } from '../../src/platform/secret-routes'
import { addEndpoint } from '../../src/webhooks/add-endpoint'
import { Messages } from '../../src/webhooks/message'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let ada: Person
let ben: Person
let eve: Person
let author: Visitor
let lead: Visitor
let samuel: Person
let visitors: Record<'ada' | 'ben' | 'eve', Visitor>

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  author = await as(await make.person({ role: 'author', name: 'Ines' }))
  samuel = await make.person({ role: 'sales-lead', name: 'Samuel Okafor' })
  lead = await as(samuel)
})
afterAll(() => academy.close())

let serial = 0
beforeEach(async () => {
  setTime('2026-11-24T09:00:00Z')
  for (const records of [Feedback, FeedbackVoices]) await records.deleteMany({ _id: { $ne: null } } as never)
  const domain = `hartley-${++serial}.example`
  const hartley = { domain, name: 'Hartley Dairies' }
  ada = await make.person({ name: 'Ada Raman', company: hartley })
  ben = await make.person({ name: 'Ben Rossi', company: hartley })
  eve = await make.person({ name: 'Eve Private', consents: [] })
  visitors = { ada: await as(ada), ben: await as(ben), eve: await as(eve) }
})

let forms = 0
const wish = async (visitor: Visitor, text: string, fields = {}) => {
  const occasion = `form-${String(++forms).padStart(17, '0')}`
  await visitor.post('/wishes', { kind: 'wish', text, occasion, ...fields }).expect(303)
  await runAllDue()
  return (await Feedback.findOne({ title: text }))!
}
const read = async (topic: Pick<FeedbackTopic, '_id'>) => (await Feedback.findById(topic._id))!
const save = async (visitor: Visitor, topic: FeedbackTopic, fields: Record<string, unknown>) => {
  const { title, area, state, reason, changeCount } = await read(topic)
  return visitor.post(`/feedback/${topic._id}`, {
    number: changeCount,
    title,
    area,
    state,
    reason,
    ...fields,
  })
}

/** Someone is a lead, and their CRM has opened a deal of this many euros. */
async function opensDeal(person: Person, euros: number): Promise<void> {
  const data = { trigger: 'score' as const, band: 'A1', score: 70, fit: 80, sequence: 1 }
  await record({ name: 'lead.qualified', person: person._id, idempotencyKey: [1], data })
  const deal = { deal: `D-${person.name}`, amount: euros * 100, currency: 'EUR' }
  await record({ name: 'opportunity.opened', person: person._id, idempotencyKey: [deal.deal], data: deal })
  await runAllDue()
}

test('a wish is on the list with who wants it, and twice the same form is one wish', async () => {
  const occasion = 'the-same-form-of-a-pa1'
  for (let n = 0; n < 2; n++) {
    await visitors.ada
      .post('/wishes', { kind: 'wish', text: 'Show the slope\nper band', occasion })
      .expect(303)
  }
  await runAllDue()
  const [topic, ...others] = await Feedback.find({ facets: 'is:open' })
  expect(others).toEqual([])
  expect(topic).toMatchObject({
    title: 'Show the slope',
    kind: 'wish',
    state: 'new',
    people: 1,
    companies: 1,
  })
  expect(topic!.search).toEqual(expect.arrayContaining(['slope', 'ada', 'hartley']))
  const page = (await author.get('/feedback').expect(200)).text
  expect(page).toContain('1 open topic. 1 is new.')
  expect(page).toContain(`href="/feedback/${topic!._id}"`)
  const detail = (await author.get(`/feedback/${topic!._id}`).expect(200)).text
  expect(detail).toContain('Show the slope\nper band')
  expect(detail).toContain('Ada Raman, Hartley Dairies')
  const [event] = (await Events.find({ person: ada._id })).filter(isNamed('feedback.given'))
  expect(event!.data).toMatchObject({ source: 'own', by: null, text: 'Show the slope\nper band' })
})

test('a form without words is refused and keeps its kind', async () => {
  const page = (await visitors.ada.post('/wishes', { kind: 'course', text: ' ' }).expect(422)).text
  expect(page).toContain('Tell us what you want')
  expect(page).toMatch(/value="course"[^>]* checked/)
})

test('a twenty-first wish of a day has to wait', async () => {
  const person = ada._id
  for (let n = 0; n < 20; n++) {
    const source = { kind: 'own', id: String(n) } as const
    await giveFeedback({ person, topic: null, kind: 'wish', text: `Wish ${n}`, source, by: null })
  }
  const occasion = 'form-wait-for-tomorrow'
  await visitors.ada.post('/wishes', { kind: 'wish', text: 'One more', occasion }).expect(409)
  advance(days(1))
  await wish(visitors.ada, 'One more')
})

test('deals of the whole company are behind a wish, for those who may see them', async () => {
  const topic = await wish(visitors.ada, 'Slope')
  await opensDeal(ben, 18_400)
  expect(await read(topic)).toMatchObject({
    deals: 1,
    amounts: [{ currency: 'EUR', amount: 1_840_000 }],
    value: 18_400,
  })
  const small = await wish(visitors.eve, 'Dark theme')
  expect((await lead.get('/feedback')).text).toMatch(/Slope[\s\S]*€18,400[\s\S]*Dark theme/)
  for (const path of ['/feedback', `/feedback/${topic._id}`]) {
    expect((await author.get(path).expect(200)).text).not.toContain('18,400')
  }
  expect((await lead.get(`/feedback/${topic._id}`)).text).toContain('1 open deal: €18,400')
  expect((await lead.get(`/feedback/${small._id}`)).text).not.toContain('Eve Private')
  await pauseSharing(ben._id)
  await runAllDue()
  expect(await read(topic)).toMatchObject({ deals: 0, amounts: [], value: 0 })
})

test('learners vote once for what is public, and take it back', async () => {
  const topic = await wish(visitors.ada, 'Slope')
  await visitors.ben.post(`/wishes/${topic._id}/vote`).expect(404)
  expect((await visitors.ben.get('/wishes')).text).not.toContain('Slope')
  await save(author, topic, { isPublic: 'on' })
  expect((await visitors.ben.get('/wishes')).text).toContain('Slope')
  for (let n = 0; n < 2; n++) await visitors.ben.post(`/wishes/${topic._id}/vote`).expect(303)
  expect((await read(topic)).people).toBe(2)
  await visitors.ben.post(`/wishes/${topic._id}/vote/removal`).expect(303)
  expect((await read(topic)).people).toBe(1)
  await visitors.ben.post(`/wishes/${topic._id}/vote`).expect(303)
  await runAllDue()
  expect(await read(topic)).toMatchObject({ people: 2, companies: 1 })
  expect((await Events.find({ person: ben._id, name: 'feedback.given' })).length).toBe(1)
})

test('merged topics count each person once, and an undo gives them back', async () => {
  const slope = await wish(visitors.ada, 'Slope')
  const trend = await wish(visitors.ada, 'Trend')
  await visitors.ben.post('/wishes', { kind: 'wish', text: 'Trend, please' }).expect(303)
  await save(author, trend, { isPublic: 'on' })
  await visitors.eve.post(`/wishes/${trend._id}/vote`).expect(303)
  await author.post('/feedback/merges', { topic: [String(slope._id)] }).expect(422)
  await author.post('/feedback/merges', { topic: [String(slope._id), String(trend._id)] }).expect(303)
  await runAllDue()
  expect(await read(trend)).toMatchObject({ people: 2, mergedInto: null })
  expect(await read(slope)).toMatchObject({ people: 0, mergedInto: trend._id, facets: [] })
  expect((await author.get('/feedback')).text).not.toContain(`href="/feedback/${slope._id}`)
  expect((await author.get(`/feedback/${trend._id}`)).text).toContain(`/feedback/${slope._id}`)
  await author.post(`/feedback/${slope._id}/undo?number=1`).expect(303)
  await runAllDue()
  expect(await read(trend)).toMatchObject({ people: 2 })
  expect(await read(slope)).toMatchObject({ people: 1, mergedInto: null })
  await author.post(`/feedback/${slope._id}/undo?number=2`).expect(409)
})

test('those who asked are told once, after the ten minutes in which it can be undone', async () => {
  const topic = await wish(visitors.ada, 'Slope')
  await visitors.eve.post('/wishes/emails', { isOn: '0' }).expect(303)
  await save(author, topic, { isPublic: 'on' })
  for (const each of ['ben', 'eve'] as const)
    await visitors[each].post(`/wishes/${topic._id}/vote`).expect(303)
  const told = { state: 'planned', tell: '1', message: 'In software 4.3, in March.' }
  expect((await save(author, topic, told)).status).toBe(303)
  await runAllDue()
  const emails = () => Emails.find({ _id: { $gte: `feedback:${topic._id}`, $lt: `feedback:${topic._id};` } })
  expect(await emails()).toEqual([])
  await author.post(`/feedback/${topic._id}/undo?number=2`).expect(303)
  advance(minutes(11))
  await runAllDue()
  expect(await emails()).toEqual([])
  expect(await read(topic)).toMatchObject({ state: 'new', message: null })

  await save(author, topic, told)
  advance(minutes(11))
  await runAllDue()
  await Feedback.updateOne({ _id: topic._id }, { $set: { dueAt: now() } })
  await runAllDue()
  const sent = await emails()
  expect(sent.map(({ person }) => String(person)).sort()).toEqual(
    [ada, ben].map(({ _id }) => String(_id)).sort(),
  )
  expect(sent[0]).toMatchObject({ kind: 'service', subject: 'News about your wish: Slope' })
  expect(sent[0]!.text).toContain('In software 4.3, in March.')
  const page = (await visitors.ada.get('/wishes')).text
  expect(page).toContain('Planned')
  await author.post(`/feedback/${topic._id}/undo?number=4`).expect(409)

  const link = `${secretPath(secretRoutes.unsubscribe, unsubscribeToken(ada._id))}?what=feedback`
  await visitors.ada.get(link).expect(200)
  await visitors.ada.post(link).expect(200)
  expect((await author.get(`/feedback/${topic._id}`)).text).toContain('Save and tell 1 person')
})

test('declining needs a reason, telling a message, and what someone else has changed isn’t overwritten', async () => {
  const topic = await wish(visitors.ada, 'Slope')
  const refused = await save(author, topic, { state: 'declined', tell: '1', title: 'Typed' })
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('Say why it is declined')
  expect(refused.text).toContain('Write what those who asked are told')
  expect(refused.text).toContain('value="Typed"')
  expect((await save(author, topic, { state: 'declined', reason: 'The panel is too small.' })).status).toBe(
    303,
  )
  expect((await save(lead, topic, { number: 0, state: 'shipped' })).status).toBe(409)
  expect((await read(topic)).state).toBe('declined')
  expect((await author.get('/feedback?tab=declined')).text).toContain('Slope')
  expect((await author.get('/feedback')).text).not.toContain(`/feedback/${topic._id}`)
  const [entry] = await AuditEntries.find({ subject: String(topic._id) })
  expect(entry).toMatchObject({ action: 'feedback.changed', detail: { state: 'declined' } })
})

test('a question, searches and a topic of one’s own get on the list once each', async () => {
  const pumps = await make.course({ title: 'Pumps' })
  const thread = {
    _id: new Types.ObjectId(),
    ...{ course: pumps.course, lesson: pumps.lessons[0]!.slug, second: null, person: ada._id },
    ...{ isNameHidden: false, title: 'Where is the slope?', text: '' },
  }
  await askQuestion(thread, 'Lesson 1')
  const ref = String(thread._id)
  const question = (await Events.findOne({ person: ada._id, name: 'question.asked' }))!
  const query = new URLSearchParams({ source: 'question', ref })
  expect((await author.get(`/feedback/new?${query}`).expect(200)).text).toContain('Where is the slope?')
  const page = `/courses/${pumps.slug}/questions/${ref}`
  expect((await author.get(page).expect(200)).text).toContain('Pass on to the product team')
  for (const id of [ref, question._id]) {
    await author
      .post('/feedback', { source: 'question', ref: id, title: 'Slope', kind: 'question' })
      .expect(303)
  }
  await runAllDue()
  expect(await Feedback.find({ title: 'Slope' })).toMatchObject([{ kind: 'question', people: 1 }])
  expect((await author.get(page)).text).toContain('New, 1 person asked')
  expect((await visitors.ben.get(page)).text).not.toContain('1 person asked')

  const miss = {
    brand: 'academy',
    language: 'en',
    words: 'Grundwasser',
    firstDay: '2026-11-23',
    lastDay: '2026-11-23',
  }
  await SearchMisses.insertOnce({ ...miss, _id: `miss-${serial}`, count: 17 })
  await author
    .post('/feedback', { source: 'search', ref: `miss-${serial}`, title: 'Grundwasser', kind: 'search' })
    .expect(303)
  await runAllDue()
  expect(await Feedback.findOne({ title: 'Grundwasser' })).toMatchObject({
    searches: 17,
    people: 0,
    recorded: 0,
  })
  expect((await author.get('/feedback')).text).toContain('Searched 17 times, nothing found')
  const sales = await as(await make.person({ role: 'sales' }))
  await sales.get(`/feedback/new?${query}`).expect(404)
  await sales.post('/feedback', { title: 'Heard at a fair', kind: 'wish' }).expect(303)
  expect(await Feedback.count({ title: 'Heard at a fair' })).toBe(1)
})

test('a question without a name stays without one, and tells sales neither who it was nor their deals', async () => {
  const pumps = await make.course()
  const _id = new Types.ObjectId()
  const about = { course: pumps.course, lesson: null, second: null, person: ada._id }
  await askQuestion({ _id, ...about, isNameHidden: true, title: 'Is it me?', text: '' }, 'Pumps')
  await opensDeal(ada, 9_900)
  const given = { source: 'question', ref: String(_id), title: 'Anonymous', kind: 'question' }
  await author.post('/feedback', given).expect(303)
  await runAllDue()
  const topic = (await Feedback.findOne({ title: 'Anonymous' }))!
  expect(topic).toMatchObject({ people: 1, deals: 0 })
  expect(topic.search).not.toContain('raman')
  const page = (await lead.get(`/feedback/${topic._id}`).expect(200)).text
  expect(page).toContain('A learner')
  expect(page).not.toMatch(/Ada Raman|9,900/)
  expect(await Events.count({ person: ada._id, name: 'feedback.given' })).toBe(0)
})

test('a hidden question is passed on from nowhere, and one passed on leaves the list with its asker', async () => {
  const pumps = await make.course()
  const about = { course: pumps.course, lesson: null, second: null, person: eve._id, isNameHidden: false }
  const thread = { _id: new Types.ObjectId(), ...about, title: 'Eve wants a slope', text: '' }
  await askQuestion(thread, 'Pumps')
  const event = (await Events.findOne({ person: eve._id, name: 'question.asked' }))!
  await Threads.updateOne({ _id: thread._id }, { $set: { state: 'hidden' } })
  for (const ref of [String(thread._id), event._id]) {
    await author.get(`/feedback/new?${new URLSearchParams({ source: 'question', ref })}`).expect(404)
  }
  await Threads.updateOne({ _id: thread._id }, { $set: { state: 'shown' } })
  const given = { source: 'question', ref: String(thread._id), title: 'Eve wants a slope', kind: 'question' }
  await author.post('/feedback', given).expect(303)
  await runAllDue()
  expect(await Feedback.count({ title: 'Eve wants a slope' })).toBe(1)
  await erasePerson(eve._id)
  await runAllDue()
  expect(await Feedback.count({ title: 'Eve wants a slope' })).toBe(0)
})

test('filters are in the address, counts match the list, and the CSV is what is seen', async () => {
  for (const [text, kind] of [
    ['Slope', 'wish'],
    ['Alarm texts are cut off', 'complaint'],
    ['=SUM(1)', 'wish'],
  ] as const) {
    await wish(visitors.ada, text, { kind })
  }
  const complaints = (await author.get('/feedback?kind=complaint')).text
  expect(complaints).toContain('1 to 1 of 1')
  expect(complaints).toContain('Alarm texts')
  expect(complaints).not.toContain('Slope')
  expect((await author.get('/feedback?q=hartley')).text).toContain('1 to 3 of 3')
  expect((await author.get('/feedback?q=nothing')).text).toContain('No matching topics')
  const csv = (await author.get('/feedback.csv?kind=wish').expect(200)).text
  expect(csv.split('\n').filter(Boolean)).toHaveLength(3)
  expect(csv).toContain("'=SUM(1)")
  expect(csv).not.toContain('open_deals')
  expect((await lead.get('/feedback.csv')).text).toContain('open_deals_amount')
})

test('webhooks tell of a new topic and of each change, and name nobody', async () => {
  const url = 'http://127.0.0.1:9/hooks'
  const types = ['feedback.created', 'feedback.updated'] as const
  await addEndpoint({ name: 'Product', url, types: [...types], inbound: [] })
  const topic = await wish(visitors.ada, 'Slope')
  await save(author, topic, { state: 'planned', reason: 'In March' })
  await runAllDue()
  const messages = (await Messages.find({})).filter(({ body }) => body?.includes(String(topic._id)))
  const bodies = messages.map(({ body }) => JSON.parse(body!) as { type: string; data: { feedback: object } })
  expect(bodies.map(({ type }) => type).sort()).toEqual([...types])
  expect(bodies.find(({ type }) => type === 'feedback.updated')!.data.feedback).toMatchObject({
    ...{ title: 'Slope', state: 'planned', reason: 'In March', people: 1, sequence: 1, merged_into: null },
  })
  expect(JSON.stringify(bodies)).not.toMatch(/Ada|Raman|hartley/)
  await erasePerson(ada._id)
  await runAllDue()
  expect((await Messages.find({ person: ada._id })).map(({ type }) => type)).not.toContain('lead.erased')
})

test('what an erased person said is deleted, and what others want, too, stays', async () => {
  const alone = await wish(visitors.ada, 'Mine alone')
  const both = await wish(visitors.ada, 'Ours')
  await save(author, both, { isPublic: 'on' })
  await visitors.eve.post(`/wishes/${both._id}/vote`).expect(303)
  const download = JSON.parse((await visitors.ada.get('/account/data.json').expect(200)).text) as {
    wishes: object[]
  }
  expect(download.wishes).toHaveLength(2)
  const given = (await Events.findOne({ person: ada._id, name: 'feedback.given' }))!
  await erasePerson(ada._id)
  await runAllDue()
  await applyGivenFeedback(given as never)
  expect(await Feedback.exists({ _id: alone._id })).toBe(false)
  expect(await read(both)).toMatchObject({ people: 1 })
  expect(await FeedbackVoices.count({ person: ada._id })).toBe(0)
  const events = (await Events.find({ person: ada._id })).filter(isNamed('feedback.given'))
  expect(events.map(({ data }) => data.text)).toEqual(['', ''])
})

test('an owner gets what happened in the week by email, on Monday morning, until they stop it', async () => {
  const topic = await wish(visitors.ada, 'Slope')
  await opensDeal(ben, 18_400)
  expect((await save(author, topic, { owner: String(samuel._id) })).status).toBe(303)
  const { dueAt } = (await FeedbackDigests.findById(samuel._id))!
  expect(dueAt).toEqual(new Date('2026-11-30T08:00:00Z'))
  setTime('2026-11-30T08:00:01Z')
  await runAllDue()
  const emails = await Emails.find({ person: samuel._id, subject: /^Feedback of the week/ })
  expect(emails).toHaveLength(1)
  expect(emails[0]!.text).toContain('Slope')
  expect(emails[0]!.text).toContain('€18,400')
  await lead.post('/feedback/digest', { isOn: '0' }).expect(303)
  setTime('2026-12-07T08:00:01Z')
  await runAllDue()
  expect(await Emails.count({ person: samuel._id, subject: /^Feedback of the week/ })).toBe(1)
})

test.each([
  ['2026-11-30T07:59:00Z', 'UTC', '2026-11-30T08:00:00Z'],
  ['2026-11-30T08:00:00Z', 'UTC', '2026-12-07T08:00:00Z'],
  ['2026-11-29T23:30:00Z', 'Europe/Prague', '2026-11-30T07:00:00Z'],
  ['2026-12-01T10:00:00Z', 'America/New_York', '2026-12-07T13:00:00Z'],
])('after %s in %s, the weekly email is due at %s', (at, zone, due) => {
  expect(nextFeedbackDigestAt(new Date(at), zone)).toEqual(new Date(due))
})

test('a topic and its changes survive a crash between the record and its event', async () => {
  const cause = 'form of a test'
  const by = { createdBy: samuel._id, brand: 'academy', cause }
  const id = await addTopic({ ...by, kind: 'wish', title: 'Slope', area: '' })
  expect(await addTopic({ ...by, kind: 'wish', title: 'Slope', area: '' })).toEqual(id)
  await runAllDue()
  await Feedback.updateOne({ _id: id }, { $set: { recorded: -1, dueAt: later(now(), -hours(1)) } })
  await runAllDue()
  expect(
    await Events.count({
      name: 'feedback.created',
      person: samuel._id,
      'data.feedback': String(id),
    } as never),
  ).toBe(1)
  expect(await Feedback.count({ _id: new Types.ObjectId(String(id)) })).toBe(1)
})
