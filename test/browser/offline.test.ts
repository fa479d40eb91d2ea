import type { Browser, Page } from 'playwright-core'
import { Events } from '../../src/events/event'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { revokeEnrolment } from '../../src/learning/revoke-enrolment'
import type { Published } from '../../src/courses/published'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import * as make from '../kit/make'

let academy: Academy
let browser: Browser
let baseURL: string
let course: Published
let opened: OpenPage
const lesson = (n: number) => `/courses/${course.slug}/lessons/lesson-${n}`

beforeAll(async () => {
  academy = await openAcademy()
  baseURL = await academy.listen()
  browser = await openBrowser()
  course = await make.course({ lesson: n => ({ body: `## Part ${n}\n\nThe secret of lesson ${n}.\n` }) })
}, 60_000)
afterAll(async () => {
  await browser.close()
  await academy.close()
})
afterEach(() => opened.context.close())

async function learner() {
  const person = await make.person()
  await enrol({ person: person._id, published: course, paid: false })
  const progress = async (n: number) =>
    (await Enrolments.findById(enrolmentId(person._id, course.course)))!.lessons[`lesson-${n}`]
  return { person, progress }
}

async function signIn(person: { _id: (typeof course)['course'] }) {
  const [name, value] = (await as(person)).cookie.split(/=(.*)/s) as [string, string]
  await opened.context.addCookies([{ name, value, url: baseURL }])
}

/** Waits until something is true in the browser, which a promise tells. */
async function until(page: Page, expression: string) {
  for (let n = 0; n < 200; n++) {
    if (await page.evaluate(expression)) return
    await page.waitForTimeout(50)
  }
  throw new Error(`It never was: ${expression}`)
}

/** Opens lessons until this browser has kept them. */
async function keep(page: Page, ...numbers: number[]) {
  for (const n of numbers) {
    await page.goto(lesson(n))
    await until(
      page,
      `caches.match('/offline-state').then(kept => kept?.json()).then(state => state?.paths[0] === '${lesson(n)}')`,
    )
  }
}

const isGone = (page: Page) => until(page, `caches.match('${lesson(2)}').then(found => !found)`)
const cached = (page: Page) =>
  page.evaluate<string>(`(async () => {
    const texts = []
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys()) texts.push(request.url, await (await cache.match(request)).text())
    }
    return texts.join() + JSON.stringify({ ...localStorage })
  })()`)

test('opened lessons are read without a connection, and what was read counts once when it is back', async () => {
  const { person, progress } = await learner()
  opened = await openPage(browser, { baseURL })
  const { page, context } = opened
  await signIn(person)
  await keep(page, 2, 1)
  await context.setOffline(true)
  await page.getByText("You're offline. Opened lessons can be read").waitFor()
  await page.goto(lesson(2))
  await page.getByText('The secret of lesson 2.').waitFor()
  await page.waitForTimeout(1200)
  await page.getByRole('button', { name: 'Mark as done' }).click()
  const marked = page.getByText("Marked as done. We'll send it when you're back.")
  await marked.and(page.locator(':focus')).waitFor()
  // Opened again, the copy knows it.
  await page.goto(lesson(2))
  await marked.waitFor()
  expect(await page.getByRole('button', { name: 'Mark as done' }).count()).toBe(0)
  // A lesson that wasn't opened isn't there, and neither is any other page.
  await page.goto(lesson(3))
  await page.getByRole('heading', { name: "You're offline" }).waitFor()
  await page.getByText("This lesson isn't kept in this browser").waitFor()
  await page.getByRole('link', { name: 'Lesson 2' }).waitFor()
  expect(await progress(2)).not.toHaveProperty('completedAt')
  await page.goto(lesson(2))
  await context.setOffline(false)
  for (let n = 0; n < 300 && !(await progress(2))!.completedAt; n++) await page.waitForTimeout(50)
  const { completedAt, seconds } = (await progress(2))!
  expect(completedAt).toBeInstanceOf(Date)
  expect(seconds).toBeGreaterThan(1)
  await page.goto(lesson(2))
  await page.getByText("You've finished this lesson.").waitFor()
  await page.reload()
  const about = { person: person._id, name: 'lesson.completed' as const, 'data.lesson': 'lesson-2' }
  expect(await Events.count(about)).toBe(1)
  expect((await progress(2))!.completedAt).toEqual(completedAt)
  expect(await page.evaluate('localStorage.getItem("offline-progress")')).toBeNull()
  // What has been sent is said by the copy, too.
  const copyText = 'caches.match(location.pathname).then(copy => copy.text())'
  await until(page, `${copyText}.then(text => text.includes('finished this lesson.'))`)
  await page.goto('/offline')
  await page.getByRole('link', { name: 'Lesson 2' }).waitFor()
  expect(await problemsOn(page)).toEqual([])
}, 60_000)

test('nothing is left after signing out, for the next person, or of a lesson that was closed', async () => {
  const [{ person }, { person: next }] = [await learner(), await learner()]
  opened = await openPage(browser, { baseURL })
  const { page, context } = opened
  await signIn(person)
  await keep(page, 2)
  expect(await cached(page)).toContain('The secret of lesson 2.')
  // Another person's first page removes what was kept.
  await context.clearCookies()
  await signIn(next)
  await page.goto('/learning')
  await isGone(page)
  expect(await cached(page)).not.toMatch(/secret of lesson|lesson-2/)
  await context.setOffline(true)
  await page.goto(lesson(2))
  await page.getByText("This lesson isn't kept in this browser").waitFor()
  await context.setOffline(false)
  // What may not be seen any more goes with the next visit.
  await keep(page, 2)
  await revokeEnrolment(next._id, course.course)
  await page.evaluate(`caches.open('offline-state').then(async cache => {
    const state = await (await cache.match('/offline-state')).json()
    await cache.put('/offline-state', new Response(JSON.stringify({ ...state, checkedAt: 0 })))
  })`)
  await page.goto('/courses')
  await isGone(page)
  await enrol({ person: next._id, published: course, paid: false })
  await keep(page, 2)
  await page.locator('.header summary').first().click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${baseURL}/`)
  expect(await cached(page)).not.toMatch(/secret of lesson|lesson-2/)
}, 60_000)
