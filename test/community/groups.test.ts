import { CommunityDigests, nextDigestWeek } from '../../src/community/digest-queue'
import { GroupMembers, Groups } from '../../src/community/group'
import { Posts } from '../../src/community/post'
import { Threads } from '../../src/community/thread'
import { hidePost } from '../../src/community/moderate'
import { Courses } from '../../src/courses/course'
import { publishCourse } from '../../src/courses/publish-course'
import type { Published } from '../../src/courses/published'
import { enrol } from '../../src/learning/enrol'
import { createPlaylist, Playlists } from '../../src/learning/playlist'
import { Emails } from '../../src/mail/email'
import { erasePerson } from '../../src/people/erase-person'
import { People, type Person } from '../../src/people/person'
import { days, later, minutes, now } from '../../src/platform/clock'
import { Types } from 'mongoose'
import request from 'supertest'
import { as, type Visitor } from '../kit/as'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let course: Published
let hidden: Published
let bo: Person
let cy: Person
let bos: Visitor
let cys: Visitor
let author: Visitor
/** Nobody's: never in a group. */
let dee: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  course = await make.course({ title: 'Find the failing pump', lessons: 2 })
  hidden = await make.course({
    title: 'Secret seals',
    lessons: 1,
    visibility: 'listed-companies',
    companies: ['acme.example'],
  })
  const company = { name: 'Northwind', domain: 'northwind.com' }
  bo = await make.person({ name: 'Bo Berg', company, emailKind: 'company', confirmedAt: now() })
  cy = await make.person({ name: 'Cy Twist' })
  for (const person of [bo, cy]) await enrol({ person: person._id, published: course, paid: false })
  bos = await as(bo)
  cys = await as(cy)
  dee = await as(await make.person({ name: 'Dee Dune' }))
  author = await as(await make.person({ name: 'Au Thor', role: 'author' }))
})
beforeEach(async () => {
  setTime('2026-11-24T09:00:00Z')
  const all = [Threads, Posts, Emails, Groups, GroupMembers, CommunityDigests]
  await Promise.all(all.map(records => records.deleteMany({})))
})
afterAll(() => academy.close())

const read = async (path: string, visitor = cys) => (await visitor.get(path).expect(200)).text
const lesson = () => `/courses/${course.slug}/lessons/${course.lessons[0]!.slug}`

async function group(fields: object = {}): Promise<string> {
  const about = { kind: 'course', course: course.slug, curator: cy.email }
  const { headers } = await author
    .post('/community/groups', { name: 'Pump people', ...about, ...fields })
    .expect(303)
  return headers.location!
}

async function ask(text: string, visitor = bos): Promise<Types.ObjectId> {
  advance(minutes(1))
  await visitor.post(`${lesson()}/questions`, { text }).expect(303)
  return (await Threads.findOne({ title: text.split('\n')[0]! }))!._id
}

const shelve = (fields: object, visitor = cys) =>
  visitor.post('/community/shelves/items', { group: 'pump-people', ...fields })

test('a group has its course’s questions, and members are named only if they agreed', async () => {
  const path = await group()
  expect(path).toBe('/community/groups/pump-people')
  await ask('Which grease?')
  await bos.post(`${path}/membership`, { showsName: 'on' }).expect(303)
  await cys.post(`${path}/membership`).expect(303)
  await cys.post(`${path}/membership`).expect(303)
  const page = await read(path, dee)
  expect(page).toContain('2 members')
  expect(page).toContain('<bdi>Bo Berg</bdi></li>')
  expect(page).not.toContain('<bdi>Cy Twist</bdi></li>')
  expect(page).toContain('Curated by Cy Twist')
  expect(page).toContain('Which grease?')
  await bos.post(`${path}/membership/removal`).expect(303)
  expect(await read('/community/groups', dee)).toContain('1 member ·')
})

test('a company’s group exists for its people and for authors only', async () => {
  const path = await group({ name: 'North', kind: 'company', domain: 'northwind.com', curator: bo.email })
  await bos.post(`${path}/membership`).expect(303)
  await ask('What do we do on Mondays?')
  expect(await read(path, bos)).toContain('What do we do on Mondays?')
  expect(await read('/community/groups', author)).toContain('>North<')
  await cys.get(path).expect(404)
  await cys.post(`${path}/membership`).expect(404)
  expect(await read('/community/groups')).not.toContain('North')
})

test('nothing of a hidden course is in a group, and a group of one doesn’t exist for others', async () => {
  const path = await group()
  const { _id } = (await Groups.findOne({}))!
  const by = new Types.ObjectId()
  const item = { kind: 'course' as const, of: hidden.course, lesson: null, note: '', by, at: now() }
  await Groups.updateOne({ _id }, { $set: { shelf: [item] } })
  expect(await read(path, dee)).not.toContain('Secret seals')
  await shelve({ course: hidden.slug }).expect(404)
  await Groups.updateOne({ _id }, { $set: { course: hidden.course } })
  await cys.get(path).expect(404)
  expect(await read('/community/groups')).not.toContain('Pump people')
})

test('the curator puts courses, lessons, questions and sessions on the shelf, in order, and others can’t', async () => {
  const path = await group()
  const thread = await ask('Which grease?')
  const session = await make.liveSession({ title: 'Ask an engineer', startsAt: later(now(), days(2)) })
  await shelve({ course: course.slug, note: 'Begin here.' }).expect(303)
  await shelve({ course: course.slug, lesson: course.lessons[0]!.slug }).expect(303)
  await shelve({ thread: String(thread) }).expect(303)
  await shelve({ session: session.slug, as: 'hours' }).expect(303)
  const page = await read(path)
  expect(page).toMatch(/Which grease\?[^]*Begin here\./)
  expect(page).toMatch(/Office hours<\/h2>[^]*Ask an engineer/)
  const item = `thread:${String(thread)}`
  await cys.post(`${path}/shelf/order`, { item, direction: 'down' }).expect(303)
  await cys.post(`${path}/shelf/note`, { item, note: 'Answered well.' }).expect(303)
  const { shelf } = (await Groups.findOne({}))!
  expect(shelf.map(({ kind, note }) => `${kind} ${note}`)).toEqual([
    'lesson ',
    'thread Answered well.',
    'course Begin here.',
  ])
  await bos.post(`${path}/shelf/order`, { item, direction: 'up' }).expect(403)
  await bos.post(`${path}/shelf/removal`, { item }).expect(403)
  await shelve({ course: course.slug }, bos).expect(404)
  await bos.post(path, { name: 'Mine' }).expect(403)
  await cys.post(path, { name: '' }).expect(422)
  await cys.post(`${path}/shelf/removal`, { item }).expect(303)
  expect((await Groups.findOne({}))!.shelf).toHaveLength(2)
})

test('a member shares an own playlist with the group, until sharing it ends', async () => {
  const path = await group()
  await bos.post(`${path}/membership`).expect(303)
  const _id = new Types.ObjectId()
  await createPlaylist({ _id, person: bo._id, title: 'My pump list' })
  await shelve({ playlist: String(_id), note: 'For newcomers.' }, bos).expect(303)
  const link = /href="(\/shared-playlists\/[^"]+)"/.exec(await read(path))![1]!
  expect(await read(link)).toContain('My pump list')
  await shelve({ playlist: String(_id) }).expect(404)
  await Playlists.updateOne({ _id }, { $set: { audience: null } })
  expect(await read(path, dee)).not.toContain('My pump list')
})

describe('the weekly digest', () => {
  const digests = () => Emails.find({ _id: /^communityDigest:/ }).sort({ createdAt: 1 })

  beforeEach(async () => {
    const path = await group()
    await cys.post(`${path}/membership`).expect(303)
  })

  test('is due on Mondays at 8', () => {
    const of = (day: string) =>
      nextDigestWeek(new Date(`2026-11-${day}Z`))
        .toISOString()
        .slice(8, 16)
    expect([of('23T07:59:59'), of('23T08:00:00'), of('24T00:00:00'), of('29T23:00:00')]).toEqual([
      '23T08:00',
      '30T08:00',
      '30T08:00',
      '30T08:00',
    ])
  })

  test('says once what is new, with nothing that was hidden, and one click ends it', async () => {
    await ask('Which grease?')
    const gone = await ask('Where is my shadow?')
    await runAllDue()
    const about = { _id: gone, kind: 'thread', course: course.course, thread: gone, person: bo._id } as const
    await hidePost(about, bo._id)
    setTime('2026-11-30T08:01:00Z')
    await runAllDue()
    await CommunityDigests.updateMany({}, { $set: { dueAt: now(), week: new Date('2026-11-30T08:00:00Z') } })
    await runAllDue()
    const [email, ...others] = await digests()
    expect(others).toEqual([])
    expect(email!.subject).toBe('This week in Pump people')
    expect(email!.text).toContain('Which grease?')
    expect(email!.text).not.toContain('shadow')
    expect(email!.to).toBe(cy.email)
    const { pathname, search } = new URL(email!.listUnsubscribe!)
    await request(theApp())
      .post(pathname + search)
      .send('List-Unsubscribe=One-Click')
      .expect(200)
    await ask('And which seal?')
    setTime('2026-12-07T08:01:00Z')
    await runAllDue()
    expect(await digests()).toHaveLength(1)
    expect(await read('/account/email-preferences')).toContain('get emails about your groups')
    await cys.post('/account/email-preferences/groups', { digest: 'on' }).expect(303)
    await ask('And which oil?')
    setTime('2026-12-14T08:01:00Z')
    await runAllDue()
    expect((await digests()).at(-1)!.text).toContain('And which oil?')
  })

  test('waits for the reader’s morning, and isn’t sent when nothing is new', async () => {
    setTime('2026-11-30T08:01:00Z')
    await runAllDue()
    expect(await digests()).toEqual([])
    await ask('Which grease?')
    await People.updateOne({ _id: cy._id }, { $set: { country: 'US' } })
    setTime('2026-12-07T08:01:00Z')
    await runAllDue()
    expect(await digests()).toEqual([])
    setTime('2026-12-07T18:30:00Z')
    await runAllDue()
    expect(await digests()).toHaveLength(1)
  })
})

test('an answered question becomes part of its lesson in one step, once, without names', async () => {
  const asked = await ask('Which grease?\nBo here.\n\n# Heading\n\n</details>')
  const path = `/courses/${course.slug}/questions/${String(asked)}`
  const button = `/studio${lesson()}/threads/${String(asked)}`
  await author.post(button).expect(409)
  const { headers } = await cys.post(`${path}/posts`, { text: 'Lithium, *always*.' }).expect(303)
  const post = headers.location!.split('#post-')[1]!
  await bos.post(`${path}/posts/${post}/acceptance`).expect(303)
  expect(await read(path, author)).toContain(`action="${button}"`)
  expect(await read(path)).not.toContain('Add to lesson')
  await cys.post(button).expect(403)
  await author.post(button).expect(303)
  await author.post(button).expect(303)
  const { draft, draftNumber } = (await Courses.findOne({ _id: course.course }))!
  const { body } = draft.modules[0]!.lessons[0]!
  expect(body.match(/<details>/g)).toHaveLength(1)
  expect(body).toContain(
    [
      '<details>\n<summary>Which grease?</summary>',
      '> Bo here.\n>\n> **Heading**\n>\n> `</details>`',
      '**Answer**',
      'Lithium, *always*.',
      `[The whole discussion](${path})`,
      '</details>\n',
    ].join('\n\n'),
  )
  expect(body).not.toContain('Berg')
  expect(await read(path, author)).toContain('In the lesson’s draft, not published yet')
  await publishCourse({ course: course.course, by: null, draftNumber })
  expect(await read(path, dee)).toContain('Part of the lesson since 24 November 2026')
  expect(await read(lesson(), dee)).toContain('<summary>Which grease?</summary>')
})

test('managers see what waits, how fast people answer, who helps, what comes again, and groups asleep', async () => {
  await group()
  const asked = await ask('How long is the bearing warranty?')
  await ask('Where is the bearing warranty printed?', cys)
  advance(days(2))
  await ask('Something else?')
  await cys
    .post(`/courses/${course.slug}/questions/${String(asked)}/posts`, { text: 'Two years.' })
    .expect(303)
  const page = await read('/studio/community', author)
  expect(page).toContain('2 questions are waiting for an answer.')
  const counts = [...page.matchAll(/age=(\w+)">[^<]*<\/a><\/th>\s*<td class="number">(\d+)/g)]
  expect(counts.map(([, age, count]) => `${age} ${count}`)).toEqual([
    'day 1',
    'threeDays 1',
    'week 0',
    'older 0',
  ])
  expect(page).toContain('within 48 hours')
  const helper = /href="(\/studio\/community\/people\/[^"]+)"><bdi>Cy Twist/.exec(page)![1]!
  expect(await read(helper, author)).toContain('Two years.')
  const repeated = /href="(\/studio\/questions\?q=bearing%20warranty)"[^>]*>2</.exec(page)![1]!
  const list = await read(repeated, author)
  expect([list.includes('warranty printed?'), list.includes('Something else?')]).toEqual([true, false])
  const waiting = await read('/studio/questions?show=unanswered&age=threeDays', author)
  expect([waiting.includes('warranty printed?'), waiting.includes('Something else?')]).toEqual([true, false])
  expect(page).toContain('All groups are awake.')
  advance(days(31))
  expect(await read('/studio/community', author)).toContain('Pump people')
  await cys.get('/studio/community').expect(403)
})

test('an erased person leaves groups, shelves and digests, and an export has them before', async () => {
  const eve = await make.person({ name: 'Eve Adam' })
  const eves = await as(eve)
  const path = await group({ curator: eve.email })
  await eves.post(`${path}/membership`, { showsName: 'on' }).expect(303)
  await shelve({ course: course.slug, note: 'By me.' }, eves).expect(303)
  const data = JSON.parse((await eves.get('/account/data.json')).text)
  expect(data.groups).toMatchObject({
    joined: [{ showsName: true }],
    curated: [{ name: 'Pump people' }],
    shelves: [{ shelf: [{ note: 'By me.' }] }],
  })
  expect(data.communityDigest).toBe('on')
  await erasePerson(eve._id)
  await runAllDue()
  expect(await Groups.findOne({})).toMatchObject({ curator: null, members: 0, shelf: [] })
  expect(await GroupMembers.count({})).toBe(0)
  expect(await CommunityDigests.count({})).toBe(0)
})
