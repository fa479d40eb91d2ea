import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { Courses } from '../../src/courses/course'
import { png } from '../courses/files'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import * as make from '../kit/make'
import { pasted } from './pasted'

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

/** Opens a lesson with this text in the studio, as an author. */
async function authorAt(body: string): Promise<OpenPage & { slug: string; path: string }> {
  const { slug } = await make.course()
  await Courses.updateOne({ slug }, { $set: { 'draft.modules.0.lessons.0.body': body } })
  const path = `/studio/courses/${slug}/lessons/lesson-1`
  return { ...(await openAt(path)), slug, path }
}

async function openAt(path: string): Promise<OpenPage> {
  const visitor = await as(await make.person({ role: 'author' }))
  const opened = await openPage(browser, { baseURL })
  const [name, value] = visitor.cookie.split('=') as [string, string]
  await opened.context.addCookies([{ name, value, url: baseURL }])
  await opened.page.goto(path)
  await opened.page.locator('.ProseMirror').waitFor()
  return opened
}

const storedText = async (slug: string) =>
  (await Courses.findOne({ slug }))!.draft.modules[0]!.lessons[0]!.body

/** The text as it would be saved now. */
const textOf = (page: Page) =>
  page.evaluate<string>(
    `document.querySelector('#editor').dispatchEvent(new Event('collect')), document.querySelector('#body').value`,
  )

async function savedText({ page, slug }: { page: Page; slug: string }, part: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const text = await storedText(slug)
    if (text.includes(part)) return text
    await page.waitForTimeout(50)
  }
  return storedText(slug)
}

async function writeAtEnd(page: Page, text: string): Promise<void> {
  await page.locator('.ProseMirror').focus()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(text)
}

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

test('opening and leaving a lesson changes nothing, and one sentence changes its paragraph only', async () => {
  const body = '# A\nText *one*.\n\n*   list\n\n\n<!-- note -->\n\nLast __bold__\n'
  const author = await authorAt(body)
  const { page, consoleMessages, context } = author
  expect(await textOf(page)).toBe(body)
  await page.locator('.ProseMirror > p').first().click()
  await page.keyboard.press('End')
  await page.keyboard.type(' two')
  expect(await savedText(author, 'two')).toBe(body.replace('Text *one*.', 'Text *one*. two'))
  await page.getByText(/^Saved \d\d:\d\d$/).waitFor()
  expect(consoleMessages).toEqual([])
  await context.close()
})

test('what is typed as Markdown becomes formatting, and the slash menu inserts blocks', async () => {
  const author = await authorAt('')
  const { page, consoleMessages, context } = author
  await writeAtEnd(page, '## Title')
  await page.keyboard.press('Enter')
  await page.keyboard.type('Some **bold** and `code`')
  await page.keyboard.press('Enter')
  await page.keyboard.type('- [x] done')
  await page.keyboard.press('Enter')
  await page.keyboard.type('open')
  await page.keyboard.press('Control+Enter')
  await page.keyboard.press('Control+Enter')
  for (let n = 0; n < 2; n++) await page.keyboard.press('Enter')
  await page.keyboard.type('/tab')
  expect(await page.locator('#slash-menu').getByRole('option').count()).toBe(1)
  await page.keyboard.press('Enter')
  for (const cell of ['A', 'B', '1', '2']) {
    await page.keyboard.type(cell)
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Control+Enter')
  await page.keyboard.type('/nothing like this')
  await page.keyboard.press('Enter')
  await page.keyboard.type('/call')
  await page.keyboard.press('Enter')
  await page.keyboard.type('slowly')
  expect(await textOf(page)).toBe(
    [
      '## Title\n\nSome **bold** and `code`\n\n- [x] done\n- [ ] open\n',
      '| A | B |\n|---|---|\n| 1 | 2 |\n| | |\n',
      '/nothing like this\n\n> **Note:** slowly\n',
    ].join('\n'),
  )
  expect(consoleMessages).toEqual([])
  await context.close()
})

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
    const { page, consoleMessages, context } = await authorAt('')
    await paste(page, { 'text/html': pasted[name], 'text/plain': 'unused' })
    expect(await textOf(page)).toBe(cleaned[name])
    const problem = page.locator('[data-problem]')
    expect(await problem.isVisible()).toBe(name === 'webPage')
    expect(consoleMessages).toEqual([])
    await context.close()
  },
)

test('Markdown that is pasted as text becomes blocks, and is copied as Markdown', async () => {
  const { page, context } = await authorAt('')
  await paste(page, { 'text/plain': '# Title\n\n- one\n- two **bold**\n' })
  expect(await textOf(page)).toBe('# Title\n\n- one\n- two **bold**\n')
  await context.close()
})

test('a picture that is pasted is uploaded, and asks for its alt text at once', async () => {
  const author = await authorAt('Before\n')
  const { page, consoleMessages, context } = author
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
  const alt = page.getByLabel('Alt text')
  await alt.waitFor()
  expect(await alt.evaluate('document.activeElement === document.querySelector(".picture input")')).toBe(true)
  await page.keyboard.type('The panel')
  expect(await savedText(author, 'The panel')).toBe('Before\n\n![The panel](assets/panel-7.png)\n')
  await page.locator('[data-checks]', { hasText: 'The image has alt text' }).waitFor()
  expect(
    await page.locator('.picture img').evaluate('document.querySelector(".picture img").naturalWidth'),
  ).toBe(2)
  expect(consoleMessages).toEqual([])
  await context.close()
})

test('a video that is dropped is uploaded, and asks for its captions', async () => {
  const author = await authorAt('Before\n')
  const { page, consoleMessages, context } = author
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
  await context.close()
})

test('a file that the academy refuses is named with what to do, and the text stays', async () => {
  const { page, context } = await authorAt('Before\n')
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
  await context.close()
})

test('blocks move by key and by the menu of their handle, and a move can be undone', async () => {
  const { page, context } = await authorAt('a\n\nb\n\nc\n')
  await page.getByText('b', { exact: true }).click()
  await page.keyboard.press('Alt+ArrowUp')
  expect(await textOf(page)).toBe('b\n\na\n\nc\n')
  await page.getByRole('button', { name: 'Move or change this block' }).focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  expect(await textOf(page)).toBe('a\n\nb\n\nc\n')
  await page.keyboard.press('Control+z')
  expect(await textOf(page)).toBe('b\n\na\n\nc\n')
  await context.close()
})

test('the Markdown switch shows the same lesson as text, and what is changed there', async () => {
  const { page, context } = await authorAt('One *two*\n')
  await page.getByLabel('Markdown', { exact: true }).check()
  const source = page.getByLabel('Lesson text in Markdown')
  expect(await source.inputValue()).toBe('One *two*\n')
  await source.fill('## Heading\n')
  await page.getByLabel('Markdown', { exact: true }).uncheck()
  await page.getByRole('heading', { name: 'Heading', level: 2 }).waitFor()
  await context.close()
})

test('a link of the page saves before it is followed, and leaving in another way saves too', async () => {
  const author = await authorAt('Text\n')
  const { page, slug, path, context } = author
  await writeAtEnd(page, 'typed')
  await page.getByRole('link', { name: 'Preview' }).click()
  await page.waitForURL('**/preview')
  await page.locator('.prose', { hasText: 'typed' }).waitFor()
  await page.goto(path)
  await page.locator('.ProseMirror').waitFor()
  await writeAtEnd(page, ' at last')
  await page.goto('about:blank')
  expect(await savedText(author, 'at last')).toContain('typed at last')
  expect(slug).toBeTruthy()
  await context.close()
})

test('what could not be saved is there again when the lesson is opened', async () => {
  const author = await authorAt('Text\n')
  const { page, path, context } = author
  await context.route('**/lessons/lesson-1', (route, request) =>
    request.method() === 'POST' ? route.abort() : route.continue(),
  )
  await writeAtEnd(page, 'kept')
  await page.getByText('Not saved. Keep this page open and press Save.').waitFor()
  await page.goto('/studio')
  await context.unroute('**/lessons/lesson-1')
  await page.goto(path)
  await page.locator('.ProseMirror', { hasText: 'kept' }).waitFor()
  expect(await savedText(author, 'kept')).toContain('kept')
  await context.close()
})

test('a lesson of 3,000 words takes each key in less than 50 ms', async () => {
  const words = Array.from(
    { length: 60 },
    (_, n) => `## Part ${n + 1}\n\n${'Fifty words of text about pumps. '.repeat(8)}\n`,
  )
  const { page, context } = await authorAt(words.join('\n'))
  await page.locator('.ProseMirror > p').nth(20).click()
  await page.evaluate(`
    window.keys = []
    const spent = ({ processingStart, processingEnd }) => processingEnd - processingStart
    new PerformanceObserver(list => keys.push(...list.getEntries().map(spent)))
      .observe({ type: 'event', durationThreshold: 16, buffered: true })
    window.tasks = []
    new PerformanceObserver(list => tasks.push(...list.getEntries().map(entry => entry.duration)))
      .observe({ type: 'longtask' })`)
  await page.keyboard.type('A sentence that is typed in the middle of it all. ', { delay: 40 })
  await page.waitForTimeout(500)
  const slowest = await page.evaluate<number>('Math.max(0, ...keys)')
  const longest = await page.evaluate<number>('Math.max(0, ...tasks)')
  console.log(`slowest key ${slowest.toFixed(1)} ms, longest task ${longest} ms`)
  expect(slowest).toBeLessThan(50)
  await context.close()
})

test('everyone can use the editor, its menus and dialogs, in any window', async () => {
  const { page, context, consoleMessages } = await authorAt(
    '## Title\n\nText\n\n- [ ] task\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n![](assets/x.png)\n\n```sh\nls\n```\n\n```quiz\nprompt: What?\n```\n\n- a\n',
  )
  const problems = await problemsOn(page)
  await writeAtEnd(page, '/')
  await page.locator('#slash-menu').getByRole('option').first().waitFor()
  problems.push(...(await problemsOn(page)))
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+/')
  await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor()
  problems.push(...(await problemsOn(page)))
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.getByLabel('Link to').waitFor()
  problems.push(...(await problemsOn(page)))
  expect(problems).toEqual([])
  expect(consoleMessages).toEqual([])
  await context.close()
})

test('a practice question is a form that is filled with the keyboard alone', async () => {
  const { page, consoleMessages, context } = await authorAt('')
  await writeAtEnd(page, '/practice')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Question', exact: true }).fill('What is 1: the "first"?')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('This')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('It is.')
  await page.getByLabel('Answer 2', { exact: true }).press('Enter')
  await page.keyboard.type('Neither')
  await page.getByLabel('Right answer: Answer 3').check()
  await page.getByRole('button', { name: 'Edit as text' }).click()
  const source = await page.getByLabel('Question as text').inputValue()
  expect(source).toBe(
    [
      '```quiz\nkind: single\nprompt: \'What is 1: the "first"?\'\nchoices:',
      '  - content: This\n    isCorrect: false\n    explanation: It is.',
      '  - content: A wrong answer\n    explanation: Why it is wrong.',
      '  - content: Neither\n    isCorrect: true\n```',
    ].join('\n'),
  )
  expect(await textOf(page)).toBe(`${source}\n`)
  expect(consoleMessages).toEqual([])
  await context.close()
})

test('the toolbar is one stop of the Tab key, and arrows go through it', async () => {
  const { page, context } = await authorAt('Text\n')
  await page.locator('.ProseMirror').focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Alt+F10')
  const focused = () => page.evaluate<string>('document.activeElement.getAttribute("aria-label")')
  expect(await focused()).toBe('Type of block')
  for (const name of ['Undo', 'Redo', 'Bold']) {
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toBe(name)
  }
  await page.keyboard.press('Enter')
  expect(await textOf(page)).toBe('**Text**\n')
  expect(await page.locator('[data-toolbar] [tabindex="0"]').count()).toBe(1)
  await context.close()
})

test('the editor is small, and only the studio loads it', () => {
  const bundle = resolve(__dirname, '../../dist/public/js/lesson-editor.js')
  expect(statSync(bundle).size).toBeGreaterThan(100_000)
  expect(gzipSync(readFileSync(bundle)).length).toBeLessThan(250_000)
  const views = join(__dirname, '../../src/studio/lessons.ts')
  expect(readFileSync(views, 'utf8')).toContain('/js/lesson-editor.js')
})
