import type { Browser, Page } from 'playwright-core'
import { Courses } from '../../src/courses/course'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, type OpenPage } from '../kit/browser'
import * as make from '../kit/make'

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

async function authorAt(path: string): Promise<OpenPage> {
  const visitor = await as(await make.person({ role: 'author' }))
  const opened = await openPage(browser, { baseURL })
  const [name, value] = visitor.cookie.split('=') as [string, string]
  await opened.context.addCookies([{ name, value, url: baseURL }])
  await opened.page.goto(path)
  return opened
}

const draftOf = async (slug: string) => (await Courses.findOne({ slug }))!.draft
const saved = (page: Page) => page.locator('[data-saved]')

/** Shows the lesson as Markdown. */
const showMarkdown = (page: Page) => page.getByLabel('Markdown', { exact: true }).check()

/** Replaces the text of a lesson in the visual editor. */
async function write(page: Page, text: string): Promise<void> {
  await page.locator('.ProseMirror').focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.type(text)
}

test('an author writes Markdown with the toolbar, and the text is saved automatically', async () => {
  const { slug } = await make.course()
  const { page, consoleMessages, context } = await authorAt(`/studio/courses/${slug}/lessons/lesson-1`)
  await showMarkdown(page)
  await page.fill('#body', 'Water finds a way.\n')
  await page.click('md-bold')
  await page.keyboard.type('Always')
  await page.click('[data-insert="image"]')
  await page.locator('[data-checks]', { hasText: 'The file assets/name.png is missing.' }).waitFor()
  expect(await saved(page).textContent()).toMatch(/Saved \d\d:\d\d/)
  const { body } = (await draftOf(slug)).modules[0]!.lessons[0]!
  expect(body).toContain('**Always')
  expect(body).toContain('![What the image shows](assets/name.png)')
  expect(consoleMessages).toEqual([])
  await context.close()
})

test('an author learns that someone else saved the lesson, and loses nothing', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  const ines = await authorAt(lesson)
  const tomasz = await authorAt(lesson)
  await write(ines.page, 'By Ines.')
  await ines.page.click('button:has-text("Save")')
  await write(tomasz.page, 'By Tomasz.')
  await saved(tomasz.page).getByText('Someone else has saved this lesson').waitFor()
  await tomasz.page.click('button:has-text("Save")')
  await tomasz.page.getByRole('heading', { name: 'Someone else saved this lesson' }).waitFor()
  expect((await tomasz.page.inputValue('#body')).trim()).toBe('By Tomasz.')
  expect((await tomasz.page.inputValue('#theirs')).trim()).toBe('By Ines.')
  await Promise.all([ines.context.close(), tomasz.context.close()])
})

test('an author drags a lesson before another, and a link selects a line', async () => {
  const { slug } = await make.course({ lesson: () => ({ body: 'One.\n\nTwo.\n\nThree.\n' }) })
  const { page, context } = await authorAt(`/studio/courses/${slug}/lessons/lesson-2#line-3`)
  await page.waitForFunction('getSelection().anchorNode?.textContent === "Two."')
  await showMarkdown(page)
  await page.goto(`${page.url().split('#')[0]}#line-5`)
  const selected =
    'document.activeElement.value?.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)'
  await page.waitForFunction(`${selected} === 'Three.'`)
  const moved = page.waitForResponse(response => response.url().endsWith('/position'))
  await page.dragAndDrop('[data-lesson="lesson-3"] .handle', '[data-lesson="lesson-1"] .handle')
  await moved
  expect((await draftOf(slug)).modules[0]!.lessons.map(lesson => lesson.slug)).toEqual([
    'lesson-3',
    'lesson-1',
    'lesson-2',
  ])
  await context.close()
})
