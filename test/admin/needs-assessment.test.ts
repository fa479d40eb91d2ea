import { AuditEntries } from '../../src/events/audit'
import { defaultBrandId } from '../../src/brand/brand'
import { NeedsAssessments } from '../../src/signals/needs-content'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  admin = await as(await make.person({ role: 'admin', name: 'Aisha Demir' }))
  await make.course({
    slug: 'alarms',
    title: 'Alarms',
    topic: 'privacy',
    lessons: 1,
    lesson: () => ({ minutes: 20 }),
  })
})
afterAll(() => academy.close())

const path = '/admin/brands/academy/needs-assessment'
const fields = { title: 'Which course is yours?', lede: 'Two questions.' }
const current = async () => (await NeedsAssessments.read(defaultBrandId))!
const publish = async () =>
  admin.post(`${path}/publications`, { ...fields, draftNumber: (await current()).draftNumber })
const save = async (more: Record<string, string> = {}) =>
  admin.post(path, { ...fields, draftNumber: (await current()).draftNumber, ...more })
const question = async (id: string, more: Record<string, unknown>) =>
  admin.post(`${path}/questions/${id}`, { draftNumber: (await current()).draftNumber, ...more })
const idsOf = async () => (await current()).draft.questions.map(({ id }) => id)
const read = async (url: string, status = 200) => (await (await anonymous()).get(url).expect(status)).text

test('an administrator asks other questions, previews them and publishes; visitors get what fits', async () => {
  for (const id of await idsOf()) await save({ change: `remove:${id}` })
  const added = await save({ add: 'What bothers you?' })
  expect(added.headers.location).toBe(`${path}/questions/what-bothers-you`)
  await question('what-bothers-you', {
    text: 'What bothers you most?',
    ...{ 'text-0': 'Alarms', 'topics-0': ['privacy'], 'minutes-0': '30', 'audience-0': 'operations' },
    ...{ 'text-1': 'Leaks', 'minutes-1': '10', 'topics-1': 'sales' },
  }).then(({ status }) => expect(status).toBe(303))
  expect((await current()).draft.questions[0]).toMatchObject({
    id: 'what-bothers-you',
    text: 'What bothers you most?',
    answers: [
      { id: 'alarms', topics: ['privacy'], minutes: 30, audience: 'operations' },
      { id: 'leaks', topics: ['sales'], minutes: 10, audience: '' },
    ],
  })
  expect(await read('/needs-assessment')).not.toContain('What bothers you')
  const [, preview] = /href="([^"]+\?page=%2Fneeds-assessment)"/.exec((await admin.get(path)).text)!
  const guest = await anonymous()
  const opened = await guest.get(new URL(preview!).pathname + new URL(preview!).search).expect(303)
  const page = opened.headers.location!
  expect((await guest.get(page)).text).toContain('What bothers you most?')
  expect((await guest.get(`${page}?what-bothers-you=alarms`)).text).toContain(
    'We suggest 1 course: 20 min, Free.',
  )
  await publish().then(({ status }) => expect(status).toBe(303))
  expect(await read('/needs-assessment')).toContain('Which course is yours?')
  expect(await read('/needs-assessment?what-bothers-you=leaks')).toContain(
    'Nothing fits into 10 min: the shortest course takes 20 min.',
  )
})

test('questions move with a button, and a question that is renamed keeps its answers', async () => {
  await save({ add: 'How much time?' })
  await save({ change: 'up:how-much-time' })
  expect(await idsOf()).toEqual(['how-much-time', 'what-bothers-you'])
  await question('how-much-time', { text: 'Time?', 'text-0': 'An hour', 'minutes-0': '60' })
  expect((await current()).draft.questions[1]!.answers).toHaveLength(2)
})

test('a question with one answer is not published, and mistakes keep what was typed', async () => {
  const refused = await publish()
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('“Time?” needs at least two answers.')
  const wrong = await question('how-much-time', { text: '', 'text-0': 'An hour', 'minutes-0': 'ages' })
  expect(wrong.status).toBe(422)
  for (const text of ['Enter the question', 'Enter whole minutes', 'value="ages"', 'value="An hour"']) {
    expect(wrong.text).toContain(text)
  }
})

test('two administrators at once: the second is told, and what they typed is still there', async () => {
  const late = await admin.post(path, { ...fields, title: 'Mine', draftNumber: 1 })
  expect(late.status).toBe(409)
  expect(late.text).toContain('Someone else has saved a newer draft')
  expect(late.text).toContain('value="Mine"')
  const lateQuestion = await admin.post(`${path}/questions/how-much-time`, {
    text: 'Mine too',
    draftNumber: 1,
  })
  expect(lateQuestion.status).toBe(409)
  expect(lateQuestion.text).toContain('value="Mine too"')
})

test('switched off, its page is 404 and no page links to it; an earlier version can be had back', async () => {
  await admin.post(`${path}/withdrawal`).expect(303)
  await read('/needs-assessment', 404)
  for (const page of ['/', '/courses', '/paths', '/sitemap.xml']) {
    expect([page, (await read(page)).includes('/needs-assessment')]).toEqual([page, false])
  }
  expect((await admin.get(`${path}/versions`).expect(200)).text).toContain('Version 2')
  await admin
    .post(`${path}/versions/1/restoration`, { draftNumber: (await current()).draftNumber })
    .expect(303)
  await publish().then(({ status }) => expect(status).toBe(303))
  expect(await read('/')).toContain('/needs-assessment')
  const actions = new Set((await AuditEntries.find({})).map(({ action }) => action))
  for (const verb of ['changed', 'published', 'withdrawn'])
    expect(actions).toContain(`needs_assessment.${verb}`)
})

test('a new academy starts with a draft made of its own lists, switched off', async () => {
  await NeedsAssessments.withdraw(defaultBrandId, null)
  const { readLists } = await import('../../src/courses/catalogue-lists')
  const { readNeedsAssessment } = await import('../../src/signals/needs-content')
  const stored = jest.spyOn(NeedsAssessments, 'read').mockResolvedValue(null)
  const { draft, draftNumber } = await readNeedsAssessment(defaultBrandId, await readLists(), 'en')
  stored.mockRestore()
  expect(draftNumber).toBe(0)
  expect(draft.questions.map(({ answers }) => answers[0]!.text)).toEqual(['Learning', 'L&D', 'About an hour'])
})
