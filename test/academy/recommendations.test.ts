import { enrol } from '../../src/learning/enrol'
import { Certificates } from '../../src/learning/certificate'
import { Enrolments, enrolmentId, readEnrolment } from '../../src/learning/enrolment'
import { completeLesson } from '../../src/learning/complete-lesson'
import { finishedTogether } from '../../src/learning/finished-together'
import type { Published } from '../../src/courses/published'
import type { Person } from '../../src/people/person'
import { now } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
const courses: Record<string, Published> = {}
beforeAll(async () => {
  academy = await openAcademy()
  const titles = [
    'Alarms',
    'Bearings',
    'Cables',
    'Drives',
    'Energy',
    'Filters',
    'Gauges',
    'Hoses',
    'Inlets',
    'Joints',
  ]
  for (const title of titles) {
    const slug = title.toLowerCase()
    const authors = [{ name: title === 'Drives' ? 'Mei Lindqvist' : 'Ines Halvorsen', role: '' }]
    const own = title === 'Drives' ? { language: 'de' } : {}
    const related = title === 'Alarms' ? ['cables'] : []
    courses[slug] = await make.course({ ...own, slug, title, authors, related, lessons: 2, topic: 'sales' })
  }
  await make.path({
    ...{ slug: 'first', title: 'First steps', audience: 'Sales', summary: 'Begin.' },
    courses: ['alarms', 'bearings'],
  })
}, 60_000)
afterAll(() => academy.close())

const begin = (person: Person, slug: string) =>
  enrol({ person: person._id, published: courses[slug]!, paid: false })
async function finish(person: Person, slug: string) {
  await begin(person, slug)
  for (const lesson of courses[slug]!.lessons) {
    const enrolment = await readEnrolment(enrolmentId(person._id, courses[slug]!.course))
    await completeLesson(enrolment!, lesson)
  }
  await runAllDue()
}
const read = async (person: Person, path: string) => (await (await as(person)).get(path).expect(200)).text
const slugs = (html: string) =>
  [...html.matchAll(/<h3[^>]*>\s*<a href="\/courses\/([a-z-]+)">/g)].map(match => match[1])
const plain = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

test('a large catalogue begins with what a learner has begun, then says what is recommended and why', async () => {
  const ada = await make.person()
  await begin(ada, 'joints')
  await finish(ada, 'alarms')
  const page = await read(ada, '/courses')
  expect([...page.matchAll(/class="course-group">([^<]+)</g)].map(([, title]) => title)).toEqual([
    'Continue',
    'Recommended for you',
    'All other courses',
  ])
  expect(slugs(page).slice(0, 3)).toEqual(['joints', 'bearings', 'cables'])
  expect(slugs(page).at(-1)).toBe('alarms')
  expect(page).toContain('Next in First steps')
  expect(page).toContain('Goes with “Alarms”')
  expect(page).toContain('aria-label="0 of 2 lessons done"')
  expect(plain(page)).toContain('Completed Certificate')
  const visitor = (await (await anonymous()).get('/courses')).text
  expect(visitor).not.toContain('course-reason')
  expect(visitor).not.toContain('class="strip"')
})

test('what people finished together is told from five people on, and never names them', async () => {
  const others = await Promise.all(Array.from({ length: 5 }, () => make.person()))
  const record = async (person: Person, slug: string) =>
    Enrolments.create({
      _id: enrolmentId(person._id, courses[slug]!.course),
      person: person._id,
      course: courses[slug]!.course,
      slug,
      revision: courses[slug]!.revision,
      startedAt: now(),
      lastActivityAt: now(),
      lastLesson: null,
      completedAt: now(),
    })
  for (const person of others) await record(person, 'energy')
  for (const person of others.slice(0, 4)) await record(person, 'hoses')
  finishedTogether.forget()
  const ada = await make.person()
  await record(ada, 'energy')
  expect(await read(ada, '/courses')).not.toContain('also completed')
  await record(others[4]!, 'hoses')
  finishedTogether.forget()
  const page = await read(ada, '/courses')
  expect(page).toContain('5 people who completed “Energy” also completed this')
  expect(slugs(page)[0]).toBe('hoses')
  for (const { name } of others) expect(page).not.toContain(name)
})

test('after a course, My learning and the certificate say what to take next, and only to its owner', async () => {
  const ada = await make.person({ name: 'Ada Lovelace' })
  await finish(ada, 'alarms')
  const [certificate] = await Certificates.find({ person: ada._id })
  const path = `/certificates/${certificate!._id}`
  expect(plain(await read(ada, path))).toMatch(/What to take next .*Bearings Next in First steps/)
  expect(await read(await make.person(), path)).not.toContain('What to take next')
  const learning = plain(await read(ada, '/learning'))
  expect(learning).toContain('Welcome back, Ada')
  expect(learning).toContain('Your path: First steps 2 of 4 lessons, 10 min left')
  expect(learning).toMatch(/Recommended for you .*Cables Goes with “Alarms”/)
  // The next course of the path is on the page already.
  expect(learning).not.toContain('Next in First steps')
})

test('My learning leads back to the lesson that was open', async () => {
  const ada = await make.person()
  await begin(ada, 'gauges')
  await (await as(ada)).get('/courses/gauges/lessons/lesson-1').expect(200)
  const page = await read(ada, '/learning')
  expect(page).toMatch(
    /class="button button-main" href="\/courses\/gauges\/lessons\/lesson-1">Continue \(5 min left\)/,
  )
  expect(plain(page)).toContain('Lesson 1 of 2 · last opened today')
})

test('a path shows how far a learner is in each of its courses', async () => {
  const ada = await make.person()
  await finish(ada, 'alarms')
  const page = await read(ada, '/paths/first')
  expect(page).toContain('1 of 2 courses completed')
  expect(page).toContain('aria-label="2 of 2 lessons done"')
  expect(page).toContain('Continue: Bearings')
})

test('filters show only what leads to something, and each can be taken away again', async () => {
  const visitor = await anonymous()
  const page = (await visitor.get('/courses?language=de').expect(200)).text
  expect(slugs(page)).toEqual(['drives'])
  expect(page).toMatch(/value="de" checked>\s*<span>German<\/span>\s*<span class="count">1</)
  expect(page).not.toContain('value="Ines Halvorsen"')
  expect(page).toMatch(/class="chip" href="\/courses" aria-label="Remove filter: German"/)
  const both = (await visitor.get('/courses?language=de&instructor=Ines+Halvorsen').expect(200)).text
  expect(both).toContain('No matching courses')
  expect(both).toMatch(/href="\/courses\?language=de">Without “Ines Halvorsen”: 1 course</)
  expect(both).toMatch(/href="\/courses\?instructor=Ines\+Halvorsen">Without “German”: 9 courses</)
  const odd = (
    await visitor.get('/courses?language=x%22%3E&instructor=nobody&format=constructor').expect(200)
  ).text
  expect(odd).not.toContain('value="x">')
})

test('the catalogue is sorted by title, length or date, and filters keep the order', async () => {
  const visitor = await anonymous()
  const page = (await visitor.get('/courses?sort=title&language=en').expect(200)).text
  expect(slugs(page).slice(0, 3)).toEqual(['alarms', 'bearings', 'cables'])
  expect(page).toMatch(/<option value="title" selected>Title/)
  expect(page).toContain('<input type="hidden" name="sort" value="title">')
  expect(page).toContain('<input type="hidden" name="language" value="en">')
  expect(slugs((await visitor.get('/courses?sort=newest')).text)[0]).toBe('joints')
  expect(slugs((await visitor.get('/courses?sort=nonsense')).text)).toHaveLength(10)
})

test('a catalogue with more than 48 courses has pages', async () => {
  for (let n = 0; n < 40; n++) await make.course({ slug: `more-${n}`, title: `More ${n}`, lessons: 1 })
  const visitor = await anonymous()
  const first = (await visitor.get('/courses').expect(200)).text
  expect(plain(first)).toContain('Page 1 of 2')
  expect(first.match(/class="course-item"/g)).toHaveLength(48)
  const second = (await visitor.get('/courses?page=2').expect(200)).text
  expect(second.match(/class="course-item"/g)).toHaveLength(2)
  expect(second).toContain('href="/courses" rel="prev"')
  for (const odd of ['0', '-1', '99999', 'x', '2&page=3'])
    await visitor.get(`/courses?page=${odd}`).expect(200)
}, 60_000)
