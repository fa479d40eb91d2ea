import type { Browser } from 'playwright-core'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import * as make from '../kit/make'

let academy: Academy
let browser: Browser
let baseURL: string
let opened: OpenPage
beforeAll(async () => {
  academy = await openAcademy()
  baseURL = await academy.listen()
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

const long = 'A pump rarely fails on the day the number is highest.\n\n'.repeat(30)
const body = `## Slope first\n\n${long}## Three shapes\n\n${long}## Try it\n\n${long}`

/** A learner of a course with three lessons, signed in, at the second lesson. */
async function reader(javaScriptEnabled = true) {
  const [person, course] = [await make.person(), await make.course({ lesson: () => ({ body }) })]
  await enrol({ person: person._id, published: course, paid: false })
  opened = await openPage(browser, { baseURL, javaScriptEnabled })
  const { page } = opened
  const lesson = (n: number) => `/courses/${course.slug}/lessons/lesson-${n}`
  const [name, value] = (await as(person)).cookie.split(/=(.*)/s) as [string, string]
  await opened.context.addCookies([{ name, value, url: baseURL }])
  await page.goto(lesson(2))
  const progress = async (n: number) =>
    (await Enrolments.findById(enrolmentId(person._id, course.course)))!.lessons[`lesson-${n}`]
  return { page, lesson, progress }
}

test('the outline follows the text, and the place is there on the next visit', async () => {
  const { page, lesson, progress } = await reader()
  const contents = page.getByRole('list', { name: 'On this page' })
  await page.locator('#three-shapes').scrollIntoViewIfNeeded()
  await page.mouse.wheel(0, 400)
  await contents.locator('[aria-current]', { hasText: 'Three shapes' }).waitFor()
  expect((await contents.boundingBox())!.y).toBeLessThan(900)
  await page.waitForTimeout(1100)
  await page.goto('/courses')
  for (let n = 0; n < 50 && !(await progress(2))?.place; n++) await page.waitForTimeout(50)
  expect((await progress(2))!.place).toBe('three-shapes')
  await page.goto(lesson(2))
  await page.getByRole('link', { name: 'Three shapes' }).and(page.locator('.read-on a')).click()
  await contents.locator('[aria-current]', { hasText: 'Three shapes' }).waitFor()
}, 60_000)

test('a text counts what a sign of its reader follows soon, and nothing of a page that was left open', async () => {
  const { page, lesson } = await reader()
  const sent: number[] = []
  page.on('request', request => {
    if (request.url().endsWith('/progress'))
      sent.push(Number(new URLSearchParams(request.postData()!).get('seconds')))
  })
  await page.clock.install()
  await page.goto(lesson(3))
  await page.clock.runFor(240_000)
  expect(sent).toEqual([])
  await page.keyboard.press('Shift')
  await page.clock.runFor(10_000)
  expect(sent).toHaveLength(1)
  expect(Math.abs(sent[0]! - 240)).toBeLessThan(12)
  await page.clock.runFor(3_600_000)
  await page.keyboard.press('Shift')
  await page.clock.runFor(20_000)
  await page.keyboard.press('Shift')
  await page.clock.runFor(10_000)
  expect(sent).toHaveLength(2)
  expect(Math.abs(sent[1]! - 20)).toBeLessThan(12)
}, 60_000)

test('keys lead to the lessons beside this one, never while typing, and can be switched off', async () => {
  const { page, lesson } = await reader()
  await page.getByLabel('Write a note').fill('')
  await page.keyboard.type('jk]')
  await page.locator('h1').click()
  await page.keyboard.press('j')
  await page.waitForURL(`**${lesson(3)}`)
  await page.keyboard.press('[')
  await page.waitForURL(`**${lesson(2)}`)
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await dialog.getByText('Next lesson').waitFor()
  expect(await problemsOn(page)).toEqual([])
  await dialog.getByLabel('Use keyboard shortcuts').uncheck()
  await page.keyboard.press('Escape')
  await page.keyboard.press('j')
  await page.waitForTimeout(200)
  expect(new URL(page.url()).pathname).toBe(lesson(2))
}, 60_000)

test('the size of the text changes at once and stays, with and without JavaScript', async () => {
  for (const hasScript of [true, false]) {
    const { page } = await reader(hasScript)
    const height = async () => (await page.locator('.prose p').first().boundingBox())!.height
    const before = await height()
    await page.getByRole('button', { name: 'Larger text' }).click()
    await page.locator('[data-text-size="larger"]').waitFor()
    expect(await height()).toBeGreaterThan(before)
    if (hasScript) await page.waitForLoadState('networkidle')
    await page.reload()
    await page.locator('[data-text-size="larger"]').waitFor()
    if (hasScript) await opened.context.close()
  }
}, 60_000)

test('the next lesson is loaded when its link is pointed at, and opened only when it is', async () => {
  const { page, lesson, progress } = await reader()
  const next = page.locator(`.lesson-end a[href="${lesson(3)}"]`).first()
  const ahead = page.context().waitForEvent('request', request => request.url().endsWith(lesson(3)))
  await next.scrollIntoViewIfNeeded()
  await next.hover()
  const headers = await (await ahead).allHeaders()
  expect(headers['sec-purpose']).toContain('prefetch')
  await page.waitForTimeout(500)
  expect(await progress(3)).toBeUndefined()
  await next.click()
  await page.waitForURL(`**${lesson(3)}`)
  for (let n = 0; n < 50 && !(await progress(3)); n++) await page.waitForTimeout(50)
  expect(await progress(3)).toMatchObject({ openedAt: expect.any(Date) })
}, 60_000)
