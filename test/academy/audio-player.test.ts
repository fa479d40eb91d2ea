import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { saveAsset } from '../../src/courses/asset'
import { inspectMedia } from '../../src/courses/media'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, problemsOn } from '../kit/browser'
import * as make from '../kit/make'

const demo = resolve(__dirname, '../../scripts/demo/courses/write-a-course-that-sells/assets')

let academy: Academy
let browser: Browser
let baseURL: string
beforeAll(async () => {
  academy = await openAcademy()
  baseURL = await academy.listen()
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await academy.close()
})

/** A learner who has the demo's audio lesson, 101 seconds long, open in a real browser. */
async function listener() {
  const assets = await Promise.all(
    ['let-people-listen.mp3', 'let-people-listen.en.vtt'].map(async name => {
      const bytes = readFileSync(join(demo, name))
      const { asset } = await inspectMedia(`assets/${name}`, bytes)
      return { ...asset!, hash: await saveAsset(bytes, asset!.type) }
    }),
  )
  const course = await make.course({
    assets,
    lesson: n =>
      n === 1
        ? {
            kind: 'audio',
            completion: 'listen',
            audio: assets[0]!.path,
            transcript: assets[1]!.path,
            mediaSeconds: 101,
            chapters: [
              { start: 0, title: 'When audio fits' },
              { start: 30, title: 'How to record' },
              { start: 54, title: 'Transcript and chapters' },
            ],
          }
        : {},
  })
  const person = await make.person()
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  const opened = await openPage(browser, { baseURL })
  const [name, value] = visitor.cookie.split('=') as [string, string]
  await opened.context.addCookies([{ name, value, url: baseURL }])
  await opened.page.goto(`/courses/${course.slug}/lessons/lesson-1`)
  const progress = async () =>
    (await Enrolments.findById(enrolmentId(person._id, course.course)))!.lessons['lesson-1']!
  return { ...opened, progress }
}

/** Waits until an expression about the audio element is true. The page's policy forbids `waitForFunction`. */
async function until(page: Page, expression: string): Promise<void> {
  for (let tries = 0; !(await page.evaluate(`document.querySelector("audio").${expression}`)); tries++) {
    if (tries === 200) throw new Error(`The audio never had ${expression}`)
    await page.waitForTimeout(50)
  }
}

const position = (page: Page) => page.evaluate<number>('document.querySelector("audio").currentTime')

test('a learner plays a chapter with the keyboard, skips, changes the speed and resumes later', async () => {
  const { page, context, consoleMessages, progress } = await listener()
  await until(page, 'readyState > 0')
  const chapter = page.getByRole('link', { name: '0:30 How to record' })
  await chapter.focus()
  await page.keyboard.press('Enter')
  await page.locator('.audio-chapters li[aria-current="true"]', { hasText: 'How to record' }).waitFor()
  await page.locator('.transcript li.is-now', { hasText: 'You need a quiet room' }).waitFor()
  expect(await page.evaluate('document.activeElement.textContent')).toContain('How to record')

  await page.selectOption('#speed', '2')
  expect(await page.evaluate('document.querySelector("audio").playbackRate')).toBe(2)
  const before = await position(page)
  await page.getByRole('button', { name: 'Forward 30 s' }).click()
  expect(await position(page)).toBeGreaterThanOrEqual(before + 30)
  await page.getByRole('button', { name: 'Back 15 s' }).click()
  await page.getByRole('button', { name: 'Back 15 s' }).click()
  await until(page, 'currentTime > 33')

  const answer = page.waitForResponse(response => response.url().endsWith('/progress'))
  await page.evaluate('document.querySelector("audio").pause()')
  await answer
  const { seconds, position: stored } = await progress()
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThan(40)
  await page
    .locator('[data-played]', { hasText: /You've heard [1-9]/ })
    .first()
    .waitFor()
  await page.reload()
  await until(page, `currentTime === ${Math.floor(stored!)}`)
  expect(consoleMessages).toEqual([])
  await context.close()
})

test('the audio player is accessible, wide and narrow, light and dark', async () => {
  const { page, context } = await listener()
  expect(await problemsOn(page)).toEqual([])
  await context.close()
})
