import { changeEmbeddingSites, isListedSite, siteIn } from '../../src/brand/embedding-sites'
import { Visits } from '../../src/people/visit'
import { sourceOf } from '../../src/people/source'
import { People } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { browser, emailTo, followed, resetRateLimits } from '../account/browser'
import * as make from '../kit/make'

let academy: Academy
let visitor: Visitor
let admin: Visitor
const firefox = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' }
const site = 'https://www.northwind.com'

beforeAll(async () => {
  academy = await openAcademy()
  await make.course({
    slug: 'pumps',
    title: 'Pumps & <valves>',
    summary: 'All of it.',
    lesson: n => ({
      ...(n === 1 && {
        body: 'See [lesson 2](/courses/pumps/lessons/lesson-2) or [all courses](/courses?page=1).',
      }),
    }),
  })
  await make.course({ slug: 'hidden', title: 'Kept back', visibility: 'signed-in' })
  await make.course({
    slug: 'partly',
    title: 'Partly open',
    lesson: n => (n === 2 ? { title: 'For partners', visibility: 'invited' } : {}),
  })
  visitor = await anonymous()
  const person = await make.person({ role: 'admin' })
  admin = await as(person)
  await changeEmbeddingSites('academy', [site, 'https://*.partner.example'], 0, person._id)
})
afterAll(() => academy.close())
afterEach(resetRateLimits)

const policyOf = ({ headers }: { headers: Record<string, string> }) =>
  headers['content-security-policy']!.split(';').filter(each => each.startsWith('frame-ancestors'))
const linksOn = (html: string) =>
  [...html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map(([, href]) => href!.replaceAll('&amp;', '&'))

test.each(['/embed', '/embed/courses/pumps', '/embed/courses/pumps/lessons/lesson-1'])(
  '%s is framed by the listed sites only, needs no cookie, and opens the academy in a new tab',
  async path => {
    const page = await visitor.get(`${path}?site=${site}&utm_campaign=spring`).expect(200)
    expect(policyOf(page)).toEqual([`frame-ancestors 'self' ${site} https://*.partner.example`])
    expect(page.headers['x-frame-options']).toBeUndefined()
    expect(page.headers['set-cookie']).toBeUndefined()
    expect(page.text).toContain('<base target="_blank">')
    expect(page.text).toContain(`data-site="${site}"`)
    const links = linksOn(page.text)
    expect(links.length).toBeGreaterThan(0)
    for (const link of links) {
      const { origin, searchParams } = new URL(link)
      expect([link, origin]).toEqual([link, 'http://127.0.0.1:3000'])
      const given = ['source', 'medium', 'campaign'].map(name => searchParams.get(`utm_${name}`))
      expect(given).toEqual(['northwind.com', 'embed', 'spring'])
    }
  },
)

test('other pages are framed by nobody, and one directive says so', async () => {
  for (const path of ['/', '/courses/pumps', '/sign-in'])
    expect(policyOf(await visitor.get(path))).toEqual(["frame-ancestors 'none'"])
})

test('a site that isn’t listed isn’t told how high a page is', async () => {
  for (const other of ['https://evil.example', 'https://partner.example', '"><script>'])
    expect((await visitor.get(`/embed?site=${encodeURIComponent(other)}`)).text).toContain('data-site=""')
  expect((await visitor.get('/embed?site=https://eu.partner.example')).text).toContain(
    'data-site="https://eu.partner.example"',
  )
})

test('a campaign of the page around the frame comes first, and its values can’t leave the link', async () => {
  const { text } = await visitor
    .get('/embed/courses/pumps?utm_source=%22%3E%3Cb%3E&utm_medium=email')
    .expect(200)
  expect(text).not.toContain('"><b>')
  expect(linksOn(text)[0]).toBe(
    'http://127.0.0.1:3000/courses/pumps?utm_source=%22%3E%3Cb%3E&utm_medium=email',
  )
})

test('only what everyone may see is shown, to a signed-in teammate too', async () => {
  for (const who of [visitor, admin]) {
    const { text } = await who.get('/embed').expect(200)
    expect(text).toContain('Pumps &amp; &lt;valves&gt;')
    expect(text).not.toContain('Kept back')
    expect(text).not.toContain('/playlists')
    for (const path of [
      '/embed/courses/hidden',
      '/embed/courses/none',
      '/embed/courses/pumps/lessons/lesson-2',
      '/embed/courses/partly/lessons/lesson-2',
    ])
      await who.get(path).expect(404)
    expect((await who.get('/embed/courses/partly').expect(200)).text).not.toContain('For partners')
  }
})

test('a frame is no visit', async () => {
  const before = await Visits.count()
  await visitor.get('/embed').set(firefox).expect(200)
  expect(await Visits.count()).toBe(before)
})

test('the script is for every site, and each embed asks for its page', async () => {
  const { text, headers } = await visitor.get('/embed.js').expect(200)
  expect(headers['content-type']).toContain('javascript')
  expect(headers['cross-origin-resource-policy']).toBe('cross-origin')
  expect(headers['cache-control']).toBe('public, max-age=3600')
  expect(text).toContain('document.currentScript')
})

test('who signs up from a partner’s site is in the lesson they wanted, and came from that site', async () => {
  const here = browser(firefox)
  const frame = await here.open('/embed/courses/pumps/lessons/lesson-1?site=https://shop.partner.example')
  const deep = new URL(linksOn(frame.text).find(link => link.includes('/lessons/lesson-2'))!)
  const locked = await here.open(deep.pathname + deep.search)
  expect(locked.status).toBe(403)
  const enrol = linksOn(locked.text).find(link => link.includes('enrolment'))!
  const signUp = await here.open(enrol)
  expect(signUp.text).toContain('value="/courses/pumps/enrolment?lesson=lesson-2"')
  const next = '/courses/pumps/enrolment?lesson=lesson-2'
  await here.send('/sign-up', { how: 'link', name: 'Vera', email: 'vera@gmail.com', next })
  // On another device.
  const phone = browser(firefox)
  const { link } = await emailTo('vera@gmail.com')
  await phone.open(link)
  expect((await phone.send(link)).headers.location).toBe('/courses/pumps/lessons/lesson-2')
  const { firstTouch } = (await People.findOne({ email: 'vera@gmail.com' }))!
  expect(firstTouch).toMatchObject({ source: 'shop.partner.example', medium: 'embed' })
  expect(firstTouch!.landing).toBe('/courses/pumps/lessons/lesson-2')
  expect(sourceOf(firstTouch)).toBe('referral')
})

test('who signs up from the header of a free lesson comes back to it', async () => {
  const page = await visitor.get('/courses/pumps/lessons/lesson-1').expect(200)
  expect(page.text).toContain('href="/sign-up?next=/courses/pumps/lessons/lesson-1"')
  expect(followed('/x', undefined)).toBe('/x')
})

test.each([
  ['www.Northwind.com', 'https://www.northwind.com'],
  ['https://www.northwind.com/products?x=1', 'https://www.northwind.com'],
  ['*.northwind.com', 'https://*.northwind.com'],
  ['bücher.example', 'https://xn--bcher-kva.example'],
  ['http://localhost:8080', 'http://localhost:8080'],
  ['http://www.northwind.com', null],
  ['*.com', null],
  ['*.co.uk', null],
  ['*', null],
  ["'none'", null],
  ['northwind.com;script-src', null],
  ['https://user@northwind.com', null],
  ['javascript:alert(1)', null],
])('%s is listed as %s', (typed, listed) => {
  expect(siteIn(typed)).toBe(listed)
})

test('a name that only ends like a listed one isn’t listed', () => {
  const sites = ['https://*.partner.example', 'https://northwind.com']
  expect(isListedSite('https://a.partner.example', sites)).toBe(true)
  for (const other of [
    'https://evilpartner.example',
    'http://a.partner.example',
    'https://northwind.com.evil.example',
  ])
    expect([other, isListedSite(other, sites)]).toEqual([other, false])
})

describe('an administrator lists websites', () => {
  const url = '/admin/brands/academy/websites'

  test('and the studio’s page shows them, with the tag to copy', async () => {
    const form = (await admin.get(url).expect(200)).text
    expect(form).toContain('*.partner.example')
    const changes = /name="changes" value="(\d+)"/.exec(form)![1]!
    await admin.post(url, { sites: 'www.northwind.com, *.shop.example', changes }).expect(303)
    const author = await as(await make.person({ role: 'author' }))
    const { text, headers } = await author.get('/studio/website?show=pumps/lesson-1&theme=dark').expect(200)
    expect(headers['content-security-policy']).toContain("frame-src 'self'")
    expect(text).toContain('src="/embed/courses/pumps/lessons/lesson-1?theme=dark"')
    expect(text).toContain(
      'data-course=&#34;pumps&#34; data-lesson=&#34;lesson-1&#34; data-theme=&#34;dark&#34;',
    )
    expect(text).toContain('*.shop.example')
    expect(text).not.toContain('partner.example')
    expect(text).not.toContain('Kept back')
    expect(text).not.toContain(`href="${url}"`)
    expect(text).toContain('http://127.0.0.1:3000/feed.xml')
  })

  test('and what isn’t one is refused and stays in the form', async () => {
    const { text } = await admin.post(url, { sites: 'www.fine.example\nnot a site', changes: 2 }).expect(422)
    expect(text).toContain('These aren’t websites: not, a, site')
    expect(text).toContain('www.fine.example')
    const old = await admin.post(url, { sites: 'www.fine.example', changes: 1 }).expect(409)
    expect(old.text).toContain('Someone else has changed this list')
    const many = Array.from({ length: 51 }, (_, n) => `www${n}.fine.example`).join(' ')
    expect((await admin.post(url, { sites: many, changes: 2 }).expect(422)).text).toContain(
      'at most 50 websites',
    )
  })
})
