import { config } from '../../src/platform/config'
import { record } from '../../src/events/record'
import { now } from '../../src/platform/clock'
import { recordPaymentFact } from '../../src/orders/record-payment-fact'
import { Emails } from '../../src/mail/email'
import { textOf } from '../../src/mail/text-part'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous } from '../kit/as'
import { setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { Events } from '../../src/events/event'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())
beforeEach(() => {
  setTime('2026-11-23T09:00:00Z')
})
afterEach(async () => {
  await Emails.deleteMany({})
})

const emailsTo = (to: string) => Emails.find({ to })

test('a buyer gets one receipt, and one email about a refund', async () => {
  const ada = await make.person({ name: 'Ada' })
  const order = await make.paidOrder(ada, { title: 'Pumps' })
  const charge = { fact: 'charge', payment: `pi_${order._id}`, refunded: 24_000 } as const
  for (let n = 0; n < 2; n++) {
    await runAllDue()
    await recordPaymentFact(order._id, { ...charge, at: now() })
    await Events.updateMany({ person: ada._id }, { dueAt: setTime('2026-11-23T09:00:00Z') })
  }
  await runAllDue()
  const emails = await emailsTo(ada.email)
  expect(emails.map(email => email.subject).sort()).toEqual(['Receipt: Pumps', 'Refund: Pumps'])
  const receipt = emails.find(email => email.subject === 'Receipt: Pumps')!
  expect(receipt.text).toContain('We received your payment of €240 for “Pumps” on 23 November 2026')
  expect(receipt.text).toContain('602 00 Brno')
  expect(receipt).toMatchObject({ kind: 'service', listUnsubscribe: null })
})

test('a name with markup stays text in emails', async () => {
  const eve = await make.person({ name: '<img src=x onerror=alert(1)>' })
  await record({
    name: 'certificate.issued',
    person: eve._id,
    idempotencyKey: ['c'],
    data: { certificate: 'c-1', title: 'A & B' },
  })
  await runAllDue()
  const [email] = await emailsTo(eve.email)
  expect(email!.subject).toBe('Your certificate: A & B')
  expect(email!.html).not.toContain('<img')
  expect(email!.text).toContain('Hi <img src=x onerror=alert(1)>,')
})

test('the demo inbox shows every email, with links, and its HTML under a policy that runs no script', async () => {
  const ada = await make.person({ name: 'Ada' })
  await record({ name: 'person.signed_up', person: ada._id, idempotencyKey: [], data: { how: 'link' } })
  await runAllDue()
  const nobody = await anonymous()
  expect((await nobody.get('/demo/mail').expect(200)).text).toContain('Welcome to the academy')
  const [email] = await emailsTo(ada.email)
  const path = `/demo/mail/${encodeURIComponent(email!._id)}`
  expect((await nobody.get(path).expect(200)).text).toContain(`<a href="${config.baseUrl}/learning">`)
  // The academy on another port: links in an earlier email still lead to it.
  const before = email!.text.replaceAll(config.baseUrl, 'http://127.0.0.1:1')
  await Emails.updateOne({ _id: email!._id }, { text: before })
  expect((await nobody.get(path).expect(200)).text).toContain(`<a href="${config.baseUrl}/learning">`)
  const framed = await nobody.get(`${path}/html`).expect(200)
  expect(framed.headers['content-security-policy']).toMatch(/^default-src 'none';style-src/)
  await nobody.get('/demo/mail/none').expect(404)
})

test('the text part contains everything that the HTML does', () => {
  const html =
    '<head><title>t</title></head><p>A &lt;b&gt;\n  c</p><p><a href="https://x.example">https://x.example</a><br>new</p><hr><div>end</div>'
  expect(textOf(html)).toBe(`A <b> c\n\nhttps://x.example\nnew\n\n${'-'.repeat(20)}\n\nend`)
  expect(textOf('<p>&#34;a&#x2F;b&#39; &amp;#39; &amp;lt;</p>')).toBe(`"a/b' &#39; &lt;`)
})

test('the text part is readable: lists have dashes, tables columns, and links their URLs', () => {
  const html = `<h1>Receipt</h1>
    <ul><li>one</li><li>two &amp; a half</li></ul>
    <table><tr><th>Course</th><th>Price</th></tr><tr><td>Pumps</td><td>€240</td></tr></table>
    <p>See <a href="https://x.example/orders?id=1&amp;from=email">your order</a>.</p>`
  expect(textOf(html)).toBe(
    'Receipt\n\n- one\n- two & a half\n\nCourse   Price\nPumps    €240\n\nSee your order <https://x.example/orders?id=1&from=email>.',
  )
})

test('the link in the text part of the welcome email is complete', async () => {
  const ada = await make.person({ name: 'Ada' })
  await record({ name: 'person.signed_up', person: ada._id, idempotencyKey: [], data: { how: 'link' } })
  await runAllDue()
  const [email] = await emailsTo(ada.email)
  expect(email!.text).toContain(`one page <${config.baseUrl}/account/sharing>,`)
})
