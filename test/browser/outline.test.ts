import type { Browser, Page } from 'playwright-core'
import { Courses } from '../../src/courses/course'
import { changeDraft } from '../../src/courses/change-draft'
import { addModule } from '../../src/courses/outline'
import { enrol } from '../../src/learning/enrol'
import { openAcademy, type Academy } from '../kit/academy'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import { as } from '../kit/as'
import * as make from '../kit/make'

/* The outline by keyboard and by dragging, and a quiz that is taken alone, by letters. */

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
afterEach(async () => {
  expect(opened.consoleMessages).toEqual([])
  await opened.context.close()
})

async function visit(person: Parameters<typeof as>[0], path: string): Promise<Page> {
  const { cookie } = await as(person)
  opened = await openPage(browser, { baseURL })
  const [name, value] = cookie.split('=') as [string, string]
  await opened.context.addCookies([{ name, value, url: baseURL }])
  await opened.page.goto(path)
  return opened.page
}

test('an author moves lessons with Alt and an arrow, by dragging, and several that are ticked', async () => {
  const { slug, course } = await make.course({ lessons: 4 })
  await changeDraft(course, content => addModule(content, 'Later').content)
  const outline = async () =>
    (await Courses.findById(course))!.draft.modules.map(({ lessons }) =>
      lessons.map(each => each.slug.at(-1)).join(''),
    )
  const page = await visit(await make.person({ role: 'author' }), `/studio/courses/${slug}`)
  expect(await problemsOn(page)).toEqual([])
  const row = (n: number) => page.locator(`.outline-row[data-lesson="lesson-${n}"]`)

  await row(1).getByRole('link').focus()
  await page.keyboard.press('Alt+ArrowDown')
  await page.getByText('“Lesson 1” moved.').waitFor()
  expect(await outline()).toEqual(['2134', ''])
  await page.waitForFunction('document.activeElement.textContent.trim() === "Lesson 1"')

  await row(4).dragTo(row(2))
  await page.getByText('“Lesson 4” moved.').waitFor()
  expect(await outline()).toEqual(['4213', ''])

  await row(2).getByRole('checkbox').check()
  await row(3).getByRole('checkbox').check()
  await page.getByText('2 selected').waitFor()
  await row(3).dragTo(page.locator('p[data-module="later"]'))
  await page.getByText('2 lessons moved.').waitFor()
  expect(await outline()).toEqual(['41', '23'])
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('The outline is as it was.').waitFor()
  expect(await outline()).toEqual(['4213', ''])
})

test('an author ticks lessons in ranges, with Shift and a click or an arrow', async () => {
  const { slug } = await make.course({ lessons: 5 })
  const page = await visit(await make.person({ role: 'author' }), `/studio/courses/${slug}`)
  const box = (n: number) => page.locator(`.outline-row[data-lesson="lesson-${n}"]`).getByRole('checkbox')
  const ticked = async () => {
    const all = await Promise.all([1, 2, 3, 4, 5].map(async n => ((await box(n).isChecked()) ? n : '')))
    return all.join('')
  }
  await box(1).click()
  await box(4).click({ modifiers: ['Shift'] })
  expect(await ticked()).toBe('1234')
  await page.getByText('4 selected').waitFor()
  await box(3).click()
  await box(5).click({ modifiers: ['Shift'] })
  expect(await ticked()).toBe('12345')
  await box(1).click()
  await box(5).click({ modifiers: ['Shift'] })
  expect(await ticked()).toBe('')

  await box(2).focus()
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  expect(await ticked()).toBe('234')
  await page.keyboard.press('Shift+ArrowUp')
  expect(await ticked()).toBe('23')
  await page.getByText('2 selected').waitFor()
  await page.keyboard.press('ArrowDown')
  expect(await ticked()).toBe('23')
})

test('a learner takes a quiz alone, by letters, and checks an answer in place', async () => {
  const course = await make.course({ lessons: 1, quiz: 3, quizFields: { showAnswers: 'each' } })
  const person = await make.person()
  await enrol({ person: person._id, published: course, paid: false })
  const page = await visit(person, `/courses/${course.slug}/lessons/final-quiz`)
  const header = page.getByRole('banner')
  await header.waitFor()
  await page.getByRole('button', { name: 'Save and continue' }).click()
  await header.waitFor({ state: 'hidden' })
  await page.getByText('Question 2 of 3 · 50% to pass').waitFor()
  await page.keyboard.press('a')
  expect(await page.locator('[name="q-q2"]').first().isChecked()).toBe(true)
  await page.keyboard.press('2')
  expect(await page.locator('[name="q-q2"]').nth(1).isChecked()).toBe(true)
  await page.keyboard.press('A')
  expect(await problemsOn(page)).toEqual([])
  await page.getByRole('button', { name: 'Check answer' }).click()
  await page.getByText('Correct.').waitFor()
  expect(await page.locator('#q-q2 input').count()).toBe(0)
  await page.getByRole('button', { name: 'Next question' }).click()
  await page.getByText('Question 3 of 3').first().waitFor()
  await page.getByRole('button', { name: 'Leave the quiz.' }).click()
  await header.waitFor()
  await page.reload()
  await header.waitFor({ state: 'hidden' })
})
