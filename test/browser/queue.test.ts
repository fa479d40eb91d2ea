import type { Browser } from 'playwright-core'
import { record } from '../../src/events/record'
import { Leads } from '../../src/leads/lead'
import { Emails } from '../../src/mail/email'
import type { Person } from '../../src/people/person'
import { config } from '../../src/platform/config'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, problemsOn, scrollsSideways, type OpenPage } from '../kit/browser'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let browser: Browser
let opened: OpenPage
const leads: Person[] = []
beforeAll(async () => {
  academy = await openAcademy()
  const baseURL = await academy.listen()
  const petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  for (const name of ['Ada Alpha', 'Bo Beta', 'Cy Gamma', 'Di Delta']) {
    const person = await make.person({ name, consents: ['profiling', 'share_with_sales'] })
    const data = { kind: 'demo', text: `Words of ${name}`, title: null } as const
    await record({ name: 'contact.requested', person: person._id, idempotencyKey: [1], data })
    await runAllDue()
    leads.push(person)
  }
  const [name = '', ...value] = (await as(petra)).cookie.split(';')[0]!.split('=')
  browser = await openBrowser()
  opened = await openPage(browser, { baseURL })
  await opened.context.addCookies([{ name, value: value.join('='), url: baseURL }])
}, 60_000)
afterAll(async () => {
  expect(opened.consoleMessages).toEqual([])
  await browser.close()
  await academy.close()
})

test('leads are answered by keyboard alone, and the next one is open after each', async () => {
  const { page } = opened
  const name = page.locator('#lead-name')
  const isOpen = (who: string) => page.locator('#lead-name:focus').filter({ hasText: who }).waitFor()
  await page.goto('/sales/queue')
  await page.keyboard.press('j')
  await isOpen('Bo Beta')
  expect(new URL(page.url()).searchParams.get('lead')).toBe(String(leads[1]!._id))
  await page.keyboard.press('k')
  await isOpen('Ada Alpha')

  await page.keyboard.press('a')
  await isOpen('Bo Beta')
  await page.locator('.flash').getByText('Ada Alpha accepted.').waitFor()
  await page.locator('[data-announce]', { hasText: 'Bo Beta' }).waitFor({ state: 'attached' })
  await page.keyboard.press('u')
  await isOpen('Ada Alpha')
  // While an answer is on its way, no key answers the same lead again.
  let release = () => {}
  await page.route('**/acceptance', async route => {
    await new Promise<void>(resolve => (release = resolve))
    await route.continue()
  })
  await page.keyboard.press('a')
  await page.locator('.queue-detail[inert]').waitFor()
  for (const key of ['r', 'a', 's', 'j', 'Enter']) await page.keyboard.press(key)
  release()
  await isOpen('Bo Beta')
  await page.unroute('**/acceptance')
  expect(await page.locator('dialog, .answer-menu[open]').count()).toBe(0)

  // The answer can still be undone from the next lead but one.
  await page.keyboard.press('j')
  await isOpen('Cy Gamma')
  await page.keyboard.press('u')
  await isOpen('Ada Alpha')
  await page.keyboard.press('a')
  await isOpen('Bo Beta')

  await page.keyboard.press('r')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('4')
  await page.keyboard.press('Enter')
  await isOpen('Cy Gamma')

  await page.keyboard.press('s')
  await page.locator('.snooze-choice:focus').waitFor()
  await page.keyboard.press('Enter')
  await isOpen('Di Delta')
  await page
    .locator('.flash')
    .getByText(/Cy Gamma snoozed until/)
    .waitFor()

  await page.keyboard.press('n')
  await page.keyboard.type('Calls back on a, r and j days')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.locator('.notes').getByText('Calls back on a, r and j days').waitFor()
  expect(await name.textContent()).toBe('Di Delta')

  const stored = await Promise.all(leads.map(({ _id }) => Leads.findById(_id)))
  expect(stored.map(lead => lead!.status)).toEqual(['accepted', 'rejected', 'new', 'new'])
  expect(stored[1]!.disposition!.reason).toBe('timing')
  expect(stored[2]!.snooze).not.toBeNull()
}, 60_000)

test('the keys can be switched off, and the page has no problems', async () => {
  const { page } = opened
  await page.goto('/sales/queue?view=team')
  await page.keyboard.press('?')
  await page.getByLabel('Use these keys in this browser').uncheck()
  await page.keyboard.press('Escape')
  await page.keyboard.press('s')
  expect(await page.locator('.answer-menu[open]').count()).toBe(0)
  expect(await problemsOn(page)).toEqual([])
}, 60_000)

test('ten leads are answered on a phone from their emails, two or three taps each, without signing in', async () => {
  const phone = await browser.newContext({
    ...{ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
    ...{ reducedMotion: 'reduce' as const, colorScheme: 'dark' as const, baseURL: await academy.listen() },
  })
  const page = await phone.newPage()
  page.setDefaultTimeout(30_000)
  const names = Array.from({ length: 10 }, (_, n) => `Phone ${n}`)
  const asked: Person[] = []
  for (const name of names) {
    const person = await make.person({ name, consents: ['profiling', 'share_with_sales'] })
    const data = { kind: 'demo', text: `Words of ${name}`, title: null } as const
    await record({ name: 'contact.requested', person: person._id, idempotencyKey: [2], data })
    asked.push(person)
  }
  await runAllDue()
  for (const [n, name] of names.entries()) {
    const email = (await Emails.find({ subject: { $regex: name } }))[0]!
    await page.setContent(email.html.replaceAll(config.baseUrl, await academy.listen()))
    const rejects = n % 4 === 3
    await page.getByRole('link', { name: rejects ? 'Reject with a reason' : 'Accept', exact: true }).tap()
    await page.getByRole('heading', { level: 1, name }).waitFor()
    expect(await page.getByText(`Words of ${name}`).count()).toBeGreaterThan(0)
    expect(await scrollsSideways(page)).toBe(false)
    if (rejects) await page.getByLabel('Bad timing').tap()
    await page.getByRole('button', { name: rejects ? 'Reject' : 'Accept', exact: true }).tap()
    await page.getByText(`${name} has been ${rejects ? 'rejected' : 'accepted'}`).waitFor()
  }
  await page.getByRole('button', { name: /Undo/ }).tap()
  await page.locator('.flash').getByText('undone').waitFor()
  const statuses = (await Leads.find({ _id: { $in: asked.map(({ _id }) => _id) } })).map(lead => lead.status)
  expect(statuses.sort()).toEqual([...Array<string>(7).fill('accepted'), ...['new', 'rejected', 'rejected']])
  await phone.close()
}, 120_000)
