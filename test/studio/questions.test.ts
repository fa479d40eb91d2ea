import { minutes } from '../../src/platform/clock'
import { askQuestion } from '../../src/community/ask-question'
import { Events } from '../../src/events/event'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import type { Published } from '../../src/courses/published'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
let ada: Person
let pumps: Published

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  author = await as(await make.person({ role: 'author' }))
  ada = await make.person({ name: 'Ada Lovelace', email: 'ada+1@lovelace.example' })
  pumps = await make.course({ title: 'Pumps, plainly' })
})
beforeEach(() => Events.deleteMany({ name: 'question.asked' }))
afterAll(() => academy.close())

async function asks(person: Person, text: string, about: Published = pumps): Promise<void> {
  advance(minutes(1))
  await askQuestion({ person: person._id, course: about.course, lesson: about.lessons[0]!, text })
}

const read = async (path = '') => (await author.get(`/studio/questions${path}`).expect(200)).text
const asked = (text: string) =>
  [...text.matchAll(/<th scope="row">\s*<span class="name" dir="auto">([^<]*)/g)].map(row => row[1])

test('an author without questions sees where they come from', async () => {
  const page = await read()
  expect(page).toContain('No questions yet')
  expect(page).not.toContain('<form class="filters"')
})

test('an author reads questions, newest first, and answers them by email', async () => {
  await asks(ada, 'When is a pump\ntoo old? 100 % & more <b>')
  await asks(ada, 'Who calls?')
  const page = await read()
  expect(asked(page)).toEqual(['Who calls?', 'When is a pump\ntoo old? 100 % &amp; more &lt;b&gt;'])
  expect(page).toContain('2 questions. Learners expect an answer by email.')
  expect(page).toContain('Ada Lovelace')
  expect(page).toContain(`href="/studio/courses/${pumps.slug}/lessons/lesson-1"`)
  const links = [...page.matchAll(/href="(mailto:[^"]+)"/g)].map(([, href]) => new URL(href!))
  expect(links.map(({ pathname }) => decodeURIComponent(pathname))).toEqual([ada.email, ada.email])
  expect(links[1]!.searchParams.get('subject')).toBe(
    'Your question: “When is a pump too old? 100 % & more <b>”',
  )
  expect((await author.get('/studio').expect(200)).text).toContain('href="/studio/questions"')
})

test('a long question is shortened in the subject of the email', async () => {
  await asks(ada, 'why '.repeat(250).trim())
  const [, href] = /href="(mailto:[^"]+)"/.exec(await read())!
  const subject = new URL(href!).searchParams.get('subject')!
  expect(subject.length).toBeLessThan(150)
  expect(subject).toMatch(/why…”$/)
})

test('an author filters questions by course', async () => {
  const valves = await make.course({ title: 'Valves' })
  const silent = await make.course({ title: 'Silence' })
  await asks(ada, 'Is it a pump?')
  await asks(ada, 'Is it a valve?', valves)
  const page = await read(`?course=${valves.slug}`)
  expect(asked(page)).toEqual(['Is it a valve?'])
  expect(page).toContain(`<option value="${valves.slug}" selected>`)
  expect(page).toContain('1 question. The learner expects an answer by email.')
  expect(await read(`?course=${silent.slug}`)).toContain('No questions about this course')
  expect(asked(await read('?course=no-such-course&before=nonsense'))).toHaveLength(2)
})

test('every question is on exactly one page, even when many were asked at the same moment', async () => {
  const texts = Array.from({ length: 70 }, (_, n) => `Question ${n}`)
  for (const text of texts)
    await askQuestion({ person: ada._id, course: pumps.course, lesson: pumps.lessons[0]!, text })
  const seen: (string | undefined)[] = []
  let path: string | undefined = `?course=${pumps.slug}`
  for (let pages = 0; path !== undefined; pages++) {
    expect(pages).toBeLessThan(3)
    const page: string = await read(path)
    seen.push(...asked(page))
    path = /href="\/studio\/questions([^"]*)" rel="next"/.exec(page)?.[1]?.replaceAll('&amp;', '&')
  }
  expect(seen.toSorted()).toEqual(texts.toSorted())
})

test('a question about a removed lesson links to its course', async () => {
  const course = { ...pumps, lessons: [{ ...pumps.lessons[0]!, slug: 'old', title: 'The old lesson' }] }
  await asks(ada, 'Where is it?', course)
  const page = await read()
  expect(page).toContain(`<a href="/studio/courses/${pumps.slug}">Pumps, plainly: The old lesson</a>`)
})

test('a learner’s questions are deleted with their account', async () => {
  const grace = await make.person({ name: 'Grace Hopper' })
  await asks(grace, 'Is this a bug?')
  await asks(ada, 'Who calls?')
  await erasePerson(grace._id)
  await runAllDue()
  const page = await read()
  expect(asked(page)).toEqual(['Who calls?'])
  expect(page).toContain('1 question. The learner expects an answer by email.')
})
