import type { AddressInfo } from 'node:net'
import { EJSON } from 'bson'
import mongoose from 'mongoose'
import { symbols } from 'pino'
import { SMTPServer } from 'smtp-server'
import request, { type Response } from 'supertest'
import { record } from '../../src/events/record'
import { closeTransport } from '../../src/mail/transport'
import { queueEmail } from '../../src/mail/queue-email'
import { People } from '../../src/people/person'
import { unsubscribeToken } from '../../src/people/unsubscribe-token'
import { days, setClock } from '../../src/platform/clock'
import { config } from '../../src/platform/config'
import { log } from '../../src/platform/log'
import { secretRoutes, secretUrl } from '../../src/platform/secret-routes'
import { Emails } from '../../src/mail/email'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { browser } from '../account/browser'
import { closeEndpointServers, openEndpointServer } from '../webhooks/endpoint-server'

// Follows every kind of link with a token, then looks for each token wherever the academy writes anything.

let academy: Academy
let mailServer: SMTPServer
const mails: { to: string; text: string }[] = []
const lines: string[] = []
const secrets = new Map<string, string>()

beforeAll(async () => {
  academy = await openAcademy()
  mailServer = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', chunk => chunks.push(chunk as Buffer))
      stream.on('end', () => {
        const text = Buffer.concat(chunks).toString().replace(/=\r\n/g, '').replaceAll('=3D', '=')
        const to = session.envelope.rcptTo[0]!.address
        mails.push({ to, text })
        // A spam filter that quotes what it dislikes.
        const link = /https?:\/\/\S+\/(?:links|unsubscribe|lead-actions)\/[\w.-]+/.exec(text)?.[0]
        const refusal = Object.assign(new Error(`Blocked: ${link}`), { responseCode: 554 })
        done(to.startsWith('refused') ? refusal : null)
      })
    },
  })
  mailServer.on('error', () => {})
  await new Promise<void>(resolve => mailServer.listen(0, '127.0.0.1', () => resolve()))
  config.smtpUrl = `smtp://127.0.0.1:${(mailServer.server.address() as AddressInfo).port}`
  log.level = 'debug'
  const stream = Reflect.get(log, symbols.streamSym) as { write: (line: string) => void }
  jest.spyOn(stream, 'write').mockImplementation(line => void lines.push(line))
})
afterAll(async () => {
  log.level = config.logLevel
  jest.restoreAllMocks()
  closeTransport()
  config.smtpUrl = undefined
  await new Promise<void>(resolve => mailServer.close(() => resolve()))
  await closeEndpointServers()
  await academy.close()
})

/** Returns the path of the newest link of a kind in the emails to an address, and remembers its token. */
function linkTo(address: string, kind: 'links' | 'unsubscribe' | 'lead-actions'): string {
  const { text } = mails.findLast(({ to, text }) => to === address && text.includes(`/${kind}/`))!
  const [path, token] = new RegExp(`/${kind}/([\\w.-]+)`).exec(text)!
  secrets.set(`${kind} of ${address}`, token!)
  return path
}

/** Remembers the values of the cookies that a response sets. */
function keepCookies(answer: Response): Response {
  for (const each of (answer.headers['set-cookie'] as unknown as string[] | undefined) ?? []) {
    const [, name = '', value = ''] = /^(lyceum|device)=([^;]+)/.exec(each) ?? []
    const signature = decodeURIComponent(value).split('.').pop()
    if (name && signature) secrets.set(`${name} ${secrets.size}`, signature)
  }
  return answer
}

/** Opens a link in every way in which it may arrive, none of which uses it up. */
async function openOddly(path: string): Promise<void> {
  const [, kind, token] = path.split('/')
  const url = encodeURIComponent(config.baseUrl + path)
  const paths = [
    `/${kind!.toUpperCase()}/${token}`,
    `/%${kind!.charCodeAt(0).toString(16)}${kind!.slice(1)}/${token}`,
    `/${kind}%2F${token}`,
    `/${kind}//${token}`,
    `/${kind}/${token}/`,
    `/${kind}/${token}/more`,
    `/en/${kind}/${token}`,
    `/${token}`,
    `/courses?token=${token}`,
    `/courses?utm_source=mail&utm_campaign=${url}`,
    `/sign-in?next=${encodeURIComponent(path)}`,
    `/sign-up?next=${encodeURIComponent(path)}`,
    `/account?from=${url}`,
  ]
  const headers = {
    'user-agent': 'Mozilla/5.0 Firefox/140.0',
    accept: 'text/html',
    referer: config.baseUrl + path,
  }
  for (const each of paths) keepCookies(await request(theApp()).get(each).set(headers))
  await request(theApp()).post(`/${kind}/${token}/none`).set(headers)
}

test('no token, cookie, key or password is written anywhere', async () => {
  const crm = await openEndpointServer({
    respond: (response, _request, n) => response.end(crm.received[n - 1]!.body),
  })
  secrets.set('webhook secret', crm.secret).set('webhook key', crm.secret.replace('whsec_', ''))
  for (const [name, value] of [
    ['session secret', config.sessionSecret],
    ['encryption key', config.encryptionKey.toString('base64')],
    ['stripe key', config.stripe.secretKey],
    ['stripe webhook secret', config.stripe.webhookSecret],
  ] as const) {
    secrets.set(name, value)
  }
  const { slug } = await make.course()
  const rep = await make.person({ role: 'sales', email: 'rep@academy.example' })
  const admin = await as(await make.person({ role: 'admin' }))
  const email = 'ada@northwind.com'
  const password = 'walk and talk a while'
  secrets
    .set('password', password)
    .set('wrong password', 'never the right words')
    .set('new password', 'a better secret')

  // Signs up with a password, and confirms it and the newsletter by email.
  const here = browser({ 'user-agent': 'Mozilla/5.0 Firefox/140.0' })
  const open = async (path: string) => keepCookies(await here.open(path))
  const send = async (path: string, fields: Record<string, string> = {}) =>
    keepCookies(await here.send(path, fields))
  await open('/sign-up?utm_source=newsletter')
  const consents = { profiling: 'on', share_with_sales: 'on', marketing_email: 'on' }
  await send('/sign-up', { name: 'Ada Lovelace', email, password, ...consents })
  await runAllDue()
  const signUp = linkTo(email, 'links')
  await openOddly(signUp)
  await open(signUp)
  expect((await send(signUp)).status).toBe(303)
  await runAllDue()
  const newsletter = linkTo(email, 'links')
  await openOddly(newsletter)
  await open(newsletter)
  await send(newsletter)

  // Becomes a lead, whom sales rejects by email.
  await open(`/courses/${slug}/contact-request`)
  await send(`/courses/${slug}/contact-request`, { kind: 'demo', text: 'Soon.' })
  const person = (await People.findOne({ email }))!
  const data = { trigger: 'score' as const, band: 'A1', score: 70, fit: 80, sequence: 1 }
  await record({ name: 'lead.qualified', person: person._id, idempotencyKey: [1], data })
  await runAllDue()
  const decide = linkTo(rep.email, 'lead-actions')
  await openOddly(decide)
  await request(theApp()).get(decide).expect(200)
  await request(theApp())
    .post(`${decide}/rejection`)
    .type('form')
    .send({ reason: 'no_budget', text: '' })
    .expect(303)

  // Signs in by link and by password, changes the password, and unsubscribes.
  await open('/account')
  await send('/account/password', { current: password, password: 'a better secret' })
  await send('/sign-out')
  await open('/sign-in')
  await send('/sign-in', { email, password: 'never the right words' })
  await send('/sign-in', { email, password: 'a better secret' })
  await send('/sign-out')
  await open('/sign-in')
  await send('/sign-in/link', { email })
  await runAllDue()
  const signIn = linkTo(email, 'links')
  await openOddly(signIn)
  await open(signIn)
  expect((await send(signIn)).status).toBe(303)
  const unsubscribe = secretUrl(config.baseUrl, secretRoutes.unsubscribe, unsubscribeToken(person._id))
  const news = { person: person._id, to: email, kind: 'marketing' as const, subject: 'News' }
  // Outside of quiet hours, whatever the time is: the last noon, since a later one would also announce new courses.
  const noon = new Date().setUTCHours(12)
  setClock(() => (noon > Date.now() ? noon - days(1) : noon))
  await queueEmail({
    ...news,
    _id: 'news:1',
    html: `<a href="${unsubscribe}">x</a>`,
    listUnsubscribe: unsubscribe,
  })
  await runAllDue()
  setClock()
  const optOut = linkTo(email, 'unsubscribe')
  await openOddly(optOut)
  await request(theApp()).post(optOut).type('form').send({ what: 'all' }).expect(200)

  // A mail server refuses an email and quotes its link, and an administrator gives up on it.
  await open('/sign-in')
  const other = browser()
  await other.open('/sign-up')
  await other.send('/sign-up', { name: 'Bob', email: 'refused@northwind.com', how: 'link' })
  await runAllDue()
  const refused = linkTo('refused@northwind.com', 'links')
  const jobs = (await admin.get('/admin/background-jobs').expect(200)).text
  expect(jobs).toContain('Blocked: ')
  expect(jobs).not.toContain(refused.split('/')[2])
  const failed = (await Emails.findOne({ to: 'refused@northwind.com' }))!
  await admin.post('/admin/background-jobs/emails/discards', { id: failed._id }).expect(303)

  const exported = (await open('/account/data.json')).text
  const lead = await as(rep)
  const pages: Record<string, string> = { exported, jobs }
  for (const path of [
    '/admin/audit',
    '/admin/background-jobs',
    '/integrations/deliveries',
    '/admin/people',
  ]) {
    pages[path] = (await admin.get(path).expect(200)).text
  }
  pages.export = (await lead.get('/account/data.json').expect(200)).text
  pages.leads = (await lead.get('/sales/leads.csv').expect(200)).text
  pages.log = lines.join('')
  for (const collection of await mongoose.connection.db!.collections()) {
    for await (const document of collection.find({})) {
      // Bodies of messages are kept for 30 days, to be resent: README, "Links with a token".
      if (collection.collectionName === 'messages') document.body = ''
      pages[`store: ${collection.collectionName}`] ??= ''
      pages[`store: ${collection.collectionName}`] += EJSON.stringify(document)
    }
  }
  for (const { body } of crm.received) {
    // A CRM gets the links to accept and reject a lead, and nothing else.
    const { data } = JSON.parse(body) as { data: { links?: object } }
    pages.webhooks = `${pages.webhooks ?? ''}${JSON.stringify({ ...data, links: null })}`
  }
  expect(lines.length).toBeGreaterThan(50)
  expect(crm.received.length).toBeGreaterThan(2)
  expect(secrets.size).toBeGreaterThan(15)

  const found = [...secrets].flatMap(([label, secret]) =>
    formsOf(secret).flatMap(form =>
      Object.entries(pages).flatMap(([where, text]) => (text.includes(form) ? [`${label} in ${where}`] : [])),
    ),
  )
  expect([...new Set(found)]).toEqual([])
})

/** A secret as it is, in a URL, in a URL in a URL, and in base64. */
function formsOf(secret: string): string[] {
  const once = encodeURIComponent(secret)
  return [secret, once, encodeURIComponent(once), Buffer.from(secret).toString('base64').replace(/=+$/, '')]
}
