import { days, minutes } from '../../src/platform/clock'
import { Types } from 'mongoose'
import { askQuestion } from '../../src/community/ask-question'
import { splitQuestion, Threads } from '../../src/community/thread'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import type { Published } from '../../src/courses/published'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { withdrawCourse } from '../../src/courses/withdraw-course'

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
beforeEach(() => Threads.deleteMany({}))
afterAll(() => academy.close())

async function asks(person: Person, text: string, about: Published = pumps): Promise<void> {
  advance(minutes(1))
  await ask(person, text, about)
}

async function ask(person: Person, text: string, { course, lessons }: Published = pumps): Promise<void> {
  const { slug: lesson, title } = lessons[0]!
  const _id = new Types.ObjectId()
  const question = { _id, person: person._id, course, lesson, second: null, isNameHidden: false }
  await askQuestion({ ...question, ...splitQuestion(text) }, title)
}

const read = async (path = '') => (await author.get(`/studio/questions${path}`).expect(200)).text
const asked = (text: string) =>
  [...text.matchAll(/<th scope="row">\s*<span class="name" dir="auto">([^<]*)/g)].map(row => row[1])

test('an author without questions sees where they come from', async () => {
  const page = await read()
  expect(page).toContain('No questions yet')
  expect(page).not.toContain('<form class="filters"')
})

test('an author reads questions, newest first, and opens one to answer it', async () => {
  await asks(ada, 'When is a pump\ntoo old? 100 % & more <b>')
  await asks(ada, 'Who calls?')
  const page = await read()
  expect(asked(page)).toEqual(['Who calls?', 'When is a pump'])
  expect(page).toContain('too old? 100 % &amp; more &lt;b&gt;')
  expect(page).toContain('2 questions.')
  expect(page).toContain('Ada Lovelace')
  expect(page).toContain(`href="/studio/courses/${pumps.slug}/lessons/lesson-1"`)
  const links = [...page.matchAll(new RegExp(`href="(/courses/${pumps.slug}/questions/[0-9a-f]+)"`, 'g'))]
  expect(links).toHaveLength(2)
  expect((await author.get(links[0]![1]!).expect(200)).text).toContain('<h1 dir="auto">Who calls?</h1>')
  expect((await author.get('/studio').expect(200)).text).toContain('href="/studio/questions"')
})

test('an author sees those without an answer, the oldest first', async () => {
  await asks(ada, 'First?')
  await asks(ada, 'Second?')
  await asks(ada, 'Third?')
  await Threads.updateOne({ title: 'Second?' }, { $set: { answers: 1 } })
  const page = await read('?show=unanswered')
  expect(asked(page)).toEqual(['First?', 'Third?'])
  expect(page).toContain('Unanswered 2')
})

test('a question about a course that is not published is answered by email', async () => {
  const draft = await make.course({ title: 'Gone course' })
  await asks(ada, 'When is a pump too old? 100 % & more <b>', draft)
  await withdrawCourse({ course: draft.course, by: ada._id })
  const [, href] = /href="(mailto:[^"]+)"/.exec(await read())!
  const link = new URL(href!)
  expect(decodeURIComponent(link.pathname)).toBe(ada.email)
  expect(link.searchParams.get('subject')).toBe('Your question: “When is a pump too old? 100 % & more <b>”')
})

test('an author filters questions by course', async () => {
  const valves = await make.course({ title: 'Valves' })
  const silent = await make.course({ title: 'Silence' })
  await asks(ada, 'Is it a pump?')
  await asks(ada, 'Is it a valve?', valves)
  const page = await read(`?course=${valves.slug}`)
  expect(asked(page)).toEqual(['Is it a valve?'])
  expect(page).toContain(`<option value="${valves.slug}" selected>`)
  expect(page).toContain('1 question.')
  expect(await read(`?course=${silent.slug}`)).toContain('No questions about this course')
  expect(asked(await read('?course=no-such-course&before=nonsense'))).toHaveLength(2)
})

test('every question is on exactly one page, even when many were asked at the same moment', async () => {
  const texts = Array.from({ length: 70 }, (_, n) => `Question ${n}`)
  for (const [n, text] of texts.entries()) {
    if (n % 20 === 0) advance(days(2))
    await ask(ada, text)
  }
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
  expect(page).toContain(`<a href="/studio/courses/${pumps.slug}">Pumps, plainly</a>`)
})

test('a learner’s questions are deleted with their account', async () => {
  const grace = await make.person({ name: 'Grace Hopper' })
  await asks(grace, 'Is this a bug?')
  await asks(ada, 'Who calls?')
  await erasePerson(grace._id)
  await runAllDue()
  const page = await read()
  expect(asked(page)).toEqual(['Who calls?'])
  expect(page).toContain('1 question.')
})
