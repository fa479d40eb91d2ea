import { createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createTransport } from 'nodemailer'
import request from 'supertest'
import { Posts } from '../../src/community/post'
import { Threads } from '../../src/community/thread'
import type { Published } from '../../src/courses/published'
import { enrol } from '../../src/learning/enrol'
import { hasBounced } from '../../src/mail/bounce'
import { Emails } from '../../src/mail/email'
import { InboundEmails, storeInboundEmail } from '../../src/mail/inbound-email'
import { openInboundSmtp } from '../../src/mail/inbound-smtp'
import { makeReplyAddress, readReplyAddress } from '../../src/mail/reply-address'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import { days, minutes, now } from '../../src/platform/clock'
import { config } from '../../src/platform/config'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let course: Published
let ada: Person
let noor: Person
/** The question of this test, and where Ada replies to Noor's answer. */
let thread: string
let address: string
const kept = { ...config.inbound }

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-12-01T09:00:00Z')
  Object.assign(config.inbound, {
    ...{ domain: 'in.academy.example', smtpPort: 0, smtpHost: '127.0.0.1' },
    ...{
      postmark: 'postmark:a-password-of-16',
      mailgun: 'mailgun-key',
      sesTopic: 'arn:aws:sns:eu-west-1:1:replies',
    },
  })
  ada = await make.person({ name: 'Ada Brook', email: 'ada@waterworks.example' })
  noor = await make.person({ name: 'Noor Haddad' })
  course = await make.course({ lessons: 1 })
  for (const person of [ada, noor]) await enrol({ person: person._id, published: course, paid: false })
})
beforeEach(async () => {
  advance(days(2))
  await Promise.all([Threads, Posts, Emails, InboundEmails].map(each => each.deleteMany({})))
  const lesson = `/courses/${course.slug}/lessons/${course.lessons[0]!.slug}`
  await (await as(ada)).post(`${lesson}/questions`, { text: 'Why does the panel show E4?' }).expect(303)
  const [asked] = await Threads.find({})
  thread = String(asked!._id)
  const page = `/courses/${course.slug}/questions/${thread}/posts`
  await (await as(noor)).post(page, { text: 'Check DIP switch 3.', follow: 'on' }).expect(303)
  await runAllDue()
  const [told] = await Emails.find({ person: ada._id })
  address = told!.sender!.replyTo!
  expect(told!.text).toContain('↑↑↑ To answer, write your reply above this line.')
  await Emails.deleteMany({})
})
afterAll(async () => {
  Object.assign(config.inbound, kept)
  await academy.close()
})

/** One of the shapes of replies, to the address of this test. */
const shape = (name: string) =>
  readFileSync(`${__dirname}/../mail/replies/${name}.eml`, 'utf8').replaceAll(
    'reply+TOKEN@in.academy.example',
    address,
  )

const simple = (text: string, headers = '') =>
  `From: Ada <ada@waterworks.example>\nTo: ${address}\nMessage-ID: <${text.length}@x>\n${headers}\n${text}\n`

async function receive(email: string, isForged = false) {
  await storeInboundEmail([address], Buffer.from(email), isForged)
  await runAllDue()
  return InboundEmails.find({}).sort({ _id: 1 })
}

const repliesOf = (person: Person) => Posts.find({ person: person._id }).sort({ writtenAt: 1 })

test('a reply address is for one person and one thing, in capitals as well, and nobody can make another', () => {
  const target = { target: ada._id, person: noor._id }
  const made = makeReplyAddress(target)!
  expect(made).toMatch(/^reply\+[a-z2-7]{56}@in\.academy\.example$/)
  expect(made.indexOf('@')).toBeLessThanOrEqual(64)
  expect(readReplyAddress(` ${made.toUpperCase()} `)).toEqual(target)
  const changed = made.replace(/(.)@/, (_, last) => (last === 'a' ? 'b@' : 'a@'))
  for (const other of [
    changed,
    made.replace('in.', 'on.'),
    made.replace('+', '-'),
    'reply+x@in.academy.example',
    '',
  ])
    expect(readReplyAddress(other)).toBeNull()
})

test('a reply to an answer stands below it, once, and everyone who follows is told', async () => {
  await receive(shape('01-gmail-web'))
  const [stored] = await receive(shape('01-gmail-web'))
  expect(stored).toMatchObject({ result: 'posted', raw: null, dueAt: null })
  const [answer] = await repliesOf(noor)
  const posts = await repliesOf(ada)
  const text = 'That was it, thank you!\n\nThe switch was on after the restart.'
  expect(posts).toMatchObject([{ text, via: 'email', answer: answer!._id, state: 'shown' }])
  const told = await Emails.find({ person: noor._id })
  expect(told).toHaveLength(1)
  expect(told[0]!.text).toContain('The switch was on')

  // The author of the answer replies to that, and a reply to the question itself is an answer.
  address = told[0]!.sender!.replyTo!
  advance(minutes(1))
  await receive(simple('Good to hear.').replace('ada@waterworks.example', noor.email))
  expect((await repliesOf(noor)).map(each => [each.text, String(each.answer)])).toEqual([
    ['Check DIP switch 3.', 'null'],
    ['Good to hear.', String(answer!._id)],
  ])
  address = makeReplyAddress({ target: (await Threads.find({}))[0]!._id, person: noor._id })!
  await receive(simple('Or look at page 12.').replace('ada@waterworks.example', noor.email))
  expect(await happened(noor)).toEqual(expect.arrayContaining(['question.answered']))
  expect(await Posts.count({ person: noor._id, answer: null })).toBe(2)
})

test('what a program, a stranger or a forger sends is never posted, and nobody is told', async () => {
  for (const name of [
    '29-out-of-office-exchange',
    '30-vacation-gmail',
    '35-bounce-qmail',
    '36-forged-sender',
  ]) {
    await receive(shape(name))
  }
  await receive(simple('Forged, as the mail server says'), true)
  expect(await hasBounced(ada.email)).toBe(false)
  await receive(shape('33-bounce'))
  expect(await hasBounced(ada.email)).toBe(true)
  const results = (await InboundEmails.find({})).map(({ result }) => result).sort()
  expect(results).toEqual(['automatic', 'automatic', 'automatic', 'bounce', 'forged', 'forged'])
  expect([await repliesOf(ada), await Emails.count({})]).toEqual([[], 0])
})

test('whose reply cannot be posted is told why, once an hour; files are left out with a line', async () => {
  await receive(shape('28-empty-reply'))
  await receive(simple('x'.repeat(5001)))
  const sent = await Emails.find({})
  expect(sent.map(({ to }) => to)).toEqual([ada.email])
  expect(sent[0]!.text).toContain('We found no text in your reply')
  advance(minutes(61))
  await receive(simple('x'.repeat(5002)))
  expect((await Emails.find({}).sort({ createdAt: 1 }))[1]!.text).toContain("it's too long")
  await receive(shape('25-photo-attached'))
  const [post] = await repliesOf(ada)
  expect(post!.text).toBe("This is how the switch stands:\n\n*A file that came with this email isn't shown.*")
  advance(minutes(61))
  await Threads.updateMany({}, { $set: { state: 'hidden' } })
  await receive(simple('Too late'))
  expect((await Emails.find({}).sort({ createdAt: 1 })).at(-1)!.text).toContain("can't be answered any more")
  expect(await repliesOf(ada)).toHaveLength(1)

  await erasePerson(ada._id)
  await runAllDue()
  expect([await InboundEmails.count({}), await Posts.count({ person: ada._id })]).toEqual([0, 0])
  await receive(simple('From the grave'))
  expect(await Posts.count({ person: ada._id, text: /grave/ })).toBe(0)
  ada = await make.person({ name: 'Ada Brook', email: 'ada@waterworks.example' })
  await enrol({ person: ada._id, published: course, paid: false })
})

test('emails come in by SMTP, to reply addresses only', async () => {
  const smtp = await openInboundSmtp()
  const transport = createTransport({ port: smtp.port, host: '127.0.0.1' })
  const send = (to: string, size = 0) =>
    transport.sendMail({
      ...{ envelope: { from: ada.email, to }, raw: simple('By SMTP', `X-Long: ${'x'.repeat(size)}\n`) },
    })
  await send(address.toUpperCase())
  await expect(send('someone@elsewhere.example')).rejects.toMatchObject({ responseCode: 550 })
  await expect(send(address.replace('+', '+a'))).rejects.toMatchObject({ responseCode: 550 })
  await transport.sendMail({ envelope: { from: '', to: address }, raw: simple('A bounce of some kind') })
  transport.close()
  await smtp.close()
  await runAllDue()
  expect((await InboundEmails.find({})).map(({ result }) => result).sort()).toEqual(['automatic', 'posted'])
  expect(await repliesOf(ada)).toMatchObject([{ text: 'By SMTP', via: 'email' }])
})

const post = (name: string) => request(theApp()).post(`/api/inbound-email/${name}`)

test('Postmark posts emails with a password, in parts or raw', async () => {
  const parts = {
    ...{ From: 'ada@waterworks.example', OriginalRecipient: address, Subject: 'Re: New answer' },
    ...{ TextBody: 'In parts\n\nSent from my iPhone', Headers: [{ Name: 'Message-ID', Value: '<1@x>' }] },
    Attachments: [{ Name: 'photo.jpg', ContentID: '', Content: 'AAAA' }],
  }
  await post('postmark').auth('postmark', 'wrong').send(parts).expect(401)
  await post('postmark').send(parts).expect(401)
  for (let times = 0; times < 2; times++) {
    await post('postmark').auth('postmark', 'a-password-of-16').send(parts).expect(200)
  }
  const raw = { ...parts, RawEmail: simple('Raw') }
  await post('postmark').auth('postmark', 'a-password-of-16').send(raw).expect(200)
  const failed = { ...parts, Headers: [{ Name: 'Received-SPF', Value: 'Fail (sender not authorized)' }] }
  await post('postmark').auth('postmark', 'a-password-of-16').send(failed).expect(200)
  await post('postmark').auth('postmark', 'a-password-of-16').type('json').send('{').expect(400)
  await runAllDue()
  const texts = (await repliesOf(ada)).map(({ text }) => text).sort()
  expect(texts).toEqual(["In parts\n\n*A file that came with this email isn't shown.*", 'Raw'])
})

test('Mailgun posts emails with a signature, which ends after 15 minutes', async () => {
  const send = (fields: Record<string, string>, age = 0, key = 'mailgun-key') => {
    const timestamp = String(Math.floor(now().getTime() / 1000) - age)
    const signature = createHmac('sha256', key).update(`${timestamp}token`).digest('hex')
    const sent = post('mailgun').field({
      timestamp,
      token: 'token',
      signature,
      recipient: address,
      ...fields,
    })
    return sent.attach('attachment-1', Buffer.from('a photo'), 'photo.jpg')
  }
  const parts = {
    ...{ from: 'Ada <ada@waterworks.example>', 'body-plain': 'In parts', 'attachment-count': '1' },
    'message-headers': JSON.stringify([['Message-Id', '<2@x>']]),
  }
  await send(parts, 0, 'another-key').expect(401)
  await send(parts, 16 * 60).expect(401)
  await send(parts).expect(200)
  await send({ 'body-mime': simple('As MIME') }).expect(200)
  const wrong = [
    ['X-Mailgun-Spf', 'SoftFail'],
    ['X-Mailgun-Dkim-Check-Result', 'Fail'],
  ]
  await send({ ...parts, 'message-headers': JSON.stringify(wrong) }).expect(200)
  await post('mailgun').type('form').send({ a: 1 }).expect(400)
  await runAllDue()
  const texts = (await repliesOf(ada)).map(({ text }) => text).sort()
  expect(texts).toEqual(['As MIME', "In parts\n\n*A file that came with this email isn't shown.*"])
  expect(await InboundEmails.count({ result: 'forged' })).toBe(1)
})

test('Amazon SES publishes emails, signed with a certificate at its own host', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const fetched: string[] = []
  const fetching = jest.spyOn(globalThis, 'fetch').mockImplementation(async url => {
    fetched.push(String(url))
    return new Response(String(publicKey.export({ type: 'spki', format: 'pem' })))
  })
  const receipt = { recipients: [address], action: { type: 'SNS', encoding: 'BASE64' } }
  const content = Buffer.from(simple('By SES')).toString('base64')
  const send = (change: Record<string, string> = {}, verdicts = {}) => {
    const message: Record<string, string> = {
      ...{ Type: 'Notification', MessageId: '1', TopicArn: config.inbound.sesTopic!, SignatureVersion: '2' },
      Message: JSON.stringify({
        notificationType: 'Received',
        content,
        receipt: { ...receipt, ...verdicts },
      }),
      Timestamp: now().toISOString(),
      SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem',
      ...change,
    }
    const fields = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
    const signed = fields.filter(name => name in message).map(name => `${name}\n${message[name]}\n`)
    const algorithm = message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256'
    const Signature = createSign(algorithm).update(signed.join('')).sign(privateKey, 'base64')
    return post('ses')
      .type('text/plain')
      .send(JSON.stringify({ Signature, ...message, ...(change.Signature && change) }))
  }
  await send({ SigningCertURL: 'https://sns.eu-west-1.amazonaws.com.evil.example/a.pem' }).expect(401)
  await send({ SigningCertURL: 'http://sns.eu-west-1.amazonaws.com/a.pem' }).expect(401)
  await send({ TopicArn: 'arn:aws:sns:eu-west-1:2:other' }).expect(401)
  await send({ Timestamp: '2026-11-01T00:00:00Z' }).expect(401)
  expect(fetched).toEqual([])
  await send({ Signature: 'AAAA' }).expect(401)
  const SubscribeURL = 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription'
  await send({ Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL, Message: 'Confirm' }).expect(200)
  expect(fetched.at(-1)).toBe(SubscribeURL)
  await send().expect(200)
  await send({ SignatureVersion: '1' }, { dmarcVerdict: { status: 'FAIL' }, recipients: [address] }).expect(
    200,
  )
  fetching.mockRestore()
  await runAllDue()
  expect((await repliesOf(ada)).map(({ text }) => text)).toEqual(['By SES'])
})

test('without its setting, a way in does not exist', async () => {
  const { inbound } = config
  const set = { ...inbound }
  Object.assign(inbound, { postmark: undefined, mailgun: undefined, sesTopic: undefined, domain: undefined })
  for (const name of ['postmark', 'mailgun', 'ses']) await post(name).send({}).expect(404)
  expect(makeReplyAddress({ target: ada._id, person: ada._id })).toBeNull()
  Object.assign(inbound, set)
})
