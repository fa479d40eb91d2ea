import { setTimeout } from 'node:timers/promises'
import request from 'supertest'
import { readBrand } from '../../src/brand/brand'
import { addBrand, saveBrandDraft } from '../../src/brand/change-brand'
import { Events } from '../../src/events/event'
import { Visits } from '../../src/people/visit'
import { roles } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  admin = await as(await make.person({ role: 'admin', name: 'Aisha Demir' }))
  await make.course({ slug: 'pumps', title: 'Pumps in short', lessons: 2 })
  await addBrand({ id: 'harbour', academyName: 'Harbour School', hosts: ['harbour.example'] }, null)
  const { draft, draftNumber } = await readBrand('harbour')
  const content = {
    ...draft,
    accent: '#7A1F5C',
    legalName: 'Harbour Ltd',
    replyTo: 'answers@harbour.example',
  }
  await saveBrandDraft('harbour', content, draftNumber)
})
afterAll(() => academy.close())

const draft = '/admin/brands/harbour/draft/light'
const browser = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0'

/** Loads a page as a frame of the editor does. */
const frame = (path: string, visitor = admin) =>
  visitor.get(path).set('user-agent', browser).set('sec-fetch-dest', 'iframe')

test('an administrator sees the pages of a draft on their own host, as a visitor would, and stays in it', async () => {
  const { text, headers } = await frame(`${draft}/`).expect(200)
  expect(text).toContain(' · Harbour School</title>')
  expect(text).toContain(`href="${draft}/sign-up"`)
  expect(text).not.toContain('Aisha Demir')
  const links = [...text.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map(match => match[1]!)
  expect(links.filter(href => !/^(#|mailto:)/.test(href) && !href.startsWith(`${draft}/`))).toEqual([])
  expect(text).not.toMatch(/<script/)
  expect(text).not.toContain('You&#39;re looking at the draft')
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['set-cookie']).toBeUndefined()
  const [, sheet] = /<link rel="stylesheet" href="([^"]*base\.css[^"]*)"/.exec(text)!
  expect(sheet).toContain(`${draft}/css/base.css`)
  expect((await frame(sheet!).expect(200)).text).toContain('--pencil: light-dark(#7A1F5C')
  expect((await frame(`${draft}/courses/pumps`).expect(200)).text).toContain(
    `href="${draft}/courses/pumps/lessons/lesson-1"`,
  )
  const { headers: moved } = await frame(`${draft}/learning`).expect(303)
  expect(moved.location).toBe(`${draft}/sign-in?next=%2Flearning`)
  const { headers: themed } = await frame(`${draft}/theme?theme=dark&back=/courses`).expect(303)
  expect([themed.location, themed['set-cookie']]).toEqual([`${draft}/courses`, undefined])
})

test('a page opened by itself has the way back to the editor', async () => {
  const { text } = await admin.get(`${draft}/`).set('sec-fetch-dest', 'document').expect(200)
  expect(text).toContain('<a href="/admin/brands/harbour">Back to the draft</a>')
})

test('it is light or dark, and runs from left or from right', async () => {
  const root = async (look: string) =>
    /<html[^>]*>/.exec((await frame(`/admin/brands/harbour/draft/${look}/`).expect(200)).text)![0]
  expect(await root('light')).toBe('<html lang="en" dir="ltr" data-theme="light">')
  expect(await root('dark-rtl')).toBe('<html lang="en" dir="rtl" data-theme="dark">')
  await frame('/admin/brands/harbour/draft/blue/').expect(404)
  await frame('/admin/brands/nobody/draft/light/').expect(404)
})

test('an email of the draft has its sender, its colour and its address', async () => {
  const { text } = await frame(`${draft}/welcome-email`).expect(200)
  expect(text).toContain('From: Harbour School')
  expect(text).toContain('answers@harbour.example')
  expect(text).toContain('#7A1F5C')
  expect(text).toContain('Harbour Ltd')
  expect(text).not.toContain('harbour.example/')
})

test('a certificate of the draft is an example that only readers of the draft find', async () => {
  const { text } = await frame(`${draft}/certificates/example`).expect(200)
  expect(text).toContain('Amara Okonkwo')
  expect(text).toContain('<h1>Example</h1>')
  expect(text).toContain('Pumps in short')
  expect(text).toContain('Harbour School')
  const { headers } = await frame(`${draft}/certificates/example/certificate.pdf`).expect(200)
  expect([headers['content-type'], headers['cache-control']]).toEqual(['application/pdf', 'no-store'])
  await admin.get('/certificates/example').expect(404)
  await (await anonymous()).get('/certificates/example').expect(404)
})

test('a message that waits for the next page of the editor is not used up in the frame', async () => {
  const page = '/admin/brands/harbour/navigation'
  const [, basis] = /id="form"[\s\S]*?name="basis" value="([^"]*)"/.exec((await admin.get(page)).text)!
  await admin.post(page, { basis, contactEmail: 'hello@harbour.example', supportEmail: '' }).expect(303)
  expect((await frame(`${draft}/`).expect(200)).text).not.toContain('Draft saved.')
  expect((await admin.get(page)).text).toContain('Draft saved.')
})

test('only drafts may be framed, by their own site; nothing in them runs or is sent', async () => {
  const policyOf = async (path: string) =>
    (await admin.get(path)).headers['content-security-policy'] as unknown as string
  const framed = await policyOf(`${draft}/`)
  for (const directive of [
    "frame-ancestors 'self'",
    "script-src 'none'",
    "form-action 'none'",
    "connect-src 'none'",
  ])
    expect(framed).toContain(directive)
  const editor = await policyOf('/admin/brands/harbour/look')
  expect(editor).toContain("frame-src 'self'")
  for (const path of ['/', '/courses', '/admin/people', '/admin/brands', '/admin/brands/harbour/look']) {
    expect([path, (await policyOf(path)).includes("frame-ancestors 'none'")]).toEqual([path, true])
  }
  expect(await policyOf('/')).not.toContain('frame-src')
})

test('nobody but administrators sees a draft there', async () => {
  for (const role of roles.filter(each => each !== 'admin')) {
    const { text } = await frame(`${draft}/`, await as(await make.person({ role }))).expect(403)
    expect(text).not.toContain('Harbour')
  }
  const { headers, text } = await frame(`${draft}/`, await anonymous()).expect(303)
  expect([headers.location!.startsWith('/sign-in'), text.includes('Harbour')]).toEqual([true, false])
  await request(academy.app).post(`${draft}/sign-in`).set('cookie', admin.cookie).expect(404)
})

test('looking at a draft records nothing', async () => {
  const events = await Events.count({})
  for (const path of [
    '/',
    '/courses/pumps',
    '/courses/pumps/lessons/lesson-1',
    '/pricing',
    '/needs-assessment',
  ])
    await frame(draft + path)
  // The same browser on the academy's own page is a visit, which didn't open the course.
  await (await anonymous()).get('/').set('user-agent', browser).expect(200)
  const visits = await eventually(
    () => Visits.find({}),
    found => found.length > 0,
  )
  expect(visits.map(({ courses }) => courses)).toEqual([[]])
  expect(await Events.count({})).toBe(events)
})

async function eventually<Found>(
  read: () => Promise<Found>,
  isThere: (found: Found) => boolean,
): Promise<Found> {
  for (let tries = 0; ; tries++) {
    const found = await read()
    if (isThere(found) || tries === 50) return found
    await setTimeout(20)
  }
}
