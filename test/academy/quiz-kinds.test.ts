import { Attempts } from '../../src/learning/attempt'
import { enrol } from '../../src/learning/enrol'
import { KeptAnswers } from '../../src/learning/kept-answers'
import type { GradedLesson } from '../../src/courses/kinds/kinds'
import { hours, later, now } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

const block = (yaml: string) => `\`\`\`quiz\n${yaml.trim()}\n\`\`\`\n`

const kinds = [
  `id: one
kind: single
prompt: What climbs?
choices:
  - {content: A worn bearing, isCorrect: true, explanation: SECRET wear}
  - {content: A blocked inlet, explanation: SECRET inlet}`,
  `id: word
kind: text
prompt: Which bearing?
answers: [{content: SECRET drive end, explanation: SECRET belt}]`,
  `id: value
kind: number
prompt: Twice 2.3?
unit: mm/s
answers: [{value: 4.6, tolerance: 0.1, explanation: SECRET sum}]`,
  `id: pairs
kind: match
prompt: What does each shape mean?
explanation: SECRET shapes
pairs:
  - {item: Steady, match: Normal wear}
  - {item: Step, match: A sudden change}
  - {item: Climb, match: A growing fault}
  - {item: Drop, match: A loose sensor}`,
  `id: steps
kind: order
prompt: What first?
explanation: SECRET steps
items: [Acknowledge, Open the trend, Compare, Plan]`,
  `id: rule
kind: cloze
prompt: Complete the rule.
text: Read the {1} first, at equal {2}.
explanation: SECRET rule
gaps:
  - {kind: select, accept: [slope], wrong: [level, colour]}
  - {accept: [SECRET speed]}`,
].map(block)

async function learner(quizFields: Partial<GradedLesson> = {}) {
  const course = await make.course({
    lessons: 1,
    quiz: 1,
    quizFields: { body: kinds.join('\n'), passMark: 80, ...quizFields },
  })
  const person = await make.person()
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  const quiz = `/courses/${course.slug}/lessons/final-quiz`
  return { person, course, visitor, quiz, page: async () => (await visitor.get(quiz).expect(200)).text }
}

/** Returns the value of the option with this text in a select of the page. */
function valueOf(html: string, name: string, text: string): string {
  const select = new RegExp(`name="${name.replace('.', '\\.')}"[^>]*>([\\s\\S]*?)</select>`).exec(html)![1]!
  return new RegExp(`value="([^"]*)"[^>]*>${text}<`).exec(select)![1]!
}

/** Returns the items of the question to be put in order, as the page shows them. */
const itemsIn = (html: string) => [...html.matchAll(/data-item>([^<]*)</g)].map(([, item]) => item!)

/** Fills in the form of a page: all right, unless `changes` says otherwise. */
function answersTo(html: string, changes: Record<string, string> = {}): Record<string, string> {
  const right = ['Acknowledge', 'Open the trend', 'Compare', 'Plan']
  const matches = ['Normal wear', 'A sudden change', 'A growing fault', 'A loose sensor']
  return {
    'q-one': '0',
    'q-word': 'secret Drive-end',
    'q-value': '4,6',
    ...Object.fromEntries(matches.map((text, n) => [`q-pairs.${n}`, valueOf(html, `q-pairs.${n}`, text)])),
    ...Object.fromEntries(itemsIn(html).map((item, n) => [`q-steps.${n}`, String(right.indexOf(item) + 1)])),
    'q-rule.0': 'slope',
    'q-rule.1': 'secret speed',
    ...changes,
  }
}

test('a learner answers every kind of question with a plain form, and passes', async () => {
  const { visitor, quiz, page } = await learner()
  const answers = answersTo(await page())
  await visitor.post(`${quiz}/attempts`, { number: 1, ...answers }).expect(303)
  const { text } = await visitor.get(`${quiz}/attempts/1`).expect(200)
  expect(text).toContain('<h1>You passed: ')
  expect(text).toContain('You scored 6/6.')
  for (const secret of ['wear', 'belt', 'sum', 'shapes', 'steps', 'rule'])
    expect(text).toContain(`SECRET ${secret}`)
})

test('nothing about right answers reaches the browser before they are given', async () => {
  const { visitor, quiz, page } = await learner()
  const html = await page()
  expect(html).toContain('Which bearing?')
  expect(html).not.toMatch(/secret/i)
  expect(html.replace(/<svg[\s\S]*?<\/svg>/g, '')).not.toMatch(/4[.,]6/)
  expect(html).not.toContain('isCorrect')
  const kept = await visitor
    .post(`${quiz}/answers`, { number: 1, ...answersTo(html) })
    .set('accept', 'application/json')
    .expect(200)
  expect(kept.text).not.toMatch(/secret|correct/i)
  await visitor.get(`${quiz}/practice?question=one&q-one=0`).expect(404)
})

test('the order of what is matched, selected or put in order says nothing about what is right', async () => {
  const shown = { match: new Set<string>(), order: new Set<string>(), gap: new Set<string>() }
  for (let n = 0; n < 8; n++) {
    const { page } = await learner()
    const html = await page()
    const options = ['Normal wear', 'A sudden change', 'A growing fault', 'A loose sensor']
    shown.match.add(options.map(text => valueOf(html, 'q-pairs.0', text)).join())
    shown.order.add(itemsIn(html).join())
    shown.gap.add([...html.matchAll(/value="(slope|level|colour)"/g)].map(([, text]) => text).join())
    expect(itemsIn(html)).not.toEqual(['Acknowledge', 'Open the trend', 'Compare', 'Plan'])
    expect(html).toMatch(/name="q-pairs\.0"[^>]*>\s*<option value="">[^<]*<\/option>\s*<option value="0">/)
  }
  for (const orders of Object.values(shown)) expect(orders.size).toBeGreaterThan(1)
})

test('part of an answer counts when the author says so, and the result says how much', async () => {
  const { visitor, quiz, page } = await learner({ credit: 'partial', passMark: 90 })
  const html = await page()
  const answers = answersTo(html, {
    'q-pairs.3': valueOf(html, 'q-pairs.3', 'Normal wear'),
    'q-rule.1': 'load',
  })
  await visitor.post(`${quiz}/attempts`, { number: 1, ...answers }).expect(303)
  const { text } = await visitor.get(`${quiz}/attempts/1`).expect(200)
  expect(text).toContain('You scored 5.25 of 6 points. You need 5.4 to pass.')
  expect(text).toContain('0.75 of 1 point')
  // What was answered is marked; what would have been right waits until the quiz is passed.
  expect(text).toContain('<bdi>load</bdi>')
  expect(text).not.toMatch(/SECRET (shapes|rule|speed)|Correct answer:/)
  const whole = await learner({ credit: 'whole', passMark: 60 })
  await whole.visitor.post(`${whole.quiz}/attempts`, {
    number: 1,
    ...answersTo(await whole.page(), { 'q-rule.1': 'load' }),
  })
  const passed = await whole.visitor.get(`${whole.quiz}/attempts/1`)
  expect(passed.text).toContain('You scored 5/6. You need 4 to pass.')
  expect(passed.text).toContain('Correct answer: <bdi>SECRET speed</bdi>')
})

test('a learner who leaves out a part is asked for it, and keeps everything that was typed', async () => {
  const { person, visitor, quiz, page } = await learner()
  const answers = answersTo(await page(), { 'q-pairs.1': '', 'q-rule.1': '', 'q-word': '' })
  const { text } = await visitor.post(`${quiz}/attempts`, { number: 1, ...answers }).expect(422)
  expect(text).toContain('Answer question 2')
  expect(text).toContain('Finish question 4: part of it has no answer')
  expect(text).toContain('Finish question 6')
  expect(text).toContain('value="4,6"')
  expect(text).toMatch(/value="slope" selected/)
  expect(await Attempts.count({ person: person._id })).toBe(0)
})

test('answers are kept on reload and on another device, until they are submitted', async () => {
  const { person, visitor, quiz, page } = await learner()
  const html = await page()
  const answers = answersTo(html)
  await visitor.post(`${quiz}/answers`, { number: 1, ...answers, 'q-word': '<b>"drive"</b>' }).expect(303)
  expect(await page()).toContain('Answers saved.')
  const other = await as(person)
  const { text } = await other.get(quiz)
  expect(text).toContain('value="&lt;b&gt;&#34;drive&#34;&lt;/b&gt;"')
  expect(text).toMatch(/name="q-one" value="0" checked/)
  expect(itemsIn(text)).toEqual(itemsIn(html))
  await other.post(`${quiz}/attempts`, { number: 1, ...answers }).expect(303)
  expect(await KeptAnswers.count({ person: person._id })).toBe(0)
  await visitor.post(`${quiz}/answers`, { number: 1, ...answers }).expect(303)
  expect(await KeptAnswers.count({ person: person._id })).toBe(0)
})

test('an attempt has the same questions in the same order on every page, and the next one others', async () => {
  const pool = Array.from({ length: 12 }, (_, n) =>
    block(`id: p${n}\nkind: single\npool: Trends\nprompt: Pool question ${n}.
choices: [{content: Right ${n}, isCorrect: true, explanation: a}, {content: Wrong ${n}}, {content: Bad ${n}}]`),
  )
  const { person, visitor, quiz, page } = await learner({
    body: pool.join('\n'),
    draw: [{ pool: 'Trends', questions: 5 }],
    shuffle: 'both',
  })
  const shownIn = (html: string) =>
    [...html.matchAll(/Pool question \d+|(?:Right|Wrong|Bad) \d+/g)].map(String)
  const first = await page()
  expect(first).toContain('5 questions')
  expect(first.match(/Pool question/g)).toHaveLength(5)
  expect(shownIn((await (await as(person)).get(quiz)).text)).toEqual(shownIn(first))
  const wrong = [...first.matchAll(/name="(q-p\d+)" value="(\d)">\s*<span[^>]*>Wrong/g)]
  const answers = Object.fromEntries(wrong.map(([, name, value]) => [name!, value!]))
  await visitor.post(`${quiz}/attempts`, { number: 1, ...answers }).expect(303)
  const result = (await visitor.get(`${quiz}/attempts/1`)).text
  expect(shownIn(result)).toEqual(shownIn(first))
  expect(result.match(/Your answer, incorrect/g)).toHaveLength(5)
  expect(shownIn(await page())).not.toEqual(shownIn(first))
})

test('after an attempt, the next one waits as long as the author says', async () => {
  const { person, visitor, quiz, page } = await learner({ cooldown: 4, attempts: 3 })
  const html = await page()
  const wrong = answersTo(html, { 'q-one': '1', 'q-word': 'x', 'q-value': '1' })
  await visitor.post(`${quiz}/attempts`, { number: 1, ...wrong }).expect(303)
  expect(await page()).toContain('You can try again from')
  await visitor.post(`${quiz}/attempts`, { number: 2, ...wrong }).expect(409)
  await visitor.post(`${quiz}/attempts`, { number: 1, ...wrong }).expect(303)
  await Attempts.updateMany({ person: person._id }, { $set: { at: later(now(), -hours(5)) } })
  const open = await page()
  expect(open).toContain('Attempt 2 of 3.')
  await visitor.post(`${quiz}/attempts`, { number: 2, ...answersTo(open) }).expect(303)
})

test('whoever has passed has seen the right answers, so no attempt follows', async () => {
  const { person, visitor, quiz, page } = await learner({ passMark: 50 })
  const answers = answersTo(await page(), { 'q-one': '1' })
  await visitor.post(`${quiz}/attempts`, { number: 1, ...answers }).expect(303)
  await visitor.post(`${quiz}/attempts`, { number: 1, ...answers, 'q-one': '0' }).expect(303)
  await visitor.post(`${quiz}/attempts`, { number: 2, ...answers, 'q-one': '0' }).expect(409)
  expect(await Attempts.find({ person: person._id })).toMatchObject([{ number: 1, correct: 5 }])
})

test('answers are kept for the next attempt only, not for a million others', async () => {
  const { person, visitor, quiz, page } = await learner()
  const answers = { ...answersTo(await page()), 'q-word': '' }
  for (const number of [2, 999_999, 1e300]) {
    await visitor.post(`${quiz}/answers`, { number, ...answers }).expect(409)
    await visitor.post(`${quiz}/attempts`, { number, ...answers }).expect(409)
  }
  await visitor.post(`${quiz}/answers`, { number: 1, ...answers }).expect(303)
  expect(await KeptAnswers.find({ person: person._id })).toMatchObject([{ number: 1 }])
})

test('an attempt of before the kinds is graded and shown as it was', async () => {
  const { person, course, visitor, quiz, page } = await learner({
    body: kinds[0]!,
    passMark: 50,
    credit: 'whole',
  })
  await page()
  await visitor.post(`${quiz}/attempts`, { number: 1, 'q-one': '1' }).expect(303)
  await Attempts.updateOne(
    { person: person._id, course: course.course },
    { $unset: { seed: 1, questions: 1, points: 1, possible: 1 } },
  )
  const { text } = await visitor.get(`${quiz}/attempts/1`).expect(200)
  expect(text).toContain('You scored 0/1. You need 1 to pass.')
  expect(text).toContain('Your answer, incorrect')
})

test('anyone tries every kind for practice in a preview lesson', async () => {
  const course = await make.course({ lesson: n => (n === 1 ? { body: kinds.join('\n') } : {}) })
  const visitor = await anonymous()
  const address = `/courses/${course.slug}/lessons/lesson-1`
  const { text: html } = await visitor.get(address).expect(200)
  expect(html).not.toMatch(/secret/i)
  const answers = answersTo(html)
  for (const id of ['one', 'word', 'value', 'pairs', 'steps', 'rule']) {
    const own = Object.entries(answers).filter(([name]) => name.startsWith(`q-${id}`))
    const query = new URLSearchParams([['question', id], ['partial', '1'], ...own])
    expect((await visitor.get(`${address}/practice?${query}`).expect(200)).text).toContain('Correct.')
    const empty = await visitor.get(`${address}/practice?question=${id}&partial=1`).expect(200)
    expect(empty.text).toMatch(/Choose an answer|Enter an answer|Answer every part/)
  }
  const wrong = await visitor.get(`${address}/practice?question=value&q-value=5`)
  expect(wrong.text).toContain('Not quite.')
  expect(wrong.text).toContain('Correct answer: <bdi>4.6 mm/s</bdi>')
})
