import type { Browser } from 'playwright-core'
import { Courses } from '../../src/courses/course'
import { changeDraft } from '../../src/courses/change-draft'
import { changeLesson } from '../../src/courses/outline'
import { openAcademy, type Academy } from '../kit/academy'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import { as } from '../kit/as'
import * as make from '../kit/make'

/* Two authors in one lesson, and one who comes back to it. */

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

async function windowOf(name: string): Promise<OpenPage> {
  const { cookie } = await as(await make.person({ role: 'author', name }))
  const opened = await openPage(browser, { baseURL })
  const [key, value] = cookie.split('=') as [string, string]
  await opened.context.addCookies([{ name: key, value, url: baseURL }])
  return opened
}

test('two authors see each other by name within one beat, and no longer once one has left', async () => {
  const { slug } = await make.course({ lessons: 2 })
  const url = `/studio/courses/${slug}/lessons/lesson-1`
  const [anna, ben] = [await windowOf('Anna Kern'), await windowOf('Ben Ode')]
  await anna.page.clock.install()
  await anna.page.goto(url)
  await ben.page.goto(url)
  await ben.page.getByRole('status').getByText('Anna Kern is editing this lesson.').waitFor()
  await anna.page.clock.runFor(15_500)
  await anna.page.getByRole('status').getByText('Ben Ode is editing this lesson.').waitFor()
  expect(await problemsOn(anna.page)).toEqual([])
  await ben.page.goto(`/studio/courses/${slug}/lessons/lesson-2/settings`)
  await anna.page.clock.runFor(15_500)
  await anna.page.locator('[data-present="lesson-2"]').getByText('Ben Ode is in this lesson').waitFor()
  expect(await anna.page.getByText('Ben Ode is editing this lesson.').count()).toBe(0)
  await ben.page.goto('about:blank')
  await anna.page.waitForTimeout(200)
  await anna.page.clock.runFor(15_500)
  await anna.page.locator('[data-present="lesson-2"]:not(:has(.initials))').waitFor({ state: 'attached' })
  for (const { context, consoleMessages } of [anna, ben]) {
    expect(consoleMessages).toEqual([])
    await context.close()
  }
})

test('an author who comes back undoes what was written before the page was opened', async () => {
  const { slug, course } = await make.course({ lessons: 1 })
  await changeDraft(course, content => changeLesson(content, 'lesson-1', { body: 'Written yesterday.\n' }))
  const { page, consoleMessages, context } = await windowOf('Anna Kern')
  await page.goto(`/studio/courses/${slug}/lessons/lesson-1`)
  await page.locator('.ProseMirror').focus()
  await page.keyboard.press('Control+z')
  await page.getByText('You have undone everything since you opened this lesson.').waitFor()
  await page.keyboard.type('More. ')
  await page.getByRole('link', { name: 'See what it was before' }).waitFor({ state: 'hidden' })
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+z')
  await page.getByRole('link', { name: 'See what it was before' }).click()
  expect(await problemsOn(page)).toEqual([])
  await page.locator('del', { hasText: 'The text of lesson 1.' }).waitFor()
  await page.getByRole('button', { name: 'Restore this version' }).click()
  await page.getByText('The lesson is what it was.').waitFor()
  const body = async () => (await Courses.findById(course))!.draft.modules[0]!.lessons[0]!.body
  expect(await body()).toBe('The text of lesson 1.\n')
  await page.getByRole('button', { name: 'Undo' }).first().click()
  await page.locator('.ProseMirror', { hasText: 'Written yesterday.' }).waitFor()
  expect(await body()).toBe('Written yesterday.\n')
  expect(consoleMessages).toEqual([])
  await context.close()
})
