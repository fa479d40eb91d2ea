import { setCourseRole } from '../../src/courses/change-team'
import { Courses } from '../../src/courses/course'
import { Events } from '../../src/events/event'
import { now, setClock } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

/* Who else is editing a lesson, as the others see it. */

let academy: Academy
let anna: Visitor
let ben: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  anna = await as(await make.person({ role: 'author', name: 'Anna Kern' }))
  ben = await as(await make.person({ role: 'author', name: 'Ben Ode' }))
})
afterEach(() => setClock())
afterAll(() => academy.close())

const beat = (visitor: Visitor, url: string, place: string, page = 'page-of-one') =>
  visitor.post(`${url}/presence`, { place, page })
const here = async (visitor: Visitor, url: string, place: string, page?: string) =>
  (await beat(visitor, url, place, page).expect(200)).body as { here: string; lessons: object }

async function aCourse() {
  const { slug } = await make.course({ lessons: 2 })
  return `/studio/courses/${slug}`
}

test('a colleague in the same lesson is named, on the next beat and on a page without a script', async () => {
  const url = await aCourse()
  expect((await here(anna, url, 'lesson-1')).here).toBe('')
  expect((await here(ben, url, 'lesson-1')).here).toContain('Anna Kern is editing this lesson.')
  expect((await here(anna, url, 'lesson-1')).here).toContain('Ben Ode is editing this lesson.')
  const third = await as(await make.person({ role: 'author', name: 'Cleo' }))
  for (const tab of ['', '/questions', '/settings']) {
    const page = await third.get(`${url}/lessons/lesson-1${tab}`).expect(200)
    expect(page.text).toMatch(/(Anna Kern and Ben Ode|Ben Ode and Anna Kern) are editing this lesson\./)
  }
  expect((await third.get(`${url}/lessons/lesson-2`)).text).not.toContain('editing this lesson')
})

test('the outline says who is in which lesson, and the settings who changes them', async () => {
  const url = await aCourse()
  await here(anna, url, 'lesson-2')
  expect((await here(ben, url, 'lesson-1')).lessons).toEqual({
    'lesson-2': expect.stringContaining('Anna Kern is in this lesson'),
  })
  expect((await ben.get(url)).text).toContain('Anna Kern is in this lesson')
  await here(anna, url, '')
  expect((await ben.get(`${url}/settings`)).text).toContain('Anna Kern is changing these settings.')
})

test('nobody is their own colleague, and a page that was left ends nothing of the next one', async () => {
  const url = await aCourse()
  await here(anna, url, 'lesson-1', 'first-page')
  expect((await here(anna, url, 'lesson-1', 'second-page')).here).toBe('')
  await anna.post(`${url}/presence/end`, { place: 'lesson-1', page: 'first-page' }).expect(204)
  expect((await here(ben, url, 'lesson-1')).here).toContain('Anna Kern')
  await anna.post(`${url}/presence/end`, { place: 'lesson-1', page: 'second-page' }).expect(204)
  expect((await here(ben, url, 'lesson-1')).here).toBe('')
})

test('whoever says nothing for three beats has left', async () => {
  const url = await aCourse()
  await here(anna, url, 'lesson-1')
  const start = now().getTime()
  setClock(() => start + 44_000)
  expect((await here(ben, url, 'lesson-1')).here).toContain('Anna Kern')
  setClock(() => start + 46_000)
  expect((await here(ben, url, 'lesson-1')).here).toBe('')
})

test('only those who may write in the course are there, and a beat is no activity in the ledger', async () => {
  const url = await aCourse()
  const before = await Events.count()
  await here(anna, url, 'lesson-1')
  expect(await Events.count()).toBe(before)
  const other = await make.course()
  const partner = await make.person({ role: 'contributor' })
  const by = (await make.person({ role: 'admin' }))._id
  const course = (await Courses.findOne({ slug: other.slug }))!._id
  await setCourseRole({ course, by, person: partner._id, role: 'partner' })
  await beat(await as(partner), url, 'lesson-1').expect(404)
  await beat(await as(await make.person({ role: 'reviewer' })), url, 'lesson-1').expect(403)
})

test('a lesson that is gone, and a beat that makes no sense, are refused', async () => {
  const url = await aCourse()
  await beat(anna, url, 'lesson-99').expect(404)
  await beat(anna, url, 'lesson-1', 'x').expect(400)
  await anna.post(`${url}/presence/end`, {}).expect(400)
})
