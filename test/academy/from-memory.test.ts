import request from 'supertest'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
  await make.course({ slug: 'pumps', title: 'Pumps' })
})
afterAll(() => academy.close())

const open = (path: string, headers: Record<string, string> = {}) =>
  request(theApp())
    .get(path)
    .set({ accept: 'text/html', 'accept-encoding': 'identity', ...headers })
const gzip = { 'accept-encoding': 'gzip' }

test.each(['/', '/courses', '/courses/pumps', '/courses/pumps/lessons/lesson-1'])(
  'a stranger gets %s compressed, from memory the second time, and not again while it is the same',
  async path => {
    const first = await open(path).expect(200)
    const second = await open(path, gzip).expect(200)
    expect(second.text).toBe(first.text)
    expect(second.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-security-policy': first.headers['content-security-policy'],
      'cache-control': 'private, no-cache',
      'x-reader': 'none',
      'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
    })
    expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id'])
    expect(second.headers).not.toHaveProperty('set-cookie')
    await open(path, { ...gzip, 'if-none-match': second.headers.etag! }).expect(304)
  },
)

test('a page with something of its reader is never compressed, nor shown to anyone else', async () => {
  await open('/courses').expect(200)
  const { cookie } = await as(await make.person({ name: 'Ada Moss' }))
  const own = await open('/courses', { ...gzip, cookie }).expect(200)
  expect(own.headers).not.toHaveProperty('content-encoding')
  expect(own.text).toContain('name="_csrf"')
  expect((await open('/courses').expect(200)).text).not.toContain('_csrf')
  // The links of a page that another site leads to carry that.
  const elsewhere = { ...gzip, referer: 'https://news.example/', 'user-agent': 'Mozilla/5.0 Firefox/140.0' }
  const carried = await open('/courses', elsewhere).expect(200)
  expect(carried.headers).not.toHaveProperty('content-encoding')
  expect(carried.text).toContain('touch=')
  expect((await open('/courses').expect(200)).text).not.toContain('touch=')
})

test('a stranger sees a new course at once, and each appearance has its own copy', async () => {
  await open('/').expect(200)
  await make.course({ title: 'Brand new' })
  expect((await open('/').expect(200)).text).toContain('Brand new')
  expect((await open('/', { cookie: 'theme=dark' })).text).toContain('data-theme="dark"')
  expect((await open('/')).text).not.toContain('data-theme="dark"')
  const large = await open('/courses/pumps/lessons/lesson-1', { cookie: 'text-size=large' })
  expect(large.text).toContain('data-text-size="large"')
  expect((await open('/courses/pumps/lessons/lesson-1')).text).toContain('data-text-size="standard"')
})
