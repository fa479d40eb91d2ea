import type { Browser } from 'playwright-core'
import { Endpoints } from '../../src/webhooks/endpoint'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import {
  closeEndpointServers,
  openEndpointServer,
  status,
  type EndpointServer,
} from '../webhooks/endpoint-server'

let academy: Academy
let browser: Browser
let opened: OpenPage
let href: string
let crm: EndpointServer
beforeAll(async () => {
  academy = await openAcademy()
  const baseURL = await academy.listen()
  crm = await openEndpointServer({ name: 'Partner LMS', respond: status(401, {}, 'unknown signature') })
  href = `/integrations/endpoints/${crm.endpoint._id}`
  for (const name of ['Ada Alpha', 'Bo Beta', 'Cy Gamma']) {
    await make.paidOrder(await make.person({ name }))
    await runAllDue()
  }
  const petra = await as(await make.person({ role: 'sales-lead', name: 'Petra Novotná' }))
  const [name = '', ...value] = petra.cookie.split(';')[0]!.split('=')
  browser = await openBrowser()
  opened = await openPage(browser, { baseURL })
  await opened.context.addCookies([{ name, value: value.join('='), url: baseURL }])
}, 60_000)
afterAll(async () => {
  expect(opened.consoleMessages).toEqual([])
  await browser.close()
  await closeEndpointServers()
  await Endpoints.deleteMany({})
  await academy.close()
})

test('an engineer goes through the attempts by keyboard, filters them, and each has an address', async () => {
  const { page } = opened
  const isOpen = (who: string) =>
    page.locator('#delivery').getByText(`${who} · Partner LMS`).first().waitFor({ state: 'visible' })
  await page.goto(href)
  await isOpen('Cy Gamma')
  expect(await problemsOn(page)).toEqual([])
  await page.keyboard.press('j')
  await isOpen('Bo Beta')
  expect(new URL(page.url()).searchParams.get('open')).toMatch(/^msg_/)
  await page.locator('tr.is-chosen a:focus').waitFor()
  await page.keyboard.press('j')
  await isOpen('Ada Alpha')
  await page.goBack()
  await isOpen('Bo Beta')
  await page.keyboard.press('/')
  await page.keyboard.type('gamma')
  await page.keyboard.press('Enter')
  await page.getByText('1 to 1 of 1').waitFor()
  await isOpen('Cy Gamma')
  expect(new URL(page.url()).searchParams.get('q')).toBe('gamma')
  await page.getByRole('button', { name: 'Replay 1', exact: true }).first().waitFor()
})

test('the example changes as a mapping is typed', async () => {
  const { page } = opened
  await page.goto(`${href}/mapping?type=order.paid`)
  await page.getByLabel('Name of person.email').fill('Email__c')
  await page.locator('#mapping-example', { hasText: '"Email__c"' }).waitFor()
  await page.getByLabel('Send person.first_name').uncheck()
  await page.locator('#mapping-example pre').first().filter({ hasNotText: 'first_name' }).waitFor()
  expect(await problemsOn(page)).toEqual([])
})

test('the page of a replay shows by itself that the endpoint works again', async () => {
  const { page } = opened
  await page.goto(href)
  await page.getByText('3 messages refused').waitFor()
  crm.respondWith(status(200))
  await page.getByRole('button', { name: 'Replay all 3' }).click()
  await page.locator('#replay[data-running]').waitFor()
  await runAllDue()
  await page.locator('.deliveries').getByText('Delivered').nth(2).waitFor()
  expect(await page.locator('.endpoint-alarm').count()).toBe(0)
  await page.locator('.endpoint-url').getByText('Active').waitFor()
})
