import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import request from 'supertest'
import { Webhook } from 'standardwebhooks'
import { config } from '../src/platform/config'
import { now, seconds } from '../src/platform/clock'
import { startStripeSimulator, type StripeSimulator } from '../src/demo/stripe'
import { Emails, type Email } from '../src/mail/email'
import { People, type Person } from '../src/people/person'
import { openAcademy, theApp, type Academy } from './kit/academy'
import { as } from './kit/as'
import { setTime, advance } from './kit/clock'
import { formClient } from './kit/form-client'
import { runAllDue, happened } from './kit/ledger'
import * as make from './kit/make'

// The whole funnel over HTTP, from a visitor's first page to the won deal in the CRM. The CRM and Stripe's API each
// listen on a socket, and emails come from the outbox. It is one story: each test continues where the last one ended.

type Message = { id: string; type: string; body: { type: string; data: Record<string, never> } }

let academy: Academy
let stripe: StripeSimulator
let crm: Server
const crmSecret = { value: '' }
const received: Message[] = []

const amara = formClient({ 'user-agent': 'amara' })
let person: Person

beforeAll(async () => {
  // Today, because the CRM's library compares the time of our signatures with the system clock.
  setTime(new Date(Math.floor(Date.now() / 1000) * 1000))
  academy = await openAcademy()
  const origin = await academy.listen()
  stripe = await startStripeSimulator({
    eventsUrl: () => `${origin}/stripe/events`,
    webhookSecret: config.stripe.webhookSecret,
  })
  config.stripe.apiBase = stripe.url
  crm = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', chunk => chunks.push(chunk as Buffer))
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      // Throws when the signature is wrong, and then sends no response.
      new Webhook(crmSecret.value).verify(body, incoming.headers as Record<string, string>)
      received.push({
        id: String(incoming.headers['webhook-id']),
        type: JSON.parse(body).type,
        body: JSON.parse(body),
      })
      response.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await make.course({
    slug: 'read-the-evidence',
    title: 'Read the evidence',
    lessons: 7,
    quiz: 2,
    lesson: n => ({ topics: [n < 4 ? 'scoring' : 'handoff'] }),
  })
  await make.course({
    slug: 'run-an-academy',
    title: 'Run an academy at scale',
    price: { amount: 24_000, currency: 'EUR' },
  })
})
afterAll(async () => {
  crm.closeAllConnections()
  crm.close()
  await stripe.close()
  await academy.close()
})

test('the head of sales adds the CRM as an endpoint and sees the test message arrive', async () => {
  const petra = await as(await make.person({ role: 'sales-lead', name: 'Petra Novotná', company: null }))
  const url = `http://127.0.0.1:${(crm.address() as AddressInfo).port}/hooks`
  const added = await petra
    .post('/integrations/endpoints', {
      name: 'Sales CRM',
      url,
      types: ['lead.qualified', 'lead.contact_requested', 'order.paid'],
      inbound: ['opportunity.won'],
    })
    .expect(303)
  const page = await petra.get(added.headers.location!).expect(200)
  const secret = await petra.get(
    page.text.includes('whsec_') ? added.headers.location! : `${added.headers.location}/secret`,
  )
  crmSecret.value = /whsec_[A-Za-z0-9+/=]+/.exec(page.text + secret.text)![0]
  const endpoint = /endpoints\/([a-f0-9]{24})/.exec(added.headers.location!)![1]
  await petra.post(`/integrations/endpoints/${endpoint}/test`).expect(303)
  expect(received.map(message => message.type)).toContain('webhook.test')
})

test('a visitor comes from a newsletter and reads the free preview without getting a cookie', async () => {
  const home = await amara.open(
    '/courses/read-the-evidence?utm_source=pump-weekly&utm_medium=newsletter&utm_campaign=november',
  )
  expect(home.text).toContain('Read the evidence')
  expect(home.headers['set-cookie']).toBeUndefined()
  const lesson = await amara.open('/courses/read-the-evidence/lessons/lesson-1')
  expect(lesson.text).toContain('The text of lesson 1.')
  const locked = await amara.open('/courses/read-the-evidence/lessons/lesson-2', 403)
  expect(locked.text).not.toContain('The text of lesson 2.')
})

test('she signs up and is signed in once she clicks the link in her email', async () => {
  await amara.open('/sign-up?next=/courses/read-the-evidence')
  const fields = {
    name: 'Amara Okonkwo',
    email: ' Amara@Northwind-Pumps.example',
    password: 'pumps and valves daily',
  }
  const requested = await amara.submit('/sign-up', {
    ...fields,
    profiling: 'on',
    share_with_sales: 'on',
    next: '/courses/read-the-evidence',
  })
  expect((await amara.open(requested.headers.location!)).text).toContain('Check your inbox')
  const link = await linkInEmailTo('amara@northwind-pumps.example')
  await amara.open(link)
  await amara.submit(link)
  person = (await People.findOne({ email: 'amara@northwind-pumps.example' }))!
  expect(person).toMatchObject({
    company: { domain: 'northwind-pumps.example' },
    consents: ['profiling', 'share_with_sales'],
    firstTouch: { source: 'pump-weekly', medium: 'newsletter', campaign: 'november' },
  })
})

test('she finishes the course, passes the quiz, and has a certificate that anyone can verify', async () => {
  await amara.open('/courses/read-the-evidence')
  await amara.submit('/courses/read-the-evidence/enrolment')
  for (let n = 1; n <= 7; n++) {
    advance(seconds(5))
    await amara.open(`/courses/read-the-evidence/lessons/lesson-${n}`)
    await amara.submit(`/courses/read-the-evidence/lessons/lesson-${n}/completion`)
    if (n === 2) expect((await amara.open('/learning')).text).toContain('2 of 8')
  }
  const quiz = await amara.open('/courses/read-the-evidence/lessons/final-quiz')
  expect(quiz.text).not.toContain('Because.')
  const wrong = await amara.submit('/courses/read-the-evidence/lessons/final-quiz/attempts', {
    number: '1',
    ...answers(quiz.text, /Wrong/),
  })
  expect((await amara.open(wrong.headers.location!)).text).toContain('<h1>Not passed yet: 0 of 2</h1>')
  const right = await amara.submit('/courses/read-the-evidence/lessons/final-quiz/attempts', {
    number: '2',
    ...answers(quiz.text, /Right/),
  })
  expect((await amara.open(right.headers.location!)).text).toContain('You passed')
  expect(await happened(person)).toEqual(expect.arrayContaining(['course.completed', 'certificate.issued']))

  const mine = await amara.open('/courses/read-the-evidence/certificate', 303)
  const certificate = await request(theApp())
    .get(mine.headers.location!)
    .set('accept', 'text/html')
    .expect(200)
  expect(certificate.text).toContain('Amara Okonkwo')
  const pdf = await request(theApp()).get(`${mine.headers.location}/certificate.pdf`).expect(200)
  expect(pdf.headers['content-type']).toContain('application/pdf')
})

test('after she views the pricing and requests a demo, the CRM gets her once, signed, with the reasons', async () => {
  const pricing = await amara.open('/pricing')
  advance(seconds(45))
  // What public/js/attention.js sends after the page has been visible for 45 seconds.
  const [, timestamp] = /data-timestamp="([^"]+)"/.exec(pricing.text)!
  await amara.submit('/pricing/attention', { page: 'pricing', seconds: '45', timestamp: timestamp! }, 204)
  await amara.open('/courses/read-the-evidence/contact-request')
  await amara.submit('/courses/read-the-evidence/contact-request', {
    kind: 'demo',
    text: 'Does this write to our CRM?',
  })
  await runAllDue()
  const qualified = received.filter(message => message.type === 'lead.qualified')
  expect(qualified).toHaveLength(1)
  expect(qualified[0]!.body.data).toMatchObject({
    person: {
      email: 'amara@northwind-pumps.example',
      first_name: 'Amara',
      last_name: 'Okonkwo',
      domain: 'northwind-pumps.example',
    },
    source: { utm_source: 'pump-weekly' },
    dedupe_key: 'amara@northwind-pumps.example',
  })
  const { score } = qualified[0]!.body.data as unknown as {
    score: { engagement: number; reasons: { points: number }[] }
  }
  const sum = score.reasons.reduce((total, reason) => total + reason.points, 0)
  expect(Math.abs(sum - score.engagement)).toBeLessThan(0.06)
})

test('her salesperson reads the reasons and accepts the lead, which learners cannot open', async () => {
  const petra = await as((await People.findOne({ role: 'sales-lead' }))!)
  expect((await petra.get('/sales/leads').expect(200)).text).toContain('Amara Okonkwo')
  const lead = await petra.get(`/sales/leads/${person._id}`).expect(200)
  expect(lead.text).toContain('Why now')
  await amara.open(`/sales/leads/${person._id}`, 403)
  await petra.post(`/sales/leads/${person._id}/acceptance`).expect(303)
  expect(await happened(person)).toContain('lead.accepted')
})

test('she buys the paid course at Stripe: it opens, she gets a receipt, and the CRM gets the order', async () => {
  await amara.open('/courses/run-an-academy/checkout')
  const toStripe = await amara.submit('/courses/run-an-academy/orders')
  const back = await fetch(toStripe.headers.location!, { method: 'POST', redirect: 'manual' })
  expect((await amara.open(new URL(back.headers.get('location')!).pathname)).text).toContain('Paid. You')
  await runAllDue()
  await amara.open('/courses/run-an-academy/lessons/lesson-2')
  expect(received.filter(message => message.type === 'order.paid')).toHaveLength(1)
  await runAllDue()
  expect((await emailsTo('amara@northwind-pumps.example')).map(email => email._id.split(':')[0])).toEqual(
    expect.arrayContaining(['welcome', 'certificate', 'receipt']),
  )
})

test('the CRM reports the deal as won, and Insights shows the revenue', async () => {
  advance(seconds(30))
  const won = {
    type: 'opportunity.won',
    data: {
      external_id: String(person._id),
      crm_id: '00Q1',
      occurred_at: now().toISOString(),
      amount_minor: 1_840_000,
      currency: 'EUR',
    },
  }
  await sendOutcome('crm-won-1', won).expect(202)
  await runAllDue()
  await sendOutcome('crm-won-1', won).expect(200)
  await runAllDue()
  expect((await happened(person)).filter(name => name === 'opportunity.won')).toHaveLength(1)
  const petra = await as((await People.findOne({ role: 'sales-lead' }))!)
  const insights = await petra.get('/insights').expect(200)
  expect(insights.text).toContain('€18,400')
  const csv = await petra.get('/insights.csv').expect(200)
  expect(csv.text.replace('\ufeff', '').split('\n').slice(0, 2)).toEqual([
    'source,visited,signed_up,enrolled,active,completed,qualified,accepted,won,won_minor_eur,won_amount_unknown',
    'newsletter,1,1,1,1,1,1,1,1,1840000,0',
  ])
})

/** Returns the path of the first link to the academy in the newest email to an address. */
async function linkInEmailTo(address: string): Promise<string> {
  await runAllDue()
  const [newest] = await emailsTo(address)
  return new URL(/https?:\/\/\S+\/links\/[\w-]+/.exec(newest!.text)![0]).pathname
}

function emailsTo(address: string): Promise<Email[]> {
  return Emails.find({ to: address }).sort({ createdAt: -1 }).exec()
}

/** Returns form fields with the first choice of each question whose text matches. */
function answers(page: string, choice: RegExp): Record<string, string> {
  const inputs = [
    ...page.matchAll(
      /<input type="(?:radio|checkbox)"[^>]*name="([^"]+)"[^>]*value="([^"]+)"[^>]*>\s*(?:<span[^>]*>)?([^<]+)/g,
    ),
  ]
  const fields: Record<string, string> = {}
  for (const [, name, value, text] of inputs) if (choice.test(text!)) fields[name!] ??= value!
  return fields
}

/** Sends a signed outcome to the academy, as the CRM does. */
function sendOutcome(id: string, message: object) {
  const body = JSON.stringify(message)
  const signature = new Webhook(crmSecret.value).sign(id, now(), body)
  return request(theApp())
    .post('/api/crm/outcomes')
    .set({
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now().getTime() / 1000)),
      'webhook-signature': signature,
    })
    .send(body)
}
