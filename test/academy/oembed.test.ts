import { changeEmbeddingSites } from '../../src/brand/embedding-sites'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let visitor: Visitor
const home = 'http://127.0.0.1:3000'

beforeAll(async () => {
  academy = await openAcademy()
  await make.course({ slug: 'pumps', title: 'Pumps & "valves"' })
  await make.course({ slug: 'hidden', visibility: 'signed-in' })
  visitor = await anonymous()
})
afterAll(() => academy.close())

const ask = (url: string, more = '') => visitor.get(`/oembed?url=${encodeURIComponent(url)}${more}`)

test('a brand that no site may frame answers with a link', async () => {
  const { body } = await ask(`${home}/courses/pumps`).expect(200)
  expect(body).toEqual({
    type: 'link',
    version: '1.0',
    title: 'Pumps & "valves"',
    provider_name: 'Lyceum',
    provider_url: home,
    cache_age: 3600,
    thumbnail_url: `${home}/courses/pumps/cover.png`,
    thumbnail_width: 1200,
    thumbnail_height: 630,
  })
})

describe('once a site may', () => {
  beforeAll(async () => {
    const { _id } = await make.person({ role: 'admin' })
    await changeEmbeddingSites('academy', ['https://www.northwind.com'], 0, _id)
  })

  test.each([
    ['/courses', '/embed', 960, 800],
    ['/courses/pumps', '/embed/courses/pumps', 640, 320],
    ['/courses/pumps/?utm_source=x#part', '/embed/courses/pumps', 640, 320],
    ['/courses/pumps/lessons/lesson-1', '/embed/courses/pumps/lessons/lesson-1', 640, 600],
  ])('%s is a frame of %s, %i by %i', async (path, frame, width, height) => {
    const { body, headers } = await ask(home + path).expect(200)
    expect(body).toMatchObject({ type: 'rich', version: '1.0', width, height })
    const attributes = `width="${width}" height="${height}"`
    expect(body.html).toContain(`<iframe src="${home}${frame}"`)
    expect(body.html).toContain(attributes)
    expect(body.html).toContain('sandbox="')
    expect(headers['access-control-allow-origin']).toBe('*')
    await visitor.get(frame).expect(200)
  })

  test('what is asked for fits, or is left out', async () => {
    const { body } = await ask(`${home}/courses/pumps`, '&maxwidth=400&maxheight=200').expect(200)
    expect(body).toMatchObject({ width: 400, height: 200 })
    expect(body.html).toContain('width="400" height="200"')
    expect(body).not.toHaveProperty('thumbnail_url')
    const { body: wide } = await ask(`${home}/courses/pumps`, '&maxwidth=2000&maxheight=nonsense').expect(200)
    expect(wide).toMatchObject({ width: 640, height: 320, thumbnail_width: 1200 })
  })

  test('it is XML too', async () => {
    const { text, headers } = await ask(`${home}/courses/pumps`, '&format=xml').expect(200)
    expect(headers['content-type']).toBe('text/xml; charset=utf-8')
    expect(text).toContain('<?xml version="1.0" encoding="UTF-8"?>\n<oembed><type>rich</type>')
    expect(text).toContain('<title>Pumps &amp; &#34;valves&#34;</title>')
    expect(text).toContain('<html>&lt;iframe src=&#34;')
  })

  test.each([
    ['a hidden course', `${home}/courses/hidden`, '', 404],
    ['an unknown course', `${home}/courses/none`, '', 404],
    ['an unknown lesson', `${home}/courses/pumps/lessons/none`, '', 404],
    ['a lesson for learners', `${home}/courses/pumps/lessons/lesson-2`, '', 401],
    ['another page', `${home}/sign-in`, '', 404],
    ['another site', 'https://evil.example/courses/pumps', '', 404],
    ['no address', 'pumps', '', 400],
    ['another format', `${home}/courses/pumps`, '&format=yaml', 501],
  ])('%s is refused', async (_what, url, more, status) => {
    await ask(url, more).expect(status)
  })
})

test('the pages of courses and free lessons say where it is, and no others', async () => {
  for (const path of ['/courses/pumps', '/courses/pumps/lessons/lesson-1']) {
    const { text } = await visitor.get(path).expect(200)
    const links = [...text.matchAll(/<link rel="alternate" type="([^"]+\+oembed)" href="([^"]+)"/g)]
    expect(links.map(([, type]) => type)).toEqual(['application/json+oembed', 'text/xml+oembed'])
    for (const [, , href] of links) {
      const { pathname, search } = new URL(href!.replaceAll('&amp;', '&'))
      await visitor.get(pathname + search).expect(200)
    }
  }
  for (const path of ['/', '/courses']) expect((await visitor.get(path)).text).not.toContain('+oembed')
  const { text } = await visitor.get('/courses/pumps/lessons/lesson-2').expect(403)
  expect(text).not.toContain('rel="alternate"')
})
