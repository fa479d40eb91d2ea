import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { saveAsset } from '../../src/courses/asset'
import type { Published } from '../../src/courses/published'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import type { Person } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import { as } from '../kit/as'
import * as make from '../kit/make'

const step = (id: string, spots: string[], rest = '') => `\`\`\`tour
id: ${id}
title: The ${id}
reason: Because of ${id}.
image: assets/screen.png
alt: A screen with a ${id}
action: Press the ${id}
caption: Then it turns green.
${spots.length ? `spots:\n${spots.map(each => `  - {${each}}\n`).join('')}` : ''}${rest}\`\`\`
`

/** From the first step one spot leads to `detail`, the other one to `last`. */
const body = [
  'About this tour.\n',
  step('start', [
    'x: 5, y: 10, width: 20, height: 10, label: Details, next: detail',
    'x: 70, y: 70, width: 20, height: 10, label: Skip, next: last',
  ]),
  step('detail', ['x: 60, y: 60, width: 20, height: 10, label: Save']),
  step('last', []),
].join('\n')

let academy: Academy
let browser: Browser
let course: Published
let baseURL: string
let opened: OpenPage
let person: Person
beforeAll(async () => {
  academy = await openAcademy()
  baseURL = await academy.listen()
  const bytes = await sharp({ create: { width: 928, height: 580, channels: 3, background: '#0B1E24' } })
    .png()
    .toBuffer()
  const hash = await saveAsset(bytes, 'image/png')
  const asset = {
    path: 'assets/screen.png',
    type: 'image/png',
    size: bytes.length,
    hash,
    width: 928,
    height: 580,
  }
  course = await make.course({
    slug: 'pumps',
    lessons: 2,
    assets: [asset],
    lesson: n => (n === 1 ? { kind: 'tour', completion: 'explore', software: 'Panel 7', body } : {}),
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

/** Opens the tour as a learner. */
async function visit(options: { javaScriptEnabled?: boolean } = {}): Promise<Page> {
  person = await make.person()
  await enrol({ person: person._id, published: course, paid: false })
  const { cookie } = await as(person)
  opened = await openPage(browser, { baseURL, ...options })
  const [name, value] = cookie.split('=') as [string, string]
  await opened.context.addCookies([{ name, value, url: baseURL }])
  await opened.page.goto('/courses/pumps/lessons/lesson-1')
  return opened.page
}

const shown = (page: Page) => page.locator('.tour-step:visible h2').allTextContents()
const focused = (page: Page) => page.evaluate<string>('document.activeElement.getAttribute("aria-label")')

test('a learner clicks through a tour, takes one of two ways, and finishes it', async () => {
  const page = await visit()
  expect(await shown(page)).toEqual(['Press the start'])
  await page.waitForSelector('a.is-seen[data-for="start"]')
  // A click beside the spots leads nowhere.
  await page.locator('.tour-screen:visible').click({ position: { x: 5, y: 5 } })
  expect(await shown(page)).toEqual(['Press the start'])
  await page.getByRole('button', { name: 'Skip' }).click()
  expect(await shown(page)).toEqual(['Press the last'])
  await page.waitForSelector('a.is-seen[data-for="last"]')
  await page.locator('.tour-step:visible [data-go="end"]').click()
  await page.getByRole('heading', { name: "You've done it" }).waitFor()
  expect(await page.locator('.tour-end .button-main').textContent()).toContain('Lesson 2')
  const { lessons } = (await Enrolments.findById(enrolmentId(person._id, course.course)))!
  expect(lessons['lesson-1']).toMatchObject({ steps: ['start', 'last'], completedAt: expect.any(Date) })
})

test('a tour that was rushed through says at its end which step to look at again', async () => {
  const page = await visit()
  await page.getByRole('button', { name: 'Skip' }).click()
  await page.locator('.tour-step:visible [data-go="end"]').click()
  await page.getByRole('heading', { name: 'not every step counts yet' }).waitFor()
  expect(await page.locator('[data-missed] a').allTextContents()).toEqual([
    'Press the start',
    'Press the last',
  ])
  await page.locator('[data-missed] a').first().click()
  expect(await shown(page)).toEqual(['Press the start'])
})

test('the keyboard leads through a tour, and to its text', async () => {
  const page = await visit()
  await page.keyboard.press('ArrowRight')
  // Two ways: the focus goes to the first of them, and Enter takes it.
  expect(await focused(page)).toBe('Details')
  await page.keyboard.press('Enter')
  expect(await shown(page)).toEqual(['Press the detail'])
  expect(await focused(page)).toBe('Save')
  await page.keyboard.press('ArrowRight')
  expect(await shown(page)).toEqual(['Press the last'])
  await page.keyboard.press('ArrowLeft')
  expect(await shown(page)).toEqual(['Press the detail'])
  await page.keyboard.press('t')
  expect(await shown(page)).toHaveLength(3)
  await page.keyboard.press('Escape')
  expect(await shown(page)).toEqual(['Press the detail'])
  await page.keyboard.press('Escape')
  expect(await page.locator('.tour-caption:visible').count()).toBe(0)
  await page.locator('#notes textarea').first().focus()
  await page.keyboard.type('t')
  expect(await shown(page)).toHaveLength(1)
})

test('a tour on a phone zooms to its spots, and has no barriers on either size', async () => {
  const page = await visit()
  expect(await problemsOn(page, { alsoRightToLeft: true })).toEqual([])
  await page.goto('/courses/pumps/lessons/lesson-1#step-2')
  await page.setViewportSize({ width: 360, height: 740 })
  await page.waitForSelector('.is-zoomed')
  const boxOf = async (selector: string) => (await page.locator(selector).boundingBox())!
  // The sheet is in view before anything is scrolled, and below the picture once the learner is in the tour.
  const sheet = await boxOf('.tour-caption:visible')
  expect(sheet.y + sheet.height).toBeLessThanOrEqual(741)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowLeft')
  expect(await focused(page)).toBe('Save')
  const [spot, screen] = [await boxOf('.tour-spot:visible'), await boxOf('.tour-screen:visible')]
  expect(spot.width / screen.width).toBeGreaterThan(0.3)
  expect(spot.x).toBeGreaterThan(screen.x)
  const caption = await boxOf('.tour-caption:visible')
  expect(caption.y).toBeGreaterThanOrEqual(screen.y + screen.height)
})

test('without JavaScript, a tour is a list of pictures with the spots drawn in', async () => {
  const page = await visit({ javaScriptEnabled: false })
  expect(await page.locator('.tour-step img').count()).toBe(3)
  expect(await page.locator('.tour-shade rect').count()).toBe(3)
  expect(await page.locator('.tour-spot:visible').count()).toBe(0)
  await page.locator('#step-1 .tour-actions a', { hasText: 'Skip' }).click()
  expect(new URL(page.url()).hash).toBe('#step-3')
})
