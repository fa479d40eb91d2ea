import { AuditEntries } from '../../src/events/audit'
import { Paths } from '../../src/courses/path'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
let reviewer: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author', name: 'Ines Halvorsen' }))
  reviewer = await as(await make.person({ role: 'reviewer' }))
  const minutes = (each: number) => ({ lessons: 1, lesson: () => ({ minutes: each }) })
  await make.course({
    slug: 'pumps',
    title: 'Pumps',
    ...minutes(40),
    price: { amount: 24_000, currency: 'EUR' },
  })
  await make.course({
    slug: 'valves',
    title: 'Valves',
    ...minutes(50),
    price: { amount: 9_000, currency: 'GBP' },
  })
  await make.course({ slug: 'seals', title: 'Seals', ...minutes(30) })
  await author.post('/studio/courses', { title: 'Unfinished' }).expect(303)
})
afterAll(() => academy.close())

const path = '/studio/paths/first-week'
const draftNumber = async () => (await Paths.read('first-week'))!.draftNumber
const fields = { title: 'First week', summary: 'What to do first.', audience: 'Installers' }
const save = async (more: Record<string, unknown>) =>
  author.post(path, { ...fields, draftNumber: await draftNumber(), ...more })
const coursesOf = async () => (await Paths.read('first-week'))!.draft.courses

test('an author builds a path, and prospects see it once it is published, with its time and price', async () => {
  const made = await author.post('/studio/paths', { title: 'First week' }).expect(303)
  expect(made.headers.location).toBe(path)
  for (const add of ['pumps', 'valves', 'unfinished']) {
    await save({ courses: await coursesOf(), add }).then(({ status }) => expect(status).toBe(303))
  }
  const page = (await author.get(path).expect(200)).text
  expect(page).toContain('2 courses, 1 h 30 min, €240 + £90')
  expect(page).toMatch(/Unfinished<[^]*Not published/)
  await (await anonymous()).get('/paths/first-week').expect(404)
  const courses = await coursesOf()
  await author
    .post(`${path}/publication`, { ...fields, courses, draftNumber: await draftNumber() })
    .expect(303)
  const shown = (await (await anonymous()).get('/paths/first-week').expect(200)).text
  expect(shown).toContain('1 h 30 min · €240 + £90')
  expect(shown).not.toContain('Unfinished')
  expect(shown).toMatch(/lesson-name">\s*<a href="\/courses\/pumps\/lessons\/lesson-1"/)
  const list = (await (await anonymous()).get('/paths').expect(200)).text
  expect(list).toContain('For installers · 2 courses · 1 h 30 min · €240 + £90')
})

test('a button moves or removes a course, and saves what was typed with it', async () => {
  const courses = await coursesOf()
  await save({ courses, change: 'up:valves', title: 'First days' })
  expect(await coursesOf()).toEqual(['valves', 'pumps', 'unfinished'])
  expect((await Paths.read('first-week'))!.draft.title).toBe('First days')
  await save({ courses: await coursesOf(), change: 'down:pumps' })
  await save({ courses: await coursesOf(), change: 'remove:unfinished' })
  expect(await coursesOf()).toEqual(['valves', 'pumps'])
  await save({ courses: await coursesOf(), change: 'up:valves' })
  expect(await coursesOf()).toEqual(['valves', 'pumps'])
  const shown = (await (await anonymous()).get('/paths/first-week').expect(200)).text
  expect(shown).toContain('<h1>First week</h1>')
})

test('an author who saves over a newer draft is told, and keeps what was typed', async () => {
  const late = await author.post(path, { ...fields, title: 'Mine', courses: ['seals'], draftNumber: 1 })
  expect(late.status).toBe(409)
  expect(late.text).toContain('Someone else has changed this path')
  expect(late.text).toContain('value="Mine"')
  expect(late.text).toMatch(/name="courses" value="seals"/)
  const [, current] = /name="draftNumber" value="(\d+)"[^]*value="Mine"/.exec(late.text)!
  await author.post(path, { ...fields, title: 'Mine', courses: ['seals'], draftNumber: current }).expect(303)
  expect(await coursesOf()).toEqual(['seals'])
})

test('an earlier version becomes the draft again', async () => {
  expect((await author.get(`${path}/versions`).expect(200)).text).toMatch(/Version 1[^]*Ines Halvorsen/)
  await author.post(`${path}/versions/1/restoration`, { draftNumber: await draftNumber() }).expect(303)
  expect(await coursesOf()).toEqual(['pumps', 'valves', 'unfinished'])
})

test('publishing a path takes what was typed with it, and the course that was chosen', async () => {
  const typed = { ...fields, summary: 'Typed and not saved.', courses: ['pumps'], add: 'seals' }
  await author.post(`${path}/publication`, { ...typed, draftNumber: await draftNumber() }).expect(303)
  const shown = (await (await anonymous()).get('/paths/first-week').expect(200)).text
  for (const text of ['Typed and not saved.', 'Pumps', 'Seals']) expect(shown).toContain(text)
  const untitled = { ...typed, title: ' ', draftNumber: await draftNumber() }
  expect((await author.post(`${path}/publication`, untitled).expect(422)).text).toContain('Enter a title')
})

test('a path without a published course is not published, and a withdrawn one is gone', async () => {
  await save({ courses: ['unfinished'] })
  const typed = { ...fields, summary: 'Still here', courses: ['unfinished'] }
  const refused = await author.post(`${path}/publication`, { ...typed, draftNumber: await draftNumber() })
  expect(refused.status).toBe(422)
  for (const text of ['Add at least one published course', 'Still here']) expect(refused.text).toContain(text)
  await author.post(`${path}/withdrawal`).expect(303)
  await (await anonymous()).get('/paths/first-week').expect(404)
  expect((await (await anonymous()).get('/')).text).not.toContain('First week')
})

test('an author who types no title, or a link that is taken, reads what to do', async () => {
  const untitled = await save({ title: ' ', summary: 'Still here', courses: ['pumps'] })
  expect(untitled.status).toBe(422)
  for (const text of ['Enter a title', 'Still here', 'value="pumps"']) expect(untitled.text).toContain(text)
  const taken = await author.post('/studio/paths', { title: 'Another', slug: 'first-week' }).expect(422)
  expect(taken.text).toContain('already a path at first-week')
  expect(taken.text).toContain('value="Another"')
  await author.post('/studio/paths', { title: 'Another', slug: 'No Slug' }).expect(422)
})

test('a reviewer reads a path and has no buttons; every change is in the audit log', async () => {
  const page = (await reviewer.get(path).expect(200)).text
  expect(page).not.toContain('Save draft</button>\n      </p>')
  expect(page).toContain('disabled')
  const actions = new Set((await AuditEntries.find({})).map(({ action }) => action))
  for (const verb of ['created', 'changed', 'published', 'withdrawn'])
    expect(actions).toContain(`path.${verb}`)
})
