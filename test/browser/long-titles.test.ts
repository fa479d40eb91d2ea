import type { Browser } from 'playwright-core'
import { changeDraft } from '../../src/courses/change-draft'
import { Courses } from '../../src/courses/course'
import { renameModule } from '../../src/courses/outline'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, scrollsSideways } from '../kit/browser'
import { renameEntry } from '../../src/courses/change-catalogue-lists'
import { readLists } from '../../src/courses/catalogue-lists'
import * as make from '../kit/make'
import { runAllDue } from '../kit/ledger'

let academy: Academy
let browser: Browser
beforeAll(async () => {
  academy = await openAcademy()
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await academy.close()
})

const word = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'

test('a person with a phone of 360 pixels reads the longest words without scrolling sideways', async () => {
  const { number } = await readLists()
  await renameEntry({ list: 'audiences', number, by: null }, 'l-d', { en: word.slice(0, 60) })
  const { slug, course } = await make.course({
    slug: 'long',
    title: `${word}skurs`,
    summary: word.repeat(2),
    authors: [{ name: word, role: word }],
    outcomes: [word.repeat(2)],
    lessons: 2,
    lesson: n => ({ title: `${word}slektion${n}` }),
  })
  await changeDraft(course, content => renameModule(content, content.modules[0]!.folder, `${word}smodul`))
  const person = await make.person({ role: 'author', name: word })
  const author = await as(person)
  const { draftNumber } = (await Courses.findOne({ slug }))!
  await author.post(`/studio/courses/${slug}/publication`, { draftNumber }).expect(303)
  await author.post(`/courses/${slug}/enrolment`).expect(303)
  for (const n of [1, 2]) await author.post(`/courses/${slug}/lessons/lesson-${n}/completion`).expect(303)
  await runAllDue()

  const baseURL = await academy.listen()
  const { page, context } = await openPage(browser, { baseURL })
  const [name, ...value] = author.cookie.split(';')[0]!.split('=')
  await context.addCookies([{ name: name!, value: value.join('='), url: baseURL }])
  await page.setViewportSize({ width: 360, height: 740 })
  const home = `/studio/courses/${slug}`
  const lesson = `${home}/lessons/lesson-1`
  const wide: string[] = []
  for (const path of [
    ...['/', '/courses', '/search?q=Donau', '/learning', `/courses/${slug}`, `/courses/${slug}/certificate`],
    ...[`/courses/${slug}/lessons/lesson-1`, '/studio', home, `${home}/settings`, `${home}/files`],
    ...[`${home}/revisions`, `${home}/revisions/2`, lesson, `${lesson}/preview`, `${lesson}/history`],
    ...[`${lesson}/settings`, `${lesson}/removal`],
  ]) {
    const response = await page.goto(path)
    expect([path, response!.status()]).toEqual([path, 200])
    if (await scrollsSideways(page)) wide.push(path)
  }
  expect(wide).toEqual([])
  await context.close()
}, 120_000)
