import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { png } from '../courses/files'
import { authorAt, closeStudio, openStudio, savedText, textOf, writeAtEnd } from './lesson-editor-page'
import { pasted } from './pasted'

beforeAll(openStudio, 60_000)
afterAll(closeStudio)

/** Pastes what a program puts on the clipboard. */
const paste = (page: Page, data: Record<string, string>) =>
  page.evaluate(
    `(() => {
      const clipboardData = new DataTransfer()
      for (const [type, text] of Object.entries(${JSON.stringify(data)})) clipboardData.setData(type, text)
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
      document.querySelector('.ProseMirror').dispatchEvent(event)
    })()`,
  )

const cleaned = {
  word: [
    '## Start the pump\n\n**Check** the *seal* first.\n',
    '- Open the valve\n  - Slowly\n- Listen\n\n1. First\n2. Second\n',
    '| **Limit** | Action |\n|---|---|\n| 4.5 | Look<br>Report |\n| | Wait |\n',
  ].join('\n'),
  googleDocs: [
    '## Limits\n\nA **bold** *claim*~~gone~~`cmd`\n',
    '- One\n  - Nested\n- [Two](https://example.com/a)\n\n* [x] Done thing\n',
  ].join('\n'),
  notion: [
    '## Handover\n\nText with **bold** and `code`.\n\n- [ ] Open task\n- [x] Closed task\n',
    '> Remember the *deadband*.\n\n```bash\nls -l\npwd\n```\n\n> Quoted\n',
  ].join('\n'),
  webPage: [
    '### Guide\n\nPlain **text** in a div.\n\nA chart\n\nA trap and a [link](https://example.com).\n',
    'Only layout\n\n3. Third\n',
  ].join('\n'),
}

test.each(Object.keys(pasted) as (keyof typeof pasted)[])(
  'a paste from a program is cleaned: %s',
  async name => {
    const { page, consoleMessages } = await authorAt('')
    await paste(page, { 'text/html': pasted[name], 'text/plain': 'unused' })
    expect(await textOf(page)).toBe(cleaned[name])
    const problem = page.locator('[data-problem]')
    expect(await problem.isVisible()).toBe(name === 'webPage')
    expect(consoleMessages).toEqual([])
  },
)

test('Markdown that is pasted as text becomes blocks, and is copied as Markdown', async () => {
  const { page } = await authorAt('')
  await paste(page, { 'text/plain': '# Title\n\n- one\n- two **bold**\n' })
  expect(await textOf(page)).toBe('# Title\n\n- one\n- two **bold**\n')
})

test('a picture that is pasted is uploaded, and asks for its alt text at once', async () => {
  const author = await authorAt('Before\n')
  const { page, consoleMessages } = author
  await writeAtEnd(page, '')
  await page.evaluate(
    `(() => {
      const clipboardData = new DataTransfer()
      const bytes = Uint8Array.from(atob('${png.toString('base64')}'), each => each.charCodeAt(0))
      clipboardData.items.add(new File([bytes], 'Panel 7.png', { type: 'image/png' }))
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
      document.querySelector('.ProseMirror').dispatchEvent(event)
    })()`,
  )
  const alt = page.getByRole('textbox', { name: 'Alt text', exact: true })
  await alt.waitFor()
  expect(
    await alt.evaluate('document.activeElement === document.querySelector(".picture-alt > input")'),
  ).toBe(true)
  await page.keyboard.type('The panel')
  await page.keyboard.press('Enter')
  await page.keyboard.type('After')
  expect(await savedText(author, 'After')).toBe('Before\n\n![The panel](assets/panel-7.png)\n\nAfter\n')
  await page.locator('[data-checks]', { hasText: 'The image has alt text' }).waitFor()
  expect(
    await page.locator('.picture img').evaluate('document.querySelector(".picture img").naturalWidth'),
  ).toBe(2)
  expect(consoleMessages).toEqual([])
})

test('a video that is dropped is uploaded, and asks for its captions', async () => {
  const author = await authorAt('Before\n')
  const { page, consoleMessages } = author
  const demo = '../../scripts/demo/tarnwell/courses/find-the-failing-pump/assets/mill-lane.webm'
  const video = readFileSync(join(__dirname, demo)).toString('base64')
  await page.evaluate(
    `(() => {
      const dataTransfer = new DataTransfer()
      const bytes = Uint8Array.from(atob('${video}'), each => each.charCodeAt(0))
      dataTransfer.items.add(new File([bytes], 'tour.webm', { type: 'video/webm' }))
      const target = document.querySelector('.ProseMirror > p')
      const { left, top } = target.getBoundingClientRect()
      const place = { clientX: left + 5, clientY: top + 5, bubbles: true, cancelable: true }
      target.dispatchEvent(new DragEvent('drop', { dataTransfer, ...place }))
    })()`,
  )
  await page.getByLabel('Title', { exact: true }).waitFor()
  await page.keyboard.type('The tour')
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Add captions' }).click()
  const buffer = Buffer.from('WEBVTT\n\n00:00.000 --> 00:05.000\nA pump.\n')
  await (await chooser).setFiles({ name: 'Any name.vtt', mimeType: 'text/vtt', buffer })
  await page.getByText('Captions: assets/tour.vtt').waitFor()
  expect(await savedText(author, 'The tour')).toBe('Before\n\n![The tour](assets/tour.webm)\n')
  await page.locator('[data-checks]', { hasText: 'alt text' }).waitFor()
  expect(consoleMessages).toEqual([])
})

test('a file that the academy refuses is named with what to do, and the text stays', async () => {
  const { page } = await authorAt('Before\n')
  const chooser = page.waitForEvent('filechooser')
  await writeAtEnd(page, '')
  await page.keyboard.press('Enter')
  await page.keyboard.type('/file')
  await page.keyboard.press('Enter')
  await (
    await chooser
  ).setFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg/>') })
  await page.getByText('SVG files can run scripts').waitFor()
  expect(await textOf(page)).toBe('Before\n')
})

/** Drops a picture on a part of the page. */
const dropOn = (page: Page, selector: string, type: 'dragover' | 'drop') =>
  page.evaluate(
    `(() => {
      const dataTransfer = new DataTransfer()
      const bytes = Uint8Array.from(atob('${png.toString('base64')}'), each => each.charCodeAt(0))
      dataTransfer.items.add(new File([bytes], 'Valve.png', { type: 'image/png' }))
      const event = new DragEvent('${type}', { dataTransfer, bubbles: true, cancelable: true })
      document.querySelector('${selector}').dispatchEvent(event)
    })()`,
  )

test('a file dropped anywhere on the page comes into the lesson, and into the list beside it', async () => {
  const author = await authorAt('Before\n')
  const { page, consoleMessages } = author
  await page.getByText('No files yet').waitFor()
  await writeAtEnd(page, '')
  await dropOn(page, '#course-outline', 'dragover')
  await page.getByText('Drop to add to the lesson').waitFor()
  await dropOn(page, '#course-outline', 'drop')
  await page.getByText('Drop to add to the lesson').waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'valve.png' }).locator('img').waitFor()
  expect(await page.getByText('No files yet').isVisible()).toBe(false)
  expect(await savedText(author, 'valve.png')).toBe('Before\n\n![](assets/valve.png)\n')

  await page.getByLabel('Markdown', { exact: true }).check()
  await dropOn(page, '.checks', 'drop')
  await page.locator('.upload-place').waitFor()
  await page.locator('.upload-place').waitFor({ state: 'detached' })
  expect((await page.locator('#body').inputValue()).match(/valve\.png/g)).toHaveLength(2)
  expect(await page.getByRole('link', { name: 'valve.png' }).count()).toBe(1)
  await page.getByLabel('Markdown', { exact: true }).uncheck()
  expect(consoleMessages).toEqual([])
})
