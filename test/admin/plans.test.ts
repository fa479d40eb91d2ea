import mongoose from 'mongoose'
import { AuditEntries } from '../../src/events/audit'
import { defaultBrandId } from '../../src/brand/brand'
import { PricingPages } from '../../src/brand/plans'
import { stripePlans } from '../../src/brand/stripe-plans'
import { startStripeSimulator, type StripeSimulator } from '../../src/demo/stripe'
import { config } from '../../src/platform/config'
import { jobs } from '../../src/jobs'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { setTime } from '../kit/clock'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor
let stripe: StripeSimulator
beforeAll(async () => {
  academy = await openAcademy()
  stripe = await startStripeSimulator({ eventsUrl: () => 'http://127.0.0.1:9', webhookSecret: 'whsec_x' })
  config.stripe.apiBase = stripe.url
  setTime('2026-11-23T09:00:00Z')
  admin = await as(await make.person({ role: 'admin', name: 'Aisha Demir' }))
})
afterAll(async () => {
  await stripe.close()
  await academy.close()
})

const path = '/admin/brands/academy/plans'
const fields = { title: 'What it costs', lede: 'Pay per panel.', note: 'Plus VAT.', source: 'own' }
const draftNumber = async () => (await PricingPages.read(defaultBrandId))!.draftNumber
let typed: Record<string, string> = {}
const save = async ({ add = '', change = '', ...more }: Record<string, string> = {}) => {
  typed = more
  return admin.post(path, { ...fields, ...more, add, change, draftNumber: await draftNumber() })
}
const plan = async (id: string, more: Record<string, string>) =>
  admin.post(`${path}/plan/${id}`, { ...planFields, draftNumber: await draftNumber(), ...more })
const planFields = {
  name: 'Panel',
  amount: '',
  currency: 'GBP',
  words: '',
  period: '',
  features: '',
  kind: 'none',
}
const publish = async (more: Record<string, string> = {}) =>
  admin.post(`${path}/publications`, { ...fields, ...typed, ...more, draftNumber: await draftNumber() })
const read = async (url: string, status = 200) => (await (await anonymous()).get(url).expect(status)).text
const idsOf = async () => (await PricingPages.read(defaultBrandId))!.draft.plans.map(({ id }) => id)

test('an administrator makes the page theirs, and nobody sees it before it is published', async () => {
  for (const id of await idsOf()) await save({ change: `remove:${id}` })
  expect((await admin.get(path)).text).toMatch(
    /aria-disabled="true"[^]*id="publish-blocked">Add a plan before/,
  )
  expect((await publish()).text).toContain('Add a plan before you publish')
  expect((await save({ add: 'Panel 7' })).headers.location).toBe(`${path}/plan/panel-7`)
  const priced = { name: 'Panel 7', amount: '79.50', period: 'month', features: 'App\nAlarms by text\n\nApp' }
  const button = { kind: 'link', label: 'Book a demo', target: 'https://tarnwell.example/demo' }
  await plan('panel-7', { ...priced, ...button }).then(({ status }) => expect(status).toBe(303))
  await save({ add: 'Fleet' })
  await plan('fleet', { name: 'Fleet', words: 'On request', features: 'App', kind: 'signUp' })
  await save({ change: 'up:fleet' })
  expect(await idsOf()).toEqual(['fleet', 'panel-7'])
  expect(await read('/pricing')).not.toContain('Panel 7')
  const [, preview] = /href="([^"]+\?page=%2Fpricing)"/.exec((await admin.get(path)).text)!
  const guest = await anonymous()
  const opened = await guest.get(new URL(preview!).pathname + new URL(preview!).search).expect(303)
  expect(opened.headers.location).toBe('/pricing')
  for (const page of ['/pricing', '/pricing/compare'])
    expect((await guest.get(page)).text).toContain('Panel 7')
  await publish()
  const page = await read('/pricing')
  for (const text of ['What it costs', 'Pay per panel.', 'Plus VAT.', '£79.50', 'per month', 'On request']) {
    expect(page).toContain(text)
  }
  expect(page).toMatch(/href="https:\/\/tarnwell.example\/demo">Book a demo</)
  expect(page).toMatch(/href="\/sign-up">Sign up</)
  expect(await read('/pricing/compare')).toMatch(/Alarms by text<[^]*No<[^]*Yes</)
})

test('an administrator compares the plans line by line, and the lines stay with their plans', async () => {
  const lines = 'Support | within 4 hours | by email\r\n\r\nApp |included'
  await save({ comparison: lines, change: 'up:panel-7' })
  expect(await idsOf()).toEqual(['panel-7', 'fleet'])
  expect((await admin.get(path)).text).toContain('Support | by email | within 4 hours\nApp |  | included')
  await publish({ comparison: 'Support | by email | within 4 hours\nApp |  | included' })
  const page = await read('/pricing/compare')
  expect(page).toMatch(/Support<[^]*by email<[^]*within 4 hours<[^]*App<[^]*No<[^]*included</)
  expect(page).not.toContain('Alarms by text')
  const refused = await save({ comparison: 'Support | a | b | c' })
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('“Support” has more entries than there are plans (2)')
  expect(refused.text).toContain('Support | a | b | c')
  expect((await save({ comparison: ' | a' })).text).toContain('Enter at most 40 lines that begin with a name')
  await save({ change: 'up:fleet' })
})

test('an administrator who publishes without saving publishes what they typed, and no half plan', async () => {
  const half = await publish({ title: 'Typed', add: 'Third plan' })
  expect(half.status).toBe(422)
  expect(half.text).toContain('Select “Save draft” to add it')
  expect(half.text).toContain('value="Third plan"')
  expect((await publish({ title: 'Typed and not saved' })).status).toBe(303)
  expect(await read('/pricing')).toContain('Typed and not saved')
  expect((await publish({ title: '' })).text).toContain('id="title-error"')
  const late = await admin.post(`${path}/publications`, { ...fields, title: 'Too late', draftNumber: 1 })
  expect(late.status).toBe(409)
  expect(late.text).toContain('value="Too late"')
  expect(await read('/pricing')).toContain('Typed and not saved')
  const number = await draftNumber()
  const { length } = await PricingPages.history(defaultBrandId)
  await publish({ title: 'Typed and not saved' })
  expect(await draftNumber()).toBe(number)
  expect((await PricingPages.history(defaultBrandId)).length).toBe(length)
})

test.each([
  [{ amount: '1.234', currency: 'EUR' }, 'amount'],
  [{ amount: '12.5', currency: 'JPY' }, 'amount'],
  [{ amount: 'lots' }, 'amount'],
  [{ kind: 'link', target: 'javascript:alert(1)' }, 'target'],
  [{ kind: 'course', target: 'No Slug' }, 'target'],
  [{ name: ' ' }, 'name'],
])('an administrator who types %j reads what to do, and keeps what was typed', async (typed, field) => {
  const page = await plan('panel-7', { ...typed, features: 'Still here' } as Record<string, string>)
  expect(page.status).toBe(422)
  expect(page.text).toContain(`id="${field}-error"`)
  expect(page.text).toContain('Still here')
})

test('two administrators at once: the second is told, and what they typed is still there', async () => {
  const late = await admin.post(path, { ...fields, title: 'Mine', draftNumber: 1 })
  expect(late.status).toBe(409)
  expect(late.text).toContain('Someone else has saved a newer draft')
  expect(late.text).toContain('value="Mine"')
  const latePlan = await admin.post(`${path}/plan/fleet`, { ...planFields, name: 'Mine too', draftNumber: 1 })
  expect(latePlan.status).toBe(409)
  expect(latePlan.text).toContain('value="Mine too"')
})

test('mirrored from Stripe, the page shows products and their date, also when Stripe is down', async () => {
  await mongoose.connection.collection<{ _id: string }>('demo_stripe_products').insertOne({
    ...{ _id: 'prod_1', id: 'prod_1', object: 'product', active: true, created: 1 },
    ...{ name: 'Tarnwell Cloud', description: 'For ten stations.', url: null },
    marketing_features: [{ name: 'Remote reset' }],
    default_price: { id: 'price_1', unit_amount: 4900, currency: 'jpy', recurring: { interval: 'year' } },
  } as { _id: string })
  await save({ source: 'stripe' })
  await publish()
  expect(await read('/pricing')).toContain('No plans to show right now.')
  await admin.post(`${path}/copies`).expect(303)
  const shown = [
    'Tarnwell Cloud',
    'For ten stations.',
    '¥4,900',
    'per year',
    'Remote reset',
    '23 November 2026',
  ]
  const page = await read('/pricing')
  for (const text of shown) expect(page).toContain(text)

  const { apiBase } = config.stripe
  config.stripe.apiBase = 'http://127.0.0.1:9'
  setTime('2026-11-24T09:00:00Z')
  await jobs.find(({ name }) => name === 'refresh-plans')!.run()
  config.stripe.apiBase = apiBase
  const after = await read('/pricing')
  for (const text of shown) expect(after).toContain(text)
  expect((await admin.get(path)).text).toContain('Stripe didn&#39;t answer the last time')
  await jobs.find(({ name }) => name === 'refresh-plans')!.run()
  expect((await stripePlans())!.failedAt).toBeNull()
}, 30_000)

test('switched off, the page is 404 and no page links to it; an earlier version can be had back', async () => {
  await admin.post(`${path}/withdrawal`).expect(303)
  for (const url of ['/pricing', '/pricing/compare']) await read(url, 404)
  for (const page of ['/', '/courses', '/paths', '/sitemap.xml']) {
    expect([page, (await read(page)).includes('/pricing')]).toEqual([page, false])
  }
  await admin.post(`${path}/versions/1/restoration`, { draftNumber: await draftNumber() }).expect(303)
  await publish({ source: 'own' })
  expect(await read('/')).toContain('/pricing')
  expect(await read('/pricing')).toContain('€240')
  const actions = new Set((await AuditEntries.find({})).map(({ action }) => action))
  for (const verb of ['changed', 'published', 'withdrawn']) expect(actions).toContain(`pricing_page.${verb}`)
})
