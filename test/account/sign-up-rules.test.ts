import { AuditEntries } from '../../src/events/audit'
import { Emails } from '../../src/mail/email'
import { mailDomain } from '../../src/people/sign-up-rules'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'
import { browser, resetRateLimits } from './browser'

let academy: Academy
let admin: Visitor
let changes = 0

beforeAll(async () => {
  academy = await openAcademy()
  admin = await as(await make.person({ role: 'admin' }))
})
afterAll(() => academy.close())
afterEach(resetRateLimits)

const url = '/admin/brands/academy/sign-up'
const save = (lists: object) => admin.post(url, { changes: changes++, ...lists }).expect(303)

async function signUpWith(email: string) {
  const here = browser()
  await here.open('/sign-up')
  return here.send('/sign-up', { how: 'link', name: 'Ada', email })
}

async function emailsAfter(email: string): Promise<number> {
  await signUpWith(email)
  return Emails.count({ to: email.toLowerCase() })
}

test('a disposable address is refused with what to do, and keeps what was typed', async () => {
  const refused = await signUpWith('ada@sub.Mailinator.com')
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('sub.mailinator.com gives out addresses that stop working.')
  expect(refused.text).toContain('Enter an address that you keep, such as your work address.')
  expect(refused.text).toContain('value="ada@sub.Mailinator.com"')
  expect(await Emails.count({ to: 'ada@sub.mailinator.com' })).toBe(0)
})

test('an administrator lets a disposable domain in, refuses others, and may list the only ones', async () => {
  await save({ notDisposable: 'mailinator.com', refused: 'Rival.com\nbob@gmail.com' })
  expect(await emailsAfter('a@mailinator.com')).toBe(1)
  expect(await emailsAfter('a@eu.rival.com')).toBe(0)
  expect(await emailsAfter('a@notrival.com')).toBe(1)
  expect(await emailsAfter('a@gmail.com')).toBe(0)
  expect((await signUpWith('a@rival.com')).text).toContain('You can’t sign up with an address at rival.com.')
  expect((await admin.get(url).expect(200)).text).toContain('gmail.com\nrival.com')

  await save({ allowed: 'acme.com, bücher.example' })
  expect(await emailsAfter('a@mail.acme.com')).toBe(1)
  expect(await emailsAfter('a@xn--bcher-kva.example')).toBe(1)
  const outside = await signUpWith('a@initech.com')
  expect(outside.text).toContain('This academy is only for certain companies')
  expect(outside.text).not.toContain('acme.com')
  await save({})
  expect(await emailsAfter('a@initech.com')).toBe(1)
  expect(await AuditEntries.count({ action: 'sign_up_rules.changed' })).toBe(3)
})

test('a refusal doesn’t tell whether the address has an account, and its owner can still sign in', async () => {
  await make.person({ email: 'known@rival.com' })
  await save({ refused: 'rival.com' })
  const [known, unknown] = [await signUpWith('known@rival.com'), await signUpWith('other@rival.com')]
  expect(known.status).toBe(422)
  const plain = (text: string) => text.replace(/value="[^"]+"|touch=[^"]+/g, '')
  expect(plain(known.text)).toBe(plain(unknown.text))
  const here = browser()
  await here.open('/sign-in')
  await here.send('/sign-in/link', { email: 'known@rival.com' })
  expect(await Emails.count({ to: 'known@rival.com' })).toBe(1)
  await save({})
})

test.each([
  [{ refused: 'acme, co.uk 1.2.3.4' }, 'These aren’t email domains: acme, co.uk, 1.2.3.4'],
  [{ allowed: 'acme.com', refused: 'acme.com' }, 'A domain is in both lists'],
  [{ allowed: Array.from({ length: 1001 }, (_, n) => `a${n}.com`).join(' ') }, 'Enter at most 1000 domains'],
])('the lists %.60j are refused and stay in the form', async (lists: Record<string, string>, sentence) => {
  const { text } = await admin.post(url, { changes, ...lists }).expect(422)
  expect(text).toContain(sentence)
  for (const list of Object.values(lists)) expect(text).toContain(list)
})

test('of two administrators at once, the second is told before they replace anything', async () => {
  const answers = await Promise.all(['a.com', 'b.com'].map(refused => admin.post(url, { changes, refused })))
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 409])
  changes++
})

test.each([
  ['Bob@EU.Acme.com', 'eu.acme.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
])('the mail domain of %s is %s', (typed, domain) => expect(mailDomain(typed)).toBe(domain))
