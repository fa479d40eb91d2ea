import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { problemsOn } from '../kit/browser'
import { closeStudio, openStudio } from './lesson-editor-page'
import { courseWith, textOfFile, until } from './media-page'

beforeAll(openStudio, 60_000)
afterAll(closeStudio)

const video = () => ({
  type: 'video/webm',
  seconds: 73,
  bytes: readFileSync(
    join(__dirname, '../../scripts/demo/tarnwell/courses/find-the-failing-pump/assets/mill-lane.webm'),
  ),
})

const two =
  'WEBVTT\n\nNOTE kept\n\n00:01.000 --> 00:03.000 line:0\nOne two\n\n00:05.000 --> 00:06.000\nThree\n'
const captions = { type: 'text/vtt', seconds: 6, bytes: Buffer.from(two) }

test('captions save themselves, are split at the playhead, undone, and quick by keyboard', async () => {
  const { page, slug, consoleMessages } = await courseWith({
    'assets/tour.webm': video(),
    'assets/tour.vtt': captions,
  })
  await page.goto(`/studio/courses/${slug}/captions?path=assets/tour.vtt`)
  const rows = page.locator('[data-row]')
  const text = (n: number) => rows.nth(n).locator('textarea')
  await text(1).fill('Three, changed')
  await page.locator('[data-saved]', { hasText: /^Saved$/ }).waitFor()
  expect(await textOfFile(slug, 'assets/tour.vtt')).toBe(
    two
      .replace('Three\n', 'Three, changed\n')
      .replace('00:05.000 --> 00:06.000', '00:00:05.000 --> 00:00:06.000') + '\n',
  )
  await page.evaluate(`document.querySelector('[data-player]').currentTime = 2`)
  await text(0).focus()
  await page.keyboard.press('Control+Shift+S')
  await until(page, async () => (await rows.count()) === 3)
  expect(await textOfFile(slug, 'assets/tour.vtt')).toContain('00:00:02.000 --> 00:00:03.000\ntwo\n')
  await text(2).focus()
  await page.keyboard.press('Control+[')
  await until(page, async () =>
    (await textOfFile(slug, 'assets/tour.vtt')).includes('00:00:02.000 --> 00:00:06.000'),
  )
  await rows.nth(1).getByText('Overlaps the next one by 1 s').waitFor()
  for (const count of [3, 2, 2]) {
    await page.locator('[data-undo][aria-disabled="false"]').click()
    await until(page, async () => (await rows.count()) === count)
    await page.waitForTimeout(100)
  }
  await until(page, async () => (await textOfFile(slug, 'assets/tour.vtt')) === two)
  await page.keyboard.press('Control+/')
  await page.getByRole('dialog').getByText('Split at the playhead').waitFor()
  await page.keyboard.press('Escape')
  expect(await problemsOn(page, { alsoRightToLeft: true })).toEqual([])
  expect(consoleMessages).toEqual([])
})

test('captions that were typed before the script loaded are saved', async () => {
  const { page, slug } = await courseWith({ 'assets/tour.webm': video(), 'assets/tour.vtt': captions })
  let load = () => {}
  await page.route('**/js/captions.js*', route => {
    load = () => void route.continue()
  })
  await page.goto(`/studio/courses/${slug}/captions?path=assets/tour.vtt`, { waitUntil: 'commit' })
  await page.locator('textarea').first().fill('Typed early')
  load()
  await until(page, async () => (await textOfFile(slug, 'assets/tour.vtt')).includes('Typed early'))
  await page.unrouteAll()
})

test('captions that were typed a moment ago are saved when a link is followed', async () => {
  const { page, slug } = await courseWith({ 'assets/tour.webm': video(), 'assets/tour.vtt': captions })
  await page.goto(`/studio/courses/${slug}/captions?path=assets/tour.vtt`)
  await page.locator('textarea').first().fill('Typed last')
  await page.getByRole('link', { name: 'Versions' }).click()
  await page.waitForURL('**/revisions')
  expect(await textOfFile(slug, 'assets/tour.vtt')).toContain('Typed last')
})
