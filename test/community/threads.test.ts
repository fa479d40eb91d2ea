import { Types } from 'mongoose'
import request from 'supertest'
import { deleteThread } from '../../src/community/change-post'
import { Posts } from '../../src/community/post'
import { PostImages } from '../../src/community/post-image'
import { Threads, splitQuestion } from '../../src/community/thread'
import { Events } from '../../src/events/event'
import { enrol } from '../../src/learning/enrol'
import type { Published } from '../../src/courses/published'
import { Emails } from '../../src/mail/email'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import { days, minutes } from '../../src/platform/clock'
import { anonymous, as, type Visitor } from '../kit/as'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let course: Published
let priya: Person
let jukka: Person
let ingrid: Person
let asker: Visitor
let helper: Visitor
let author: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  const company = { name: 'Hartley Dairies', domain: 'hartley.example' }
  priya = await make.person({ name: 'Priya Raman', company } as Partial<Person>)
  jukka = await make.person({ name: 'Jukka Nieminen' })
  ingrid = await make.person({ name: 'Ingrid Solheim', role: 'author' })
  course = await make.course({ title: 'Find the failing pump', lessons: 3 })
  asker = await learner(priya)
  helper = await learner(jukka)
  author = await as(ingrid)
})
beforeEach(async () => {
  advance(days(2))
  await Promise.all([Threads.deleteMany({}), Posts.deleteMany({}), Emails.deleteMany({})])
})
afterAll(() => academy.close())

async function learner(person: Person): Promise<Visitor> {
  await enrol({ person: person._id, published: course, paid: false })
  return as(person)
}

const lesson = () => `/courses/${course.slug}/lessons/${course.lessons[0]!.slug}`
const list = () => `/courses/${course.slug}/questions`

/** Asks in the panel of the first lesson, and returns the question's page. */
async function ask(text: string, fields: object = {}, visitor = asker): Promise<string> {
  advance(minutes(1))
  const before = await Threads.distinct('_id')
  await visitor.post(`${lesson()}/questions`, { text, ...fields }).expect(303)
  const [made] = await Threads.find({ _id: { $nin: before } })
  return `${list()}/${String(made!._id)}`
}

/** Answers, or replies to an answer, and returns its address below the question's page. */
async function answer(page: string, text: string, visitor = helper, fields: object = {}): Promise<string> {
  advance(minutes(1))
  const { headers } = await visitor.post(`${page}/posts`, { text, follow: 'on', ...fields }).expect(303)
  return `${page}/posts/${headers.location!.split('#post-')[1]!}`
}

const read = async (page: string, visitor = asker) => (await visitor.get(page).expect(200)).text
const idOf = (address: string) => address.split('/').at(-1)!

test('a question is one line, and the rest its text', () => {
  expect(splitQuestion('  Why?\nBecause\nof it ')).toEqual({ title: 'Why?', text: 'Because\nof it' })
  const long = 'word '.repeat(60).trim()
  const { title, text } = splitQuestion(long)
  expect(title.length).toBeLessThanOrEqual(150)
  expect(title).toMatch(/^word .*word…$/)
  expect(text).toBe(long)
  expect(splitQuestion('😀'.repeat(200)).title).toBe(`${'😀'.repeat(149)}…`)
})

test('a question is answered, accepted, and its asker told; each counts in the ledger once', async () => {
  const page = await ask(
    'Does the slope rule hold?\nOur P2 runs between **30 and 50 Hz**. <script>x</script>',
  )
  const given = await answer(page, 'Compare equal speeds.\n\n```\nGET /v2\n```')
  await helper.post(`${given}/acceptance`).expect(403)
  await asker.post(`${given}/acceptance`).expect(303)
  await asker.post(`${given}/acceptance`).expect(303)
  await runAllDue()
  expect(await happened(priya)).toContain('question.asked')
  const done = (await happened(jukka)).filter(name => /question|answer/.test(name))
  expect(done.sort()).toEqual(['answer.accepted', 'question.answered'])
  const text = await read(page, helper)
  expect(text).toContain('<h1 dir="auto">Does the slope rule hold?</h1>')
  expect(text).toContain('<strong>30 and 50 Hz</strong>')
  expect(text).not.toContain('<script>x')
  expect(text).toContain('Priya Raman')
  expect(text).toContain('Hartley Dairies')
  expect(text).toContain('Accepted by Priya Raman')
  expect(text).toContain('<code>GET /v2')
  const emails = await Emails.find({ subject: /slope/ })
  expect(emails.map(({ person, subject }) => [String(person), subject])).toEqual([
    [String(priya._id), 'Re: Does the slope rule hold?'],
  ])
  expect(emails[0]!.text).toContain('Jukka Nieminen answered')
})

test("My learning names the latest answers to one's own questions, as long as they are there", async () => {
  const page = await ask('Where does the sensor sit?')
  expect(await read('/learning')).not.toContain('Answers to you')
  await answer(page, 'My own addition.', asker)
  expect(await read('/learning')).not.toContain('Answers to you')
  const given = await answer(page, 'On the drive end.')
  const learning = await read('/learning')
  expect(learning).toContain(`href="${page}#post-${idOf(given)}" dir="auto">Where does the sensor sit?`)
  expect(learning).toContain('Jukka Nieminen answered today')
  expect(await read('/learning', helper)).not.toContain('Answers to you')
  await helper.post(`${given}/removal`).expect(303)
  expect(await read('/learning')).not.toContain('Answers to you')
})

test('the same form sent twice asks and answers once', async () => {
  const page = await ask('Once?', { occasion: 'a'.repeat(22) })
  await asker.post(`${lesson()}/questions`, { text: 'Once?', occasion: 'a'.repeat(22) }).expect(303)
  expect(await Threads.count()).toBe(1)
  for (let n = 0; n < 2; n++) await answer(page, 'Once.', helper, { occasion: 'b'.repeat(22) })
  expect(await Posts.count()).toBe(1)
  expect((await Threads.findOne({}))!.answers).toBe(1)
})

test('a hidden name is shown to the team only, and is no event', async () => {
  const before = (await happened(priya)).length
  const page = await ask('May I ask this?', { isNameHidden: 'on' })
  await answer(page, 'Thank you!', asker)
  await runAllDue()
  expect((await happened(priya)).length).toBe(before)
  await helper.get(page)
  const others = await read(page, helper)
  expect(others).toContain('Name hidden')
  expect(others).not.toContain('Priya')
  expect(others).not.toContain('Hartley')
  expect(await read(list(), helper)).not.toContain('Priya')
  expect(await read('/community', helper)).not.toContain('Priya')
  expect(await read(lesson(), helper)).not.toContain('Priya Raman')
  expect(await read(page, author)).toContain('Priya Raman')
})

test('votes count once each, and not for oneself', async () => {
  const page = await ask('How long a baseline?')
  for (let n = 0; n < 2; n++) await helper.post(`${page}/vote`).expect(303)
  await author.post(`${page}/vote`).expect(303)
  await asker.post(`${page}/vote`).expect(404)
  expect((await Threads.findOne({}))!.votes).toBe(2)
  for (let n = 0; n < 2; n++) await helper.post(`${page}/vote/removal`).expect(303)
  expect((await Threads.findOne({}))!.votes).toBe(1)
  const first = await answer(page, 'Two weeks.')
  const second = await answer(page, 'Three weeks.', author)
  await asker.post(`${second}/vote`).expect(303)
  const text = await read(page)
  expect(text.indexOf('Three weeks.')).toBeLessThan(text.indexOf('Two weeks.'))
  await asker.post(`${first}/acceptance`).expect(303)
  const again = await read(page)
  expect(again.indexOf('Two weeks.')).toBeLessThan(again.indexOf('Three weeks.'))
  expect(again.match(/Two weeks\./g)).toHaveLength(1)
})

test('whoever follows is told, and nobody twice; whoever stops is not', async () => {
  const page = await ask('Follow?')
  await author.post(`${page}/following`).expect(303)
  await answer(page, 'First answer')
  await runAllDue()
  expect((await Emails.find({})).map(({ person }) => String(person)).sort()).toEqual(
    [priya, ingrid].map(({ _id }) => String(_id)).sort(),
  )
  await Posts.updateMany({}, { $set: { dueAt: new Date() } })
  await runAllDue()
  expect(await Emails.count()).toBe(2)
  const [mail] = await Emails.find({ person: ingrid._id })
  const stop = new URL(mail!.listUnsubscribe!)
  const nobody = await anonymous()
  const asks = await nobody.get(stop.pathname + stop.search).expect(200)
  expect(asks.text).toContain('Stop emails about this question?')
  expect((await Threads.findOne({}))!.followers).toHaveLength(3)
  await request(theApp())
    .post(stop.pathname + stop.search)
    .send('List-Unsubscribe=One-Click')
    .expect(200)
  expect((await Threads.findOne({}))!.followers).toHaveLength(2)
  await nobody.get(`${stop.pathname}?what=question&id=nonsense`).expect(404)
  await answer(page, 'Second answer')
  await runAllDue()
  expect(await Emails.count()).toBe(3)
})

test('a reply stands below its answer, up to 30 of them', async () => {
  const page = await ask('Replies?')
  const given = await answer(page, 'An answer')
  await answer(page, 'The 45 to 50 band climbs', asker, { answer: idOf(given) })
  const text = await read(page)
  expect(text).toMatch(/class="reply"[\s\S]*The 45 to 50 band climbs/)
  expect(text).toContain('1 answer')
  await Posts.insertMany(
    Array.from({ length: 29 }, () => ({
      ...{ thread: idOf(page), answer: idOf(given), person: jukka._id, text: 'x', writtenAt: new Date(0) },
    })) as never,
  )
  const full = await asker.post(`${page}/posts`, { text: 'One more', answer: idOf(given) }).expect(409)
  expect(full.text).toContain('as many replies as it can have')
  const foreign = await answer(await ask('Another?'), 'Elsewhere')
  await asker.post(`${page}/posts`, { text: 'Wrong', answer: idOf(foreign) }).expect(404)
})

test('words are edited with their history, and only by who wrote them', async () => {
  const page = await ask('Tpyo?')
  await asker.post(page, { title: 'Typo?', text: 'Now with *more*' }).expect(303)
  const text = await read(page, helper)
  expect(text).toContain('<h1 dir="auto">Typo?</h1>')
  expect(text).toContain('Tpyo?')
  await helper.post(page, { title: 'Mine', text: '' }).expect(403)
  const empty = await asker.post(page, { title: ' ', text: 'kept' }).expect(422)
  expect(empty.text).toContain('kept')
  const given = await answer(page, 'Frist')
  await asker.get(`${given}/edit`).expect(403)
  await helper.post(given, { text: 'First' }).expect(303)
  expect(await read(page)).toMatch(/First[\s\S]*Edited[\s\S]*Frist/)
})

test('what is removed can be put back for ten minutes, and is deleted then', async () => {
  const page = await ask('Remove me?')
  const given = await answer(page, 'And me?')
  await helper.post(`${given}/removal`).expect(303)
  expect(await read(page)).not.toContain('And me?')
  await helper.post(`${given}/restoration`).expect(303)
  expect(await read(page)).toContain('And me?')
  await helper.post(`${page}/removal`).expect(403)
  await asker.post(`${page}/removal`).expect(303)
  expect(await read(list(), helper)).not.toContain('Remove me?')
  expect(await read(page, helper)).not.toContain('Remove me?')
  advance(minutes(9))
  await runAllDue()
  await asker.post(`${page}/restoration`).expect(303)
  expect(await read(page, helper)).toContain('Remove me?')
  await asker.post(`${page}/removal`).expect(303)
  advance(minutes(11))
  await runAllDue()
  await asker.get(page).expect(404)
  expect([await Threads.count(), await Posts.count()]).toEqual([0, 0])
})

test('a question is found by its words, in its course and while another is typed', async () => {
  await ask('How many days make a baseline?\nFor the vibration of a pump')
  await ask('Which sensor on a vertical pump?')
  expect(await read(`${list()}?q=BASELIN`)).toContain('How many days make a baseline?')
  expect(await read(`${list()}?q=baseline+sensor`)).toContain('No question matches')
  expect(await read(`/community?q=vertical`, helper)).toContain('Which sensor on a vertical pump?')
  const similar = await read(`${list()}/similar?q=how+many+days+is+a+baseline`)
  expect(similar).toContain('How many days make a baseline?')
  expect(similar).not.toContain('sensor')
  expect(await read(`${list()}/similar?q=the`)).not.toContain('href')
  expect(await read(`${list()}?show=own`, helper)).not.toContain('baseline?')
  expect(await read(`${list()}?show=unanswered`, helper)).toContain('How many days make a baseline?')
})

test('a question about a lesson that does not exist for someone is not there for them', async () => {
  const secret = await make.course({
    title: 'For invited people',
    visibility: 'invited',
    lessons: 1,
  })
  await author.post(`/courses/${secret.slug}/enrolment`)
  const thread = await Threads.create({
    ...{ course: secret.course, lesson: secret.lessons[0]!.slug, person: ingrid._id, title: 'Secret plan?' },
    ...{ isNameHidden: false, askedAt: new Date(), activeAt: new Date(), search: ['secret', 'plan'] },
  } as never)
  const page = `/courses/${secret.slug}/questions/${String((thread as { _id: unknown })._id)}`
  expect(await read(page, author)).toContain('Secret plan?')
  await asker.get(page).expect(404)
  await asker.get(`/courses/${secret.slug}/questions/similar?q=secret+plan`).expect(404)
  expect(await read('/community?q=secret')).not.toContain('Secret plan?')
  expect(await read('/community?q=secret', author)).toContain('Secret plan?')
  await asker.get(`${list()}/${idOf(page)}`).expect(404)
})

test('an old question stays between its asker and the team', async () => {
  const page = await ask('Just for you?')
  await Threads.updateMany({}, { $set: { audience: 'team' } })
  expect(await read(page)).toContain('Only you and the academy')
  expect(await read(page, author)).toContain('Just for you?')
  await helper.get(page).expect(404)
  for (const path of [list(), '/community', lesson(), `${list()}?q=just`])
    expect(await read(path, helper)).not.toContain('Just for you?')
})

test('anonymous visitors sign in first; who is not a learner reads, and cannot write', async () => {
  const page = await ask('Who may?')
  const nobody = await anonymous()
  for (const path of [page, list(), '/community']) await nobody.get(path).expect(303)
  const guest = await as(await make.person())
  expect(await read(page, guest)).toContain('Only learners of this course can answer')
  await guest.post(`${page}/posts`, { text: 'Hello' }).expect(403)
  const given = await answer(page, 'Team answer', author)
  expect(await read(page)).toMatch(/Team<\/span>/)
  await guest.post(`${given}/acceptance`).expect(403)
  for (const id of ['x', 'f'.repeat(24)]) await asker.get(`${list()}/${id}`).expect(404)
})

test('a picture comes with a question or an answer, without what the camera wrote', async () => {
  const { default: sharp } = await import('sharp')
  const photo = await sharp({ create: { width: 2400, height: 1200, channels: 3, background: '#123' } })
    .withExif({ IFD0: { Copyright: 'Mill Lane 14' } })
    .jpeg()
    .toBuffer()
  const send = (path: string, visitor: Visitor, fields: Record<string, string>, bytes: Buffer) => {
    const form = request(theApp()).post(path).set('cookie', visitor.cookie).field('_csrf', visitor.csrf)
    for (const [name, value] of Object.entries(fields)) void form.field(name, value)
    return form.attach('picture', bytes, 'photo.jpg')
  }
  const fields = { text: 'See the picture?', alt: 'P2, 14 days' }
  await send(`${lesson()}/questions`, asker, fields, photo).expect(303)
  const thread = (await Threads.findOne({}))!
  const page = `${list()}/${String(thread._id)}`
  expect(thread.picture).toMatchObject({ width: 1600, height: 800, alt: 'P2, 14 days' })
  expect(await read(page, helper)).toContain('alt="P2, 14 days"')
  const { body, headers } = await helper.get(`${page}/picture`).expect(200)
  expect(headers['content-type']).toBe('image/webp')
  expect((await sharp(body as Buffer).metadata()).exif).toBeUndefined()
  expect((body as Buffer).includes('Mill Lane')).toBe(false)
  await (await anonymous()).get(`${page}/picture`).expect(303)
  const rubbish = await send(
    `${page}/posts`,
    helper,
    { text: 'kept text', follow: 'on' },
    Buffer.from('<svg/>'),
  )
  expect(rubbish.status).toBe(422)
  expect(rubbish.text).toContain('kept text')
  expect(await Posts.count()).toBe(0)
  await send(`${page}/posts`, helper, { text: 'Mine', follow: 'on' }, photo).expect(303)
  expect(await PostImages.count()).toBe(2)
  await Threads.updateOne({ _id: thread._id }, { $set: { state: 'hidden' } })
  await helper.get(`${page}/picture`).expect(404)
  await deleteThread(thread._id)
  expect(await PostImages.count()).toBe(0)
})

test('the search of the academy finds questions, for people who are signed in', async () => {
  await ask('Where is the zwischenflansch mounted?')
  expect(await read('/search?q=zwischenflansch', helper)).toContain('Where is the zwischenflansch mounted?')
  expect((await (await anonymous()).get('/search?q=zwischenflansch').expect(200)).text).not.toContain(
    'mounted',
  )
})

test('nobody asks or writes more than their share of a day', async () => {
  const page = await ask('First?')
  const moment = (await Threads.findOne({}))!.askedAt
  const one = { course: course.course, lesson: null, person: priya._id, title: 'x', isNameHidden: false }
  await Threads.insertMany(
    Array.from({ length: 19 }, () => ({ ...one, askedAt: moment, activeAt: moment })) as never,
  )
  const refused = await asker.post(`${lesson()}/questions`, { text: 'One too many' }).expect(409)
  expect(refused.text).toContain('as much as one person can in a day')
  expect(refused.text).toContain('One too many</textarea>')
  expect(await Threads.count({ title: 'One too many' })).toBe(0)
  const post = { thread: idOf(page), answer: null, person: jukka._id, text: 'x', writtenAt: moment }
  await Posts.insertMany(Array.from({ length: 100 }, () => post) as never)
  await helper.post(`${page}/posts`, { text: 'One too many' }).expect(409)
  expect(await Posts.count({ text: 'One too many' })).toBe(0)
})

test('an erased person leaves no words behind', async () => {
  const grace = await make.person({ name: 'Grace Hopper' })
  const visitor = await learner(grace)
  const alone = await ask('Nobody answered this of Grace', {}, visitor)
  const answered = await ask('Somebody answered this of Grace', {}, visitor)
  const kept = await answer(answered, 'Jukka was here')
  const other = await ask('Of Priya')
  const gone = await answer(other, 'Grace was here', visitor)
  const replied = await answer(other, 'Grace was here too', visitor)
  await answer(other, 'Reply of Jukka', helper, { answer: idOf(replied) })
  await asker.post(`${gone}/acceptance`).expect(303)
  await visitor.post(`${other}/vote`).expect(303)
  await visitor.post(`${kept}/vote`).expect(303)
  await erasePerson(grace._id)
  await runAllDue()
  await asker.get(alone).expect(404)
  const page = await read(answered)
  expect(page).toContain('Question of a deleted account')
  expect(page).toContain('Jukka was here')
  const rest = JSON.stringify([await Threads.find({}), await Posts.find({})])
  expect(rest).not.toContain('Grace')
  expect(rest).not.toContain(String(grace._id).slice(0, 24) + '"]')
  const below = await read(other)
  expect(below).toContain('Answer of a deleted account')
  expect(below).toContain('Reply of Jukka')
  const thread = (await Threads.findOne({ title: 'Of Priya' }))!
  expect([thread.accepted, thread.votes, thread.answers]).toEqual([null, 0, 0])
})

test('stopping to follow works for what is hidden, and no more than 1,000 people follow a question', async () => {
  const page = await ask('Popular?')
  const _id = idOf(page)
  await helper.post(`${page}/following`).expect(303)
  await Threads.updateOne({ _id }, { $set: { state: 'hidden' } })
  await helper.post(`${page}/following`).expect(404)
  await helper.post(`${page}/following/removal`).expect(303)
  expect((await Threads.findById(_id))!.followers.map(String)).toEqual([String(priya._id)])
  const many = Array.from({ length: 1000 }, () => new Types.ObjectId())
  await Threads.updateOne({ _id }, { $set: { state: 'shown', followers: many } })
  await helper.post(`${page}/following`).expect(409)
  expect((await Threads.findById(_id))!.followers).toHaveLength(1000)
})

test('what a form wrote stays as moderators left it when it is sent again', async () => {
  const page = await ask('Again?')
  const form = { text: 'Only once', occasion: 'b'.repeat(22), follow: 'on' }
  await helper.post(`${page}/posts`, form).expect(303)
  await Posts.updateOne({ text: 'Only once' }, { $set: { state: 'hidden' } })
  await Threads.updateOne({}, { $set: { answers: 0 } })
  await Events.deleteMany({ person: jukka._id, name: 'question.answered' })
  await helper.post(`${page}/posts`, form).expect(303)
  expect((await Posts.find({})).map(({ state }) => state)).toEqual(['hidden'])
  expect(await happened(jukka)).not.toContain('question.answered')
  await asker.post(`${page}/posts/${String((await Posts.findOne({}))!._id)}/acceptance`).expect(404)
  await Threads.updateOne({}, { $set: { state: 'hidden' } })
  await asker.post(`${page}/posts/${String((await Posts.findOne({}))!._id)}/acceptance`).expect(409)
})

test('a question about a lesson that was taken out is in no list', async () => {
  const page = await ask('About what is gone?')
  await Threads.updateOne({ _id: idOf(page) }, { $set: { lesson: 'taken-out' } })
  await helper.get(page).expect(404)
  for (const path of ['/community', list(), '/community?q=gone', '/search?q=gone'])
    expect(await read(path, helper)).not.toContain('About what is gone?')
})

test('whoever answered is erased from the emails about it, too', async () => {
  const grace = await make.person({ name: 'Grace Hopper' })
  const page = await ask('Of Priya?')
  await answer(page, 'Grace knows', await learner(grace))
  await runAllDue()
  expect(await Emails.count({ html: /Grace knows/ })).toBe(1)
  await erasePerson(grace._id)
  await runAllDue()
  expect(await Emails.count({ html: /Grace/ })).toBe(0)
})

test('twenty people at once: as many votes, answers and followers as there are, and one accepted answer', async () => {
  const page = await ask('Twenty?')
  const people = await Promise.all(Array.from({ length: 20 }, (_, n) => make.person({ name: `Number ${n}` })))
  const visitors = await Promise.all(people.map(learner))
  const given = await Promise.all(visitors.map((each, n) => answer(page, `Answer ${n}`, each)))
  await Promise.all(visitors.flatMap(each => [1, 2].map(() => each.post(`${page}/vote`).expect(303))))
  await Promise.all(visitors.slice(1).map(each => each.post(`${given[0]!}/vote`).expect(303)))
  await Promise.all(given.map(each => asker.post(`${each}/acceptance`).expect(303)))
  const thread = (await Threads.findOne({}))!
  expect([thread.answers, thread.votes, thread.voters.length, thread.followers.length]).toEqual([
    20, 20, 20, 21,
  ])
  expect(await Posts.findById(idOf(given[0]!))).toMatchObject({ votes: 19 })
  expect(given.map(idOf)).toContain(String(thread.accepted))
  expect((await read(page)).match(/Accepted by/g)).toHaveLength(1)
})
