import type { Browser } from 'playwright-core'
import { enrol } from '../../src/learning/enrol'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, problemsOn, scrollsSideways, type OpenPage } from '../kit/browser'
import * as make from '../kit/make'

let academy: Academy
let browser: Browser
let baseURL: string
let cookie: { name: string; value: string; url: string }
let opened: OpenPage
beforeAll(async () => {
  academy = await openAcademy()
  baseURL = await academy.listen()
  const pumps = await make.course({ slug: 'pumps', title: 'Pumps' })
  await make.course({ slug: 'valves', title: 'Valves', level: 'advanced' })
  await make.path({ slug: 'all', title: 'All', audience: '', summary: 'All.', courses: ['pumps', 'valves'] })
  const ada = await make.person()
  await enrol({ person: ada._id, published: pumps, paid: false })
  const [name = '', ...value] = (await as(ada)).cookie.split(';')[0]!.split('=')
  cookie = { name, value: value.join('='), url: baseURL }
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await academy.close()
})
afterEach(async () => {
  expect(opened.consoleMessages).toEqual([])
  await opened.context.close()
})

async function visit(path: string) {
  opened = await openPage(browser, { baseURL })
  await opened.context.addCookies([cookie])
  await opened.page.goto(path)
  return opened.page
}

test('a filter applies at once, keeps the focus, and its chip takes it away', async () => {
  const page = await visit('/courses')
  await page.getByLabel('Advanced').first().check()
  await page.getByRole('link', { name: 'Remove filter: Advanced' }).waitFor()
  expect(new URL(page.url()).search).toBe('?level=advanced')
  expect(await page.locator(':focus').inputValue()).toBe('advanced')
  expect(await page.getByRole('article').count()).toBe(1)
  await page.getByLabel('Sort by').selectOption('title')
  await page.waitForURL('**/courses?level=advanced&sort=title')
  await page.getByRole('link', { name: 'Remove filter: Advanced' }).click()
  await page.waitForURL('**/courses?sort=title')
  expect(await page.getByRole('article').count()).toBe(2)
  expect(await problemsOn(page)).toEqual([])
}, 60_000)

test('a learner puts a course on a playlist from its card, and its pages are accessible', async () => {
  const page = await visit('/courses')
  await page.getByRole('link', { name: 'Add “Valves” to a playlist' }).click()
  await page.getByLabel('Name').fill('For Monday')
  await page.getByRole('button', { name: 'Add to playlist' }).click()
  await page.getByRole('link', { name: 'Open playlist' }).click()
  await page.getByRole('heading', { name: 'For Monday' }).waitFor()
  await page.getByRole('button', { name: 'Share with everyone who has the link' }).click()
  await page.getByLabel('Link to this playlist').waitFor()
  expect(await problemsOn(page)).toEqual([])
  for (const path of ['/learning', '/playlists', '/paths/all', '/playlists/add?course=pumps']) {
    await page.goto(path)
    expect({ path, problems: await problemsOn(page) }).toEqual({ path, problems: [] })
    expect(await scrollsSideways(page)).toBe(false)
  }
}, 60_000)
