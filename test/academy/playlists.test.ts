import { Types } from 'mongoose'
import { erasePerson } from '../../src/people/erase-person'
import { enrol } from '../../src/learning/enrol'
import { createPlaylist, itemKey, Playlists, type Playlist } from '../../src/learning/playlist'
import type { Published } from '../../src/courses/published'
import { People, type Person } from '../../src/people/person'
import type { HttpError } from '../../src/platform/errors'
import { withdrawCourse } from '../../src/courses/withdraw-course'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let pumps: Published
beforeAll(async () => {
  academy = await openAcademy()
  pumps = await make.course({ slug: 'pumps', title: 'Pumps' })
  await make.course({ slug: 'valves', title: 'Valves' })
})
afterAll(() => academy.close())

const company = { domain: 'northwind.example', name: 'Northwind' }
let ada: Person
let visitor: Visitor
beforeEach(async () => {
  await Playlists.deleteMany({})
  ada = await make.person({ name: 'Ada Lovelace', company })
  visitor = await as(ada)
})

const onlyOne = async (): Promise<Playlist> => (await Playlists.findOne({ person: ada._id }))!
const plain = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
const titlesOn = (html: string) =>
  [...html.matchAll(/<h2 class="t4">\s*<a\s+href="([^"]+)"/g)].map(([, href]) => href)
async function newPlaylist(title = 'For Monday'): Promise<string> {
  await visitor.post('/playlists/items', { course: 'pumps', title }).expect(303)
  await visitor
    .post('/playlists/items', {
      course: 'valves',
      lesson: 'lesson-2',
      playlist: String((await onlyOne())._id),
    })
    .expect(303)
  return `/playlists/${(await onlyOne())._id}`
}
async function share(path: string, audience: string): Promise<string> {
  await visitor.post(`${path}/share`, { audience }).expect(303)
  const page = (await visitor.get(path).expect(200)).text
  return /readonly value="[^"]*(\/shared-playlists\/[^"]+)"/.exec(page)![1]!
}

test('a learner adds a course and a lesson, puts them in another order and takes one out', async () => {
  expect((await visitor.get('/courses')).text).toContain('href="/playlists/add?course=pumps"')
  expect((await (await anonymous()).get('/courses')).text).not.toContain('/playlists/add')
  const form = await visitor.get('/playlists/add?course=valves&lesson=lesson-2').expect(200)
  expect(form.text).toContain('Add “Lesson 2” to a playlist')
  const path = await newPlaylist()
  const page = (await visitor.get(path).expect(200)).text
  expect(titlesOn(page)).toEqual(['/courses/pumps', '/courses/valves/lessons/lesson-2'])
  expect(plain(page)).toContain('Lesson 2 of Valves · 5 min')
  const [first] = (await onlyOne()).items
  await visitor.post(`${path}/order`, { item: String(first!.course), direction: 'down' }).expect(303)
  expect(titlesOn((await visitor.get(path)).text)[1]).toBe('/courses/pumps')
  // At the end, it stays there.
  await visitor.post(`${path}/order`, { item: String(first!.course), direction: 'down' }).expect(303)
  await visitor.post(`${path}/items/removal`, { item: String(first!.course) }).expect(303)
  expect(titlesOn((await visitor.get(path)).text)).toEqual(['/courses/valves/lessons/lesson-2'])
  expect((await visitor.get('/learning')).text).toContain(`href="${path}"`)
})

test('adding twice, or pressing a button twice, changes nothing more', async () => {
  const path = await newPlaylist()
  const id = path.split('/').pop()
  await visitor.post('/playlists/items', { course: 'pumps', playlist: id }).expect(303)
  expect((await onlyOne()).items).toHaveLength(2)
  expect((await visitor.get('/playlists/add?course=pumps')).text).toContain('For Monday (already in it)')
  const fields = { title: 'Twice', occasion: 'a'.repeat(22) }
  await Promise.all([visitor.post('/playlists', fields), visitor.post('/playlists', fields)])
  expect(await Playlists.count({ title: 'Twice' })).toBe(1)
})

test('a name that is missing or too long is refused with what was typed', async () => {
  const refused = await visitor.post('/playlists', { title: '  ' }).expect(422)
  expect(refused.text).toContain('Enter a name for the playlist')
  await visitor.post('/playlists/items', { course: 'pumps', playlist: 'new', title: '' }).expect(422)
  const path = await newPlaylist()
  const long = await visitor.post(path, { title: 'x'.repeat(81) }).expect(422)
  expect(long.text).toContain(`value="${'x'.repeat(81)}"`)
  await visitor.post(path, { title: 'For <Tuesday>' }).expect(303)
  expect((await visitor.get(path)).text).toContain('For &lt;Tuesday&gt;')
  await visitor.get('/playlists/add?course=nothing').expect(404)
  await visitor.get('/playlists/add?course=pumps&lesson=nothing').expect(404)
  await visitor.post('/playlists/items', { course: 'pumps', playlist: { $ne: 1 } }).expect(422)
})

test('nobody else sees or changes a playlist', async () => {
  const path = await newPlaylist()
  const other = await as(await make.person({ company }))
  await other.get(path).expect(404)
  for (const action of ['', '/share', '/share/revocation', '/removal', '/order', '/items/removal']) {
    const fields = { title: 'Mine', audience: 'link', item: String(pumps.course), direction: 'up' }
    await other.post(path + action, fields).expect(404)
  }
  await other.post('/playlists/items', { course: 'pumps', playlist: path.split('/').pop() }).expect(404)
  expect(await onlyOne()).toMatchObject({ title: 'For Monday', audience: null })
  expect((await onlyOne()).items).toHaveLength(2)
  await visitor.get('/playlists/nonsense').expect(404)
})

test('colleagues with a proved address open a link for the company, and nobody else does', async () => {
  await enrol({ person: ada._id, published: pumps, paid: false })
  const link = await share(await newPlaylist(), 'company')
  const colleague = await make.person({ company })
  const page = (await (await as(colleague)).get(link).expect(200)).text
  expect(page).toContain('Shared by Ada Lovelace')
  expect(titlesOn(page)).toEqual(['/courses/pumps', '/courses/valves/lessons/lesson-2'])
  expect(page).not.toContain('class="strip"')
  expect(page).not.toContain('/order"')

  const [anyone, unconfirmed] = [await make.person(), await make.person({ company, confirmedAt: null })]
  const free = await make.person({ company, emailKind: 'free' })
  for (const person of [anyone, unconfirmed, free]) await (await as(person)).get(link).expect(404)
  const signIn = await (await anonymous()).get(link).expect(303)
  expect(signIn.headers.location).toMatch(/^\/sign-in/)
})

test('a person whose address proves no company cannot share with one', async () => {
  const path = await newPlaylist()
  await People.updateOne({ _id: ada._id }, { $set: { confirmedAt: null } })
  expect((await visitor.get(path)).text).not.toContain('Share with Northwind')
  await visitor.post(`${path}/share`, { audience: 'company' }).expect(404)
  await visitor.post(`${path}/share`, { audience: 'everyone' }).expect(404)
})

test('everyone opens a link that is for everyone, without the name of its owner, until it is revoked', async () => {
  await enrol({ person: ada._id, published: pumps, paid: false })
  const path = await newPlaylist()
  const link = await share(path, 'link')
  const nobody = await anonymous()
  const answer = await nobody.get(link).expect(200)
  expect(answer.text).toContain('For Monday')
  expect(answer.text).not.toContain('Ada')
  expect(answer.text).not.toContain('class="strip"')
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  await nobody.get(`${link}x`).expect(404)
  await nobody.get(link.replace('.0.', '.1.')).expect(404)

  await visitor.post(`${path}/share/revocation`).expect(303)
  await nobody.get(link).expect(404)
  const second = await share(path, 'link')
  expect(second).not.toBe(link)
  await nobody.get(link).expect(404)
  await nobody.get(second).expect(200)
  await People.updateOne({ _id: ada._id }, { $set: { suspendedAt: new Date() } })
  await nobody.get(second).expect(404)
})

test('a course that is no longer shown is left out for others, and can be taken out by the owner', async () => {
  const gone = await make.course({ slug: 'gone', title: 'Gone' })
  const path = await newPlaylist()
  await visitor.post('/playlists/items', { course: 'gone', playlist: path.split('/').pop() }).expect(303)
  const link = await share(path, 'link')
  const author = await make.person({ role: 'author' })
  await withdrawCourse({ course: gone.course, by: author._id })
  expect((await (await anonymous()).get(link)).text).not.toContain('Gone')
  const page = (await visitor.get(path)).text
  expect(page).toContain('No longer available')
  expect(page).toContain('aria-label="Remove “No longer available”"')
})

test('playlists are in the data export and are erased with the person, and the link with them', async () => {
  const link = await share(await newPlaylist(), 'link')
  const data = (await visitor.get('/account/data.json').expect(200)).text
  expect((JSON.parse(data) as { playlists: unknown[] }).playlists).toHaveLength(1)
  await erasePerson(ada._id)
  await runAllDue()
  expect(await Playlists.count({ person: ada._id })).toBe(0)
  await (await anonymous()).get(link).expect(404)
})

test('of 80 playlists that someone makes at once, 50 are made, and a deleted one leaves its place to another', async () => {
  const ids = Array.from({ length: 80 }, () => new Types.ObjectId())
  const make = (_id: Types.ObjectId) => createPlaylist({ _id, person: ada._id, title: 'Later' })
  const made = await Promise.allSettled(ids.map(make))
  const refused = made.flatMap(each => (each.status === 'rejected' ? [each.reason as HttpError] : []))
  expect(refused.map(({ status }) => status)).toEqual(Array(30).fill(422))
  expect(await Playlists.count({ person: ada._id })).toBe(50)
  const first = ids[made.findIndex(({ status }) => status === 'fulfilled')]!
  await make(first)
  await visitor.post(`/playlists/${first}/removal`).expect(303)
  await make(first)
  expect(await Playlists.count({ person: ada._id })).toBe(50)
})

test('a learner deletes a playlist, and has at most 50', async () => {
  const path = await newPlaylist()
  await visitor.post(`${path}/removal`).expect(303)
  await visitor.get(path).expect(404)
  const about = { person: ada._id, createdAt: new Date(), changedAt: new Date() }
  await Playlists.insertMany(
    Array.from({ length: 50 }, (_, n) => ({ ...about, place: n, title: `List ${n}` })),
  )
  await visitor.post('/playlists', { title: 'One more' }).expect(422)
})

test('a dragged item goes before the one that it was dropped on, and nowhere for an unknown one', async () => {
  const path = await newPlaylist()
  const [first, second] = (await onlyOne()).items.map(itemKey)
  const place = (entry: string, before: string) =>
    visitor.post(`${path}/items/${encodeURIComponent(entry)}/position`, { before })
  await place(second!, first!).expect(303)
  expect((await onlyOne()).items.map(itemKey)).toEqual([second, first])
  await place(second!, second!).expect(303)
  await place('nothing', first!).expect(303)
  await place(first!, 'nothing').expect(303)
  expect((await onlyOne()).items.map(itemKey)).toEqual([second, first])
  const stranger = await as(await make.person())
  await stranger.post(`${path}/items/${first}/position`, { before: second }).expect(404)
  await place(first!, ['a', 'b'] as unknown as string).expect(404)
})

test('a shared playlist can be copied, as far as its reader sees it, once per press', async () => {
  const secret = await make.course({ slug: 'secret', title: 'Secret', visibility: 'invited' })
  const path = await newPlaylist()
  const id = path.split('/').pop()
  await Playlists.updateOne({ _id: id }, { $push: { items: { course: secret.course, lesson: null } } })
  const link = await share(path, 'link')
  const reader = await make.person()
  const theirs = await as(reader)
  expect((await theirs.get(link).expect(200)).text).toContain('Copy to my playlists')
  expect((await visitor.get(link).expect(200)).text).not.toContain('Copy to my playlists')
  const fields = { occasion: 'c'.repeat(22) }
  const [answer] = await Promise.all([
    theirs.post(`${link}/copy`, fields),
    theirs.post(`${link}/copy`, fields),
  ])
  const copies = await Playlists.find({ person: reader._id })
  expect(copies).toHaveLength(1)
  expect(answer.headers.location).toBe(`/playlists/${copies[0]!._id}`)
  expect(copies[0]).toMatchObject({ title: 'For Monday', audience: null })
  expect(copies[0]!.items.map(({ lesson }) => lesson)).toEqual([null, 'lesson-2'])
  await visitor.post(`${path}/share/revocation`).expect(303)
  await theirs.post(`${link}/copy`, fields).expect(404)
})

test('only colleagues copy what is shared with a company', async () => {
  const link = await share(await newPlaylist(), 'company')
  await (await as(await make.person())).post(`${link}/copy`).expect(404)
  await (await as(await make.person({ company }))).post(`${link}/copy`).expect(303)
})
