import type { Browser, Page } from 'playwright-core'
import { Courses } from '../../src/courses/course'
import { lessonsOf } from '../../src/courses/content'
import { questionsOf } from '../../src/courses/quiz'
import { enrol } from '../../src/learning/enrol'
import type { Published } from '../../src/courses/published'
import { openAcademy, type Academy } from '../kit/academy'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import { as } from '../kit/as'
import * as make from '../kit/make'

const block = (yaml: string) => `\`\`\`quiz\n${yaml.trim()}\n\`\`\`\n`
const body = [
  `id: shapes
kind: match
prompt: What does each shape mean?
explanation: So.
pairs: [{item: A step, match: A change}, {item: A climb, match: Wear}]
others: [Nothing]`,
  `id: steps
kind: order
prompt: What first?
explanation: So.
items: [Acknowledge, Open, Compare, Plan]`,
  `id: rule
kind: cloze
prompt: Complete the rule.
explanation: So.
text: Read the {1} first, at equal {2}.
gaps: [{kind: select, accept: [slope], wrong: [level]}, {accept: [speed]}]`,
  `id: days
kind: number
prompt: How many days?
unit: days
answers: [{value: 6, explanation: So.}]`,
].map(block)

let academy: Academy
let browser: Browser
let course: Published
let baseURL: string
let opened: OpenPage
beforeAll(async () => {
  academy = await openAcademy()
  baseURL = await academy.listen()
  course = await make.course({ slug: 'pumps', lessons: 1, quiz: 1, quizFields: { body: body.join('\n') } })
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

/** Opens a page as someone with this role; a prospect is enrolled. */
async function visit(role: 'prospect' | 'author', path: string): Promise<Page> {
  const person = await make.person({ role })
  if (role === 'prospect') await enrol({ person: person._id, published: course, paid: false })
  const { cookie } = await as(person)
  opened = await openPage(browser, { baseURL })
  const [name, value] = cookie.split('=') as [string, string]
  await opened.context.addCookies([{ name, value, url: baseURL }])
  await opened.page.goto(path)
  return opened.page
}

const quiz = '/courses/pumps/lessons/final-quiz'
const items = (page: Page) => page.locator('[data-item]').allTextContents()

/** Drags from the middle of one element to the middle of another. */
async function drag(page: Page, from: string, to: string): Promise<void> {
  await page.locator(from).scrollIntoViewIfNeeded()
  const middle = async (selector: string) => {
    const box = (await page.locator(selector).boundingBox())!
    return [box.x + box.width / 2, box.y + box.height / 2] as const
  }
  const [start, end] = [await middle(from), await middle(to)]
  await page.mouse.move(...start)
  await page.mouse.down()
  await page.mouse.move(...end, { steps: 10 })
  await page.mouse.up()
}

test('a learner puts in order and matches by keyboard and by dragging, and a reload loses nothing', async () => {
  const page = await visit('prospect', quiz)
  expect(await problemsOn(page)).toEqual([])
  const go = (number: number) => page.getByRole('link', { name: `Question ${number} of 4` }).click()
  await page.getByRole('button', { name: 'Save and continue' }).click()
  const [first, second, third, fourth] = await items(page)
  await page.getByRole('button', { name: `Move “${first}” down` }).focus()
  await page.keyboard.press('Enter')
  expect(await items(page)).toEqual([second, first, third, fourth])
  expect(await page.locator('[data-announce]').textContent()).toBe(`${first}, 2 of 4`)
  await page.keyboard.press('Alt+ArrowUp')
  expect(await items(page)).toEqual([first, second, third, fourth])
  await drag(page, '.order-row:nth-child(4) [data-handle]', '.order-row:nth-child(1)')
  expect(await items(page)).toEqual([fourth, first, second, third])
  await page.getByRole('button', { name: 'Back' }).click()
  const option = page.locator('.match-row').nth(1).locator('select')
  await drag(page, '.match-label:has-text("Wear")', '.match-row:nth-child(2)')
  expect(
    await option.evaluate(
      (select: { selectedOptions: { text: string }[] }) => select.selectedOptions[0]!.text,
    ),
  ).toBe('Wear')
  await go(4)
  const typed = page.locator('[name="q-days"]')
  await typed.fill('6')
  await page.getByText(/^Answers saved \d/).waitFor()
  await page.reload()
  // The first question without an answer is open.
  await page.getByText('What does each shape mean?').waitFor()
  expect(await items(page)).toEqual([fourth, first, second, third])
  expect(await typed.inputValue()).toBe('6')
  await page.locator('.match-row').nth(0).locator('select').selectOption('A change')
  await go(4)
  await page.getByRole('button', { name: 'Submit answers' }).click()
  await page.getByRole('link', { name: 'Answer question 3' }).click()
  await page.getByLabel('Gap 1 of 2').selectOption('slope')
  await page.getByLabel('Gap 2 of 2').fill('speed')
  expect(await problemsOn(page)).toEqual([])
  await page.getByLabel('Gap 2 of 2').press('Enter')
  await page.getByText('How many days?').waitFor()
  // Without a connection the page stays, and sends the answers when it is back.
  await opened.context.setOffline(true)
  await page.getByRole('button', { name: 'Submit answers' }).click()
  await page.getByText("You're offline. Your answers stay on this page").waitFor()
  expect(await typed.inputValue()).toBe('6')
  await opened.context.setOffline(false)
  await page.getByText('You scored').waitFor()
  expect(opened.consoleMessages.splice(0).filter(text => !text.includes('DISCONNECTED'))).toEqual([])
}, 60_000)

test('an author writes a question by keyboard alone, and it is saved and previewed while they type', async () => {
  const page = await visit('author', '/studio/courses/pumps/lessons/final-quiz/questions')
  expect(await problemsOn(page)).toEqual([])
  await page.keyboard.press('n')
  await page.waitForURL('**/new-question')
  await page.getByLabel('Question', { exact: true }).fill('What is 1: the first')
  await page.getByLabel('Answer, row 1').focus()
  await page.keyboard.type('One')
  await page.keyboard.press('Tab')
  await page.keyboard.type('It begins.')
  await page.keyboard.press('Enter')
  expect(await page.evaluate('document.activeElement.name')).toBe('content.1')
  await page.keyboard.type('Two')
  await page.getByLabel('Right, row 1').check()
  await page.locator('[data-preview]').getByText('Two').waitFor()
  await page.getByRole('button', { name: 'Add question' }).click()
  await page.waitForURL('**/questions/what-is-1-the-first')
  const saved = page.waitForResponse(
    response => response.request().method() === 'POST' && response.url().endsWith('/what-is-1-the-first'),
  )
  await page.getByLabel('Answer, row 2').fill('Two: the second')
  expect((await saved).status()).toBe(200)
  await page.locator('[data-preview]').getByText('Two: the second').waitFor()
  const { draft } = (await Courses.findOne({ slug: 'pumps' }))!
  const text = lessonsOf(draft).at(-1)!.body
  expect(text.startsWith(body.join('\n').trimEnd())).toBe(true)
  expect(questionsOf(text).at(-1)).toMatchObject({
    prompt: 'What is 1: the first',
    choices: [
      { content: 'One', isCorrect: true, explanation: 'It begins.' },
      { content: 'Two: the second', isCorrect: false },
    ],
  })
  expect(await problemsOn(page)).toEqual([])
  await page.keyboard.press('Control+ArrowUp')
  await page.waitForURL('**/questions/days')
  await page.locator('[data-question="days"]').dragTo(page.locator('[data-question="shapes"]'))
  await page.locator('.question-row:first-child.is-open').getByText('How many days?').waitFor()
}, 60_000)

test('an author makes a gap of selected words, by its key or button, and the words become its answer', async () => {
  const page = await visit('author', '/studio/courses/pumps/lessons/final-quiz/questions/rule')
  const text = page.locator('#text')
  const select = (words: string) =>
    page.evaluate(`{
      const text = document.querySelector('#text')
      const from = text.value.indexOf('${words}')
      text.focus()
      text.setSelectionRange(from, from + ${words.length})
    }`)
  await text.fill('Read the {1} first, at equal {2} of the motor and the pump.')
  await select('the motor ')
  await page.keyboard.press('Alt+g')
  expect(await text.inputValue()).toBe('Read the {1} first, at equal {2} of {3} and the pump.')
  expect(await page.locator('[name="accept.2"]').inputValue()).toBe('the motor')
  await page.getByText('Gap 3: the motor').waitFor()
  await page.getByRole('button', { name: 'Make a gap' }).click()
  await page.getByText('Select the words of one answer').waitFor()
  await select('the pump')
  const saved = page.waitForResponse(
    response => response.request().method() === 'POST' && response.url().endsWith('/rule'),
  )
  await page.getByRole('button', { name: 'Make a gap' }).click()
  await page.locator('[data-preview]').getByLabel('Gap 4 of 4').waitFor()
  expect((await saved).status()).toBe(200)
  const { draft } = (await Courses.findOne({ slug: 'pumps' }))!
  expect(questionsOf(lessonsOf(draft).at(-1)!.body).find(({ id }) => id === 'rule')).toMatchObject({
    text: 'Read the {1} first, at equal {2} of {3} and {4}.',
    gaps: [{ accept: ['slope'] }, { accept: ['speed'] }, { accept: ['the motor'] }, { accept: ['the pump'] }],
  })
  expect(await problemsOn(page, { alsoRightToLeft: true })).toEqual([])
}, 60_000)

test('an author adds and moves rows of the settings in place, and keeps what was typed elsewhere', async () => {
  const page = await visit('author', '/studio/courses/pumps/settings')
  await page.locator('#title').fill('Pumps, typed')
  const name = (row: number) => page.locator(`[name="authors.${row}.name"]`)
  const filled = await page.locator('#authors .form-row').count()
  await name(filled - 1).fill('Ines')
  await page.getByRole('button', { name: 'Add row (Authors)' }).click()
  await name(filled).waitFor()
  expect(await page.evaluate('document.activeElement.name')).toBe(`authors.${filled}.name`)
  await page.keyboard.type('Tom')
  await page.getByRole('button', { name: 'Add row (Authors)' }).click()
  await name(filled + 1).waitFor()
  const up = page.getByRole('button', { name: `Move row ${filled + 1} up (Authors)` })
  await up.focus()
  await page.keyboard.press('Enter')
  await page.locator(`[name="authors.${filled}.name"][value="Ines"]`).waitFor()
  expect(await name(filled - 1).inputValue()).toBe('Tom')
  expect(await page.locator('#title').inputValue()).toBe('Pumps, typed')
  expect(await problemsOn(page, { alsoRightToLeft: true })).toEqual([])
  await page.getByRole('button', { name: 'Save settings' }).last().click()
  await page.getByText('Settings saved').first().waitFor()
  const { draft } = (await Courses.findOne({ slug: 'pumps' }))!
  expect(draft.title).toBe('Pumps, typed')
  expect(draft.authors.slice(-2).map(author => author.name)).toEqual(['Tom', 'Ines'])
}, 60_000)
