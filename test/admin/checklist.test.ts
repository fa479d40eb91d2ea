import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { saveBrandDraft } from '../../src/brand/change-brand'
import { readBrand } from '../../src/brand/brand'
import { closeTransport } from '../../src/mail/transport'
import { config } from '../../src/platform/config'
import { startStripeSimulator } from '../../src/demo/stripe'
import { addEndpoint } from '../../src/webhooks/add-endpoint'
import { Endpoints } from '../../src/webhooks/endpoint'
import { guideLists, saveDemoLists } from '../../scripts/demo/lists'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor
const { baseUrl, smtpUrl } = config
const { secretKey, standIn, apiBase } = config.stripe
beforeAll(async () => {
  academy = await openAcademy(() => saveDemoLists(guideLists))
  admin = await as(await make.person({ role: 'admin' }))
})
afterAll(() => academy.close())
afterEach(() => {
  closeTransport()
  Object.assign(config, { baseUrl, smtpUrl })
  Object.assign(config.stripe, { secretKey, standIn, apiBase })
})

/** Returns the words of each part of the list. */
async function checklist() {
  const { text } = await admin.get('/admin').expect(200)
  const part = (id: string) =>
    (new RegExp(`<h2 id="${id}">([^]*?)</section>`).exec(text)?.[1] ?? '')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
  return { text, blocks: part('blocks'), look: part('look'), passes: part('passes') }
}

test('a new academy reads what is left to do, and each line leads to where it is done', async () => {
  const { text, blocks, look } = await checklist()
  expect(blocks).toMatch(/Names: 6 blanks.*Terms: 1 blank.*No course is published/)
  expect(look).toMatch(
    /There is no logo yet.*Nobody has tried it yet.*No CRM is connected.*only administrator/,
  )
  expect(text).toContain('href="/admin/brands/academy/legal-pages/terms"')
  expect(text).toMatch(/aria-disabled="true"[^>]*>Open to the public/)
  expect(text).not.toContain('href="/admin/brands/academy/publications/new"')
})

test('what is done passes, computed from the record', async () => {
  const { draft, draftNumber } = await readBrand()
  await saveBrandDraft('academy', { ...draft, accent: '#00596B' }, draftNumber)
  await make.course({ slug: 'first', lessons: 1 })
  await make.person({ role: 'admin' })
  const { passes, look } = await checklist()
  expect(passes).toMatch(/#00596B: the lowest contrast of a text is \d\.\d.*1 course Passes Published/)
  expect(passes).toContain('2 administrators')
  expect(look).not.toContain('only administrator')
})

test('an endpoint has a line of its own, with how it is', async () => {
  const url = 'https://crm.harbour-crane.example/hook'
  const { _id } = await addEndpoint({ name: 'Sales CRM', url, types: ['lead.qualified'] })
  expect((await checklist()).look).toContain('Endpoint Sales CRM is untried')
  const tested = async (status: number) => {
    const lastTest = { at: new Date(), status, error: null, durationMs: 4, response: '', submission: null }
    await Endpoints.updateOne({ _id }, { $set: { lastTest } })
  }
  await tested(500)
  expect((await checklist()).look).toContain('Endpoint Sales CRM is untried')
  await tested(204)
  expect((await checklist()).passes).toContain('Endpoint Sales CRM Passes It last accepted a message on')
  await Endpoints.updateOne({ _id }, { $set: { lastTest: null, lastSuccessAt: new Date() } })
  expect((await checklist()).passes).toContain('Endpoint Sales CRM Passes It last accepted a message on')
  await Endpoints.updateOne({ _id }, { $set: { failingSince: new Date() } })
  expect((await checklist()).look).toContain('Endpoint Sales CRM fails')
  await Endpoints.updateOne({ _id }, { $set: { state: 'paused' } })
  expect((await checklist()).look).toContain('Endpoint Sales CRM gets nothing')
})

test('each connection is really tried, and says what to do when it fails', async () => {
  const origin = await academy.listen()
  config.baseUrl = 'http://127.0.0.1:9'
  config.smtpUrl = 'smtp://127.0.0.1:9'
  Object.assign(config.stripe, { standIn: false, apiBase: 'http://127.0.0.1:9' })
  await admin.post('/admin/connection-checks').expect(303)
  const { text, blocks, passes } = await checklist()
  expect(text).toContain('3 connections don&#39;t work')
  expect(blocks).toContain('Public URL Has to be fixed Nothing answers at http://127.0.0.1:9')
  expect(blocks).toContain('Mail server Has to be fixed Nothing answers at 127.0.0.1')
  expect(blocks).toMatch(/Payments Has to be fixed Stripe didn.*t answer/)
  expect(passes).toMatch(/Database Passes The embedded store wrote durably in \d+ ms|MongoDB wrote durably/)

  const mail = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    logger: false,
    onAuth: ({ password }, _session, done) =>
      password === 'right' ? done(null, { user: 'academy' }) : done(new Error('no')),
  })
  await new Promise<void>(resolve => mail.listen(0, '127.0.0.1', () => resolve()))
  const { port } = mail.server.address() as AddressInfo
  const stripe = await startStripeSimulator({ eventsUrl: () => origin, webhookSecret: 'whsec_demo' })
  config.baseUrl = origin
  config.smtpUrl = `smtp://academy:wrong@127.0.0.1:${port}`
  config.stripe.apiBase = stripe.url.replace('127.0.0.1', 'localhost')
  config.stripe.secretKey = 'rubbish'
  await admin.post('/admin/connection-checks').expect(303)
  const wrong = await checklist()
  expect(wrong.blocks).toContain('127.0.0.1 refused the user or the password in SMTP_URL')
  expect(wrong.blocks).toContain('Stripe refused the key')
  expect(wrong.passes).not.toContain('only works on this computer')
  expect(wrong.text).toContain('only works on this computer')

  config.smtpUrl = `smtp://academy:right@127.0.0.1:${port}`
  // A client keeps its key, and each address has its own.
  config.stripe.apiBase = stripe.url
  config.stripe.secretKey = 'sk_test_right'
  await admin.post('/admin/connection-checks').expect(303)
  const right = await checklist()
  expect(right.passes).toMatch(/127\.0\.0\.1 accepted our sign-in.*Stripe accepted the key. It.*s a test key/)
  expect(right.text).toContain('All connections work.')
  closeTransport()
  await stripe.close()
  await new Promise<void>(resolve => mail.close(() => resolve()))
})
