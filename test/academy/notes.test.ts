import { Types } from 'mongoose'
import { Courses } from '../../src/courses/course'
import { publishCourse } from '../../src/courses/publish-course'
import { publishedCourse, type Published } from '../../src/courses/published'
import { Events } from '../../src/events/event'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { LessonNotes, noteCaps, notesOn, RemovedNotes, saveNote } from '../../src/learning/lesson-notes'
import { revokeEnrolment } from '../../src/learning/revoke-enrolment'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import { Messages } from '../../src/webhooks/message'
import { now } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { videoLesson } from './video-file'

let academy: Academy
let pumps: Published
let ada: Person
let visitor: Visitor
const body =
  'A pump fails after the number was highest.\n\nRead the **slope** first.\n\nThen open the pump.\n'
const lesson = '/courses/pumps/lessons/lesson-1'

beforeAll(async () => {
  academy = await openAcademy()
  const video = await videoLesson(20)
  const lessonOf = (n: number) => (n === 2 ? { ...video.lesson } : { body })
  pumps = await make.course({ slug: 'pumps', title: 'Pumps', assets: video.assets, lesson: lessonOf })
})
afterAll(() => academy.close())
beforeEach(async () => {
  ada = await make.person()
  await enrol({ person: ada._id, published: pumps, paid: false })
  visitor = await as(ada)
})

const placeOn = (slug: string) => ({ person: ada._id, course: pumps.course, slug: 'pumps', lesson: slug })
const notes = (slug = 'lesson-1') => notesOn(placeOn(slug))
const firstNote = async () => (await notes())[0]!
const plain = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
const quote = {
  exact: 'Read the slope first.',
  prefix: 'after the number was highest.',
  suffix: 'Then open the pump.',
}
const write = (fields: Record<string, unknown>, on = lesson) => visitor.post(`${on}/notes`, fields)

test('a learner writes, changes and deletes a note, and brings it back', async () => {
  await write({ note: 'Slope  first.\r\nThen the level.' }).expect(303).expect('location', `${lesson}#notes`)
  const { id } = await firstNote()
  expect(plain((await visitor.get(lesson)).text)).toContain('Slope first. Then the level.')
  await visitor
    .post(`${lesson}/notes/${id}`, { note: 'Only the slope.', shown: 'notes' })
    .expect('location', '/notes')
  expect(await notes()).toMatchObject([{ id, text: 'Only the slope.', quote: null, second: null }])
  for (const _press of [1, 2]) await visitor.post(`${lesson}/notes/${id}/removal`).expect(303)
  expect(await notes()).toEqual([])
  expect((await visitor.get(lesson)).text).toContain(`action="${lesson}/notes/${id}/restoration"`)
  for (const _press of [1, 2]) await visitor.post(`${lesson}/notes/${id}/restoration`).expect(303)
  expect(await notes()).toMatchObject([{ id, text: 'Only the slope.' }])
  expect(await RemovedNotes.count({ person: ada._id })).toBe(0)
})

test('the same note sent twice is one, and one that saves itself keeps its last words', async () => {
  const occasion = 'a'.repeat(22)
  await Promise.all([write({ note: 'Twice', occasion }), write({ note: 'Twice', occasion })])
  expect(await notes()).toHaveLength(1)
  const id = 'a'.repeat(24)
  const saved = await write({ id, note: 'Slo' }).set('accept', 'application/json').expect(200)
  expect(saved.body).toEqual({ said: 'Note saved.' })
  const list = await write({ id, note: 'Slope', partial: '1' }).expect(200)
  expect(plain(list.text)).toMatch(/Twice.*Slope/)
  expect(list.text).not.toContain('<html')
  expect((await notes()).map(({ text }) => text)).toEqual(['Twice', 'Slope'])
})

test('a note on a second of the recording leads there', async () => {
  const video = lesson.replace('1', '2')
  await write({ note: 'Here', at: '0:12' }, video).expect(303)
  await write({ note: 'After the end', at: '9:59' }, video).expect(303)
  await write({ note: 'When?', at: 'noon' }, video).expect(422)
  // A text has no seconds.
  await write({ note: 'No time', at: '0:12' }).expect(303)
  expect((await notes('lesson-2')).map(({ second }) => second)).toEqual([12, 20])
  expect((await firstNote()).second).toBeNull()
  expect((await visitor.get(video)).text).toMatch(/<a href="\?t=12" data-note-time>0:12<\/a>/)
  expect((await visitor.get('/notes')).text).toContain(`href="${video}?t=12"`)
})

test('a highlight survives edits around it, and is not lost when its passage is', async () => {
  const course = await make.course({ slug: 'valves', lesson: () => ({ body }) })
  await enrol({ person: ada._id, published: course, paid: false })
  const valves = '/courses/valves/lessons/lesson-1'
  await write({ ...quote }, valves).expect(303)
  const page = (await visitor.get(valves)).text
  expect(page).toContain(`href="#:~:text=Read%20the%20slope%20first."`)
  expect(page).not.toContain('This passage')
  const states = {
    [`New words before.\n\n${body}`]: undefined,
    [body.replace('Read the **slope** first.', 'Read the trend first. Then look at the rest.')]:
      'This passage has been edited since.',
    ['Something else.']: 'This passage isn&#39;t in the lesson any more.',
  }
  for (const [changed, said] of Object.entries(states)) {
    const { _id, draftNumber, draft } = (await Courses.findOne({ slug: 'valves' }))!
    const modules = draft.modules.map(each => ({
      ...each,
      lessons: each.lessons.map(one => ({ ...one, body: changed })),
    }))
    await Courses.updateOne({ _id }, { $set: { 'draft.modules': modules }, $inc: { draftNumber: 1 } })
    await publishCourse({ course: _id, by: null, draftNumber: draftNumber + 1 })
    const { revision } = (await publishedCourse('valves'))!
    await Enrolments.updateOne({ _id: enrolmentId(ada._id, _id) }, { $set: { revision } })
    const { text } = await visitor.get(valves).expect(200)
    expect(plain(text)).toContain('Read the slope first.')
    if (said) expect(text).toContain(said)
  }
})

test('a form with nothing, or too much, in it comes back with what was typed', async () => {
  expect((await write({ note: '  ' }).expect(422)).text).toContain('Write something first')
  const long = 'x'.repeat(noteCaps.text + 1)
  expect((await write({ note: long }).expect(422)).text).toContain(long)
  await write({ note: 'Kept' })
  const { id } = await firstNote()
  const refused = await visitor.post(`${lesson}/notes/${id}`, { note: long, shown: 'lesson' }).expect(422)
  expect(refused.text).toContain(long)
  expect(await notes()).toMatchObject([{ text: 'Kept' }])
  await write({ ...quote, exact: 'x'.repeat(noteCaps.quote + 1) }).expect(422)
  await write({ note: 'x', id: 'not an id' }).expect(422)
  for (const wrong of ['nothing', 'b'.repeat(24)]) {
    await visitor.post(`${lesson}/notes/${wrong}`, { note: 'x' }).expect(404)
    await visitor.post(`${lesson}/notes/${wrong}/removal`).expect(404)
    await visitor.post(`${lesson}/notes/${wrong}/restoration`).expect(404)
  }
})

test('a lesson has room for 100 notes, also when they come at once', async () => {
  const idOf = (n: number) => n.toString(16).padStart(24, '0')
  const note = (n: number) => ({ id: idOf(n), text: 'x', quote: null, second: null })
  const place = placeOn('lesson-3')
  const written = Array.from({ length: noteCaps.notes - 1 }, (_, n) => note(n))
  const dated = written.map(each => ({ ...each, createdAt: now(), changedAt: now() }))
  await LessonNotes.create({ ...place, _id: `${ada._id}:${pumps.course}:lesson-3`, notes: dated })
  const sent = await Promise.allSettled([200, 201, 202].map(n => saveNote(place, note(n))))
  expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await notes('lesson-3')).toHaveLength(noteCaps.notes)
  const full = await write({ note: 'One more' }, lesson.replace('1', '3')).expect(422)
  expect(full.text).toContain('You can have 100 notes on a lesson')
  const [large] = [{ ...note(1), text: 'x'.repeat(noteCaps.characters + 1) }]
  await expect(saveNote(placeOn('lesson-1'), large)).rejects.toMatchObject({ status: 422 })
})

test('all notes are on one page, can be searched, and exported in three formats', async () => {
  await write({ note: '=SUM(A1)', ...quote })
  await write({ note: 'Élan vital' }, lesson.replace('1', '3'))
  const page = plain((await visitor.get('/notes').expect(200)).text)
  expect(page).toMatch(/2 notes.*Pumps.*Lesson 1.*Read the slope first\..*=SUM\(A1\).*Lesson 3.*Élan vital/)
  const found = plain((await visitor.get('/notes?q=elan')).text)
  expect(found).toContain('1 note found')
  expect(found).not.toContain('Read the slope')
  expect(plain((await visitor.get('/notes?q=nowhere')).text)).toContain('No note has all of these words')
  const json = (await visitor.get('/notes.json').expect(200)).body as Record<string, string>[]
  const url = expect.stringMatching(/^http.*lesson-1#:~:text=Read%20the%20slope%20first\.$/) as string
  const first = { course: 'Pumps', lesson: 'Lesson 1', passage: quote.exact, note: '=SUM(A1)', time: '', url }
  expect(json).toMatchObject([first, { lesson: 'Lesson 3', note: 'Élan vital', passage: '' }])
  expect((await visitor.get('/notes.csv')).text).toContain(`,Read the slope first.,'=SUM(A1),`)
  const { text } = await visitor.get('/notes.md').expect('content-type', /text\/markdown/)
  expect(text).toMatch(/^# My notes\n\n## Pumps\n\n### Lesson 1\n\n> Read the slope first\.\n\n=SUM/)
})

test('nobody else reads, changes or deletes a note, and no event or message has it', async () => {
  await write({ note: 'My secret thought', ...quote })
  const { id } = await firstNote()
  await runAllDue()
  expect(JSON.stringify(await Events.find({}))).not.toContain('secret thought')
  expect(JSON.stringify(await Messages.find({}))).not.toContain('secret thought')
  for (const role of ['prospect', 'author', 'sales-lead', 'admin'] as const) {
    const other = await make.person({ role })
    await enrol({ person: other._id, published: pumps, paid: false })
    const someone = await as(other)
    await someone.post(`${lesson}/notes/${id}`, { note: 'Mine now' }).expect(404)
    await someone.post(`${lesson}/notes/${id}/removal`).expect(404)
    const pages = [
      lesson,
      '/notes',
      '/notes.md',
      '/notes.json',
      '/account/data.json',
      `/sales/leads/${ada._id}`,
    ]
    pages.push(`/insights/people`, '/admin/people', `/studio/courses/pumps/lessons/lesson-1`)
    for (const page of pages) expect((await someone.get(page)).text).not.toContain('secret thought')
  }
  await (await anonymous()).post(`${lesson}/notes`, { note: 'x' }).expect(401)
  const stranger = await as(await make.person())
  await stranger.post(`${lesson}/notes`, { note: 'x' }).expect(403)
  expect(await notes()).toMatchObject([{ text: 'My secret thought' }])
})

test('notes on a lesson that is closed stay, without a link, and can be deleted', async () => {
  await write({ note: 'Still mine' })
  await revokeEnrolment(ada._id, pumps.course)
  await write({ note: 'x' }).expect(403)
  const { text } = await visitor.get('/notes').expect(200)
  expect(text).toContain('Still mine')
  expect(text).not.toContain(`href="${lesson}"`)
  const { id } = await firstNote()
  await visitor.post(`${lesson}/notes/${id}/removal`, { shown: 'notes' }).expect('location', '/notes')
  // A lesson that they never saw has no name here.
  const place = { ...placeOn('hidden-lesson'), course: new Types.ObjectId(), slug: 'hidden-course' }
  await saveNote(place, { id, text: 'Lost', quote: null, second: null })
  const page = plain((await visitor.get('/notes')).text)
  expect(page).toMatch(/A course that&#39;s no longer available to you.*Lost/)
  expect(page).not.toContain('hidden-')
})

test('thousands of notes come in pages, which a refused one and a search keep to', async () => {
  const note = (n: number) => ({
    ...{ id: String(n).padStart(24, '0'), text: `Note ${n}.`, quote: null, second: null },
    ...{ createdAt: now(), changedAt: now() },
  })
  for (const [slug, first] of [
    ['lesson-1', 0],
    ['lesson-2', 100],
    ['lesson-3', 200],
  ] as const) {
    const all = Array.from({ length: 100 }, (_, n) => note(first + n))
    await LessonNotes.insertOnce({ _id: `${ada._id}:${slug}`, ...placeOn(slug), notes: all, changes: 1 })
  }
  const open = async (query: string) => (await visitor.get(`/notes${query}`).expect(200)).text
  const [first, second] = [await open(''), await open('?page=2')]
  expect(first.match(/Note \d+\.</g)!.length).toBe(second.match(/Note \d+\.</g)!.length * 2)
  for (const [html, has, hasNot] of [
    [first, [0, 199], [200]],
    [second, [200, 299], [199]],
    [await open('?page=9999'), [299], [199]],
    [await open('?page=-1&page=x'), [0], [200]],
  ] as const) {
    for (const n of has) expect(html).toContain(`Note ${n}.`)
    for (const n of hasNot) expect(html).not.toContain(`Note ${n}.`)
  }
  expect(first).toContain('href="/notes?page=2">More notes')
  expect(second).toContain('href="/notes?page=1">Notes before these')
  expect(await open('?q=note')).toContain('href="/notes?q=note&amp;page=2"')
  expect(plain(await open('?q=250'))).not.toContain('Page 1')
  const on = '/courses/pumps/lessons/lesson-3/notes'
  const refused = await visitor
    .post(`${on}/${note(250).id}`, { note: 'x'.repeat(4001), shown: 'notes' })
    .expect(422)
  expect(refused.text).toContain('Page 2 of 2')
  expect(refused.text).toContain('x'.repeat(4001))
})

test('notes are in the export of a person, and erased with them', async () => {
  await write({ note: 'First' })
  await write({ note: 'Second' })
  const [, second] = await notes()
  await visitor.post(`${lesson}/notes/${second!.id}/removal`)
  const data = (await visitor.get('/account/data.json').expect(200)).body as Record<string, unknown>
  expect(data.notes).toMatchObject([{ lesson: 'lesson-1', notes: [{ text: 'First' }] }])
  expect(data.removedNotes).toMatchObject([{ note: { text: 'Second' } }])
  await erasePerson(ada._id)
  await runAllDue()
  expect(await LessonNotes.count({ person: ada._id })).toBe(0)
  expect(await RemovedNotes.count({ person: ada._id })).toBe(0)
})
