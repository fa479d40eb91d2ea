import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { parse } from 'yaml'
import { readDemoLook } from '../../scripts/demo/brand-look'
import { defaultBrandId, readBrand } from '../../src/brand/brand'
import { publishBrand, saveBrandDraft } from '../../src/brand/change-brand'
import { listsId, readLists, type CatalogueLists } from '../../src/courses/catalogue-lists'
import { saveLists } from '../../src/courses/change-catalogue-lists'
import { Courses } from '../../src/courses/course'
import { importCourse, readCourseFolder } from '../../src/courses/import-course'
import { publishCourse } from '../../src/courses/publish-course'
import type { PathContent } from '../../src/courses/path'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, problemsOn } from '../kit/browser'
import * as make from '../kit/make'

const home = join(__dirname, '../../scripts/demo/tarnwell')

let academy: Academy
let browser: Browser
beforeAll(async () => {
  academy = await openAcademy()
  browser = await openBrowser()
  const { topics, audiences, levels } = parse(
    readFileSync(join(home, 'topics.yml'), 'utf8'),
  ) as CatalogueLists
  await saveLists({ _id: listsId, number: (await readLists()).number, topics, audiences, levels })
  for (const slug of readdirSync(join(home, 'courses'))) {
    await importCourse({ files: await readCourseFolder(join(home, 'courses', slug)), by: null })
  }
  for (const { _id, draftNumber } of await Courses.find()) {
    await publishCourse({ course: _id, by: null, draftNumber })
  }
  for (const path of parse(readFileSync(join(home, 'paths.yml'), 'utf8')) as (PathContent & {
    slug: string
  })[]) {
    await make.path(path)
  }
  const { draft, draftNumber } = await readBrand()
  const content = {
    ...draft,
    academyName: 'Tarnwell Academy',
    accent: '#00596B',
    ...(await readDemoLook('tarnwell')),
  }
  await publishBrand(defaultBrandId, await saveBrandDraft(defaultBrandId, content, draftNumber), null)
}, 120_000)
afterAll(async () => {
  await browser.close()
  await academy.close()
})

test('everyone can use the home page of a brand, and every page where it is edited, in any window', async () => {
  const admin = await as(await make.person({ role: 'admin', name: 'Aisha Demir' }))
  const baseURL = await academy.listen()
  const { page, context, consoleMessages } = await openPage(browser, { baseURL })
  const problems: string[] = []
  for (const path of ['/paths/keep-pumps-running', '/courses/find-the-failing-pump']) {
    await page.goto(path)
    problems.push(...(await problemsOn(page)))
  }
  // By keyboard alone, and the page stays where it is.
  await page.goto('/')
  await page.focus('[data-tour-open]')
  await page.keyboard.press('Enter')
  await page.locator('.tour.is-playing').waitFor()
  problems.push(...(await problemsOn(page)))
  for (let step = 1; step < 8; step++) await page.keyboard.press('ArrowRight')
  await page.getByText("You've been through the whole tour.").waitFor()
  await page.keyboard.press('Escape')
  expect(await page.evaluate('document.querySelector("dialog[open]")')).toBeNull()
  expect([
    new URL(page.url()).hash,
    await page.evaluate('"tourOpen" in document.activeElement.dataset'),
  ]).toEqual(['', true])
  const [name, ...value] = admin.cookie.split(';')[0]!.split('=')
  await context.addCookies([{ name: name!, value: value.join('='), url: baseURL }])
  const brand = '/admin/brands/academy'
  for (const path of [
    '',
    '/look',
    '/home',
    '/home/hero',
    '/home/customers',
    '/home/start',
    '/home/course',
    '/navigation',
    '/removal/new',
    '/plans',
    '/legal-pages/privacy',
    '/texts?group=emails',
  ]) {
    await page.goto(brand + path)
    problems.push(...(await problemsOn(page)))
  }
  expect(problems).toEqual([])

  await page.goto(`${brand}/home`)
  await page.click('[value="up:customers"]')
  // Not by a function in text, which the page's policy refuses as soon as it has to be asked twice.
  await page.locator('ol.rows > li:first-child a', { hasText: 'Customers' }).first().waitFor()
  expect(await page.evaluate('document.activeElement.value')).toBe('down:customers')
  expect((await readBrand()).draft.home[0]!.kind).toBe('customers')
  expect(consoleMessages).toEqual([])
}, 300_000)

test('an administrator without scripts arranges and writes the home page', async () => {
  const admin = await as(await make.person({ role: 'admin' }))
  const baseURL = await academy.listen()
  const { page, context } = await openPage(browser, { baseURL, javaScriptEnabled: false })
  const [name, ...value] = admin.cookie.split(';')[0]!.split('=')
  await context.addCookies([{ name: name!, value: value.join('='), url: baseURL }])
  await page.goto('/admin/brands/academy/home')
  await page.selectOption('[name="add"]', 'quotes')
  await page.click('#form > .actions .button')
  await page.fill('[name="quotes.0.text"]', 'It paid for the panel.')
  await page.click('#form > .actions .button')
  expect(await page.inputValue('[name="quotes.0.text"]')).toBe('It paid for the panel.')
  await page.fill('[name="quotes.0.person"]', 'Thandiwe Mokoena')
  await page.click('#form > .actions .button')
  await page.click('[value="up:quotes"]')
  const { home: sections } = (await readBrand()).draft
  expect(sections.at(-2)).toMatchObject({ kind: 'quotes', quotes: [{ person: 'Thandiwe Mokoena' }] })
}, 120_000)

test.each(['dark', 'light'] as const)(
  'a certificate is printed for white paper from a page that is %s',
  async theme => {
    const { topics, levels } = await readLists()
    const filed = { topic: topics[0]!.id, level: levels[0]!.id, audiences: [] }
    const { slug } = await make.course({ lessons: 1, ...filed })
    const learner = await make.person()
    const visitor = await as(learner)
    await visitor.post(`/courses/${slug}/enrolment`).expect(303)
    await visitor.post(`/courses/${slug}/lessons/lesson-1/completion`).expect(303)
    const { headers } = await visitor.get(`/courses/${slug}/certificate`).expect(303)
    const { logoLight, logoDark } = (await readBrand()).draft
    const baseURL = await academy.listen()
    const { page, context } = await openPage(browser, { baseURL })
    await context.addCookies([{ name: 'theme', value: theme, url: baseURL }])
    await page.goto(headers.location!)
    const logos = () =>
      page.$$eval('.certificate-logo img', all =>
        all.filter(each => each.offsetParent).map(each => [each.currentSrc, each.complete] as const),
      )
    const own = theme === 'dark' ? logoDark : logoLight
    expect(await logos()).toEqual([[expect.stringContaining(own!.hash), true]])
    await page.emulateMedia({ media: 'print' })
    // Already loaded: a printer doesn't wait for a picture.
    expect(await logos()).toEqual([[expect.stringContaining(logoLight!.hash), true]])
    const colours = await page.$eval('.certificate', sheet => {
      const { color, backgroundColor } = sheet.ownerDocument.defaultView!.getComputedStyle(sheet)
      return [color, backgroundColor]
    })
    expect(colours).toEqual(['rgb(27, 28, 36)', 'rgb(255, 255, 255)'])
    await context.close()
  },
)
