import request from 'supertest'
import { enrol } from '../../src/learning/enrol'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())

const home = async () => (await request(theApp()).get('/').set('accept', 'text/html').expect(200)).text

test('the home page offers a lesson to try only where there is one, and the catalogue otherwise', async () => {
  await make.course({ slug: 'seals', title: 'Seals', lesson: () => ({ preview: false }) })
  const admin = await as(await make.person({ role: 'admin' }))
  await admin.post('/admin/brands/academy/needs-assessment/withdrawal').expect(303)
  const closed = await home()
  expect(closed).not.toMatch(/Try a (free )?lesson/)
  expect(closed).toMatch(/button-main" href="\/courses">Browse courses</)
  await make.course({ slug: 'pumps', title: 'Pumps' })
  const open = await home()
  expect(open).toContain('Try a lesson before you sign up')
  expect(open).toMatch(/button-main" href="\/courses\/pumps\/lessons\/lesson-1">Try a free lesson/)
  expect(open).not.toContain('Browse courses')
})

test('who is signed in finds their own courses on the home page, and not the promise for strangers', async () => {
  const pumps = await make.course({ title: 'Pumps', lessons: 2 })
  await make.course({ title: 'Valves' })
  const ada = await make.person({ name: 'Ada Moss' })
  const visitor = await as(ada)
  const first = (await visitor.get('/').expect(200)).text
  expect(first).toContain('<h1>Welcome, Ada</h1>')
  expect(first).not.toContain('home-head')
  await enrol({ person: ada._id, published: pumps, paid: true })
  const before = (await visitor.get('/')).text
  expect(before).toContain('<h1>Welcome back, Ada</h1>')
  expect(before).toMatch(/lessons\/lesson-1">Start \(5 min\)/)
  expect(before).toContain('Valves')
  expect((await visitor.get('/learning')).text).toContain('not started yet')
  await visitor.get(`/courses/${pumps.slug}/lessons/lesson-1`).expect(200)
  expect((await visitor.get('/')).text).toMatch(/lessons\/lesson-1">Continue \(5 min left\)/)
})
