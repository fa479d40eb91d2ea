import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { readBrand } from '../../src/brand/brand'
import { addBrand, saveBrandDraft } from '../../src/brand/change-brand'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage } from '../kit/browser'
import * as make from '../kit/make'

let academy: Academy
let browser: Browser
let baseURL: string
let cookie: { name: string; value: string; url: string }
beforeAll(async () => {
  academy = await openAcademy()
  browser = await openBrowser()
  baseURL = await academy.listen()
  await make.course({ slug: 'pumps', title: 'Pumps in short', lessons: 2 })
  // At a host that doesn't answer: its pages are seen on the administrator's own.
  await addBrand({ id: 'harbour', academyName: 'Harbour School', hosts: ['harbour.example'] }, null)
  const admin = await as(await make.person({ role: 'admin', name: 'Aisha Demir' }))
  const [name = '', ...value] = admin.cookie.split(';')[0]!.split('=')
  cookie = { name, value: value.join('='), url: baseURL }
}, 60_000)
afterAll(async () => {
  await browser.close()
  await academy.close()
})

const editor = '/admin/brands/harbour'

async function open(path: string) {
  const opened = await openPage(browser, { baseURL })
  await opened.context.addCookies([cookie])
  await opened.page.goto(editor + path)
  return opened
}

const draft = async () => (await readBrand('harbour')).draft

/** Waits until an expression is true. */
async function until(page: Page, expression: string): Promise<void> {
  while (!(await page.evaluate(expression))) await page.waitForTimeout(50)
}

/** Waits for the status of the form to say it. */
const says = (page: Page, text: string, selector = '[data-status]') =>
  page.locator(selector).filter({ hasText: text }).first().waitFor()

/** The text of the page in the frame that is shown. */
const framed = (page: Page, selector: string) =>
  page.frameLocator('.preview-frame iframe:not(.is-loading)').locator(selector).first()

test('what is typed is saved by itself, and the frame beside it follows and stays where it was', async () => {
  const { page, context, consoleMessages } = await open('')
  await framed(page, '.logo').filter({ hasText: 'Harbour School' }).waitFor()
  await page.click('.preview [value="390"]')
  await page.evaluate('document.querySelector(".preview-frame iframe").contentWindow.scrollTo(0, 300)')
  await page.fill('#academyName', 'Harbour College')
  await says(page, 'Draft saved.')
  expect((await draft()).academyName).toBe('Harbour College')
  await framed(page, '.logo').filter({ hasText: 'Harbour College' }).waitFor()
  await until(page, 'document.querySelector(".preview-frame iframe").contentWindow.scrollY === 300')
  // The page was not loaded again, and the next change is saved over the draft of the last one.
  await page.fill('#tagline', 'Freight, plainly.')
  await page.click('.tabs a:has-text("Look")')
  await page.waitForURL(`**${editor}/look`)
  expect((await draft()).tagline).toBe('Freight, plainly.')
  expect(consoleMessages).toEqual([])
  await context.close()
}, 60_000)

test('the frame shows other pages, on a phone, in the dark and from right to left', async () => {
  const { page, context, consoleMessages } = await open('/look')
  await page.click('.preview [data-page="/courses/pumps"]')
  await framed(page, 'h1').filter({ hasText: 'Pumps in short' }).waitFor()
  await page.click('.preview [value="dark"]')
  await page.click('.preview [value="-rtl"]')
  await page.click('.preview [value="390"]')
  await framed(page, ':root[dir="rtl"][data-theme="dark"] h1').waitFor()
  await until(page, 'document.querySelector(".preview-frame iframe").contentWindow.innerWidth === 390')
  // A link in the frame stays in the draft.
  await framed(page, 'a[href$="/courses/pumps/lessons/lesson-1"]').click()
  await framed(page, ':root[dir="rtl"] h1').filter({ hasText: 'Lesson 1' }).waitFor()
  expect(await page.locator('.preview-bar [aria-current]').count()).toBe(0)
  await page.click('.preview [data-page="/certificates/example"]')
  await framed(page, '.certificate-name').filter({ hasText: 'Amara Okonkwo' }).waitFor()
  await page.click('.preview [data-page="/welcome-email"]')
  await framed(page, 'main').filter({ hasText: 'Amara' }).waitFor()
  expect(consoleMessages).toEqual([])
  // There is no room for the frame: the links open the same pages.
  await page.setViewportSize({ width: 800, height: 900 })
  await until(page, '!document.querySelector("iframe")')
  await page.click('.preview [data-page="/"]')
  await page.waitForURL('**/draft/light/')
  await page.click('text=Back to the draft')
  await page.waitForURL(`**${editor}`)
  await context.close()
}, 60_000)

test('a colour that can’t be read isn’t saved, is measured as it is typed, and a press takes the nearest', async () => {
  const { page, context } = await open('/look')
  await page.fill('#accent', '#1F98A8')
  await page.locator('#colours .state.is-brick').first().waitFor()
  await says(page, 'Not saved: #1F98A8 is too light for text.')
  await page.locator('.field.is-wrong .field-error').waitFor()
  await says(page, 'Fix 1 colour first', '#publish-blocked')
  expect(await page.inputValue('[data-picker]')).toBe('#1f98a8')
  expect((await draft()).accent).toBeNull()
  // Nothing typed is lost.
  await page.goto(`${baseURL}${editor}/home`)
  await page.goto(`${baseURL}${editor}/look`)
  expect(await page.inputValue('#accent')).toBe('#1F98A8')
  await says(page, 'Not saved:')
  await page.click('[name="nearest"]')
  await says(page, 'Draft saved.')
  const { accent } = await draft()
  expect(accent).toMatch(/^#[0-9A-F]{6}$/)
  expect(await page.inputValue('#accent')).toBe(accent)
  expect(await page.locator('.is-wrong, .is-brick').count()).toBe(0)
  await context.close()
}, 60_000)

test('what can’t be sent is saved later, and a colleague’s draft isn’t overwritten', async () => {
  const { page, context } = await open('/navigation')
  await context.setOffline(true)
  await page.fill('#contactEmail', 'hello@harbour.example')
  await says(page, 'can’t be reached')
  await context.setOffline(false)
  await says(page, 'Draft saved.')
  expect((await draft()).contactEmail).toBe('hello@harbour.example')

  const { draftNumber, draft: before } = await readBrand('harbour')
  await saveBrandDraft('harbour', { ...before, contactEmail: 'theirs@harbour.example' }, draftNumber)
  await page.fill('#contactEmail', 'mine@harbour.example')
  await says(page, 'a colleague has saved a newer draft')
  await page.click('.draft-bar .button')
  await page.locator('#form-errors').waitFor()
  expect(await page.inputValue('#contactEmail')).toBe('mine@harbour.example')
  expect((await draft()).contactEmail).toBe('theirs@harbour.example')
  await page.click('.draft-bar .button')
  await page.locator('.flash').waitFor()
  expect((await draft()).contactEmail).toBe('mine@harbour.example')
  await context.close()
}, 60_000)

test('a row that is filled gets its buttons, and another empty one follows', async () => {
  const { page, context } = await open('/navigation')
  const rows = page.locator('fieldset').first().locator('.form-row')
  const count = await rows.count()
  const last = rows.nth(count - 1)
  await last.locator('input').nth(0).fill('Docks')
  await last.locator('input').nth(1).fill('/courses')
  await rows.nth(count).waitFor()
  await last.locator('[value^="up:"]').click()
  await until(page, `document.activeElement.value === "up:navigation:${count - 2}"`)
  expect((await draft()).navigation!.map(({ label }) => label).indexOf('Docks')).toBe(count - 2)
  await context.close()
}, 60_000)

test('an upload saves first what is typed, and so does leaving', async () => {
  const { page, context } = await open('/look')
  await page.check('[name="covers"][value="drawn"]')
  const png = sharp({ create: { width: 400, height: 100, channels: 3, background: '#00596b' } }).png()
  await page.setInputFiles('#logoLight', {
    name: 'logo.png',
    mimeType: 'image/png',
    buffer: await png.toBuffer(),
  })
  await page.click('.brand-file:has(#logoLight) .button:has-text("Upload")')
  await page.locator('.brand-file:has(#logoLight) img').waitFor()
  expect(await draft()).toMatchObject({ covers: 'drawn', logoLight: { name: 'logo.png' } })
  expect(await page.isChecked('[name="covers"][value="drawn"]')).toBe(true)

  await page.goto(baseURL + editor)
  await page.fill('#tagline', 'Typed in the last second.')
  await page.goto('about:blank')
  while ((await draft()).tagline !== 'Typed in the last second.') await page.waitForTimeout(50)
  await context.close()
}, 60_000)

test('topics and courses are asked for once a brand shows only some of them', async () => {
  const { page, context } = await open('')
  const topic = page.locator('[name="topics"]').first()
  expect(await topic.isVisible()).toBe(false)
  await page.getByLabel('Only these topics and courses').check()
  expect(await topic.isVisible()).toBe(true)
  await context.close()
})
