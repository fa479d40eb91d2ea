import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import sharp from 'sharp'
import { Courses } from '../../src/courses/course'
import { assetBytes } from '../../src/courses/asset'
import { lessonsOf } from '../../src/courses/content'
import { stepsOf } from '../../src/courses/steps'
import { authorAt, closeStudio, openStudio } from './lesson-editor-page'

beforeAll(openStudio, 60_000)
afterAll(closeStudio)

const video = join(
  __dirname,
  '../../scripts/demo/tarnwell/courses/find-the-failing-pump/assets/mill-lane.webm',
)

/** Presses Tab until the focus is where it is wanted. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.first().waitFor({ state: 'attached' })
  for (let presses = 0; presses < 150; presses++) {
    if (await target.first().and(page.locator(':focus')).count()) return
    await page.keyboard.press('Tab')
  }
  throw new Error('150 presses of Tab do not lead there')
}

async function follow(page: Page, name: string | RegExp): Promise<void> {
  await tabTo(page, page.getByRole('main').getByRole('link', { name }))
  await page.keyboard.press('Enter')
}

/** Adds a lesson of a kind to the only module, from the outline beside the page. */
async function addLesson(page: Page, url: string, title: string, kind: string): Promise<void> {
  await page.goto(`${url}/lessons/new`)
  await tabTo(page, page.locator('[name="title"]'))
  await page.keyboard.type(title)
  await page.keyboard.press('Tab')
  const radios = page.locator('[name="kind"]')
  for (
    let presses = 0;
    (await radios.and(page.locator(':checked')).getAttribute('value')) !== kind;
    presses++
  ) {
    if (presses > 10) throw new Error(`No kind ${kind}`)
    await page.keyboard.press('ArrowDown')
  }
  await page.keyboard.press('Enter')
}

test('a course with a picture, captions, a question and a tour is made without a pointer', async () => {
  const { page, context, consoleMessages } = await authorAt('')
  await context.addInitScript(
    `addEventListener('pointerdown', () => console.error('a pointer was used'), true)`,
  )
  const create = { width: 800, height: 500, channels: 3, background: '#0B1E24' } as const
  const picture = {
    name: 'panel.png',
    mimeType: 'image/png',
    buffer: await sharp({ create }).png().toBuffer(),
  }
  const recording = { name: 'pump.webm', mimeType: 'video/webm', buffer: readFileSync(video) }
  // While there is a listener, the browser hands over its dialogs. Switched off and on again between two files, it
  // can open the second one itself on a busy machine.
  page.on('filechooser', () => {})
  const choose = async (file: typeof picture, press: () => Promise<void>) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press()])
    await chooser.setFiles(file)
  }

  await page.goto('/studio/courses/new')
  await tabTo(page, page.locator('[name="title"]'))
  await page.keyboard.type('Made by keyboard')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/studio/courses/made-by-keyboard')
  const url = '/studio/courses/made-by-keyboard'
  await tabTo(page, page.locator('#title'))
  await page.keyboard.type('First module')
  await page.keyboard.press('Enter')
  await follow(page, 'Add lesson')
  await tabTo(page, page.locator('[name="title"]'))
  await page.keyboard.type('A lesson')
  await page.keyboard.press('Enter')

  await tabTo(page, page.locator('.ProseMirror'))
  await page.keyboard.type('Listen to the pump.')
  await page.keyboard.press('Enter')
  await page.keyboard.type('/image')
  await page.locator('#slash-menu [aria-selected="true"]', { hasText: 'Image' }).waitFor()
  await choose(picture, () => page.keyboard.press('Enter'))
  await page.locator('.picture-alt > input:focus').waitFor()
  await page.keyboard.type('The panel')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Control+End')
  await page.keyboard.type('/video')
  await page.locator('#slash-menu [aria-selected="true"]', { hasText: 'Video or audio' }).waitFor()
  await choose(recording, () => page.keyboard.press('Enter'))
  await page.getByRole('link', { name: 'Write captions' }).waitFor()
  await page.locator('.picture-alt > input:focus').waitFor()
  await page.keyboard.type('A pump that hums')
  await tabTo(page, page.getByRole('link', { name: 'Write captions' }))
  await page.keyboard.press('Enter')
  await page.waitForURL('**/captions?**')
  await tabTo(page, page.locator('[data-row] textarea'))
  await page.keyboard.type('The pump hums.')
  await page.locator('[data-saved]', { hasText: /^Saved$/ }).waitFor()

  await addLesson(page, url, 'A quiz', 'quiz')
  await follow(page, 'One right answer')
  await tabTo(page, page.locator('[name="prompt"]'))
  await page.keyboard.type('What does a healthy pump do?')
  const answers = page.locator('[data-entry] textarea:first-of-type')
  await tabTo(page, page.locator('[name="right"]'))
  await page.keyboard.press('Space')
  await tabTo(page, answers.first())
  await page.keyboard.type('It hums')
  await page.keyboard.press('Enter')
  await page.keyboard.type('It rattles')
  await tabTo(page, page.locator('[data-save]'))
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/questions\/(?!new)/)

  await addLesson(page, url, 'A tour', 'tour')
  await tabTo(page, page.locator('#screenshots'))
  await choose(picture, () => page.keyboard.press('Enter'))
  await page.waitForURL('**/steps/**')
  await tabTo(page, page.locator('[data-add-spot]'))
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.keyboard.type('Acknowledge')
  const spot = async () =>
    stepsOf(lessonsOf((await Courses.findOne({ slug: 'made-by-keyboard' }))!.draft)[2]!.body)[0]!.spots[0]
  for (let tries = 0; !(await spot()) && tries < 100; tries++) await page.waitForTimeout(50)

  const { draft } = (await Courses.findOne({ slug: 'made-by-keyboard' }))!
  const [lesson, quiz, tour] = lessonsOf(draft)
  expect(lesson!.body).toContain('![The panel](assets/panel.png)')
  expect(lesson!.body).toContain('![A pump that hums](assets/pump.webm)')
  const captions = draft.assets.find(({ path }) => path === 'assets/pump.vtt')!
  expect(String(await assetBytes(captions.hash))).toContain('The pump hums.')
  expect(quiz!.body).toContain('It rattles')
  expect(stepsOf(tour!.body)[0]!.spots[0]!.label).toBe('Acknowledge')
  expect(consoleMessages).toEqual([])
}, 90_000)
