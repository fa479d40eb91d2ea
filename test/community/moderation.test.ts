import { AuditEntries } from '../../src/events/audit'
import { ModerationCases } from '../../src/community/moderation-case'
import { changeCommunityRules, standardRules } from '../../src/community/rules'
import { ModerationRecords } from '../../src/community/moderation-record'
import { Posts } from '../../src/community/post'
import { Threads } from '../../src/community/thread'
import { enrol } from '../../src/learning/enrol'
import type { Published } from '../../src/courses/published'
import { Emails } from '../../src/mail/email'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import { days, minutes } from '../../src/platform/clock'
import { as, type Visitor } from '../kit/as'
import { openAcademy, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let course: Published
let bo: Person
let cy: Person
let bos: Visitor
let cys: Visitor
let moderator: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  course = await make.course({ title: 'Find the failing pump', lessons: 2 })
  bo = await make.person({ name: 'Bo Berg' })
  cy = await make.person({ name: 'Cy Twist' })
  for (const person of [bo, cy]) await enrol({ person: person._id, published: course, paid: false })
  bos = await as(bo)
  cys = await as(cy)
  moderator = await as(await make.person({ name: 'Mo Derator', role: 'author' }))
})
beforeEach(async () => {
  advance(days(3))
  const all = [Threads, Posts, Emails, ModerationCases, ModerationRecords, AuditEntries]
  await Promise.all(all.map(records => records.deleteMany({})))
  await changeCommunityRules({ ...standardRules, newDays: 0, newPosts: 0 }, bo._id)
})
afterAll(() => academy.close())

const lesson = () => `/courses/${course.slug}/lessons/${course.lessons[0]!.slug}`
const read = async (path: string, visitor = cys) => (await visitor.get(path).expect(200)).text

async function ask(text: string, visitor = bos): Promise<string> {
  advance(minutes(1))
  const before = await Threads.distinct('_id')
  await visitor.post(`${lesson()}/questions`, { text }).expect(303)
  const [made] = await Threads.find({ _id: { $nin: before } })
  return `/courses/${course.slug}/questions/${String(made!._id)}`
}

async function answer(page: string, text: string, visitor = bos): Promise<string> {
  advance(minutes(1))
  const { headers } = await visitor.post(`${page}/posts`, { text, follow: 'on' }).expect(303)
  return `${page}/posts/${headers.location!.split('#post-')[1]!}`
}

const decide = (address: string, fields: object) =>
  moderator.post(`/studio/moderation/${address.split('/').at(-1)!}/decision`, { ...fields })

/** Everywhere that others could read something. */
async function leaks(words: string, page: string): Promise<string[]> {
  const places = [page, `/courses/${course.slug}/questions`, '/community', `/community?q=${words}`, lesson()]
  const similar = `/courses/${course.slug}/questions/similar?q=${words}+pumps+every+morning`
  const found = await Promise.all(
    [...places, similar].map(async path => [path, (await cys.get(path)).text] as const),
  )
  // The search itself stands in its field and in the links.
  const without = (text: string) => text.toLowerCase().replace(/(?:q=|value=")[^"&]*/g, '')
  return found.filter(([, text]) => without(text).includes(words)).map(([path]) => path)
}

test('a reported answer waits for a moderator, and nothing of it is left anywhere once it is hidden', async () => {
  const page = await ask('Which grease for pumps every morning?', cys)
  const given = await answer(page, 'Buy my miraclegrease now')
  expect(await read(`${given}/report`)).toContain('Buy my miraclegrease now')
  const wrong = await cys.post(`${given}/report`, { reason: 'x', text: 'kept words' }).expect(422)
  expect(wrong.text).toContain('kept words')
  for (let n = 0; n < 2; n++) {
    await cys.post(`${given}/report`, { reason: 'spam', text: 'Sells things' }).expect(303)
  }
  await bos.post(`${given}/report`, { reason: 'spam', text: '' }).expect(409)
  expect((await ModerationCases.findOne({}))!.count).toBe(1)
  expect(await read('/studio/moderation', moderator)).toContain('Open 1')
  const shown = await read(`/studio/moderation/${given.split('/').at(-1)!}`, moderator)
  for (const words of ['Sells things', 'Bo Berg', 'Cy Twist', 'nothing hidden before'])
    expect(shown).toContain(words)
  await cys.post(`${given}/acceptance`).expect(303)
  await decide(given, { decision: 'hide' }).expect(303)
  await runAllDue()
  expect(await Emails.count({ html: /miraclegrease/ })).toBe(0)
  expect(await leaks('miraclegrease', page)).toEqual([])
  expect(await read(page)).toContain('Hidden by a moderator')
  expect((await Threads.findOne({}))!).toMatchObject({ answers: 0, accepted: null })
  await cys.post(`${given}/vote`).expect(404)
  await bos.post(given, { text: 'Changed miraclegrease' }).expect(403)
  expect(await AuditEntries.count({ action: 'post.hidden' })).toBe(1)
  await decide(given, { decision: 'keep' }).expect(303)
  expect(await read(page)).toContain('miraclegrease')
  expect(await read('/studio/moderation?show=decided', moderator)).toContain('miraclegrease')
})

test('a hidden question is in no list, search or answer box', async () => {
  const page = await ask('Zanzibar pumps every morning for free?')
  await answer(page, 'An answer', cys)
  await decide(page, { decision: 'hide' }).expect(303)
  expect(await leaks('zanzibar', page)).toEqual([])
  await cys.post(`${page}/posts`, { text: 'Still here' }).expect(409)
  await cys.get(`${page}/report`).expect(404)
})

test('emails about a question leave with it, and a hidden one cannot be put back by its writer', async () => {
  const page = await ask('Zanzibar pumps every morning for free?')
  const given = await answer(page, 'Ask in Zanzibar', cys)
  await runAllDue()
  await Emails.updateMany({ html: /Zanzibar/ }, { $set: { dueAt: new Date() } })
  const waiting = () => Emails.count({ html: /Zanzibar/, dueAt: { $type: 'date' } })
  expect(await waiting()).toBe(1)
  await bos.post(`${page}/removal`).expect(303)
  expect(await waiting()).toBe(0)
  await decide(page, { decision: 'hide' }).expect(303)
  await bos.post(`${page}/restoration`).expect(404)
  expect(await leaks('zanzibar', page)).toEqual([])
  await decide(page, { decision: 'keep' }).expect(303)
  await bos.post(`${given}/report`, { reason: 'spam', text: '' }).expect(303)
  await cys.post(`${given}/removal`).expect(303)
  advance(minutes(11))
  await runAllDue()
  expect(await Posts.count({})).toBe(0)
  await decide(given, { decision: 'keep' }).expect(303)
  expect(await ModerationCases.count({ state: 'open' })).toBe(0)
})

test('new words are held as those of a new post, and a suspended person cannot change old ones', async () => {
  const page = await ask('A question without any address?')
  const given = await answer(page, 'Clean words', cys)
  await bos.post(`${given}/acceptance`).expect(303)
  await decide(given, { decision: 'keep' }).expect(303)
  await changeCommunityRules({ ...standardRules, words: ['miraclegrease'], newDays: 0, newPosts: 0 }, bo._id)
  await cys.post(given, { text: 'Buy miraclegrease' }).expect(303)
  expect(await Posts.findOne({})).toMatchObject({ state: 'held', text: 'Buy miraclegrease' })
  expect(await Threads.findOne({})).toMatchObject({ answers: 0, accepted: null })
  expect(await read(page, bos)).not.toContain('miraclegrease')
  expect(await ModerationCases.findOne({})).toMatchObject({ state: 'open', heldFor: 'word' })
  await decide(given, { decision: 'keep' }).expect(303)
  expect(await Threads.findOne({})).toMatchObject({ answers: 1 })
  expect(await read(page, bos)).toContain('miraclegrease')
  await bos.post(page, { title: 'Free miraclegrease', text: '' }).expect(303)
  await cys.get(page).expect(404)
  expect(await leaks('miraclegrease', page)).toEqual([])
  await decide(page, { decision: 'keep', suspension: 'week' }).expect(303)
  await bos.post(page, { title: 'Something else', text: '' }).expect(409)
  await bos.post(`${given}/vote`).expect(409)
  expect((await Threads.findOne({}))!.title).toBe('Free miraclegrease')
})

test('a held post is read by a moderator first, is told and counted only then', async () => {
  await changeCommunityRules({ ...standardRules, words: ['Free Money'], newDays: 0, newPosts: 0 }, bo._id)
  const events = await happened(bo)
  const page = await ask('How do I get FREE   money, please?')
  expect(await read(page, bos)).toContain('A moderator will review this before others see it')
  await cys.get(page).expect(404)
  expect(await leaks('free', page)).toEqual([])
  await runAllDue()
  const asked = async () => (await happened(bo)).filter(name => name === 'question.asked').length
  const before = await asked()
  expect(before).toBe(events.filter(name => name === 'question.asked').length)
  expect(await read('/studio/moderation', moderator)).toContain('Contains a word on your list')
  await decide(page, { decision: 'keep' }).expect(303)
  await runAllDue()
  expect(await asked()).toBe(before + 1)
  expect(await read(page)).toContain('FREE money')
  const given = await answer(page, 'free-money!', cys)
  expect(await read(page, bos)).not.toContain('free-money!')
  await runAllDue()
  expect(await Emails.count({ subject: /^Re:/ })).toBe(0)
  await decide(given, { decision: 'keep' }).expect(303)
  await runAllDue()
  expect(await Emails.count({ subject: /^Re:/ })).toBe(1)
  expect(await read(page, bos)).toContain('free-money!')
})

test('links of newcomers are held, those of others and of the team are not', async () => {
  await changeCommunityRules({ ...standardRules, newDays: 1, newPosts: 1 }, bo._id)
  const newcomer = await make.person({ name: 'New Comer' })
  await enrol({ person: newcomer._id, published: course, paid: false })
  const visitor = await as(newcomer)
  const page = await ask('A question without any address?', visitor)
  expect((await Threads.findOne({}))!.state).toBe('shown')
  await answer(page, 'See www.pumps.example', visitor)
  await answer(page, 'See https://tarnwell.example/docs', moderator)
  expect((await Posts.find({}).sort({ _id: 1 })).map(({ state }) => state).sort()).toEqual(['held', 'shown'])
  advance(days(2))
  await answer(page, 'Again www.pumps.example', visitor)
  expect(await Posts.count({ state: 'shown' })).toBe(2)
  await changeCommunityRules({ ...standardRules, holdsAll: true, newDays: 0, newPosts: 3 }, bo._id)
  await answer(page, 'Nothing bad', cys)
  expect(await Posts.count({ state: 'held' })).toBe(2)
})

test('a warning is emailed once, and a suspended person can only read until it ends', async () => {
  const page = await ask('Rude question?')
  for (let n = 0; n < 2; n++) {
    await decide(page, { decision: 'keep', warning: 'Please be kind.', suspension: 'week' }).expect(303)
  }
  await runAllDue()
  const emails = await Emails.find({ subject: /community/ })
  expect(emails.map(({ person, text }) => [String(person), text.includes('Please be kind.')])).toEqual([
    [String(bo._id), true],
  ])
  const refused = await bos.post(`${lesson()}/questions`, { text: 'Me again' }).expect(409)
  expect(refused.text).toContain('suspended from the community until')
  await bos.post(`${page}/posts`, { text: 'Me again' }).expect(409)
  expect(await read(page, bos)).toContain('Rude question?')
  expect(await read('/studio/moderation?show=suspended', moderator)).toContain('Bo Berg')
  await moderator.post(`/studio/moderation/people/${String(bo._id)}/readmission`).expect(303)
  await bos.post(`${page}/posts`, { text: 'Thank you' }).expect(303)
  await decide(page, { decision: 'keep', suspension: 'week' }).expect(303)
  advance(days(8))
  await bos.post(`${page}/posts`, { text: 'Better now' }).expect(303)
  await decide(page, { decision: 'keep', suspension: 'good' }).expect(303)
  advance(days(400))
  expect((await bos.post(`${page}/posts`, { text: 'No' }).expect(409)).text).toContain(
    'suspended from the community. You can still read it',
  )
})

test('moderators set the rules; a wrong number comes back as typed', async () => {
  const rules = { words: 'Spam\nbuy now', newDays: '3', newPosts: '0', holdsLinks: 'on' }
  await moderator.post('/studio/moderation/rules', rules).expect(303)
  expect(await read('/studio/moderation/rules', moderator)).toMatch(/spam\nbuy now/)
  const wrong = await moderator.post('/studio/moderation/rules', { ...rules, newDays: 'soon' }).expect(422)
  expect(wrong.text).toContain('value="soon"')
  await cys.get('/studio/moderation').expect(403)
  await cys.post('/studio/moderation/rules', rules).expect(403)
})

test('an erased person is in no report and no case', async () => {
  const dot = await make.person({ name: 'Dot Gone' })
  await enrol({ person: dot._id, published: course, paid: false })
  const visitor = await as(dot)
  const own = await ask('Of Dot?', visitor)
  await cys.post(`${own}/report`, { reason: 'rude', text: 'Dot again' }).expect(303)
  const other = await ask('Of Bo?')
  await visitor.post(`${other}/report`, { reason: 'wrong', text: 'Says Dot' }).expect(303)
  await decide(own, { decision: 'keep', warning: 'Careful, Dot', suspension: 'good' }).expect(303)
  const { text } = await visitor.get('/account/data.json').expect(200)
  expect(text).toContain('Says Dot')
  expect(text).toContain('Careful, Dot')
  expect(text).not.toContain('Dot again')
  await erasePerson(dot._id)
  await runAllDue()
  const left = JSON.stringify([await ModerationCases.find({}), await ModerationRecords.find({})])
  expect(left).not.toContain('Dot')
  expect(left).not.toContain(String(dot._id))
})
