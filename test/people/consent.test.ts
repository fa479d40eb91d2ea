import { Consents, purposes } from '../../src/people/consent'
import { giveConsent } from '../../src/people/give-consent'
import { signUp, type NewAccount } from '../../src/people/sign-up'
import { People } from '../../src/people/person'
import { objectToMarketing } from '../../src/people/object-to-marketing'
import { hasObjected, isSuppressed, suppress } from '../../src/people/suppression'
import { withdrawConsent } from '../../src/people/withdraw-consent'
import { openAcademy, type Academy } from '../kit/academy'
import { browser, emailTo } from '../account/browser'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'
import { unsubscribeToken } from '../../src/people/unsubscribe-token'
import request from 'supertest'
import { Types } from 'mongoose'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())

test('each new text of a consent is a new version, and the same words are the same one', async () => {
  const agree = async (text: string, locale = 'en') => {
    const person = await make.person()
    const consent = { purpose: 'marketing_email', text, locale, page: '/sign-up' } as const
    return (await giveConsent(person._id, consent)).textVersion
  }
  const first = await agree('May we write?')
  expect(await agree('May we write to you?')).toBe(first + 1)
  expect(await agree('May we write?')).toBe(first)
  const both = await Promise.all([agree('May we write weekly?'), agree('May we write daily?')])
  expect(both.sort()).toEqual([first + 2, first + 3])
  expect(await agree('May we write?', 'cs')).toBe(1)
})

test('signing up twice creates one account, and the second form changes nothing', async () => {
  const consent = { purpose: 'profiling', text: 'May we?', locale: 'en', page: '/sign-up' } as const
  const both = await Promise.all([
    signUp({ email: 'Ada@Northwind.com', name: 'Ada', how: 'link', consents: [consent] }),
    signUp({ email: 'ada@northwind.com ', name: 'Eve', how: 'link', consents: [] }),
  ])
  expect(both.map(({ isNew }) => isNew).sort()).toEqual([false, true])
  expect(String(both[0].person._id)).toBe(String(both[1].person._id))
})

test('signing up with an address that has an account changes nothing about that account', async () => {
  const consent = { purpose: 'profiling', text: 'May we?', locale: 'en', page: '/sign-up' } as const
  const { person: ada } = await signUp({ email: 'ada@valves.example', name: 'Ada', how: 'link' })
  const again: NewAccount = {
    email: 'ADA@valves.example',
    name: 'Eve',
    how: 'link',
    title: 'CEO',
    consents: [consent],
  }
  const both = await Promise.all([signUp(again), signUp({ ...again, id: new Types.ObjectId() })])
  for (const { person, isNew } of both) {
    expect(isNew).toBe(false)
    expect(person).toEqual(ada)
  }
  expect(await People.find({ email: ada.email })).toEqual([ada])
  expect(await Consents.count({ person: ada._id })).toBe(0)
  expect((await happened(ada)).sort()).toEqual(['person.confirmed', 'person.signed_up'])
})

test('a sign-up under the id of another account is refused, and that account stays as it is', async () => {
  const { person: ada } = await signUp({ email: 'ada@gears.example', name: 'Ada', how: 'link' })
  const eve = { id: ada._id, email: 'eve@gears.example', name: 'Eve', how: 'link' } as const
  await expect(signUp(eve)).rejects.toThrow('Another Person has taken a unique key')
  expect(await People.findById(ada._id)).toEqual(ada)
  expect(await People.exists({ email: eve.email })).toBe(false)
})

test('repeating a sign-up that was interrupted finishes it', async () => {
  const id = new Types.ObjectId()
  const consent = { purpose: 'profiling', text: 'May we?', locale: 'en', page: '/sign-up' } as const
  const account = {
    id,
    email: 'cut@northwind.com',
    name: 'Cut',
    how: 'link',
    at: new Date('2026-11-23'),
  } as const
  await signUp(account)
  for (let n = 0; n < 2; n++) await signUp({ ...account, consents: [consent] })
  expect(await happened({ _id: id })).toEqual(['consent.given', 'person.confirmed', 'person.signed_up'])
  expect(await Consents.count({ person: id })).toBe(1)
})

test('one click unsubscribes immediately, without a cookie or token, and can be repeated', async () => {
  const ada = await make.person({ consents: ['profiling', 'marketing_email'] })
  const link = `/unsubscribe/${unsubscribeToken(ada._id)}`
  await request(academy.app).get(link).set('accept', 'text/html').expect(200)
  expect(await isSuppressed(ada.email)).toBe(false)
  for (let n = 0; n < 2; n++) {
    const answer = await request(academy.app)
      .post(link)
      .type('form')
      .send('List-Unsubscribe=One-Click')
      .expect(200)
    expect(answer.headers['set-cookie']).toBeUndefined()
  }
  expect(await isSuppressed(ada.email)).toBe(true)
  expect(await hasObjected(ada.email)).toBe(false)
  expect((await People.findById(ada._id))!.consents).toEqual(['profiling'])

  await request(academy.app).post(link).type('form').send('what=all').expect(200)
  expect(await hasObjected(ada.email)).toBe(true)
  expect((await People.findById(ada._id))!.consents).toEqual([])
})

test('a forged unsubscribe link unsubscribes nobody', async () => {
  const ada = await make.person()
  for (const token of [`${ada._id}.x`, String(ada._id), 'x', `${unsubscribeToken(ada._id)}x`]) {
    await request(academy.app).post(`/unsubscribe/${token}`).expect(404)
  }
  expect(await isSuppressed(ada.email)).toBe(false)
})

test('many simultaneous clicks give one consent, and one click ends it, however late the worker is', async () => {
  const ada = await make.person({ consents: [] })
  const consent = { purpose: 'share_with_sales', text: 'May we?', locale: 'en', page: '/account' } as const
  const began = Date.now() - 1000
  await Promise.all(Array.from({ length: 10 }, (_, n) => giveConsent(ada._id, consent, new Date(began + n))))
  expect(await Consents.count({ person: ada._id })).toBe(1)
  await withdrawConsent(ada._id, 'share_with_sales')
  expect((await happened(ada)).sort()).toEqual(['consent.given', 'consent.withdrawn'])
  expect((await People.findById(ada._id))!.consents).toEqual([])
  expect(await Consents.count({ person: ada._id, withdrawnAt: null })).toBe(0)
  await giveConsent(ada._id, consent)
  expect((await People.findById(ada._id))!.consents).toEqual(['share_with_sales'])
  expect(await Consents.count({ person: ada._id })).toBe(2)
})

test('withdrawing a consent that was never given writes nothing', async () => {
  const ada = await make.person({ consents: [] })
  for (const purpose of purposes) await withdrawConsent(ada._id, purpose)
  expect(await happened(ada)).toEqual([])
})

test('an objection is not replaced by a later unsubscription', async () => {
  const ada = await make.person()
  await objectToMarketing(ada._id)
  await suppress(ada.email, 'unsubscribed')
  expect(await hasObjected(ada.email)).toBe(true)
})

test('a learner who came from a campaign keeps its tags after signing up', async () => {
  const here = browser({ 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' })
  await here.open('/pricing?utm_source=newsletter&utm_campaign=autumn')
  await here.open('/courses')
  await here.open('/sign-up')
  await here.send('/sign-up', { how: 'link', name: 'Vera', email: 'vera@northwind.com' })
  const { link } = await emailTo('vera@northwind.com')
  await here.open(link)
  await here.send(link)
  const vera = (await People.findOne({ email: 'vera@northwind.com' }))!
  expect(vera.firstTouch).toMatchObject({
    landing: '/pricing',
    source: 'newsletter',
    campaign: 'autumn',
    referrer: null,
  })
})
