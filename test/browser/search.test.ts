import type { Browser } from 'playwright-core'
import { openAcademy, type Academy } from '../kit/academy'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import * as make from '../kit/make'

let academy: Academy
let browser: Browser
let baseURL: string
let opened: OpenPage
beforeAll(async () => {
  academy = await openAcademy()
  baseURL = await academy.listen()
  await make.course({ slug: 'pumps', title: 'Pumps' })
  await make.course({
    slug: 'valves',
    title: 'Valves',
    lesson: n => ({ body: n === 1 ? 'No pumps.\n' : 'Flow.\n' }),
  })
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

async function visit(path: string, javaScriptEnabled = true) {
  opened = await openPage(browser, { baseURL, javaScriptEnabled })
  await opened.page.goto(path)
  return opened.page
}

test('a visitor opens the search with / and uses the keyboard alone', async () => {
  const page = await visit('/courses/pumps')
  await page.keyboard.press('/')
  const box = page.getByRole('dialog').getByRole('combobox', { name: 'Search courses and lessons' })
  const options = page.getByRole('option')
  await options.first().waitFor()
  await page.getByRole('group', { name: 'Suggested' }).waitFor()
  await page.keyboard.type('pum')
  await page.getByRole('group', { name: 'Best results' }).waitFor()
  expect(await box.getAttribute('aria-expanded')).toBe('true')
  expect(await options.first().innerText()).toContain('Pumps')
  await page.getByRole('status').getByText('3 suggestions').waitFor({ state: 'attached' })

  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  expect(await options.nth(1).getAttribute('aria-selected')).toBe('true')
  expect(await box.getAttribute('aria-activedescendant')).toBe(await options.nth(1).getAttribute('id'))
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  expect(await box.getAttribute('aria-activedescendant')).toBeNull()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/courses/pumps')
}, 60_000)

test('the search remembers what was searched for, until it is cleared, and Escape brings the focus back', async () => {
  const page = await visit('/')
  await page.getByRole('button', { name: 'Search courses and lessons' }).click()
  await page.getByRole('combobox').fill('valves')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/search?q=valves')
  await page.keyboard.press('Control+k')
  const recent = page.getByRole('group', { name: 'Recent searches' })
  await recent.getByRole('option', { name: 'valves' }).waitFor()
  expect(await problemsOn(page)).toEqual([])
  await page.getByRole('button', { name: 'Clear recent searches' }).click()
  await recent.waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Search courses and lessons' }).click()
  await page.getByRole('button', { name: 'Turn off the / key' }).click()
  await page.getByRole('button', { name: 'Close' }).click()
  await page.keyboard.press('/')
  expect(await page.getByRole('dialog').isVisible()).toBe(false)
}, 60_000)

test('a / in a field stays a letter', async () => {
  const page = await visit('/sign-in')
  await page.getByLabel('Email').first().pressSequentially('a/b')
  expect(await page.getByLabel('Email').first().inputValue()).toBe('a/b')
  expect(await page.locator('dialog').isVisible()).toBe(false)
}, 60_000)

test('Enter without a chosen suggestion shows all results, and a typing error is forgiven', async () => {
  const page = await visit('/search')
  await page.getByRole('main').getByRole('combobox').fill('pmups')
  await page.getByRole('group', { name: 'Showing results for “pumps”' }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/search?q=pmups')
  await page.getByText(/^No results for “pmups”. Showing \d results? for “pumps”/).waitFor()
  await page.getByRole('link', { name: 'Pumps', exact: true }).click()
  await page.waitForURL('**/courses/pumps')
}, 60_000)

test('suggestions are accessible at every size, and a click opens one', async () => {
  const page = await visit('/search')
  await page.getByRole('main').getByRole('combobox').pressSequentially('flow')
  await page.getByRole('option').first().waitFor()
  expect(await problemsOn(page)).toEqual([])
  await page.getByRole('option').first().click()
  await page.waitForURL(/\/courses\/valves\/lessons\/lesson-2/)
}, 60_000)

test('without JavaScript, a visitor presses Enter and gets the results', async () => {
  const page = await visit('/', false)
  await page.getByRole('searchbox', { name: 'Search courses and lessons' }).fill('valves')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/search?q=valves')
  await page.getByRole('link', { name: 'Valves', exact: true }).click()
  await page.waitForURL('**/courses/valves')
}, 60_000)
