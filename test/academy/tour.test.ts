import { seconds } from '../../src/platform/clock'
import { Events } from '../../src/events/event'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(() => jest.restoreAllMocks())

const step = (id: string, rest = '') => `\`\`\`tour
id: ${id}
title: The ${id}
reason: Because of ${id}.
image: assets/a.png
alt: A screen with a ${id}
action: Press the ${id}
caption: Then it turns green.
${rest}\`\`\`
`
const spot = (label: string, next = '') =>
  `  - {x: 10, y: 20, width: 30, height: 5, label: ${label}${next && `, next: ${next}`}}\n`

/** Two ways from the first step: through `fix` and `check`, or straight to `check`. */
const body = [
  step('start', `spots:\n${spot('Fix', 'fix')}${spot('Skip', 'check')}`),
  step('fix', `spots:\n${spot('Save')}`),
  step('check'),
].join('\n')

/** A learner who has just opened a tour. */
async function explorer() {
  const asset = {
    path: 'assets/a.png',
    type: 'image/png',
    size: 1,
    hash: 'a'.repeat(64),
    width: 928,
    height: 580,
  }
  const person = await make.person()
  const course = await make.course({
    assets: [asset],
    lesson: n =>
      n === 1 ? { kind: 'tour', completion: 'explore', software: 'Panel 7, software 4.2', body } : {},
  })
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  const path = `/courses/${course.slug}/lessons/lesson-1`
  const open = async () => {
    const { text } = await visitor.get(path).expect(200)
    const [, shown] = /data-shown="([^"]+)"/.exec(text)!
    const [, counted] = /data-counted="([^"]+)"/.exec(text)!
    return { html: text, page: { shown, counted } }
  }
  const { html, page } = await open()
  const report = (steps: string, from: object = page) => visitor.post(`${path}/progress`, { steps, ...from })
  const progress = async () =>
    (await Enrolments.findById(enrolmentId(person._id, course.course)))!.lessons['lesson-1']!
  return { person, course, visitor, path, html, page, open, report, progress }
}

test('a learner finishes a tour by seeing each step of one way through it for two seconds', async () => {
  const { person, visitor, path, report, progress } = await explorer()
  advance(seconds(3))
  const { body: first } = await report('start:2.5').expect(200)
  expect(first).toMatchObject({
    done: false,
    played: "You've seen 1 of 3 steps.",
    tour: { seen: ['start'], label: '1 of 3 steps seen' },
  })
  await visitor.post(`${path}/completion`).expect(409)
  advance(seconds(1.5))
  await report('check:1.5').expect(200)
  expect((await progress()).completedAt).toBeUndefined()
  advance(seconds(2))
  const { body: last } = await report('check:2').expect(200)
  expect(last).toMatchObject({ done: true, played: "You've seen 2 of 3 steps." })
  expect((await happened(person)).filter(name => name === 'lesson.completed')).toHaveLength(1)
  const event = await Events.findOne({ person: person._id, name: 'lesson.completed' })
  expect(event!.data).toMatchObject({ kind: 'tour', seconds: 6, steps: { seen: 2, total: 3 } })
})

test('a client that claims more seconds than have passed sees no more steps than fit into those', async () => {
  const { report, progress } = await explorer()
  await report('start:2,fix:2,check:2').expect(200)
  expect((await progress()).steps).toEqual([])
  advance(seconds(3))
  for (let n = 0; n < 30; n++) await report('start:2,fix:2,check:2').expect(200)
  expect(await progress()).toMatchObject({ steps: ['start'], seconds: 3 })
})

test('a second tab, and a page that was opened again, share the time with the first one', async () => {
  const { report, open, progress } = await explorer()
  const other = await open()
  advance(seconds(4))
  await report('start:4').expect(200)
  await report('fix:4', other.page).expect(200)
  expect((await progress()).steps).toEqual(['start'])
  const later = await open()
  await report('fix:3', later.page).expect(200)
  expect((await progress()).steps).toEqual(['start'])
  advance(seconds(3))
  await report('fix:3', later.page).expect(200)
  expect((await progress()).steps).toEqual(['start', 'fix'])
})

test('without the time of the page, with that of another lesson, or for other steps, nothing is seen', async () => {
  const { report, page, progress } = await explorer()
  advance(seconds(60))
  await report('start:3', {}).expect(200)
  await report('start:3', { ...page, counted: '-50' }).expect(200)
  await report('start:3', { ...page, shown: `${page.shown}x` }).expect(200)
  await report('nowhere:3,:3').expect(200)
  for (const steps of ['start', 'start:-1', 'start:x', 'a:1:2']) await report(steps).expect(422)
  expect((await progress()).steps).toEqual([])
})

test('the page of a tour lists its steps with pictures, captions and what to press, in this order', async () => {
  const { html, report, open } = await explorer()
  expect(html).toContain('Product tour, 3 steps')
  expect(html).toContain('Screens of Panel 7, software 4.2.')
  const order = ['alt="A screen with a fix"', 'Press the fix', 'aria-label="Save"'].map(text =>
    html.indexOf(text),
  )
  expect(order).toEqual([...order].sort((a, b) => a - b))
  expect(order).not.toContain(-1)
  // The spot is drawn into the picture, in its pixels.
  expect(html).toContain('<rect x="92.8" y="116" width="278.4" height="29"')
  expect(html).toContain('href="#step-3"')
  expect(html).not.toContain('```')
  advance(seconds(3))
  await report('start:3').expect(200)
  const again = (await open()).html
  expect(again).toContain('data-for="start" class="is-seen"')
  expect(again).not.toContain('data-for="fix" class="is-seen"')
})

test('the course page says which lesson is on the real screen, until it is done', async () => {
  const { visitor, course, report } = await explorer()
  const { text } = await visitor.get(`/courses/${course.slug}`).expect(200)
  expect(text.match(/On the real screen/g)).toHaveLength(1)
  advance(seconds(5))
  await report('start:2,check:2').expect(200)
  expect((await visitor.get(`/courses/${course.slug}`)).text).not.toContain('On the real screen')
})

test('a visitor may click through a tour that is a free preview, and nothing is recorded', async () => {
  const { path } = await explorer()
  const { text } = await (await anonymous()).get(path).expect(200)
  expect(text).toContain('data-tour')
  expect(text).not.toContain('data-shown')
})
