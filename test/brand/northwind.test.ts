import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { convert as htmlToText } from 'html-to-text'
import mongoose from 'mongoose'
import request from 'supertest'
import { startStripeSimulator, type StripeSimulator } from '../../src/demo/stripe'
import { Certificates } from '../../src/learning/certificate'
import { Emails } from '../../src/mail/email'
import { Leads } from '../../src/leads/lead'
import { Orders } from '../../src/orders/order'
import { stateOf } from '../../src/orders/payment'
import { People, type Person } from '../../src/people/person'
import { config } from '../../src/platform/config'
import { root } from '../../src/platform/root'
import { Deliveries } from '../../src/webhooks/delivery'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { linesIn } from '../kit/pdf'
import { allRoutes } from '../kit/routes'
import { walker, type Answer, type Walker } from '../kit/walker'
import { transpileStore } from '../setup/store-code'
import { closeEndpointServers, openEndpointServer, type EndpointServer } from '../webhooks/endpoint-server'

/*
 * An administrator of a freight company makes an empty academy theirs, through its pages alone. Then everyone uses it,
 * and nothing that anyone gets names the product that it runs on. (A webhook's `user-agent` does, for its receivers.)
 */

const hosts = { freight: new URL(config.baseUrl).host, depot: 'depot.localhost:3000' }
const answers: Answer[] = []
const heard = (answer: Answer) => void answers.push(answer)
const visit = (name: string, host: string = hosts.freight, cookie?: string) =>
  walker(name, host, heard, cookie)

let academy: Academy
let stripe: StripeSimulator
let crm: EndpointServer
let admin: Walker
const people: Record<string, Person> = {}
const before = { ...config, stripe: { ...config.stripe } }

beforeAll(async () => {
  // What an operator sets.
  const mailFrom = 'Academy <academy@northwind.example>'
  Object.assign(config, { mailFrom, demo: false, metricsToken: 'a-token-for-the-metrics-of-this-test' })
  academy = await openAcademy(async () => {})
  const origin = await academy.listen()
  stripe = await startStripeSimulator({
    eventsUrl: () => `${origin}/stripe/events`,
    webhookSecret: config.stripe.webhookSecret,
  })
  config.stripe.apiBase = stripe.url
})
afterAll(async () => {
  await closeEndpointServers()
  await stripe.close()
  await academy.close()
  Object.assign(config, before)
})

/** Fills in a form, which has to be accepted, and returns where it leads. */
async function fill(who: Walker, page: string, action: string, fields: Parameters<Walker['fill']>[2] = {}) {
  const { status, location, text } = await who.fill(page, action, fields)
  const errors = [...text.matchAll(/<p class="field-error"[^]*?<\/p>/g)].map(([html]) =>
    htmlToText(html).trim(),
  )
  expect([action, status, errors]).toEqual([action, 303, []])
  return location
}

test('the first administrator gets a link from the command of the README', async () => {
  const script = join(__dirname, '../../scripts/add-admin.ts')
  const uri = new URL(process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`]!)
  uri.pathname = `/${mongoose.connection.name}`
  const command = [join(__dirname, '../setup/run-script.js'), script, 'ines@northwind.example', 'Ines Dahl']
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    env: { ...process.env, MONGODB_URI: uri.href, LYCEUM_STORE_CODE: transpileStore() },
  })
  const [link] = /\/links\/[\w-]+/.exec(stdout)!
  admin = visit('admin')
  expect(await fill(admin, link, link)).toBe('/admin/people')
})

const brands = {
  academy: { academyName: 'Northwind Freight Academy', accent: '#00596B', tagline: 'Freight, plainly.' },
  'northwind-depot-school': {
    academyName: 'Northwind Depot School',
    accent: '#7A1F5C',
    tagline: 'For depots.',
  },
}

/** Fills in a brand's fields, its blanks in legal pages and two of its texts, and publishes it. */
async function makeBrand(id: keyof typeof brands) {
  const home = `/admin/brands/${id}`
  const { accent, ...names } = brands[id]
  await fill(admin, `${home}/look`, `${home}/look`, { accent })
  await fill(admin, home, home, {
    ...names,
    companyName: 'Northwind',
    legalName: 'Northwind Freight & Co. Ltd',
    postalAddress: '1 Quay Street, Bristol',
    privacyEmail: 'privacy@northwind.example',
    accessibilityEmail: 'access@northwind.example',
    replyTo: 'answers@northwind.example',
    emailFooter: 'Call us: **+44 20 7946 0018**',
  })
  for (const name of ['sharing', 'privacy', 'terms', 'accessibility', 'scoring']) {
    const page = `${home}/legal-pages/${name}`
    const { text } = await admin.open(page)
    const body = /<textarea[^>]*name="body"[^>]*>([^<]*)/.exec(text)![1]!
    await fill(admin, page, page, {
      body: body
        .trim()
        .replaceAll(/\[[^\]]*\](?!\()/g, 'English law applies.')
        .replaceAll('&#34;', '"')
        .replaceAll('&#39;', "'"),
    })
  }
  const texts = {
    'Create your account': 'Join us',
    'may score what I do': '{{companyName}} may count what I do.',
  }
  for (const [words, text] of Object.entries(texts)) {
    await fill(admin, `${home}/texts?q=${encodeURIComponent(words)}`, `${home}/texts`, { text })
  }
  await fill(admin, `${home}/publications/new`, `${home}/publications`)
}

test('she makes the academy hers: name, colour, legal pages, a text and a consent', async () => {
  await makeBrand('academy')
  const home = await visit('anonymous').open('/')
  expect(home.text).toContain(' · Northwind Freight Academy</title>')
})

const lists = '/admin/catalogue-lists'
const courseFields = {
  summary: 'How a container is loaded.',
  outcomes: 'weigh a container',
  ...{ 'authors.0.name': 'Otto Weiss', 'authors.0.role': 'dockmaster' },
  checkedOn: '2026-11-02',
  topic: 'loading',
  level: 'basics',
}

/** Writes a course in the studio and publishes it. */
async function writeCourse(title: string, slug: string, settings: Record<string, string>) {
  const author = visit('author', hosts.freight, (await as(people.author!)).cookie)
  const course = `/studio/courses/${slug}`
  expect(await fill(author, '/studio/courses/new', '/studio/courses', { title })).toBe(course)
  await fill(author, course, `${course}/modules`, { title: 'At the dock' })
  for (const [lesson, kind] of [
    ['Weigh it', 'text'],
    ['Check what you know', 'quiz'],
  ]) {
    const made = { title: lesson!, kind: kind!, module: 'at-the-dock' }
    // A new quiz opens at its questions; its text is written like that of any lesson.
    const opened = await fill(author, `${course}/lessons/new`, `${course}/lessons`, made)
    const at = opened.replace(/\/questions$/, '')
    const body = kind === 'quiz' ? question : 'Weigh the container, then write it down.'
    await fill(author, at, at, { body })
  }
  await fill(author, `${course}/settings`, `${course}/settings`, { ...courseFields, ...settings })
  await fill(author, `${course}/publications/new`, `${course}/publication`)
}
const question = `
\`\`\`quiz
id: weight
kind: single
prompt: When do you weigh it?
choices:
  - content: Before it is loaded.
    isCorrect: true
    explanation: Then the crane can carry it.
  - content: Never.
    explanation: Then it may fall.
\`\`\`
`

test('she names topics, and an author writes two courses and a path', async () => {
  await fill(admin, lists, `${lists}/topics`, { 'name-en': 'Loading' })
  await fill(admin, lists, `${lists}/audiences`, { 'name-en': 'Dockers' })
  await fill(admin, lists, `${lists}/levels`, { 'name-en': 'Basics' })
  const team = [
    ['author', 'Otto Weiss'],
    ['sales', 'Petra Novotná'],
  ] as const
  for (const [role, name] of team)
    people[role] = await make.person({ role, name, email: `${role}@northwind.example` })
  await writeCourse('Load a container', 'load-a-container', {
    callToAction: 'demo',
    callToActionLabel: 'Book a demo',
    certificate: 'on',
    audiences: 'dockers',
  })
  await writeCourse('Customs at length', 'customs-at-length', { amount: '90', currency: 'GBP' })
  const author = visit('author', hosts.freight, (await as(people.author!)).cookie)
  const path = await fill(author, '/studio/paths/new', '/studio/paths', { title: 'First week' })
  const about = { summary: 'What to do first.', audience: 'Dockers' }
  for (const add of ['load-a-container', 'customs-at-length'])
    await fill(author, path, path, { ...about, add })
  await fill(author, path, `${path}/publication`)
})

/** Sets up the plans and the needs assessment of a brand. */
async function makeOffer(id: keyof typeof brands) {
  const plans = `/admin/brands/${id}/plans`
  const plan = await fill(admin, plans, plans, { title: 'What it costs', add: 'Depot' })
  const priced = {
    amount: '79',
    currency: 'GBP',
    period: 'month',
    features: 'Everything',
    kind: 'signUp',
    label: 'Start',
  }
  await fill(admin, plan, plan, priced)
  await fill(admin, plans, `${plans}/publications`)

  const needs = `/admin/brands/${id}/needs-assessment`
  for (const id of ['goal', 'work', 'time']) await fill(admin, needs, needs, { change: `remove:${id}` })
  const asked = await fill(admin, needs, needs, { title: 'Where do you start?', add: 'What do you load?' })
  await fill(admin, asked, asked, {
    ...{ 'text-0': 'Containers', 'topics-0': 'loading', 'minutes-0': '60', 'audience-0': 'dockers' },
    ...{ 'text-1': 'Nothing yet', 'path-1': 'first-week' },
  })
  await fill(admin, needs, `${needs}/publications`)
}

test('she sets up plans and a needs assessment', () => makeOffer('academy'))

test('she opens a second brand on its own host', async () => {
  const added = { academyName: 'Northwind Depot School', hosts: 'depot.localhost' }
  await fill(admin, '/admin/brands', '/admin/brands', added)
  await makeBrand('northwind-depot-school')
  await makeOffer('northwind-depot-school')
  expect((await visit('anonymous', hosts.depot).open('/')).text).toContain(
    ' · Northwind Depot School</title>',
  )
})

test.each(['freight', 'depot'] as const)(
  'a prospect of %s learns, is certified, buys and asks for a demo',
  async brand => {
    crm ??= await openEndpointServer({ name: 'Northwind CRM' })
    const ada = visit('prospect', hosts[brand])
    const email = `ada@${brand}-customer.example`
    await fill(ada, '/sign-up', '/sign-up', {
      ...{ name: 'Ada Olsen', email, password: 'a crate full of anchors', how: 'password' },
      ...{ profiling: 'on', share_with_sales: 'on', marketing_email: 'on' },
    })
    await ada.open('/sign-up/email-sent')
    const link = /\/links\/[\w-]+/.exec((await Emails.findOne({ to: email }))!.text)![0]
    await fill(ada, link, link)
    people[brand] = (await People.findOne({ email }))!
    await fill(ada, '/needs-assessment', '/needs-assessment', { 'what-do-you-load': 'containers' })

    const course = '/courses/load-a-container'
    await fill(ada, course, `${course}/enrolment`)
    await fill(ada, `${course}/lessons/weigh-it`, `${course}/lessons/weigh-it/completion`)
    const quiz = `${course}/lessons/check-what-you-know`
    await fill(ada, quiz, `${quiz}/attempts`, { 'q-weight': '0' })
    await runAllDue()
    const [certificate] = await Certificates.find({ person: people[brand]!._id })
    const paper = `/certificates/${certificate!._id}`
    expect((await ada.open(paper)).text).toContain('Verified')
    const lines = linesIn((await ada.open(`${paper}/certificate.pdf`)).body).map(({ text }) => text)
    expect(lines.join(' ')).toContain(
      brands[brand === 'freight' ? 'academy' : 'northwind-depot-school'].academyName,
    )
    expect(lines.join(' ')).not.toMatch(/lyceum/i)

    await fill(ada, `${course}/contact-request`, `${course}/contact-request`, {
      kind: 'demo',
      text: 'On a Monday.',
    })
    const toStripe = new URL(
      await fill(ada, '/courses/customs-at-length/checkout', '/courses/customs-at-length/orders'),
    )
    const paid = await fetch(toStripe, { method: 'POST', redirect: 'manual' })
    expect(paid.status).toBe(303)
    await runAllDue()
    const [order] = await Orders.find({ person: people[brand]!._id })
    expect(stateOf(order!)).toBe('paid')
  },
)

/** Returns the address of a page that shows something, where there is something to show. */
async function urlOf(path: string): Promise<string> {
  const lead = (await Leads.findOne({}))!
  const delivery = (await Deliveries.findOne({ deliveredAt: { $ne: null } }))!
  const order = (await Orders.findOne({}))!
  const certificate = (await Certificates.findOne({}))!
  const ids: [RegExp, string][] = [
    [/^\/sales\//, String(lead._id)],
    [/^\/admin\/people/, String(people.author!._id)],
    [/^\/admin\/brands/, 'northwind-depot-school'],
    [/^\/admin\/needs/, 'what-do-you-load'],
    [/^\/admin\/plans/, 'depot'],
    [/^\/account\/sharing|^\/integrations\/deliveries/, delivery._id],
    [/^\/integrations\/endpoints/, String(crm.endpoint._id)],
    [/^\/orders/, String(order._id)],
    [/^\/certificates/, certificate._id],
    [/^\/(studio\/)?paths/, 'first-week'],
    [/^\/(studio\/)?courses/, 'load-a-container'],
  ]
  const known: Record<string, string> = {
    ...{ name: 'privacy', list: 'topics', entry: 'loading', lesson: 'weigh-it', number: '1' },
    ...(path.includes('attempts') && { lesson: 'check-what-you-know' }),
  }
  const first = ids.find(([pattern]) => pattern.test(path))?.[1] ?? 'unknown'
  return path.replaceAll(/\{[^}]*\}/g, '').replaceAll(/:(\w+)/g, (_, name: string) => known[name] ?? first)
}

const served = readdirSync(join(root, 'public'), { recursive: true, encoding: 'utf8' })
const alsoOpened = [
  ...served.filter(file => /\.(css|js|svg)$/.test(file)).map(file => `/${file}`),
  '/search?q=container',
  '/search?q=nothing-like-it',
  '/search/suggestions?q=cont',
  '/needs-assessment?what-do-you-load=containers',
  '/admin/brands/academy',
  '/admin/brands/academy/texts?q=consent',
  '/sales/leads?tab=all',
  '/favicon.ico',
  '/manifest.webmanifest',
  '/feed.xml',
  '/nowhere',
]

describe.each(['freight', 'depot'] as const)('at the host of %s', brand => {
  test.each(['anonymous', 'prospect', 'sales', 'author', 'admin'])('%s opens every page', async who => {
    const roles: Record<string, Person | undefined> = { prospect: people[brand], ...people }
    const person = who === 'admin' ? (await People.findOne({ role: 'admin' }))! : roles[who]
    const visitor = visit(who, hosts[brand], person && (await as(person)).cookie)
    const paths = allRoutes.filter(
      ([method, path]) => method === 'get' && !/^\/(links|lead-actions|auth)/.test(path),
    )
    const opened: string[] = []
    for (const [, path] of paths) opened.push(await urlOf(path))
    const broken: string[] = []
    for (const path of [...opened, ...alsoOpened]) {
      const { status } = await visitor.open(path)
      // Without a worker, the academy isn't ready.
      if (status >= 500 && path !== '/readyz') broken.push(`${status} ${path}`)
    }
    expect(broken).toEqual([])
  })
})

test('no page, no file, no header, no email and no message names the product behind it', async () => {
  // But for the option that says it in the footer.
  const named = (text: string) => {
    const at = text.search(/(?<!powered by )lyceum/i)
    return at < 0 ? null : text.slice(Math.max(0, at - 80), at + 66)
  }
  const found = answers.flatMap(({ who, headers, text }) => {
    const where = named(headers + text)
    return where ? [`${who}: ${where}`] : []
  })
  expect([...new Set(found)]).toEqual([])
  // Not only refusals: every role has read its own pages.
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(600)
  const emails = await Emails.find({})
  expect(emails.length).toBeGreaterThan(6)
  expect(emails.flatMap(email => named(JSON.stringify(email)) ?? [])).toEqual([])
  expect(crm.received.length).toBeGreaterThan(3)
  const messages = crm.received.map(
    ({ headers, body }) => JSON.stringify({ ...headers, 'user-agent': '' }) + body,
  )
  expect(messages.flatMap(message => named(message) ?? [])).toEqual([])
  const metrics = await request(academy.app)
    .get('/metrics')
    .set('authorization', `Bearer ${config.metricsToken}`)
    .expect(200)
  expect(named(metrics.text)).toBeNull()
})
