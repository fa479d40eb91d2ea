import { Courses } from '../../src/courses/course'
import { stepsOf } from '../../src/courses/steps'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

const block = (id: string) =>
  `\`\`\`tour\nid: ${id}\ntitle: To ${id}\nimage: assets/a.png\nalt: A screen\n\`\`\`\n`

const image = (path: string) => ({
  path,
  type: 'image/png',
  size: 1,
  hash: 'a'.repeat(64),
  width: 928,
  height: 580,
})

/** An author at a tour with these steps. */
async function author(...ids: string[]) {
  const known = { ...image('assets/b.png'), alt: 'From the library' }
  const { slug } = await make.course({ assets: [image('assets/a.png'), known] })
  const lesson = { kind: 'tour', completion: 'explore', software: '', body: ids.map(block).join('\n') }
  const fields = Object.entries(lesson).map(([name, value]) => [`draft.modules.0.lessons.0.${name}`, value])
  await Courses.updateOne({ slug }, { $set: Object.fromEntries(fields) })
  const visitor = await as(await make.person({ role: 'author' }))
  const url = `/studio/courses/${slug}/lessons/lesson-1`
  const body = async () => (await Courses.findOne({ slug }))!.draft.modules[0]!.lessons[0]!.body
  const steps = async () => stepsOf(await body())
  return { slug, visitor, url, body, steps }
}

/** Returns what the form of a step has, to be changed and sent. */
async function formOf(visitor: Visitor, url: string): Promise<Record<string, string>> {
  const { text } = await visitor.get(url).expect(200)
  const [, baseVersion] = /name="baseVersion" value="([^"]*)"/.exec(text)!
  return { baseVersion: baseVersion!, title: 'To wake', image: 'assets/a.png', alt: 'A screen' }
}

const spot = { 'label-0': 'Save', 'x-0': '10', 'y-0': '20,55', 'width-0': '30', 'height-0': '5' }

test('an author writes a step, with a spot and where it leads, and sees no YAML', async () => {
  const { visitor, url, steps } = await author('wake', 'plan')
  const { text } = await visitor.get(`${url}/steps`).expect(200)
  expect(text).not.toContain('```')
  const form = await formOf(visitor, `${url}/steps/wake`)
  await visitor
    .post(`${url}/steps/wake`, {
      ...form,
      title: 'Wake the panel',
      action: 'Touch it',
      ...spot,
      'next-0': 'end',
    })
    .expect(303)
  expect((await steps())[0]).toMatchObject({
    id: 'wake',
    title: 'Wake the panel',
    action: 'Touch it',
    spots: [{ x: 10, y: 20.6, width: 30, height: 5, label: 'Save', next: 'end' }],
  })
})

test('a spot whose fields are emptied is removed', async () => {
  const { visitor, url, steps } = await author('wake')
  await visitor
    .post(`${url}/steps/wake`, { ...(await formOf(visitor, `${url}/steps/wake`)), ...spot })
    .expect(303)
  await visitor.post(`${url}/steps/wake`, await formOf(visitor, `${url}/steps/wake`)).expect(303)
  expect((await steps())[0]!.spots).toEqual([])
})

test.each([
  ['no name', { title: ' ' }, 'Enter a name'],
  ['a spot without a name', { 'label-0': '' }, 'Say what is there'],
  ['a spot outside the picture', { 'x-0': '80' }, 'The spot reaches beyond the picture'],
  ['a number that is none', { 'x-0': 'left' }, 'Enter a number from 0 to 100'],
  ['a spot without a size', { 'width-0': '0' }, 'Enter a number from 0 to 100'],
  ['a caption without end', { caption: 'x'.repeat(601) }, 'Use at most 600 characters'],
])('a step with %s is refused, and keeps what was typed', async (_what, typed, problem) => {
  const { visitor, url, body } = await author('wake')
  const form = await formOf(visitor, `${url}/steps/wake`)
  const before = await body()
  const { text } = await visitor
    .post(`${url}/steps/wake`, { ...form, ...spot, action: 'Typed words', ...typed })
    .expect(422)
  expect(text).toContain(problem)
  expect(text).toContain('value="Typed words"')
  expect(await body()).toBe(before)
})

test('the script of the page saves, and learns what is still to fix', async () => {
  const { visitor, url } = await author('wake')
  const form = await formOf(visitor, `${url}/steps/wake`)
  const json = { accept: 'application/json' }
  const saved = await visitor
    .post(`${url}/steps/wake`, { ...form, alt: '' })
    .set(json)
    .expect(200)
  expect(saved.body).toMatchObject({ title: 'To wake', saved: expect.stringContaining('Saved') })
  expect(saved.body.checks).toContain('has no alt text')
  const refused = await visitor
    .post(`${url}/steps/wake`, { ...form, title: '' })
    .set(json)
    .expect(422)
  expect(refused.body.errors).toEqual({ title: 'Enter a name' })
})

test('two authors do not overwrite each other, and the second one keeps what was typed', async () => {
  const { visitor, url, steps } = await author('wake')
  const form = await formOf(visitor, `${url}/steps/wake`)
  await visitor.post(`${url}/steps/wake`, { ...form, title: 'First' }).expect(303)
  const second = await visitor.post(`${url}/steps/wake`, { ...form, title: 'Second' }).expect(409)
  expect(second.text).toContain('value="Second"')
  const script = await visitor
    .post(`${url}/steps/wake`, { ...form, title: 'Third' })
    .set({ accept: 'application/json' })
    .expect(409)
  expect(script.body.conflict).toContain('someone else')
  expect((await steps())[0]!.title).toBe('First')
  const [, version] = /name="baseVersion" value="([^"]*)"/.exec(second.text)!
  await visitor.post(`${url}/steps/wake`, { ...form, title: 'Second', baseVersion: version! }).expect(303)
  expect((await steps())[0]!.title).toBe('Second')
})

test('each picture that is added becomes a step after the open one', async () => {
  const { visitor, url, steps } = await author('wake', 'plan')
  const response = await visitor
    .post(`${url}/steps`, { images: ['assets/b.png', 'assets/a.png'], after: 'wake' })
    .expect(303)
  expect((await steps()).map(({ id, image: path }) => `${id} ${path}`)).toEqual([
    'wake assets/a.png',
    'step-3 assets/b.png',
    'step-4 assets/a.png',
    'plan assets/a.png',
  ])
  expect((await steps()).map(({ alt }) => alt)).toEqual(['A screen', 'From the library', '', 'A screen'])
  expect(response.headers.location).toBe(`${url}/steps/step-3`)
  await visitor.post(`${url}/steps`, { images: ['assets/none.png'] }).expect(422)
  await visitor.post(`${url}/steps`, {}).expect(422)
})

test('steps are moved, duplicated and removed, and the last change is undone', async () => {
  const { visitor, url, steps, body } = await author('a', 'b', 'c')
  const ids = async () => (await steps()).map(({ id }) => id).join(' ')
  await visitor.post(`${url}/steps/c/position`, { to: 'up' }).expect(303)
  expect(await ids()).toBe('a c b')
  await visitor.post(`${url}/steps/b/position`, { before: 'a' }).expect(303)
  await visitor.post(`${url}/steps/b/position`, { to: 'up' }).expect(303)
  expect(await ids()).toBe('b a c')
  await visitor.post(`${url}/steps/b/position`, {}).expect(404)
  await visitor.post(`${url}/steps/a/copy`, {}).expect(303)
  expect(await ids()).toBe('b a to-a c')
  const before = await body()
  await visitor.post(`${url}/steps/to-a/removal`, {}).expect(303)
  expect(await ids()).toBe('b a c')
  await visitor.post(`${url}/step-undo`, {}).expect(303)
  expect(await body()).toBe(before)
})

test('a lesson of another kind has no steps, and an unknown step is not found', async () => {
  const { visitor, url, slug } = await author('wake')
  await visitor.get(`/studio/courses/${slug}/lessons/lesson-2/steps`).expect(404)
  await visitor.get(`${url}/steps/nobody`).expect(404)
  await visitor.post(`${url}/steps/nobody`, {}).expect(404)
})

test('a new tour opens at its steps, and says what to do', async () => {
  const { visitor, slug } = await author('wake')
  const fields = { title: 'Try it', kind: 'tour', module: '01-all', submission: 'one' }
  const { headers } = await visitor.post(`/studio/courses/${slug}/lessons`, fields).expect(303)
  expect(headers.location).toBe(`/studio/courses/${slug}/lessons/try-it/steps`)
  const { text } = await visitor.get(headers.location!).expect(200)
  expect(text).toContain('Add the first screenshot')
})
