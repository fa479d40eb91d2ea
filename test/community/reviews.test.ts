import type { Published } from '../../src/courses/published'
import { Reviews, ReviewCounts, reviewId } from '../../src/community/review'
import { enrol } from '../../src/learning/enrol'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import { minutes } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let course: Published
let author: Person
let path: string

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-12-01T09:00:00Z')
  author = await make.person({ name: 'Ingrid Solheim', role: 'author' })
})
beforeEach(async () => {
  await Promise.all([Reviews.deleteMany({}), ReviewCounts.deleteMany({})])
  course = await make.course({ title: 'Find the failing pump', lessons: 1 })
  path = `/courses/${course.slug}/reviews`
})
afterAll(() => academy.close())

async function finisher(given: Partial<Person> = {}): Promise<[Person, Visitor]> {
  advance(minutes(1))
  const person = await make.person(given)
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  await visitor.post(`/courses/${course.slug}/lessons/${course.lessons[0]!.slug}/completion`).expect(303)
  await runAllDue()
  return [person, visitor]
}

const read = async (visitor: Visitor, address = path) => (await visitor.get(address).expect(200)).text

test('whoever has completed a course reviews it once, and can change, hide their name and delete', async () => {
  const [ada, visitor] = await finisher({ name: 'Ada Brook' })
  const stranger = await anonymous()
  expect(await read(visitor)).toContain('Review this course')
  const missing = await visitor.post(path, { text: 'Good <b>' }).expect(422)
  expect(missing.text).toContain('Choose how many stars')
  expect(missing.text).toContain('Good &lt;b&gt;</textarea>')
  for (const stars of ['0', '6', 'x']) await visitor.post(path, { stars }).expect(422)

  await visitor.post(path, { stars: '4', text: 'Good <b>' }).expect(303)
  expect(await happened(ada)).toContain('review.written')
  const page = await read(stranger)
  expect(page).toContain('Good &lt;b&gt;')
  expect(page).toContain('Ada Brook')
  expect(page).toContain('1 review')
  expect(page).not.toContain('of 5 from')
  expect(page).not.toContain('<form method="post" action="/courses')

  await visitor.post(path, { stars: '2', text: 'Less good', isNameHidden: 'on' }).expect(303)
  const changed = await read(stranger)
  expect(changed).toContain('Less good')
  expect(changed).not.toContain('Ada Brook')
  expect((await happened(ada)).filter(name => name === 'review.written')).toHaveLength(1)
  expect(await ReviewCounts.findById(course.course)).toMatchObject({ byStars: [0, 1, 0, 0, 0] })

  await visitor.post(`${path}/removal`).expect(303)
  expect(await read(stranger)).toContain('No reviews yet')
  expect(await Reviews.count({})).toBe(0)
})

test('nobody else reviews a course', async () => {
  const learner = await make.person()
  await enrol({ person: learner._id, published: course, paid: false })
  for (const person of [learner, await make.person()]) {
    await (await as(person)).post(path, { stars: '5' }).expect(403)
  }
  await (await anonymous()).post(path, { stars: '5' }).expect(401)
  expect(await Reviews.count({})).toBe(0)
})

test('an average is shown from five reviews on, on the course page and to search engines', async () => {
  const stranger = await anonymous()
  for (const stars of ['5', '4', '4', '5', '3']) {
    expect(await read(stranger)).not.toContain('of 5 from')
    const [, visitor] = await finisher()
    await visitor.post(path, { stars, text: `Stars ${stars}` }).expect(303)
  }
  expect(await read(stranger)).toContain('4.2 of 5 from 5 reviews')
  const lowest = await read(stranger, `${path}?sort=lowest`)
  expect(lowest.indexOf('Stars 3')).toBeLessThan(lowest.indexOf('Stars 5'))
  const coursePage = await read(stranger, `/courses/${course.slug}`)
  expect(coursePage).toContain(`<a href="${path}">4.2 of 5 from 5 reviews</a>`)
  expect(coursePage).toMatch(
    /"aggregateRating":\{"@type":"AggregateRating","ratingValue":4.2,"ratingCount":5/,
  )
})

test("the course's team answers and hides reviews, and nobody else does", async () => {
  const [ada, visitor] = await finisher({ name: 'Ada Brook' })
  await visitor.post(path, { stars: '1', text: 'Rude words' }).expect(303)
  const entry = `${path}/${reviewId(ada._id, course.course)}`
  for (const action of ['answer', 'hiding', 'hiding/removal']) {
    await visitor.post(`${entry}/${action}`, { answer: 'x' }).expect(403)
  }
  const team = await as(author)
  await team.post(`${entry}/answer`, { answer: 'We are sorry' }).expect(303)
  await team.post(`${path}/nobody/answer`, { answer: 'x' }).expect(404)
  const stranger = await anonymous()
  expect(await read(stranger)).toMatch(/Ingrid Solheim[^]*We are sorry/)

  await team.post(`${entry}/hiding`).expect(303)
  expect(await read(stranger)).not.toContain('Rude words')
  expect(await read(stranger)).toContain('No reviews yet')
  expect(await read(team)).toContain('Rude words')
  expect(await read(visitor)).toContain('Your review was hidden')
  await visitor.post(path, { stars: '5' }).expect(409)
  await team.post(`${entry}/hiding/removal`).expect(303)
  expect(await read(stranger)).toContain('Rude words')

  await erasePerson(ada._id)
  await runAllDue()
  expect(await read(stranger)).toContain('No reviews yet')
  expect(await ReviewCounts.findById(course.course)).toMatchObject({ byStars: [0, 0, 0, 0, 0] })
})
