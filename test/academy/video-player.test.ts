import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { saveAsset } from '../../src/courses/asset'
import { inspectMedia } from '../../src/courses/media'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage } from '../kit/browser'
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

test('a learner sees SubRip captions, and a video that plays on after them counts up to their end', async () => {
  const assets = [
    await assetOf('assets/tour.webm', readFileSync(join(demo, 'tour.webm'))),
    await assetOf('assets/tour.srt', Buffer.from('1\n00:00:00,000 --> 00:00:03,000\nFish <3 & chips\n')),
  ]
  const course = await make.course({
    assets,
    lesson: n =>
      n === 1
        ? {
            kind: 'video',
            completion: 'watch',
            video: assets[0]!.path,
            captions: assets[1]!.path,
            mediaSeconds: 3,
          }
        : {},
  })
  const person = await make.person()
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  const { page, context, consoleMessages } = await openPage(browser, { baseURL })
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
  await page.getByLabel('Write a note').pressSequentially('m>')
  expect(await video('muted')).toBe(false)
  await page.reload()
  await until('playbackRate === 1.25')
  await page.keyboard.press('?')
  await page.getByRole('dialog').getByText('Picture in picture').waitFor()
  expect(consoleMessages).toEqual([])
  await context.close()
})
