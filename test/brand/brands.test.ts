import request from 'supertest'
import { createApp } from '../../src/app'
import mongoose from 'mongoose'
import { BrandVersions, invalidateBrands, readBrand } from '../../src/brand/brand'
import { hours, setClock } from '../../src/platform/clock'
import { config } from '../../src/platform/config'
import { completeRecords } from '../../src/platform/database'
import type { Published } from '../../src/courses/published'
import { startStripeSimulator, type StripeSimulator } from '../../src/demo/stripe'
import { Certificates } from '../../src/learning/certificate'
import { confirmMarketing } from '../../src/people/confirm-marketing'
import { activeConsent } from '../../src/people/consent'
import { giveConsent } from '../../src/people/give-consent'
import { issueLink } from '../../src/people/link'
import { People, type Person } from '../../src/people/person'
import { Emails } from '../../src/mail/email'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { advance } from '../kit/clock'
import { shownConsents } from '../kit/consents'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { linesIn } from '../kit/pdf'
import { closeEndpointServers, openEndpointServer, type EndpointServer } from '../webhooks/endpoint-server'

/** The hosts of the two brands: the first is that of BASE_URL. */
const hosts = { tarnwell: new URL(config.baseUrl).host, harbour: 'harbour.localhost:3000' }
type Name = keyof typeof hosts
const names = Object.keys(hosts) as Name[]

/** What only one of the brands may say: its names, its colour, its addresses and its host. */
const marks: Record<Name, RegExp> = {
  tarnwell: /tarnwell|00596b|mill lane|127\.0\.0\.1:3000|academy@lyceum|news@lyceum/i,
  harbour: /harbour|7a1f5c|quay street/i,
}
/** Who signs up at each. */
const newcomers = { tarnwell: 'grace@well.example', harbour: 'grace@port.example' }
const ids = { tarnwell: 'academy', harbour: 'harbour-school' } as const
const other = { tarnwell: 'harbour', harbour: 'tarnwell' } as const

const content = {
  tarnwell: {
    academyName: 'Tarnwell Academy',
    companyName: 'Tarnwell',
    legalName: 'Tarnwell Controls Ltd',
    postalAddress: '2 Mill Lane, Leeds',
    tagline: 'Made by the people of Tarnwell.',
    privacyEmail: 'privacy@tarnwell.example',
    accessibilityEmail: 'access@tarnwell.example',
    senderName: '',
    senderAddress: '',
    replyTo: 'answers@tarnwell.example',
    accent: '#00596B',
  },
  harbour: {
    academyName: 'Harbour School',
    companyName: 'Harbour',
    legalName: 'Harbour Freight & Co. Ltd',
    postalAddress: '1 Quay Street, Bristol',
    tagline: 'Freight from the harbour.',
    privacyEmail: 'privacy@harbour.example',
    accessibilityEmail: 'access@harbour.example',
    senderName: '',
    senderAddress: 'hello@harbour.example',
    replyTo: 'answers@harbour.example',
    accent: '#7A1F5C',
    courses: 'some',
    topics: 'sales',
    slugs: 'shared',
  },
}

let academy: Academy
let stripe: StripeSimulator
let crm: EndpointServer
let admin: Visitor
let courses: Record<'pumps' | 'freight' | 'shared' | 'paid', Published>
const people = {} as Record<Name, Person>

beforeAll(async () => {
  academy = await openAcademy()
  // The demo's strip links the brands to each other; an installation that is open to others has none.
  config.demo = false
  await academy.listen()
  stripe = await startStripeSimulator({ eventsUrl: () => '', webhookSecret: config.stripe.webhookSecret })
  config.stripe.apiBase = stripe.url
  const owner = await make.person({ role: 'admin', name: 'Aisha Demir', email: 'aisha@staff.example' })
  admin = await as(owner)
  await make.person({ role: 'sales', name: 'Petra Novotná', email: 'petra@staff.example' })
  crm = await openEndpointServer()
  courses = {
    pumps: await make.course({ slug: 'pumps', title: 'Pumps in short', topic: 'operations', lessons: 2 }),
    freight: await make.course({ slug: 'freight', title: 'Freight in short', topic: 'sales', lessons: 2 }),
    shared: await make.course({ slug: 'shared', title: 'Safety in short', topic: 'privacy', lessons: 2 }),
    paid: await make.course({
      slug: 'freight-paid',
      title: 'Freight at length',
      topic: 'sales',
      price: { amount: 9000, currency: 'EUR' },
    }),
  }
  const path = { audience: 'Sales', summary: 'All of it.' }
  await make.path({ ...path, slug: 'start', title: 'Start here', courses: ['freight', 'shared'] })
  await make.path({ ...path, slug: 'mixed', title: 'Wells and freight', courses: ['freight', 'pumps'] })
  await make.path({ ...path, slug: 'wells', title: 'Wells only', courses: ['pumps'] })
  const added = await admin.post('/admin/brands', {
    academyName: 'Harbour School',
    hosts: 'http://Harbour.localhost:3000/, school.localhost',
  })
  expect([added.status, added.headers.location]).toEqual([303, '/admin/brands/harbour-school'])
  await publish('academy', content.tarnwell)
  await publish('harbour-school', content.harbour)
  people.tarnwell = await make.person({ name: 'Ada Olsen', brand: 'academy', email: 'ada@one.example' })
  people.harbour = await make.person({ name: 'Bo Lind', brand: 'harbour-school', email: 'bo@two.example' })
})
afterAll(async () => {
  config.demo = true
  await closeEndpointServers()
  await stripe.close()
  await academy.close()
})

/** What the form of a page is based on. */
const basisOf = async (page: string) =>
  /id="form"[\s\S]*?name="basis" value="([^"]*)"/.exec((await admin.get(page)).text)![1]

async function publish(id: string, fields: Record<string, string>) {
  const draft = async () => String((await readBrand(id)).draftNumber)
  const { accent, ...names } = fields
  const home = `/admin/brands/${id}`
  const saved = await admin.post(home, { ...names, basis: await basisOf(home) })
  const look = { typePairing: 'brygada-hanken', covers: 'uploaded', accent }
  await admin.post(`${home}/look`, { ...look, basis: await basisOf(`${home}/look`) }).expect(303)
  expect([id, saved.status]).toEqual([id, 303])
  const legalPages = `${home}/legal-pages/terms`
  const terms = { title: 'Terms', lede: '', body: 'English law applies.' }
  await admin.post(legalPages, { ...terms, basis: await basisOf(legalPages) })
  await admin.post(`/admin/brands/${id}/publications`, { draftNumber: await draft() }).expect(303)
}

/** What a visitor of a host sees. */
const at = (host: string, visitor: Visitor) => ({
  get: (path: string) => visitor.get(path).set('host', host),
  post: (path: string, fields: Record<string, unknown> = {}) => visitor.post(path, fields).set('host', host),
})

type Message = {
  data: { brand: { id: string; name: string }; links: { brief: string; unsubscribe: string } }
}
type Response = { status: number; headers: Record<string, unknown>; text?: string; body?: unknown }
const said = ({ headers, text, body }: Response) => JSON.stringify(headers) + (text ?? String(body))

/** The emails to an address, as they are sent. */
const emailsTo = async (to: string) => (await Emails.find({ to })).map(email => JSON.stringify(email))

const needs = new URLSearchParams({
  work: 'sales',
  goal: 'leads',
  now: 'nothing',
  time: 'weeks',
  people: 'me',
  when: 'soon',
})

const publicPages = [
  ...['/', '/courses', '/courses?level=beginner', '/courses?q=short', '/paths', '/paths/start'],
  ...['/search', '/search?q=short', '/search/suggestions?q=short', '/pricing', '/pricing/compare'],
  ...[
    '/needs-assessment',
    `/needs-assessment?${needs}`,
    '/courses/shared',
    '/courses/shared/lessons/lesson-1',
  ],
  ...['/courses/shared/lessons/lesson-2', '/certificates', '/certificates?number=K7QM-2FXA-9T4W-0B3N'],
  ...['/sitemap.xml', '/robots.txt', '/sign-in', '/sign-up', '/sign-up?next=/courses/shared/enrolment'],
  ...['/sign-up/email-sent', '/privacy', '/terms', '/sharing', '/scoring', '/accessibility', '/nowhere'],
  ...['/webhooks/message-types', '/webhooks/message-types.json', '/css/base.css'],
]
const ownPages = [
  ...['/', '/courses', '/courses/shared', '/courses/shared/lessons/lesson-2', '/learning', '/orders'],
  ...['/account', '/account/certificates', '/account/sharing', '/account/email-preferences', '/account/data'],
  ...['/account/data.json', '/account/data.csv', '/needs-assessment', '/paths/start', '/pricing'],
]

describe('pricing page and needs assessment', () => {
  const editor = '/admin/brands/harbour-school'
  const pages = { plans: '/pricing', 'needs-assessment': '/needs-assessment' }
  const plans = { title: 'Fares', lede: '', note: '', source: 'own' }
  const needs = { title: 'What do you move?', lede: '' }
  const post = async (page: keyof typeof pages, path: string, fields: Record<string, unknown> = {}) => {
    const { text } = await admin.get(`${editor}/${page}`).expect(200)
    const [, draftNumber = ''] = /name="draftNumber" value="(\d+)"/.exec(text)!
    const sent = await admin.post(`${editor}/${page}${path}`, { draftNumber, ...fields })
    expect([page, path, sent.status]).toEqual([page, path, 303])
  }
  const textsOf = async (host: string) => {
    const visitor = at(host, await anonymous())
    const [home, sitemap] = [
      await visitor.get('/').expect(200),
      await visitor.get('/sitemap.xml').expect(200),
    ]
    return [home.text, sitemap.text]
  }

  test('a brand has neither before it writes them, whatever the other one has', async () => {
    const visitor = at(hosts.harbour, await anonymous())
    for (const page of Object.values(pages)) {
      await visitor.get(page).expect(404)
      for (const text of await textsOf(hosts.harbour)) expect(text).not.toContain(page)
      for (const text of await textsOf(hosts.tarnwell)) expect(text).toContain(page)
    }
  })

  test('an administrator writes them for one brand, and only its visitors see them', async () => {
    await post('plans', '', { ...plans, add: 'Quay pass' })
    await post('plans', '/plan/quay-pass', {
      ...{ name: 'Quay pass', amount: '90', currency: 'EUR', words: '', period: 'year', features: 'Crane' },
      ...{ kind: 'path', label: '', target: 'start' },
    })
    await post('plans', '/publications', plans)
    await post('needs-assessment', '', { ...needs, add: 'Cargo' })
    const { text } = await admin.get(`${editor}/needs-assessment/questions/cargo`).expect(200)
    const offered = [...text.matchAll(/<option value="(start|wells|mixed)"/g)].map(([, slug]) => slug)
    expect(new Set(offered)).toEqual(new Set(['start']))
    const answers = { 'text-0': 'Boxes', 'path-0': 'start', 'text-1': 'Oil', 'path-1': 'wells' }
    await post('needs-assessment', '/questions/cargo', { text: 'Cargo?', ...answers })
    for (const id of ['goal', 'work', 'time']) {
      await post('needs-assessment', '', { ...needs, change: `remove:${id}` })
    }
    const visitor = at(hosts.harbour, await anonymous())
    await visitor.get('/needs-assessment').expect(404)
    const draft = (await admin.get(`${editor}/needs-assessment`).expect(200)).text
    const [, link = ''] = /href="([^"]+\?page=%2Fneeds-assessment)"/.exec(draft)!
    const { host, pathname, search } = new URL(link)
    const guest = at(host, await anonymous())
    expect([host, (await guest.get(pathname + search).expect(303)).headers.location]).toEqual([
      hosts.harbour,
      '/needs-assessment',
    ])
    expect((await guest.get('/needs-assessment').expect(200)).text).toContain('What do you move?')
    await post('needs-assessment', '/publications', needs)

    const pricing = (await visitor.get('/pricing').expect(200)).text
    for (const text of ['Fares', 'Quay pass', '€90', '/paths/start']) expect(pricing).toContain(text)
    expect((await visitor.get('/needs-assessment').expect(200)).text).toContain('What do you move?')
    expect((await visitor.get('/needs-assessment?cargo=boxes').expect(200)).text).toContain('Start here')
    expect((await visitor.get('/needs-assessment?cargo=oil').expect(200)).text).not.toContain('Wells')
    for (const text of await textsOf(hosts.harbour)) {
      for (const page of Object.values(pages)) expect(text).toContain(page)
    }
    const first = at(hosts.tarnwell, await anonymous())
    for (const page of Object.values(pages)) {
      expect((await first.get(page).expect(200)).text).not.toMatch(/Fares|Quay|What do you move/)
    }
  })

  test('switching one off leaves the other brand’s', async () => {
    await post('plans', '/withdrawal')
    await at(hosts.harbour, await anonymous())
      .get('/pricing')
      .expect(404)
    await at(hosts.tarnwell, await anonymous())
      .get('/pricing')
      .expect(200)
    await post('plans', '/publications', plans)
  })
})

describe.each(names)('%s', name => {
  const host = hosts[name]
  const baseUrl = `http://${host}`

  test('no page says anything of the other brand', async () => {
    const visitor = at(host, await anonymous())
    for (const path of publicPages) {
      const page = await visitor.get(path)
      expect([path, said(page).match(marks[other[name]])?.[0]]).toEqual([path, undefined])
      expect([path, page.status < 500]).toEqual([path, true])
    }
    const home = (await visitor.get('/')).text
    expect(home).toContain(` · ${content[name].academyName}</title>`)
    expect(home).toContain(`<link rel="canonical" href="${baseUrl}/">`)
    expect(home).toContain(`<meta property="og:site_name" content="${content[name].academyName}">`)
    expect(home).toMatch(new RegExp(`<meta property="og:image" content="${baseUrl}/courses/`))
    const course = (await visitor.get('/courses/shared')).text
    expect(course).toContain(`"provider":{"@type":"Organization","name":"${content[name].academyName}"`)
    expect((await visitor.get('/robots.txt')).text).toContain(`Sitemap: ${baseUrl}/sitemap.xml`)
    const sitemap = (await visitor.get('/sitemap.xml')).text
    for (const [, url] of sitemap.matchAll(/<loc>([^<]+)/g)) expect(url!.startsWith(baseUrl)).toBe(true)
    const [, sheet] = /href="(\/css\/base\.css[^"]*)"/.exec(home)!
    expect((await visitor.get(sheet!)).text).toContain(`--pencil: light-dark(${content[name].accent}`)
  })

  test('a visitor who signs up belongs to it', async () => {
    const email = newcomers[name]
    const visitor = at(host, await anonymous())
    await visitor
      .post('/sign-up', {
        name: 'Grace Ng',
        email,
        how: 'link',
        profiling: 'on',
        share_with_sales: 'on',
        marketing_email: 'on',
        ...(await shownConsents(ids[name])),
      })
      .expect(303)
    const [sent] = await emailsTo(email)
    const [, link] = new RegExp(`(${baseUrl}/links/[\\w-]+)`).exec(sent!)!
    await visitor.post(new URL(link!).pathname).expect(303)
    const person = (await People.findOne({ email }))!
    expect(person.brand).toBe(ids[name])
  })

  test('a learner of it hears from nobody else', async () => {
    const email = newcomers[name]
    const person = (await People.findOne({ email }))!
    const learner = at(host, await as(person))
    await learner.post('/courses/shared/enrolment').expect(303)
    await learner.post('/courses/shared/lessons/lesson-1/completion').expect(303)
    await learner.post('/courses/shared/lessons/lesson-2/completion').expect(303)
    await learner.post('/courses/shared/contact-request', { kind: 'demo', text: 'Call me.' }).expect(303)
    await runAllDue()
    const emails = await emailsTo(email)
    expect(emails.map(each => /"_id":"(\w+)/.exec(each)![1]).sort()).toEqual([
      'certificate',
      'confirmMarketing',
      'signUp',
      'welcome',
    ])
    for (const each of emails) {
      expect(each.match(marks[other[name]])?.[0]).toBeUndefined()
      expect(each).toContain(content[name].academyName)
      expect(each).toContain(`@${new URL(baseUrl).hostname}>"`)
    }

    const messages = crm.received.map(({ body }) => body).filter(body => body.includes(email))
    const { data } = JSON.parse(messages[0]!) as Message
    expect(data.brand).toEqual({ id: person.brand, name: content[name].academyName })
    expect([data.links.brief, data.links.unsubscribe].map(url => new URL(url).origin)).toEqual([
      baseUrl,
      baseUrl,
    ])
    expect(messages.join('').match(marks[other[name]])?.[0]).toBeUndefined()
  })

  test('no page of a learner says anything of the other brand', async () => {
    const learner = at(host, await as((await People.findOne({ email: newcomers[name] }))!))
    for (const path of ownPages) {
      const page = await learner.get(path)
      expect([path, page.status, said(page).match(marks[other[name]])?.[0]]).toEqual([path, 200, undefined])
    }
  })

  test('its certificates keep its name, and are at its address only', async () => {
    const { _id: person } = (await People.findOne({ email: newcomers[name] }))!
    const [certificate] = await Certificates.find({ person })
    const path = `/certificates/${certificate!._id}`
    const there = at(host, await anonymous())
    const page = await there.get(path).expect(200)
    expect(page.text).toContain(content[name].academyName)
    expect(said(page)).not.toMatch(marks[other[name]])
    const pdf = await there.get(`${path}/certificate.pdf`).buffer().parse(binary).expect(200)
    const lines = linesIn(pdf.body as Buffer)
      .map(({ text }) => text)
      .join('\n')
    expect(lines).toContain(content[name].academyName)
    expect(lines).toContain(`${host}${path}`)
    expect(lines + (pdf.body as Buffer).toString('latin1')).not.toMatch(marks[other[name]])
    const elsewhere = at(hosts[other[name]], await anonymous())
    const moved = await elsewhere.get(path).expect(303)
    expect(moved.headers.location).toBe(baseUrl + path)
  })

  test('a buyer comes back from Stripe to the host where they are signed in', async () => {
    const buyer = at(host, await as(people[name]))
    const slug = courses.paid.slug
    const toStripe = await buyer.post(`/courses/${slug}/orders`).expect(303)
    const paid = await request(new URL(toStripe.headers.location!).origin)
      .get(new URL(toStripe.headers.location!).pathname)
      .set('accept', 'text/html')
    expect(paid.text).toContain(`${baseUrl}/courses/${slug}/checkout`)
  })
})

describe('a brand with a part of the catalogue', () => {
  test('shows its topics and its single courses everywhere, and nothing else', async () => {
    const visitor = at(hosts.harbour, await anonymous())
    for (const path of ['/', '/courses', '/sitemap.xml', '/search?q=short', '/search/suggestions?q=short']) {
      const { text } = await visitor.get(path).expect(200)
      for (const slug of ['freight', 'shared'])
        expect([path, slug, text.includes(`/courses/${slug}`)]).toContain(true)
      expect([path, text.match(/courses\/pumps|Pumps in short|Wells only|Wells and/)?.[0]]).toEqual([
        path,
        undefined,
      ])
    }
    const paths = (await visitor.get('/paths').expect(200)).text
    expect([paths.includes('Start here'), /Wells (?:only|and)/.test(paths)]).toEqual([true, false])
    expect((await visitor.get('/paths/start').expect(200)).text).toContain('Freight in short')
    for (const slug of ['wells', 'mixed']) await visitor.get(`/paths/${slug}`).expect(404)
    for (const outside of ['', '/lessons/lesson-1', '/cover.png', '/enrolment']) {
      await visitor.get(`/courses/pumps${outside}`).expect(404)
    }
    const first = at(hosts.tarnwell, await anonymous())
    expect((await first.get('/courses').expect(200)).text).toContain('Pumps in short')
    for (const slug of ['start', 'wells', 'mixed']) await first.get(`/paths/${slug}`).expect(200)
  })

  test('enrols nobody in another course, whatever link they follow', async () => {
    const bo = at(hosts.harbour, await as(people.harbour))
    await bo.post('/courses/pumps/enrolment').expect(404)
    const token = await issueLink({
      purpose: 'sign-in',
      email: people.harbour.email,
      next: '/courses/pumps/enrolment',
    })
    await at(hosts.harbour, await anonymous())
      .post(`/links/${token}`)
      .expect(303)
    expect((await bo.get('/learning').expect(200)).text).not.toContain('Pumps in short')
    await bo.get('/courses/pumps').expect(404)
  })

  test('announces only its own new courses to its subscribers', async () => {
    const subscribe = async (person: Person) => {
      const consent = {
        purpose: 'marketing_email' as const,
        text: 'New courses',
        locale: 'en',
        page: '/sign-up',
      }
      await giveConsent(person._id, consent)
      const given = await activeConsent(person._id, 'marketing_email')
      await confirmMarketing(given!._id, '')
    }
    await subscribe(people.tarnwell)
    await subscribe(people.harbour)
    await make.course({ slug: 'valves', title: 'Valves in short', topic: 'operations' })
    advance(hours(1))
    await runAllDue()
    setClock()
    const news = (email: string) => Emails.findOne({ to: email, subject: 'New course: Valves in short' })
    expect((await news(people.tarnwell.email))!.html).toContain(`http://${hosts.tarnwell}/courses/valves`)
    expect(await news(people.harbour.email)).toBeNull()
  })
})

describe('a person of one brand at the host of the other', () => {
  test('signs in with a link that leads there, and stays with the brand they joined', async () => {
    const { email } = people.tarnwell
    const visitor = at(hosts.harbour, await anonymous())
    await visitor.post('/sign-in/link', { email }).expect(303)
    const sent = (await emailsTo(email)).find(each => each.includes('"_id":"signIn'))!
    expect(sent.match(marks.tarnwell)?.[0]).toBeUndefined()
    const [, path] = /harbour\.localhost:3000(\/links\/[\w-]+)/.exec(sent)!
    await visitor.post(path!).expect(303)
    expect((await People.findById(people.tarnwell._id))!.brand).toBe('academy')

    const ada = at(hosts.harbour, await as(people.tarnwell))
    for (const slug of ['freight', 'shared']) await ada.post(`/courses/${slug}/enrolment`).expect(303)
    for (const lesson of ['lesson-1', 'lesson-2'])
      await ada.post(`/courses/freight/lessons/${lesson}/completion`).expect(303)
    await runAllDue()
    // Their profile says what they joined, and their own data has the emails that they got.
    expect((await ada.get('/account')).text).toContain('Tarnwell Academy. Its emails and certificates')
    for (const own of ownPages.filter(each => !/^\/account(\/data\.\w+)?$/.test(each))) {
      const page = await ada.get(own).expect(200)
      expect([own, said(page).match(marks.tarnwell)?.[0]]).toEqual([own, undefined])
    }
    const certificate = (await emailsTo(email)).find(each => each.includes('"_id":"certificate'))!
    expect(certificate).toContain('Tarnwell Academy')
    expect(certificate.match(marks.harbour)?.[0]).toBeUndefined()
  })

  test('keeps a course that their own brand no longer shows, and finds it nowhere else', async () => {
    const bo = at(hosts.harbour, await as(people.harbour))
    await bo.post('/courses/shared/enrolment').expect(303)
    await publish('harbour-school', { ...content.harbour, slugs: 'freight-paid' })
    await bo.get('/courses/shared').expect(200)
    expect((await bo.get('/learning').expect(200)).text).toContain('Safety in short')
    await at(hosts.harbour, await as(people.tarnwell))
      .get('/courses/shared')
      .expect(404)
    await publish('harbour-school', content.harbour)
  })
})

test('sales sees which brand a lead joined', async () => {
  const grace = (await People.findOne({ email: newcomers.harbour }))!
  const petra = await as((await People.findOne({ email: 'petra@staff.example' }))!)
  expect((await petra.get('/sales/leads').expect(200)).text).toContain('Harbour School')
  const lead = (await petra.get(`/sales/leads/${grace._id}`).expect(200)).text
  expect(lead).toMatch(/<dt>Brand<\/dt>\s*<dd>Harbour School<\/dd>/)
  expect((await petra.get('/sales/leads.csv').expect(200)).text).toContain('Harbour School')
})

describe('hosts', () => {
  test.each([
    ['harbour.localhost', 'Harbour School'],
    ['HARBOUR.localhost:4900', 'Harbour School'],
    ['harbour.localhost.:3000', 'Harbour School'],
    ['school.localhost', 'Harbour School'],
    ['localhost', 'Tarnwell Academy'],
    ['127.0.0.1:9', 'Tarnwell Academy'],
    ['nobody.localhost', 'Tarnwell Academy'],
  ])('%s shows %s, and links to its primary address', async (host, academyName) => {
    const home = (
      await at(host, await anonymous())
        .get('/')
        .expect(200)
    ).text
    expect(home).toContain(` · ${academyName}</title>`)
    const primary = academyName === 'Harbour School' ? hosts.harbour : hosts.tarnwell
    expect(home).toContain(`<link rel="canonical" href="http://${primary}/">`)
  })

  test('the host of a request is in no link, no email and no redirect, and nobody can forward another', async () => {
    const app = createApp()
    for (const host of [
      'evil.example',
      'evil.example:80',
      '[::1]',
      'harbour.localhost.evil.example',
      '@evil.example',
    ]) {
      for (const path of [
        '/',
        '/sitemap.xml',
        '/robots.txt',
        '/courses/shared',
        '/sign-in',
        '/account',
        '/nowhere',
      ]) {
        const page = await request(app).get(path).set('host', host).set('accept', 'text/html')
        expect([host, path, said(page).includes('evil.example')]).toEqual([host, path, false])
        expect(said(page)).not.toMatch(marks.harbour)
      }
    }
    const forwarded = await request(app).get('/').set('x-forwarded-host', 'harbour.localhost')
    expect(forwarded.text).toContain('Tarnwell Academy</title>')
    const email = 'lost@three.example'
    const { cookie, csrf } = await anonymous()
    await request(app)
      .post('/sign-in/link')
      .set({ host: 'evil.example', cookie, accept: 'text/html' })
      .type('form')
      .send({ _csrf: csrf, email })
      .expect(303)
    expect((await emailsTo(email)).join('')).not.toContain('evil.example')
  })

  test('a proxy that is trusted names the host', async () => {
    const { trustProxy } = config
    config.trustProxy = 1
    try {
      const page = await request(createApp()).get('/').set('x-forwarded-host', 'harbour.localhost')
      expect(page.text).toContain('Harbour School</title>')
    } finally {
      config.trustProxy = trustProxy
    }
  })

  test('a form of one brand is refused at the other', async () => {
    const { cookie, csrf } = await as(people.harbour)
    const send = (origin: string) =>
      request(academy.app)
        .post('/courses/freight/enrolment')
        .set({ host: hosts.harbour, cookie, origin, accept: 'text/html' })
        .type('form')
        .send({ _csrf: csrf })
    expect((await send(`http://${hosts.tarnwell}`)).status).toBe(403)
    expect((await send(`http://${hosts.harbour}`)).status).toBe(303)
  })
})

describe('an administrator', () => {
  test('sees the brands with their hosts, what is published and who joined', async () => {
    const page = (await admin.get('/admin/brands').expect(200)).text
    expect(page).toMatch(/<span class="tag tag-pine">Version \d<\/span>/)
    for (const each of ['Tarnwell Academy', 'Harbour School', 'harbour.localhost', 'school.localhost']) {
      expect(page).toContain(each)
    }
  })

  test('adds a brand that nobody sees before it is published, but those with the preview link', async () => {
    await admin.post('/admin/brands', { academyName: 'Third', hosts: 'third.localhost' }).expect(303)
    const visitor = at('third.localhost', await anonymous())
    for (const path of ['/', '/courses', '/sign-in', '/sitemap.xml']) {
      const page = await visitor.get(path).expect(404)
      expect(page.text).not.toMatch(marks.tarnwell)
      expect(page.text).toContain('still being prepared. Come back later.')
      expect(page.text).not.toMatch(/href="\/(courses|search|sign-up|sign-in)"|<nav/)
    }
    const editor = (await admin.get('/admin/brands/third').expect(200)).text
    const [, link] = /href="http:\/\/third\.localhost:3000(\/brand-previews\/[^"]+)"/.exec(editor)!
    await at(hosts.harbour, await anonymous())
      .get(link!)
      .expect(404)
    const reader = request.agent(academy.app).set({ host: 'third.localhost:3000', accept: 'text/html' })
    await reader.get(link!).expect(303)
    expect((await reader.get('/').expect(200)).text).toContain(' · Third</title>')
    await reader
      .get('/')
      .set('host', hosts.harbour)
      .expect(200)
      .expect(/ · Harbour School<\/title>/)
  })

  test.each([
    ['harbour.localhost', 'harbour.localhost is already used by Harbour School'],
    ['127.0.0.1', 'These aren&#39;t hosts: 127.0.0.1'],
    ['localhost', 'These aren&#39;t hosts'],
    ['a_b.example', 'These aren&#39;t hosts'],
    ['http://school.localhost:8400/', 'school.localhost is already used by Harbour School'],
    ['', 'Enter a host'],
  ])('can’t give a brand the host %s', async (typed, error) => {
    const refused = await admin.post('/admin/brands', { academyName: 'Fourth', hosts: typed })
    expect([refused.status, refused.text.includes(error)]).toEqual([422, true])
    expect(refused.text).toContain('value="Fourth"')
  })

  test('changes the hosts, and has them checked from the server', async () => {
    const origin = await academy.listen()
    const { baseUrl } = config
    config.baseUrl = origin
    try {
      const saved = await admin.post('/admin/brands/third/hosts', {
        hosts: 'THIRD.localhost\nNobody.invalid',
      })
      expect(saved.status).toBe(303)
      const checked = (await admin.post('/admin/brands/third/host-checks').expect(200)).text
      expect(checked).toContain('This academy answers.')
      expect(checked).toContain('nobody.invalid isn&#39;t in the DNS yet')
      const refused = await admin.post('/admin/brands/third/hosts', { hosts: '' })
      expect([refused.status, refused.text.includes('Enter a host')]).toEqual([422, true])
    } finally {
      config.baseUrl = baseUrl
      invalidateBrands()
    }
  })

  test('publishes and restores each brand by itself', async () => {
    const history = (await admin.get('/admin/brands/harbour-school/versions').expect(200)).text
    expect(history).toContain('/admin/brands/harbour-school/versions/1/restoration')
    await admin.get('/admin/brands/nobody').expect(404)
    const draftNumber = String((await readBrand('harbour-school')).draftNumber)
    await admin.post('/admin/brands/harbour-school/versions/999/restoration', { draftNumber }).expect(404)
  })
})

test('a brand from before there were several has its versions, its people and its certificates', async () => {
  const versions = mongoose.connection.collection<{ _id: number }>('brand_versions')
  const [first] = await BrandVersions.find({ brandId: 'academy' }).sort({ number: 1 }).limit(1)
  await versions.updateOne({ _id: first!._id }, { $unset: { brandId: 1, number: 1 } })
  await mongoose.connection
    .collection('people')
    .updateOne({ _id: people.tarnwell._id }, { $unset: { brand: 1 } })
  await mongoose.connection.collection('brands').updateOne({ hosts: [] }, { $unset: { hosts: 1 } })
  await completeRecords()
  expect(await BrandVersions.findById(first!._id)).toMatchObject({ brandId: 'academy', number: first!._id })
  const ada = at(hosts.tarnwell, await as(people.tarnwell))
  expect((await ada.get('/learning').expect(200)).text).toContain('Freight in short')
  await admin.get('/admin/brands/academy').expect(200)
})

function binary(response: unknown, done: (error: Error | null, body: Buffer) => void): void {
  const stream = response as NodeJS.ReadableStream
  const parts: Buffer[] = []
  stream.on('data', (part: Buffer) => parts.push(part))
  stream.on('end', () => done(null, Buffer.concat(parts)))
}
