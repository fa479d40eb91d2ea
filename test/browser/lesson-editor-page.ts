import type { Browser, Page } from 'playwright-core'
import { Courses } from '../../src/courses/course'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, type OpenPage } from '../kit/browser'
import * as make from '../kit/make'

let academy: Academy
let browser: Browser
let opened: OpenPage

/** Opens an academy, and a browser in which an author is signed in. */
export async function openStudio(): Promise<void> {
  academy = await openAcademy()
  const baseURL = await academy.listen()
  browser = await openBrowser()
  const { cookie } = await as(await make.person({ role: 'author' }))
  opened = await openPage(browser, { baseURL })
  const [name, value] = cookie.split('=') as [string, string]
  await opened.context.addCookies([{ name, value, url: baseURL }])
}

export async function closeStudio(): Promise<void> {
  await browser.close()
  await academy.close()
}

/** A lesson that is open in the studio. `consoleMessages` should stay empty. */
export type LessonPage = OpenPage & { slug: string; path: string }

/** Opens a lesson with this text as an author. */
export async function authorAt(body: string): Promise<LessonPage> {
  const { slug } = await make.course()
  await Courses.updateOne({ slug }, { $set: { 'draft.modules.0.lessons.0.body': body } })
  const path = `/studio/courses/${slug}/lessons/lesson-1`
  opened.consoleMessages.length = 0
  await opened.page.goto(path)
  await opened.page.locator('.ProseMirror').waitFor()
  return { ...opened, slug, path }
}

/** Returns the text as it would be saved now. */
export const textOf = (page: Page) =>
  page.evaluate<string>(
    `document.querySelector('#editor').dispatchEvent(new Event('collect')), document.querySelector('#body').value`,
  )

/** Returns the stored text as soon as it has this part, or after ten seconds. */
export async function savedText({ page, slug }: LessonPage, part: string): Promise<string> {
  const stored = async () => (await Courses.findOne({ slug }))!.draft.modules[0]!.lessons[0]!.body
  for (let tries = 0; tries < 200; tries++) {
    const text = await stored()
    if (text.includes(part)) return text
    await page.waitForTimeout(50)
  }
  return stored()
}

export async function writeAtEnd(page: Page, text: string): Promise<void> {
  await page.locator('.ProseMirror').focus()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(text)
}
