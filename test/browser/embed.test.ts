import type { Browser, Page } from 'playwright-core'
import { changeEmbedList, embedList } from '../../src/courses/embed-list'
import { openAcademy, type Academy } from '../kit/academy'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import * as make from '../kit/make'

let academy: Academy
let browser: Browser
let baseURL: string
let opened: OpenPage
beforeAll(async () => {
  academy = await openAcademy()
  embedList.forget()
  baseURL = await academy.listen()
  const { _id } = await make.person({ role: 'admin' })
  await changeEmbedList({ services: ['vimeo'], hosts: [] }, 0, _id)
  const body = 'Before.\n\n![Our film](https://vimeo.com/76979871)\n\nAfter.\n'
  await make.course({ slug: 'pumps', lesson: n => (n === 1 ? { body } : {}) })
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  embedList.forget()
  await browser.close()
  await academy.close()
})

/** Opens the free preview with the film. */
async function visit(javaScriptEnabled = true): Promise<Page> {
  opened = await openPage(browser, { baseURL, javaScriptEnabled })
  await opened.page.goto('/courses/pumps/lessons/lesson-1')
  return opened.page
}

test('a film loads when the learner asks for it, and not before', async () => {
  const page = await visit()
  await page.getByText('tells player.vimeo.com your IP address').waitFor()
  expect(await problemsOn(page)).toEqual([])
  expect(await page.locator('iframe').count()).toBe(0)
  await page.getByRole('button', { name: 'Load from Vimeo' }).click()
  const frame = page.locator('iframe[title="Our film"]')
  expect(await frame.getAttribute('src')).toBe('https://player.vimeo.com/video/76979871?dnt=1')
  await page.waitForTimeout(300)
  // The policy of the page lets the frame in: it would say so here otherwise.
  expect(opened.consoleMessages).toEqual([])
  await opened.context.close()
})

test('without JavaScript, a film is a link', async () => {
  const page = await visit(false)
  expect(await page.getByRole('link', { name: 'Our film' }).getAttribute('href')).toBe(
    'https://vimeo.com/76979871',
  )
  await opened.context.close()
})
