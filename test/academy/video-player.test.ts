import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { saveAsset } from '../../src/courses/asset'
import { inspectMedia } from '../../src/courses/media'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, problemsOn } from '../kit/browser'
import * as make from '../kit/make'

const demo = resolve(__dirname, '../../scripts/demo/courses/read-the-evidence/assets')

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

async function assetOf(path: string, bytes: Buffer) {
  const { asset } = await inspectMedia(path, bytes)
  return { ...asset!, hash: await saveAsset(bytes, asset!.type) }
}

/** A learner who has a video of this length open in a real browser. */
async function watcher(assets: Awaited<ReturnType<typeof assetOf>>[], mediaSeconds: number) {
  const course = await make.course({
    assets,
    lesson: n =>
      n === 1
        ? {
            kind: 'video',
            completion: 'watch',
            video: assets[0]!.path,
            captions: assets[1]!.path,
            mediaSeconds,
          }
        : {},
  })
  const person = await make.person()
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  const opened = await openPage(browser, { baseURL })
  const { page, context } = opened
  const [name, value] = visitor.cookie.split('=') as [string, string]
  await context.addCookies([{ name, value, url: baseURL }])
  await page.goto(`/courses/${course.slug}/lessons/lesson-1`)
  const video = (expression: string) =>
    page.evaluate<unknown>(`document.querySelector("video").${expression}`)
  const until = async (expression: string) => {
    for (let tries = 0; !(await video(expression)); tries++) {
      if (tries === 200) throw new Error(`The video never had ${expression}`)
      await page.waitForTimeout(50)
    }
  }
  return { ...opened, person, course, video, until }
}

test('a learner sees SubRip captions, and a video that plays on after them counts up to their end', async () => {
  const assets = [
    await assetOf('assets/tour.webm', readFileSync(join(demo, 'tour.webm'))),
    await assetOf('assets/tour.srt', Buffer.from('1\n00:00:00,000 --> 00:00:03,000\nFish <3 & chips\n')),
  ]
  const { person, course, page, context, consoleMessages, video, until } = await watcher(assets, 3)
  await until('readyState > 0')
  await until('textTracks[0].cues?.length === 1')
  expect(await video('textTracks[0].cues[0].getCueAsHTML().textContent')).toBe('Fish <3 & chips')

  await video('muted = true')
  await video('play()')
  await until('currentTime > 4')
  const answer = page.waitForResponse(response => response.url().endsWith('/progress'))
  await video('pause()')
  expect((await answer).status()).toBe(200)
  const { lessons } = (await Enrolments.findById(enrolmentId(person._id, course.course)))!
  expect(lessons['lesson-1']).toMatchObject({ seconds: 3, position: 3 })

  // Keys control the video from anywhere on the page, and the speed stays for the next lesson.
  await page.locator('h1').click()
  await page.keyboard.press('j')
  await until('currentTime === 0')
  await page.keyboard.press('l')
  await until('currentTime > 4')
  await page.keyboard.press('m')
  await until('muted === false')
  await page.keyboard.press('c')
  await until('textTracks[0].mode === "hidden"')
  await page.keyboard.press('c')
  await until('textTracks[0].mode === "showing"')
  await page.keyboard.press('>')
  await page.keyboard.press('>')
  await page.keyboard.press('<')
  await until('playbackRate === 1.25')
  await page.getByRole('tab', { name: 'Notes' }).click()
  await page.getByLabel('Write a note').pressSequentially('m>')
  expect(await video('muted')).toBe(false)
  await page.reload()
  await until('playbackRate === 1.25')
  // Also from a speed that only the browser's own controls have.
  await video('playbackRate = 1.1')
  expect(await page.getByLabel('Speed').inputValue()).toBe('1.1')
  await page.locator('h1').click()
  await page.keyboard.press('>')
  await until('playbackRate === 1.25')
  await page.keyboard.press('?')
  await page.getByRole('dialog').getByText('Picture in picture').waitFor()
  expect(consoleMessages).toEqual([])
  await context.close()
})

test('a learner moves by chapters, searches the transcript, and sees the seconds as they are counted', async () => {
  const files = ['tour.webm', 'tour.en.vtt', 'tour.chapters.en.vtt']
  const assets = await Promise.all(
    files.map(name => assetOf(`assets/${name}`, readFileSync(join(demo, name)))),
  )
  const { page, context, consoleMessages, video, until } = await watcher(assets, 61)
  await until('readyState > 0')
  expect(await video('controls')).toBe(false)
  const chapter = page.locator('[data-chapter-now]')
  expect(await chapter.textContent()).toBe('Chapter 1: A visitor learns')
  await page.getByRole('button', { name: 'Next chapter' }).click()
  await until('currentTime === 20.75')
  await page.getByText('Chapter 2: What she does becomes evidence').waitFor()

  const slider = page.getByRole('slider', { name: 'Position' })
  await slider.focus()
  await page.keyboard.press('ArrowRight')
  await until('currentTime === 25.75')
  expect(await slider.getAttribute('aria-valuetext')).toBe('0:25 of 1:00, What she does becomes evidence')
  expect(await page.locator('[data-tip]').textContent()).toBe('0:25  What she does becomes evidence')
  await page.getByRole('button', { name: 'Previous chapter' }).click()
  await until('currentTime === 20.75')

  const find = page.getByRole('searchbox', { name: 'Search the transcript' })
  await find.fill('THÉ')
  const found = page.locator('[data-found]')
  const total = await page.locator('.transcript mark').count()
  expect(total).toBeGreaterThan(1)
  expect(await found.textContent()).toBe(`1 of ${total}`)
  await find.press('Enter')
  expect(await found.textContent()).toBe(`2 of ${total}`)
  await find.press('Shift+Enter')
  await find.press('Shift+Enter')
  expect(await found.textContent()).toBe(`${total} of ${total}`)
  await find.fill('no such words')
  expect(await found.textContent()).toBe('No match')
  await find.press('Escape')
  expect([await find.inputValue(), await page.locator('.transcript mark').count()]).toEqual(['', 0])

  await video('muted = true')
  await page.locator('.transcript li').first().locator('[data-text]').click()
  await until('paused === false')
  // Between two reports the text counts on.
  const reports: string[] = []
  page.on('request', request => request.url().endsWith('/progress') && reports.push(request.url()))
  await page.locator('[data-played]', { hasText: 'watched 1 s of' }).waitFor()
  await page.locator('[data-played]', { hasText: 'watched 2 s of' }).waitFor()
  expect(reports).toEqual([])
  expect(await page.locator('.player').getAttribute('class')).toContain('is-playing')
  await page.getByRole('group', { name: 'Video player' }).getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Captions', pressed: true }).click()
  await page.getByRole('button', { name: 'Captions', pressed: false }).waitFor()
  await page.getByRole('checkbox', { name: 'Follow along' }).uncheck()
  await page.reload()
  expect(await page.getByRole('checkbox', { name: 'Follow along' }).isChecked()).toBe(false)
  expect(await problemsOn(page)).toEqual([])
  expect(consoleMessages).toEqual([])

  await page.route('**/tour.webm', route => route.abort())
  await page.reload()
  await page.getByRole('alert').getByText("The recording couldn't be loaded.").waitFor()
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Try again' }).click()
  await until('readyState > 0')
  expect(await page.getByRole('button', { name: 'Try again' }).isVisible()).toBe(false)
  await context.close()
})
