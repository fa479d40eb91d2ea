import request from 'supertest'
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
