import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { authorAt, closeStudio, openStudio, savedText, textOf, writeAtEnd } from './lesson-editor-page'

beforeAll(openStudio, 60_000)
afterAll(closeStudio)

test('opening and leaving a lesson changes nothing, and one sentence changes its paragraph only', async () => {
  const body = '# A\nText *one*.\n\n*   list\n\n\n<!-- note -->\n\nLast __bold__\n'
  const author = await authorAt(body)
  const { page, consoleMessages } = author
  expect(await textOf(page)).toBe(body)
  await page.locator('.ProseMirror > p').first().click()
  await page.keyboard.press('End')
  await page.keyboard.type(' two')
  expect(await savedText(author, 'two')).toBe(body.replace('Text *one*.', 'Text *one*. two'))
  await page.getByText(/^Saved \d\d:\d\d$/).waitFor()
  expect(consoleMessages).toEqual([])
})

test('the Markdown switch shows the same lesson as text, and what is changed there', async () => {
  const { page } = await authorAt('One *two*\n')
  await page.getByLabel('Markdown', { exact: true }).check()
  const source = page.getByLabel('Lesson text in Markdown')
  expect(await source.inputValue()).toBe('One *two*\n')
  await source.fill('## Heading\n')
  await page.getByLabel('Markdown', { exact: true }).uncheck()
  await page.getByRole('heading', { name: 'Heading', level: 2 }).waitFor()
})

test('a link of the page saves before it is followed, and leaving in another way saves too', async () => {
  const author = await authorAt('Text\n')
  const { page, slug, path } = author
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
})

test('a lesson of 3,000 words takes each key in less than 50 ms', async () => {
  const words = Array.from(
    { length: 60 },
    (_, n) => `## Part ${n + 1}\n\n${'Fifty words of text about pumps. '.repeat(8)}\n`,
  )
  const { page } = await authorAt(words.join('\n'))
  await page.locator('.ProseMirror > p').nth(20).click()
  await page.evaluate(`
    window.keys = []
    const spent = ({ processingStart, processingEnd }) => processingEnd - processingStart
    new PerformanceObserver(list => keys.push(...list.getEntries().map(spent)))
      .observe({ type: 'event', durationThreshold: 16, buffered: true })`)
  // Another process may take the processor away from a key, but hardly in each of three sentences.
  const slowest: number[] = []
  while (slowest.length < 3 && !slowest.some(time => time < 50)) {
    await page.evaluate('keys.length = 0')
    await page.keyboard.type('A sentence that is typed in the middle of it all. ', { delay: 40 })
    await page.getByText(/^Saved \d\d:\d\d$/).waitFor()
    slowest.push(await page.evaluate<number>('Math.max(0, ...keys)'))
  }
  expect(await textOf(page)).toContain('in the middle of it all.')
  expect(Math.min(...slowest)).toBeLessThan(50)
})

test('the editor is small, and only the studio loads it', async () => {
  const bundle = resolve(__dirname, '../../dist/public/js/lesson-editor.js')
  expect(statSync(bundle).size).toBeGreaterThan(100_000)
  expect(gzipSync(readFileSync(bundle)).length).toBeLessThan(400_000)
  const { page, slug } = await authorAt('Text\n')
  const loads = () =>
    page.evaluate<boolean>(`[...document.scripts].some(({ src }) => src.includes('lesson-editor'))`)
  expect(await loads()).toBe(true)
  for (const path of ['/', `/courses/${slug}`, `/courses/${slug}/lessons/lesson-1`, '/studio']) {
    await page.goto(path)
    expect(await loads()).toBe(false)
  }
})
