import type { Browser } from 'playwright-core'
import { record } from '../../src/events/record'
import { assignLead } from '../../src/leads/change-lead'
import { Leads } from '../../src/leads/lead'
import type { Person } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
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
  await make.person({ role: 'sales', name: 'Marek Dvořák' })
  for (const [name, country] of [
    ['Ada Alpha', 'DE'],
    ['Bo Beta', 'DE'],
    ['Cy Gamma', 'FR'],
  ] as const) {
    const person = await make.person({ name, consents: ['profiling', 'share_with_sales'], country })
    const data = { kind: 'demo', text: `Words of ${name}`, title: null } as const
    await record({ name: 'contact.requested', person: person._id, idempotencyKey: [1], data })
    await runAllDue()
    const lead = (await Leads.findById(person._id))!
    if (!lead.owner?.equals(petra._id)) await assignLead(lead, String(petra._id), petra._id)
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

test('a list is searched as typed, read with a brief beside it, and answered, by keyboard alone', async () => {
  const { page } = opened
  await page.goto('/sales/leads?tab=mine&sort=name')
  await page.keyboard.press('j')
  await page.locator('.name a:focus', { hasText: 'Ada Alpha' }).waitFor()
  await page.keyboard.press('j')
  await page.locator('.name a:focus', { hasText: 'Bo Beta' }).waitFor()
  await page.keyboard.press(' ')
  await page.locator('#peek').getByText('Words of Bo Beta').first().waitFor()
  await page.keyboard.press('k')
  await page.locator('#peek h2', { hasText: 'Ada Alpha' }).waitFor()
  await page.keyboard.press('Escape')
  expect(await page.locator('#peek').isHidden()).toBe(true)

  await page.keyboard.press('/')
  await page.keyboard.type('gam')
  await page.locator('#leads-results', { hasText: '1 lead matches “gam”.' }).waitFor()
  expect(await page.locator('.leads tbody .name').allTextContents()).toHaveLength(1)
  expect(await page.locator('[type="search"]:focus').inputValue()).toBe('gam')
  expect(new URL(page.url()).searchParams.get('q')).toBe('gam')

  await page.goto('/sales/leads?tab=mine&sort=name')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  expect(await page.locator('[name="lead"]:checked').count()).toBe(2)
  await page.locator('.bulk-bar [value="accept"]').press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Accept 2 leads' }).press('Enter')
  await page.locator('.flash').getByText('2 leads accepted.').waitFor()
  const stored = await Promise.all(leads.map(({ _id }) => Leads.findById(_id)))
  expect(stored.map(lead => lead!.status).sort()).toEqual(['accepted', 'accepted', 'new'])
  await page.locator('.flash').getByRole('button', { name: 'Undo' }).press('Enter')
  await page.locator('.flash').getByText('2 leads are as they were before.').waitFor()
}, 60_000)

test('filters open as a dialog; narrow, dark or from right to left, no page has a problem', async () => {
  const { page } = opened
  await page.goto('/sales/leads?tab=all')
  await page.getByRole('link', { name: 'Filter' }).click()
  await page.getByRole('dialog').getByLabel('Country').selectOption({ label: 'Germany (2)' })
  await page.getByRole('dialog').getByRole('button', { name: 'Show' }).click()
  await page.getByText('Country: Germany').waitFor()
  expect(await problemsOn(page)).toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize({ width: 360, height: 800 })
  for (const path of [
    '/sales/leads?tab=all&country=DE',
    '/sales/lead-filters?tab=all',
    `/sales/lead-batches/new?action=snooze&lead=${leads[0]!._id}`,
    '/sales/views?page=leads&address=tab%3Dall',
  ]) {
    await page.goto(path)
    await page.evaluate(`document.documentElement.dir = 'rtl'`)
    expect([path, await problemsOn(page)]).toEqual([path, []])
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  }
}, 60_000)
