import type { Browser, Page } from 'playwright-core'
import { Emails } from '../../src/mail/email'
import type { Person } from '../../src/people/person'
import { activeModel } from '../../src/scoring/model'
import { bookSeat } from '../../src/sessions/book-seat'
import { checkInCode } from '../../src/sessions/check-in-code'
import { LiveSessions } from '../../src/sessions/live-session'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, type OpenPage } from '../kit/browser'
import { setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

// The story of a series of live sessions as its people see it; test/sessions/story.test.ts has every one of them.

let academy: Academy
let browser: Browser
let baseURL: string
let ines: Person
let lena: Person
const guests: Person[] = []
const pages = {} as Record<'host' | 'guest' | 'boss', OpenPage>

beforeAll(async () => {
  academy = await openAcademy()
  activeModel.forget()
  setTime('2026-12-01T09:00:00Z')
  browser = await openBrowser()
  baseURL = await academy.listen()
  ines = await make.person({ role: 'author', name: 'Ines Halvorsen' })
  lena = await make.person({ role: 'sales-lead', name: 'Lena Voss' })
  for (let n = 1; n <= 12; n++) guests.push(await make.person({ title: 'Maintenance lead' }))
  for (const who of ['host', 'guest', 'boss'] as const) pages[who] = await openPage(browser, { baseURL })
  await signIn('host', ines)
  await signIn('boss', lena)
}, 60_000)
afterAll(async () => {
  // Not those of the boss: the editor previews a rule while it is typed, and the server refuses half of one.
  for (const who of ['host', 'guest'] as const) expect(pages[who].consoleMessages).toEqual([])
  activeModel.forget()
  await browser.close()
  await academy.close()
})

async function signIn(who: 'host' | 'guest' | 'boss', person: Person): Promise<Page> {
  const { context, page } = pages[who]
  const [name = '', ...value] = (await as(person)).cookie.split(';')[0]!.split('=')
  await context.clearCookies()
  await context.addCookies([{ name, value: value.join('='), url: baseURL }])
  return page
}

/** Returns where the link of a guest's email leads, at the server of this test. */
async function linkOf({ _id }: Person, subject: string): Promise<string> {
  const email = (await Emails.findOne({ person: _id, subject }))!
  return /<https?:\/\/[^/]+(\/[^>]+)>/.exec(email.text)![1]!
}

test('attendance gets a rule in the editor, and the model with it is published', async () => {
  const { page } = pages.boss
  await page.goto('/admin/scoring-model/draft')
  await page.getByRole('link', { name: 'Add a rule' }).click()
  await page.locator('[name=name]').fill('Attended a session')
  await page.locator('[name=group]').selectOption('learning')
  await page.getByLabel('Live session attended').check()
  await page.locator('[name=weight]').fill('40')
  await page.locator('[name=cap]').fill('40')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved in the draft.').waitFor()
  await page.getByRole('link', { name: 'Grid and thresholds' }).click()
  await page.getByRole('link', { name: 'Edit' }).click()
  await page.locator('[name=disqualifyBelow]').fill('10')
  await page.locator('[name=qualifyAt]').fill('20')
  await page.getByLabel('C3', { exact: true }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved in the draft.').waitFor()
  await page.getByRole('link', { name: 'Publish…' }).click()
  await page.locator('[name=reason]').fill('Sessions count.')
  await page.getByRole('button', { name: 'Publish version 2' }).click()
  await page.waitForURL(url => !url.pathname.endsWith('/publications/new'))
  expect((await activeModel()).content.rules.map(({ name }) => name)).toContain('Attended a session')
}, 60_000)

test('a series from its form to the certificate, the recording and a qualified lead', async () => {
  const { page: host } = pages.host
  await host.goto('/studio/sessions/new')
  await host.locator('[name=title]').fill('Bearings by ear')
  await host.locator('[name=day]').fill('2026-12-10')
  await host.locator('[name=time]').fill('15:00')
  await host.locator('[name=length]').fill('60')
  await host.locator('[name=timeZone]').selectOption('Europe/London')
  await host.getByLabel('In a room').check()
  await host.locator('[name=placeName]').fill('Workshop')
  await host.locator('[name=placeAddress]').fill('1 Dock Road, Hull')
  await host.locator('[name=seats]').fill('10')
  await host.locator('summary', { hasText: 'Repeat' }).click()
  await host.locator('[name=repeats]').selectOption('weekly')
  await host.locator('[name=count]').fill('2')
  await host.getByLabel('Parts of one training').check()
  await host.getByLabel('Issue a certificate for the series').check()
  await host.locator('[name=seriesRequired]').fill('1')
  await host.getByRole('button', { name: 'Create draft' }).click()
  await host.getByText('2 drafts created. Nobody sees them until you publish them.').waitFor()
  await host.getByRole('button', { name: 'Publish 2 drafts of the series' }).click()
  await host.getByText('2 sessions published.').waitFor()
  await runAllDue()
  const part = (await LiveSessions.findOne({ title: 'Bearings by ear', part: 1 }))!
  const [path, studio] = [`/sessions/${part.slug}`, `/studio/sessions/${String(part._id)}`]

  // Twelve book ten seats: the first takes both parts, and the last two wait.
  const [first, missing, came, ...others] = guests as [Person, Person, Person, ...Person[]]
  const [next, last] = others.slice(-2) as [Person, Person]
  let guest = await signIn('guest', first)
  await guest.goto(path)
  await guest.getByRole('button', { name: 'Book all 2 parts' }).click()
  await guest.getByText('You have a seat in 2 parts.').waitFor()
  for (const { _id } of [missing, came, ...others.slice(0, -2)]) await bookSeat(part, _id)
  for (const [n, person] of [next, last].entries()) {
    guest = await signIn('guest', person)
    await guest.goto(path)
    await guest.getByRole('button', { name: 'Join the wait-list' }).click()
    await guest.getByText(`You’re number ${n + 1}`).waitFor()
  }
  await runAllDue()

  // One gives the seat up, and who waits longest claims it by the link of her email, wherever she opens it.
  guest = await signIn('guest', first)
  await guest.goto(path)
  await guest.getByRole('button', { name: 'Cancel my seat' }).click()
  await guest.getByText('Your seat is free again.').waitFor()
  await runAllDue()
  const offer = await linkOf(next, 'A seat for you: Bearings by ear')
  await pages.guest.context.clearCookies()
  await guest.goto(offer)
  await guest.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  await signIn('guest', next)
  await guest.goto(offer)
  await guest.getByRole('button', { name: 'Claim my seat' }).click()
  await guest.getByText('You have a seat.').waitFor()

  for (const moment of ['2026-12-09T15:00:00Z', '2026-12-10T14:00:00Z']) {
    setTime(moment)
    await runAllDue()
  }
  const subject = 'Reminder: Bearings by ear, Thursday 10 December at 15:00 GMT'
  expect(await Emails.count({ person: came._id, subject })).toBe(2)
  expect(await Emails.count({ person: first._id, subject })).toBe(0)

  // The host shows the code, and a learner opens its address on her phone.
  setTime('2026-12-10T14:55:00Z')
  await signIn('host', ines)
  await host.goto(`${studio}/live`)
  await host.getByRole('link', { name: 'Check-in' }).click()
  await host.locator('.qr svg').waitFor()
  guest = await signIn('guest', came)
  await guest.goto(`/check-in/${part._id}.${checkInCode(part._id)}`)
  await guest.getByRole('heading', { level: 1, name: "You're checked in" }).waitFor()
  await guest.getByRole('link', { name: 'Questions and polls' }).click()
  await guest.getByRole('heading', { name: 'Questions for the hosts' }).waitFor()
  await host.reload()
  expect(await host.locator('.came').innerText()).toBe('1 of 10 people are checked in')

  setTime('2026-12-10T16:16:00Z')
  await runAllDue()
  await signIn('host', ines)
  await host.goto(`${studio}/afterwards`)
  await host.locator('[name="materials.0.title"]').fill('All of it')
  await host.locator('[name="materials.0.url"]').fill('https://video.example/1')
  await host.locator('[name=missed]').fill('Watch from minute 12.')
  await host.getByRole('button', { name: 'Save', exact: true }).last().click()
  await host.getByText('Nothing is sent yet.').waitFor()
  await host.getByRole('link', { name: 'Preview and send…' }).click()
  await host.getByRole('button', { name: 'Send to 11 people' }).click()
  await host.getByText('On its way.').waitFor()
  await runAllDue()
  guest = await signIn('guest', missing)
  await guest.goto(await linkOf(missing, 'What you missed: Bearings by ear'))
  await guest.getByRole('link', { name: 'All of it' }).waitFor()
  await guest.getByText('You had a seat and couldn’t come.').waitFor()

  // She finds her certificate where she was, and sales finds her.
  guest = await signIn('guest', came)
  await guest.goto(path)
  await guest.getByRole('link', { name: 'Your certificate' }).first().click()
  await guest.getByText('Bearings by ear').first().waitFor()
  const boss = await signIn('boss', lena)
  await boss.goto('/sales/leads')
  await boss.getByRole('link', { name: came.name }).first().waitFor()
  expect(await boss.getByRole('link', { name: missing.name, exact: true }).count()).toBe(0)
}, 60_000)
