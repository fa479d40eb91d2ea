import type { Browser, Page } from 'playwright-core'
import { changeDraft } from '../../src/courses/change-draft'
import { Courses } from '../../src/courses/course'
import { changeLesson } from '../../src/courses/outline'
import { changeApprovalRule } from '../../src/courses/publishing-rule'
import { openAcademy, type Academy } from '../kit/academy'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import { as } from '../kit/as'
import * as make from '../kit/make'

/* Publishing in a dialog over the page that an author is on, and comments that mention people. */

let academy: Academy
let browser: Browser
let baseURL: string
let opened: OpenPage
beforeAll(async () => {
  academy = await openAcademy()
  baseURL = await academy.listen()
  browser = await openBrowser()
  await changeApprovalRule('never', (await make.person({ role: 'admin' }))._id)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await academy.close()
})
afterEach(() => opened.context.close())

async function visit(path: string): Promise<Page> {
  const { cookie } = await as(await make.person({ role: 'author' }))
  opened = await openPage(browser, { baseURL })
  const [name, value] = cookie.split('=') as [string, string]
  await opened.context.addCookies([{ name, value, url: baseURL }])
  await opened.page.goto(path)
  opened.page.setDefaultTimeout(6000)
  return opened.page
}

const pathOf = (page: Page) => new URL(page.url()).pathname
const edit = (course: Parameters<typeof changeDraft>[0], body: string) =>
  changeDraft(course, content => changeLesson(content, 'lesson-1', { body }))

test('publishes what is typed, and Escape and "back" lead back to the lesson', async () => {
  const { slug, course } = await make.course({ title: 'Pumps' })
  await edit(course, 'Changed.\n')
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  const address = `/studio/courses/${slug}/publications/new`
  const page = await visit(lesson)
  const dialog = page.getByRole('dialog', { name: 'Publish version 2' })
  const link = page.locator('.workflow a')

  await page.locator('.ProseMirror p').first().click()
  await page.keyboard.press('End')
  await page.keyboard.type(' Typed just now.')
  await link.click()
  await dialog.getByText('Typed just now.').waitFor()
  expect(pathOf(page)).toBe(address)
  expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
  expect(await problemsOn(page)).toEqual([])

  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await page.waitForURL(`**${lesson}`)
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Publish…')
  await link.click()
  await dialog.waitFor()
  await page.goBack()
  await dialog.waitFor({ state: 'detached' })
  expect(pathOf(page)).toBe(lesson)

  await link.click()
  await dialog.getByLabel('Note for learners').fill('New limits.')
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: 'Publish now' }).click()
  await page.getByText('Version 2 published.').waitFor()
  expect(pathOf(page)).toBe(`/studio/courses/${slug}`)
  await page.getByRole('button', { name: 'Undo', exact: true }).waitFor()
  expect(await Courses.findById(course)).toMatchObject({ revisions: 2 })
  await page.goBack()
  expect(pathOf(page)).toBe(lesson)
  expect(opened.consoleMessages).toEqual([])
}, 30_000)

test('says in the dialog what prevents it, and reloading shows the page', async () => {
  const { slug, course } = await make.course({ title: 'Valves' })
  await edit(course, 'Changed.\n')
  const page = await visit(`/studio/courses/${slug}`)
  const dialog = page.getByRole('dialog')
  await page.locator('.workflow a').click()
  await dialog.getByRole('heading', { name: 'Publish version 2' }).waitFor()
  await edit(course, 'A colleague was quicker.\n')
  await dialog.getByRole('button', { name: 'Publish now' }).click()
  await dialog.getByRole('alert').getByText('The draft has changed').waitFor()
  expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('alert')
  await dialog.getByText('A colleague was quicker.').waitFor()

  await dialog.getByText('Schedule…').click()
  expect(await dialog.getByRole('button', { name: 'Publish now', exact: true }).isVisible()).toBe(false)
  await dialog.getByLabel('Day').fill('2020-01-01')
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: 'Schedule', exact: true }).click()
  await dialog.getByRole('alert').getByText('in the future').waitFor()

  await page.reload()
  await page.locator('main').getByRole('heading', { name: 'Publish version 2' }).waitFor()
  expect(await dialog.count()).toBe(0)
  await page.goBack()
  await page.getByRole('heading', { name: 'Valves', exact: true }).waitFor()
  expect(pathOf(page)).toBe(`/studio/courses/${slug}`)
  expect((await Courses.findById(course))!.revisions).toBe(1)
}, 30_000)

test('a name is completed while it is typed after an @, by keyboard', async () => {
  await make.person({ role: 'reviewer', name: 'Kateřina Malá' })
  await make.person({ role: 'author', name: 'Malin Berg' })
  const { slug } = await make.course({ title: 'Seals' })
  const page = await visit(`/studio/courses/${slug}/lessons/lesson-1/preview`)
  await page.getByText('Comment on a passage').click()
  const box = page.getByLabel('Comment', { exact: true })
  const list = page.getByRole('listbox', { name: 'Teammates' })
  await box.pressSequentially('Right, @ma')
  await list.waitFor()
  expect(await list.getByRole('option').allTextContents()).toEqual(['Kateřina Malá', 'Malin Berg'])
  expect(await problemsOn(page)).toEqual([])
  await page.keyboard.press('ArrowDown')
  const id = await list.getByRole('option', { selected: true }).getAttribute('id')
  expect(await box.getAttribute('aria-activedescendant')).toBe(id)
  await page.keyboard.press('Enter')
  expect(await box.inputValue()).toBe('Right, @Malin Berg ')
  expect(await list.isVisible()).toBe(false)
  await box.pressSequentially('and @kat')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  expect(await box.inputValue()).toBe('Right, @Malin Berg and @kat')
  expect(opened.consoleMessages).toEqual([])
}, 30_000)
