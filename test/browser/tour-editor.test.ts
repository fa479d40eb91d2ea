import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { saveAsset } from '../../src/courses/asset'
import { Courses } from '../../src/courses/course'
import { stepsOf, type TourStep } from '../../src/courses/steps'
import { openAcademy, type Academy } from '../kit/academy'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import { as } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let browser: Browser
let opened: OpenPage
let baseURL: string
let cookie: string
let slug: string
let bytes: Buffer
beforeAll(async () => {
  academy = await openAcademy()
  baseURL = await academy.listen()
  browser = await openBrowser()
  ;({ cookie } = await as(await make.person({ role: 'author' })))
  const create = { width: 928, height: 580, channels: 3, background: '#0B1E24' } as const
  bytes = await sharp({ create }).png().toBuffer()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await academy.close()
})
beforeEach(async () => {
  const hash = await saveAsset(bytes, 'image/png')
  const asset = { path: 'assets/a.png', type: 'image/png', size: bytes.length, hash, width: 928, height: 580 }
  ;({ slug } = await make.course({ assets: [asset] }))
})
afterEach(async () => {
  expect(opened.consoleMessages).toEqual([])
  await opened.context.close()
})

const block = (id: string) =>
  `\`\`\`tour\nid: ${id}\ntitle: To ${id}\nimage: assets/a.png\nalt: A screen\n\`\`\`\n`

/** Opens the steps of a tour as an author. */
async function visit(...ids: string[]): Promise<Page> {
  const lesson = { kind: 'tour', completion: 'explore', software: '', body: ids.map(block).join('\n') }
  const fields = Object.entries(lesson).map(([name, value]) => [`draft.modules.0.lessons.0.${name}`, value])
  await Courses.updateOne({ slug }, { $set: Object.fromEntries(fields) })
  opened = await openPage(browser, { baseURL })
  const [name, value] = cookie.split('=') as [string, string]
  await opened.context.addCookies([{ name, value, url: baseURL }])
  await opened.page.goto(`/studio/courses/${slug}/lessons/lesson-1/steps`)
  return opened.page
}

/** Returns the stored steps as soon as they are as wanted, or after five seconds. */
async function stored(isWanted: (steps: TourStep[]) => boolean): Promise<TourStep[]> {
  for (let tries = 0; ; tries++) {
    const steps = stepsOf((await Courses.findOne({ slug }))!.draft.modules[0]!.lessons[0]!.body)
    if (isWanted(steps) || tries > 100) return steps
    await opened.page.waitForTimeout(50)
  }
}

type Point = readonly [x: number, y: number]

/** Drags over the picture; points are shares of its width and height. */
async function drag(page: Page, from: Point, to: Point): Promise<void> {
  const stage = page.locator('.stage')
  await stage.scrollIntoViewIfNeeded()
  const { x, y, width, height } = (await stage.boundingBox())!
  const at = (point: Point) => [x + width * point[0], y + height * point[1]] as const
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at(to), { steps: 3 })
  await page.mouse.up()
}

test('an author draws a spot, names it, and it is saved without a button', async () => {
  const page = await visit('wake', 'plan')
  await drag(page, [0.5, 0.5], [0.7, 0.6])
  // The name is next.
  await page.keyboard.type('Acknowledge')
  const [step] = await stored(([first]) => first!.spots.length > 0)
  expect(step!.spots[0]!.label).toBe('Acknowledge')
  expect(step!.spots[0]!.x).toBeCloseTo(50, 0)
  expect(step!.spots[0]!.width).toBeCloseTo(20, 0)
  expect(step!.spots[0]!.height).toBeCloseTo(10, 0)
  await drag(page, [0.6, 0.55], [0.3, 0.35])
  const [moved] = await stored(([first]) => first!.spots[0]!.x < 40)
  expect(moved!.spots[0]!.x).toBeCloseTo(20, 0)
  expect(moved!.spots[0]!.width).toBeCloseTo(20, 0)
})

test('an author who leaves a spot without a name is taken to it by a click on another step', async () => {
  const page = await visit('wake', 'find')
  await page.getByRole('button', { name: 'Add spot' }).click()
  await page.getByText('Not saved yet').waitFor()
  const name = page.locator('[name="label-0"]')
  const next = page.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name: /^To find/ })
  await next.click()
  await page.locator('[name="label-0"][aria-invalid="true"]:focus').waitFor()
  await name.fill('Alarm')
  await page.getByText(/^Saved \d\d:\d\d$/).waitFor()
  expect(await name.getAttribute('aria-invalid')).toBeNull()
  await next.click()
  await page.waitForURL('**/steps/find')
  expect(opened.consoleMessages.splice(0).join()).toMatch(/422/)
})

test('an author without a pointer adds, moves, sizes and removes a spot, and takes that back', async () => {
  const page = await visit('wake')
  await page.getByRole('button', { name: 'Add spot' }).press('Enter')
  const spot = page.getByRole('button', { name: 'Spot 1' })
  await spot.press('ArrowRight')
  await spot.press('ArrowUp')
  await spot.press('Shift+ArrowRight')
  await spot.press('Shift+ArrowDown')
  await spot.press('Enter')
  await page.keyboard.type('Save')
  const wanted = { x: 40.5, y: 44.5, width: 20.5, height: 10.5, label: 'Save' }
  expect((await stored(([step]) => step!.spots.length > 0))[0]!.spots).toEqual([wanted])
  await page.getByRole('button', { name: 'Spot 1: Save' }).press('Delete')
  expect((await stored(([step]) => !step!.spots.length))[0]!.spots).toEqual([])
  await page.getByRole('button', { name: 'Undo' }).press('Enter')
  expect((await stored(([step]) => step!.spots.length > 0))[0]!.spots).toEqual([wanted])
})

test('screenshots that are chosen or pasted become steps', async () => {
  const page = await visit()
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Add the first screenshot')
  const file = (name: string) => ({ name, mimeType: 'image/png', buffer: bytes })
  await page.setInputFiles('#screenshots', [file('one.png'), file('two.png')])
  await page.waitForURL('**/steps/step-1')
  expect((await stored(steps => steps.length === 2)).map(({ image }) => image)).toEqual([
    'assets/one.png',
    'assets/two.png',
  ])
  await page.evaluate(`(async () => {
    const response = await fetch(document.querySelector('.stage img').src)
    const transfer = new DataTransfer()
    transfer.items.add(new File([await response.blob()], 'pasted.png', { type: 'image/png' }))
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }))
  })()`)
  await page.waitForURL('**/steps/step-3')
  expect((await stored(steps => steps.length === 3)).map(({ title }) => title)).toEqual([
    'Step 1',
    'Step 3',
    'Step 2',
  ])
})

test('steps are put in order by dragging and by keyboard, and what was typed goes along', async () => {
  const page = await visit('a', 'b', 'c')
  await page.locator('[data-step="c"]').dragTo(page.locator('[data-step="a"]'))
  expect((await stored(([first]) => first!.id === 'c')).map(({ id }) => id)).toEqual(['c', 'a', 'b'])
  await page.waitForURL('**/steps/c')
  await page.getByLabel('What to do').fill('Press it')
  await page.keyboard.press('Alt+ArrowDown')
  const steps = await stored(([first]) => first!.id === 'a')
  expect(steps.map(({ id, action }) => `${id} ${action}`)).toEqual(['a ', 'c Press it', 'b '])
})

test('the tour editor has no barriers, with its spots and its messages open', async () => {
  const page = await visit('wake', 'plan')
  await page.getByRole('button', { name: 'Add spot' }).click()
  await page.getByRole('button', { name: 'Spot 1' }).press('Enter')
  await page.keyboard.type('Save')
  await stored(([step]) => step!.spots.length > 0)
  expect(await problemsOn(page, { alsoRightToLeft: true })).toEqual([])
})
