import type { Browser } from 'playwright-core'
import { enrol } from '../../src/learning/enrol'
import { notesOn } from '../../src/learning/lesson-notes'
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
afterEach(() => opened.context.close())

const body =
  'A pump fails slowly. Read the **slope** first. Then the level.\n\n## After\n\nMore.\n\n## Last\n\nEnd.\n'

async function reader(javaScriptEnabled = true) {
  const [person, course] = [await make.person(), await make.course({ lessons: 1, lesson: () => ({ body }) })]
  await enrol({ person: person._id, published: course, paid: false })
  opened = await openPage(browser, { baseURL, javaScriptEnabled })
  const [name, value] = (await as(person)).cookie.split(/=(.*)/s) as [string, string]
  await opened.context.addCookies([{ name, value, url: baseURL }])
  const place = { person: person._id, course: course.course, slug: course.slug, lesson: 'lesson-1' }
  await opened.page.goto(`/courses/${course.slug}/lessons/lesson-1`)
  return { page: opened.page, notes: () => notesOn(place) }
}

test('a note saves itself, is edited, deleted and brought back in place', async () => {
  const { page, notes } = await reader()
  await page.locator('h1').click()
  await page.keyboard.press('n')
  await page.keyboard.type('Check the sl')
  await page.locator('[data-new-note]').getByText('Note saved.').waitFor()
  await page.keyboard.type('ope')
  await page.getByRole('button', { name: 'Save note' }).first().click()
  const item = page.locator('[data-note-item]')
  await item.locator('[data-note-text]').getByText('Check the slope').waitFor()
  expect(await notes()).toMatchObject([{ text: 'Check the slope' }])
  await item.getByText('Edit note').first().click()
  await item.getByRole('textbox', { name: 'Edit note' }).fill('Check the level')
  await item.getByRole('button', { name: 'Save note' }).click()
  await item.locator('[data-note-text]').getByText('Check the level').waitFor()
  await item.getByRole('button', { name: /^Delete/ }).click()
  await page.getByText('Note deleted.').waitFor()
  expect(await notes()).toEqual([])
  await page.getByRole('button', { name: 'Undo' }).click()
  await item.locator('[data-note-text]').getByText('Check the level').waitFor()
  expect(await notes()).toMatchObject([{ text: 'Check the level' }])
  // The parts of the panel are tabs.
  await page.getByRole('tab', { name: 'Notes' }).press('ArrowRight')
  await page.getByRole('tabpanel', { name: 'Questions' }).waitFor()
  expect(await item.isVisible()).toBe(false)
  await page.getByRole('button', { name: 'Contents, notes and questions' }).click()
  expect(await page.getByRole('tablist').isVisible()).toBe(false)
  expect(opened.consoleMessages).toEqual([])
}, 60_000)

test('a passage is highlighted with the mouse or the keyboard alone, and leads to its note', async () => {
  const { page, notes } = await reader()
  await page.locator('.prose strong').dblclick()
  await page.getByRole('button', { name: 'Highlight', exact: true }).click()
  await page.locator('[data-note-item]').getByText('slope').first().waitFor()
  await page.locator('h1').click()
  await page.keyboard.press('h')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('n')
  await page.keyboard.type('Both')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.locator('[data-note-item]').nth(1).waitFor()
  expect(await notes()).toMatchObject([
    { text: '', quote: { exact: 'slope', prefix: expect.stringContaining('Read the') } },
    { text: 'Both', quote: { exact: 'Read the slope first. Then the level.', suffix: expect.any(String) } },
  ])
  const marked = 'CSS.highlights.get("note").size'
  expect(await page.evaluate(marked)).toBe(2)
  await page.reload()
  await page.waitForFunction(`${marked} === 2`)
  await page.locator('[data-show-passage]').nth(1).click()
  expect(await page.evaluate('String(getSelection())')).toBe('Read the slope first. Then the level.')
  expect(await problemsOn(page)).toEqual([])
  await page.goto('/notes')
  expect(await problemsOn(page)).toEqual([])
}, 60_000)

test('without JavaScript, notes are forms, and a deletion can be undone', async () => {
  const { page, notes } = await reader(false)
  await page.getByRole('textbox', { name: 'Write a note' }).fill('By hand')
  await page.getByRole('button', { name: 'Save note' }).first().click()
  await page.getByRole('button', { name: 'Delete “By hand”' }).click()
  expect(await notes()).toEqual([])
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.locator('[data-note-text]').getByText('By hand').waitFor()
  expect(await notes()).toMatchObject([{ text: 'By hand' }])
}, 60_000)

test('a note written without a connection is saved when it is back, or the lesson is opened again', async () => {
  const { page, notes } = await reader()
  const address = page.url()
  const save = page.locator('[data-new-note]').getByRole('button', { name: 'Save note' })
  await opened.context.setOffline(true)
  await page.getByLabel('Write a note').fill('Ask about the slope')
  await save.click()
  await page.getByText("You're offline. We'll save your note when you're back.").waitFor()
  expect(page.url()).toBe(address)
  expect(await page.getByLabel('Write a note').inputValue()).toBe('Ask about the slope')
  await opened.context.setOffline(false)
  await page.locator('[data-new-note]').getByText('Note saved.').waitFor()
  expect(await notes()).toMatchObject([{ text: 'Ask about the slope' }])

  await page.reload()
  await opened.context.setOffline(true)
  await page.getByLabel('Write a note').fill('And the level')
  await save.click()
  await page.getByText("You're offline. We'll save your note when you're back.").waitFor()
  await page.goto('about:blank')
  await opened.context.setOffline(false)
  await page.goto(address)
  await page.locator('[data-new-note]').getByText('Note saved.').waitFor()
  expect((await notes()).map(({ text }) => text).sort()).toEqual(['And the level', 'Ask about the slope'])
}, 30_000)
