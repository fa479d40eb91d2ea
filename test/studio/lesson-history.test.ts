import { changeDraft } from '../../src/courses/change-draft'
import { Courses } from '../../src/courses/course'
import { changeLesson, lessonNamed } from '../../src/courses/outline'
import { restoreLesson } from '../../src/courses/restore-lesson'
import { excessPoints, savedPointCaps, SavedPoints } from '../../src/courses/saved-point'
import { days, minutes, now, setClock } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

/* What a lesson was before it was changed: kept while people write, compared, and restored. */

let academy: Academy
let anna: Visitor
let ben: Visitor
let people: Record<'anna' | 'ben', Awaited<ReturnType<typeof make.person>>>
beforeAll(async () => {
  academy = await openAcademy()
  people = {
    anna: await make.person({ role: 'author', name: 'Anna Kern' }),
    ben: await make.person({ role: 'author', name: 'Ben Ode' }),
  }
  ;[anna, ben] = await Promise.all([as(people.anna), as(people.ben)])
})
afterEach(() => setClock())
afterAll(() => academy.close())

async function aLesson() {
  const { slug, course } = await make.course({ lessons: 2 })
  const url = `/studio/courses/${slug}/lessons/lesson-1`
  const body = async () => lessonNamed((await Courses.findById(course))!.draft, 'lesson-1')!.body
  const points = () => SavedPoints.find({ course, lesson: 'lesson-1' }).sort({ draftNumber: 1 })
  return { slug, course, url, body, points }
}

async function save(visitor: Visitor, url: string, body: string) {
  const page = await visitor.get(url).expect(200)
  const baseVersion = /name="baseVersion" value="([^"]+)"/.exec(page.text)![1]
  await visitor.post(url, { baseVersion, title: 'Lesson 1', body }).expect(303)
}

test('saves of one person within minutes keep what the lesson was before the first of them', async () => {
  const { url, points } = await aLesson()
  const start = now().getTime()
  setClock(() => start)
  for (const body of ['One.\n', 'Two.\n', 'Three.\n']) await save(anna, url, body)
  expect((await points()).map(({ content }) => content.body)).toEqual(['The text of lesson 1.\n'])
  setClock(() => start + minutes(11))
  await save(anna, url, 'Four.\n')
  await save(ben, url, 'Five.\n')
  expect((await points()).map(({ content }) => content.body)).toEqual([
    'The text of lesson 1.\n',
    'Three.\n',
    'Four.\n',
  ])
})

test('a save of one lesson keeps nothing of the others', async () => {
  const { url, course } = await aLesson()
  await save(anna, url, 'One.\n')
  expect(await SavedPoints.count({ course, lesson: 'lesson-2' })).toBe(0)
})

test('an author who comes back the next day compares, restores, and undoes that', async () => {
  const { url, body } = await aLesson()
  await save(anna, url, 'What Anna wrote.\n')
  setClock(() => Date.UTC(2030, 0, 1))
  const history = await anna.get(`${url}/history?saved=last`).expect(200)
  expect(history.text).toContain('Anna Kern changed it then')
  expect(history.text).toMatch(/<del>[\s\S]*The text of lesson 1\.<\/del>/)
  const action = /action="([^"]+\/restoration)"/.exec(history.text)![1]!
  await anna.post(action).expect(303)
  expect(await body()).toBe('The text of lesson 1.\n')
  const page = await anna.get(url).expect(200)
  expect(page.text).toContain('The lesson is what it was.')
  const undo = /action="([^"]+\/restoration)"/.exec(page.text)![1]!
  expect(undo).not.toBe(action)
  await anna.post(undo).expect(303)
  expect(await body()).toBe('What Anna wrote.\n')
})

test('a restoration minutes after a save keeps what that save wrote', async () => {
  const { url, course, body } = await aLesson()
  await save(anna, url, 'One.\n')
  await save(anna, url, 'Two.\n')
  const { draftNumber } = (await SavedPoints.findOne({ course }))!
  const where = { course, lesson: 'lesson-1' }
  const by = { by: people.anna._id, mayRestrict: true }
  const { undo } = await restoreLesson(where, draftNumber, by)
  await restoreLesson(where, undo!, by)
  expect(await body()).toBe('Two.\n')
  expect((await restoreLesson(where, undo!, by)).undo).toBeNull()
})

test('the history lists what was published beside what was saved, and compares with the version first', async () => {
  const { url } = await aLesson()
  await save(anna, url, 'One.\n')
  const page = await anna.get(`${url}/history`).expect(200)
  expect(page.text).toContain('Changes since version 1')
  expect(page.text).toMatch(/history\?saved=\d+/)
  expect(page.text).toContain('history?version=1')
})

test('a sentence that was reworded is shown once, with the words that went and came', async () => {
  const { url } = await aLesson()
  const sentence = 'A limit that rings twice a night is switched off within a'
  await save(anna, url, `${sentence} week, and <b>.\n`)
  setClock(() => Date.UTC(2030, 0, 1))
  await save(anna, url, `${sentence} month, and <b>.\n`)
  const page = await anna.get(`${url}/history?saved=last`).expect(200)
  expect(page.text).toContain(`${sentence} <del>week</del><ins>month</ins>, and &lt;b&gt;.`)
})

test('a lesson that was never published or changed says when its history begins', async () => {
  const { url } = await aLesson()
  const slug = /courses\/([^/]+)/.exec(url)![1]
  await anna.post(`/studio/courses/${slug}/lessons`, { title: 'Fresh', kind: 'text', module: '01-all' })
  const page = await anna.get(`/studio/courses/${slug}/lessons/fresh/history`).expect(200)
  expect(page.text).toContain('Nothing has been changed or published yet.')
})

test('a point of another lesson, or one that never was, isn’t found', async () => {
  const { url } = await aLesson()
  await save(anna, url, 'One.\n')
  for (const point of ['99', '-1', 'last', '1e3']) {
    await anna.post(`${url}/history/${point}/restoration`).expect(404)
  }
  await anna.get(`${url}/history?saved=99`).expect(404)
  const reviewer = await as(await make.person({ role: 'reviewer' }))
  const history = await reviewer.get(`${url}/history?saved=last`).expect(200)
  expect(history.text).not.toContain('/restoration')
})

test('a day keeps one point after it, and a lesson no more than its caps', () => {
  const at = new Date('2026-06-01T12:00:00Z')
  const before = (age: number, size = 10) => ({ changedAt: new Date(at.getTime() - age), size })
  const today = [1, 2, 3].map(n => before(minutes(20 * n)))
  const [newest, older] = [before(days(2) + minutes(1)), before(days(2) + minutes(30))]
  expect(excessPoints([...today, newest, older], at)).toEqual([older])
  const many = Array.from({ length: savedPointCaps.points + 3 }, (_, n) => before(minutes(n)))
  expect(excessPoints(many, at)).toEqual(many.slice(-3))
  const huge = [1, 2, 3].map(n => before(minutes(n), savedPointCaps.characters))
  expect(excessPoints(huge, at)).toEqual(huge.slice(1))
})

test('what is kept of a lesson that is changed for weeks stays few, and expires', async () => {
  const { course, points } = await aLesson()
  for (let day = 0; day < 4; day++) {
    for (const hour of [9, 10, 11]) {
      setClock(() => Date.UTC(2030, 0, 1 + day, hour))
      await changeDraft(course, content => changeLesson(content, 'lesson-1', { body: `${day} ${hour}.\n` }))
    }
  }
  const kept = await points()
  expect(kept.length).toBeLessThanOrEqual(3 + 3 + 2)
  expect(kept.every(point => point.expiresAt.getTime() - point.changedAt.getTime() === days(30))).toBe(true)
})
