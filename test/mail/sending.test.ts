import type { AddressInfo } from 'node:net'
import { simpleParser, type ParsedMail } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { days, hours, minutes } from '../../src/platform/clock'
import { config } from '../../src/platform/config'
import { Emails } from '../../src/mail/email'
import { queueEmail, type NewEmail } from '../../src/mail/queue-email'
import { FrequencyCaps } from '../../src/mail/frequency-cap'
import { sendEmails } from '../../src/mail/send'
import { closeTransport } from '../../src/mail/transport'
import { decideSending } from '../../src/people/email-consent'
import { People, type Person } from '../../src/people/person'
import { suppress } from '../../src/people/suppression'
import { unsubscribeToken } from '../../src/people/unsubscribe-token'
import { drainQueue } from '../../src/worker'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import * as make from '../kit/make'

let academy: Academy
let server: SMTPServer | undefined
let arrived: ParsedMail[] = []
let ada: Person

beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())
beforeEach(async () => {
  setTime('2026-11-23T09:00:00Z')
  arrived = []
  ada = await make.person({ consents: ['marketing_email'] })
})
afterEach(async () => {
  closeTransport()
  config.smtpUrl = undefined
  await new Promise<void>(resolve => (server ? server.close(() => resolve()) : resolve()))
  server = undefined
  await Emails.deleteMany({})
  await FrequencyCaps.deleteMany({})
})

/** Opens a mail server on a socket; `behaviour` makes it refuse or disconnect. */
async function openMailServer(behaviour: Partial<SMTPServerOptions> = {}): Promise<void> {
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData: (stream, _session, done) => {
      simpleParser(stream).then(mail => {
        arrived.push(mail)
        done()
      }, done)
    },
    ...behaviour,
  })
  server.on('error', () => {})
  await new Promise<void>(resolve => server!.listen(0, '127.0.0.1', () => resolve()))
  config.smtpUrl = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
}

function serviceEmail(given: Partial<NewEmail> = {}): NewEmail {
  return {
    _id: 'welcome:1',
    person: ada._id,
    to: ada.email,
    kind: 'service',
    subject: 'Welcome to the academy – vítejte',
    html: '<html><head><title>x</title></head><body><p>Hi <b>Ada</b>,</p><ul><li>one &amp; two</li></ul><p><a href="https://lyceum.example/links/abc">Sign in</a></p></body></html>',
    ...given,
  }
}

const marketingEmail = (id: string): NewEmail =>
  serviceEmail({
    _id: id,
    kind: 'marketing',
    listUnsubscribe: `https://lyceum.example/unsubscribe/${unsubscribeToken(ada._id)}`,
  })

async function sendAll(): Promise<void> {
  await drainQueue(sendEmails(decideSending))
}
const stored = async (id = 'welcome:1') => (await Emails.findById(id))!

test('an email arrives as HTML and as plain text, once, however often it is queued', async () => {
  await openMailServer()
  expect(await queueEmail(serviceEmail())).toBe(true)
  expect(await queueEmail(serviceEmail())).toBe(false)
  await sendAll()
  await sendAll()
  expect(arrived).toHaveLength(1)
  const [mail] = arrived
  expect(mail!.subject).toBe('Welcome to the academy – vítejte')
  expect(mail!.from!.text).toBe('"Lyceum" <academy@lyceum.example>')
  expect(mail!.text!.trim()).toBe('Hi Ada,\n\n- one & two\n\nSign in <https://lyceum.example/links/abc>')
  expect(mail!.html).toContain('<b>Ada</b>')
  expect(mail!.headers.get('list')).toBeUndefined()
  expect(await stored()).toMatchObject({
    sendDecision: 'open',
    dueAt: null,
    sentAt: setTime('2026-11-23T09:00:00Z'),
  })
})

test('once an email is sent, the token of its link is stored nowhere', async () => {
  await openMailServer()
  await queueEmail(serviceEmail())
  await sendAll()
  const { html, text } = await stored()
  expect(html + text).not.toContain('/links/abc')
})

test('a marketing email has its own sender and the one-click header, and is refused without it', async () => {
  await openMailServer()
  await queueEmail(marketingEmail('new-course:1'))
  await sendAll()
  const headers = Object.fromEntries(arrived[0]!.headerLines.map(({ key, line }) => [key, line]))
  expect(headers['list-unsubscribe']!.replace(/\s+/g, '')).toMatch(
    /^List-Unsubscribe:<https:\/\/lyceum\.example\/unsubscribe\//,
  )
  expect(headers['list-unsubscribe-post']).toBe('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
  expect(arrived[0]!.from!.text).toContain('news@lyceum.example')
  await expect(queueEmail(serviceEmail({ _id: 'x', kind: 'marketing' }))).rejects.toThrow(
    'has no unsubscribe link',
  )
})

test('a person gets at most one marketing email in 48 hours; the next one waits', async () => {
  await openMailServer()
  await queueEmail(marketingEmail('new-course:1'))
  await queueEmail(marketingEmail('new-course:2'))
  await Promise.all([sendAll(), sendAll()])
  await sendAll()
  expect(arrived).toHaveLength(1)
  const [waiting] = await Emails.find({ sentAt: null })
  expect(waiting).toMatchObject({
    sendDecision: 'too-soon',
    dueAt: new Date('2026-11-25T09:00:00Z'),
    attempts: 0,
  })
  await queueEmail(serviceEmail())
  await sendAll()
  expect(arrived).toHaveLength(2)
  advance(hours(48))
  await sendAll()
  expect(arrived).toHaveLength(3)
})

test('a person who objected, never consented or is erased gets no marketing', async () => {
  await openMailServer()
  await suppress(ada.email, 'unsubscribed')
  await queueEmail(marketingEmail('new-course:1'))
  const bob = await make.person({ consents: [] })
  await queueEmail({ ...marketingEmail('new-course:2'), person: bob._id, to: bob.email })
  const eve = await make.person({ erasedAt: setTime('2026-11-23T09:00:00Z') })
  await queueEmail(serviceEmail({ _id: 'welcome:2', person: eve._id, to: eve.email }))
  await sendAll()
  expect(arrived).toEqual([])
  expect(
    await Promise.all(
      ['new-course:1', 'new-course:2', 'welcome:2'].map(async id => (await stored(id)).sendDecision),
    ),
  ).toEqual(['suppressed', 'no-consent', 'gone'])
})

test('an email that says how an order stood is not sent after a newer one', async () => {
  let isDown = true
  await openMailServer({
    onMailFrom: (_address, _session, done) =>
      isDown ? done(Object.assign(new Error('later'), { responseCode: 451 })) : done(),
  })
  const about = (number: number, name = 'order:1') =>
    queueEmail(serviceEmail({ _id: `${name}:${number}`, series: { name, number } }))
  await about(1)
  await sendAll()
  isDown = false
  await about(2)
  await about(1, 'order:2')
  advance(minutes(1))
  await sendAll()
  expect(await stored('order:1:1')).toMatchObject({ sentAt: null, dueAt: null, sendDecision: 'overtaken' })
  expect((await stored('order:1:2')).sentAt).toEqual(expect.any(Date))
  expect((await stored('order:2:1')).sentAt).toEqual(expect.any(Date))
})

test('an email to a server that is down is attempted 10 times, at growing intervals', async () => {
  await openMailServer({
    onMailFrom: (_address, _session, done) => done(Object.assign(new Error('later'), { responseCode: 451 })),
  })
  await queueEmail(serviceEmail())
  await sendAll()
  expect(await stored()).toMatchObject({ attempts: 1, dueAt: new Date('2026-11-23T09:01:00Z') })
  advance(minutes(1))
  await sendAll()
  expect(await stored()).toMatchObject({ attempts: 2, dueAt: new Date('2026-11-23T09:03:00Z') })
  for (let n = 0; n < 12; n++) {
    advance(days(1))
    await sendAll()
  }
  expect(await stored()).toMatchObject({
    attempts: 10,
    dueAt: null,
    sentAt: null,
    lastError: expect.stringContaining('451'),
  })
})

test('an email to an address that is refused for good is not retried', async () => {
  await openMailServer({
    onRcptTo: (_address, _session, done) =>
      done(Object.assign(new Error('no such user'), { responseCode: 550 })),
  })
  await queueEmail(serviceEmail())
  await sendAll()
  expect(await stored()).toMatchObject({ attempts: 1, dueAt: null, sentAt: null })
})

test('a mailbox that bounced gets no marketing until a requested email reaches it again', async () => {
  let known = false
  await openMailServer({
    onRcptTo: (_address, _session, done) =>
      known ? done() : done(Object.assign(new Error('5.1.1 no such user'), { responseCode: 550 })),
  })
  await queueEmail(serviceEmail())
  await sendAll()
  known = true
  await queueEmail(marketingEmail('new-course:1'))
  await sendAll()
  expect(await stored('new-course:1')).toMatchObject({ sendDecision: 'bounced', sentAt: null, dueAt: null })
  await queueEmail(serviceEmail({ _id: 'signIn:1' }))
  await queueEmail(marketingEmail('new-course:2'))
  await sendAll()
  await sendAll()
  expect((await stored('signIn:1')).sentAt).not.toBeNull()
  expect(arrived.length).toBeGreaterThan(0)
  await queueEmail(marketingEmail('new-course:3'))
  await sendAll()
  expect(await stored('new-course:3')).not.toMatchObject({ sendDecision: 'bounced' })
})

test('a refusal by policy is not a bounce', async () => {
  let refuse = true
  await openMailServer({
    onRcptTo: (_address, _session, done) =>
      refuse ? done(Object.assign(new Error('5.7.1 blocked'), { responseCode: 550 })) : done(),
  })
  await queueEmail(serviceEmail())
  await sendAll()
  refuse = false
  await queueEmail(marketingEmail('new-course:1'))
  await sendAll()
  expect(arrived).toHaveLength(1)
})

test.each([
  ['GB', '2026-11-23T22:30:00Z', '2026-11-24T08:00:00Z'],
  ['CZ', '2026-07-01T05:10:00Z', '2026-07-01T06:00:00Z'],
  // 8:00 in Honolulu comes before 20:00 in New York.
  ['US', '2026-11-23T09:00:00Z', '2026-11-23T18:00:00Z'],
  ['NZ', '2026-11-23T09:00:00Z', '2026-11-23T19:00:00Z'],
  // No hour is outside quiet hours in all of its time zones.
  ['AQ', '2026-11-23T21:00:00Z', '2026-11-24T08:00:00Z'],
  [null, '2026-11-23T03:00:00Z', '2026-11-23T08:00:00Z'],
])(
  'at night in %s an email about courses waits for the day, and a sign-in link does not',
  async (country, night, morning) => {
    await openMailServer()
    setTime(night)
    ada = await make.person({ consents: ['marketing_email'], country })
    await queueEmail(marketingEmail('new-course:1'))
    await queueEmail(serviceEmail({ _id: 'signIn:1' }))
    await sendAll()
    expect(arrived).toHaveLength(1)
    expect(await stored('new-course:1')).toMatchObject({
      sendDecision: 'quiet',
      dueAt: new Date(morning),
      attempts: 0,
    })
    setTime(morning)
    await sendAll()
    expect(arrived).toHaveLength(2)
  },
)

test('an email that was interrupted is sent again with the same Message-ID', async () => {
  let cut = true
  await openMailServer({
    onData: (stream, session, done) => {
      simpleParser(stream).then(mail => {
        arrived.push(mail)
        if (!cut) return done()
        cut = false
        // The server has accepted the email, but its reply is lost.
        for (const connection of server!.connections) {
          if (connection.session.id === session.id) connection._socket.destroy()
        }
      }, done)
    },
  } as Partial<SMTPServerOptions>)
  await queueEmail(serviceEmail())
  await sendAll()
  expect(await stored()).toMatchObject({ sentAt: null, attempts: 1 })
  advance(minutes(1))
  await sendAll()
  expect((await stored()).sentAt).not.toBeNull()
  expect(arrived).toHaveLength(2)
  expect(arrived[0]!.messageId).toBe(arrived[1]!.messageId)
})

test('after a worker dies while sending, another sends the email once the lease has expired', async () => {
  await openMailServer()
  await queueEmail(serviceEmail())
  await Emails.updateOne(
    {},
    { leaseToken: 'dead', leaseUntil: new Date('2026-11-23T09:02:00Z'), attempts: 1 },
  )
  await sendAll()
  expect(arrived).toHaveLength(0)
  advance(minutes(3))
  await sendAll()
  expect(arrived).toHaveLength(1)
})

test('two workers never send the same email', async () => {
  await openMailServer()
  for (let n = 0; n < 10; n++) await queueEmail(serviceEmail({ _id: `welcome:${n}` }))
  await Promise.all([sendAll(), sendAll(), sendAll()])
  expect(new Set(arrived.map(mail => mail.messageId)).size).toBe(10)
  expect(arrived).toHaveLength(10)
})

test('without a mail server, the demo inbox has every email', async () => {
  await queueEmail(serviceEmail())
  await sendAll()
  expect(await stored()).toMatchObject({ sendDecision: 'open', html: expect.stringContaining('/links/abc') })
  expect((await stored()).sentAt).not.toBeNull()
  await People.deleteMany({})
})

test.each([
  '\r\nBcc: victim@example.org',
  '\nBcc: victim@example.org',
  '\u2028Bcc: victim@example.org',
  '\u0000\r\n\r\nBody',
])('a subject with a line break adds no header and no recipient (%j)', async injected => {
  await openMailServer()
  await queueEmail(serviceEmail({ subject: `Reassigned to you: Ada${injected}` }))
  await sendAll()
  expect(arrived).toHaveLength(1)
  const [mail] = arrived
  expect(mail!.headers.has('bcc')).toBe(false)
  expect([mail!.to].flat().map(to => to?.text)).toEqual([ada.email])
  expect(mail!.subject).toMatch(/^Reassigned to you: Ada (Bcc: victim@example.org|Body)$/)
  expect(mail!.text).not.toContain('victim')
})
