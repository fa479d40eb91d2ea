import request from 'supertest'
import { readBrand } from '../../src/brand/brand'
import { addBrand } from '../../src/brand/change-brand'
import { PricingPages, type PlansContent } from '../../src/brand/plans'
import { AuditEntries } from '../../src/events/audit'
import { NeedsAssessments, type NeedsContent } from '../../src/signals/needs-content'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor
const base = '/admin/brands/academy'

/** What staging has set: the file that its administrator exports. */
let file: Exported
type Exported = {
  format: string
  content: Record<string, unknown>
  plans: PlansContent | null
  needs: NeedsContent | null
  files: Record<string, string>
}

beforeAll(async () => {
  academy = await openAcademy()
  admin = await as(await make.person({ role: 'admin', name: 'Aisha Demir' }))
  file = JSON.parse((await admin.get(`${base}/export.json`).expect(200)).text) as Exported
  Object.assign(file.content, {
    academyName: 'Staging Academy',
    tagline: 'From staging.',
    courses: { topics: ['welding'], slugs: ['no-such-course'] },
  })
  file.plans!.title = 'Fares'
  file.needs!.title = 'What do you move?'
  file.needs!.questions[0]!.answers[0]!.path = 'no-such-path'
})
afterAll(() => academy.close())

const upload = (content: object, brand = base) =>
  request(academy.app)
    .post(`${brand}/imports`)
    .set('cookie', admin.cookie)
    .set('accept', 'text/html')
    .field('_csrf', admin.csrf)
    .field('draftNumber', '1')
    .attach('file', Buffer.from(JSON.stringify(content)), 'brand.json')

/** Uploads a file, and returns the page that says what it would change. */
async function look(content: object) {
  const { status, headers } = await upload(content)
  expect(status).toBe(303)
  const path = headers.location!
  const { text } = await admin.get(path).expect(200)
  return { path, text, drafts: draftsIn(text) }
}
const draftsIn = (page: string) => /name="drafts" value="([^"]+)"/.exec(page)![1]!

async function drafts() {
  const [{ draft }, plans, needs] = await Promise.all([
    readBrand(),
    PricingPages.read('academy'),
    NeedsAssessments.read('academy'),
  ])
  return { content: draft, plans: plans!.draft, needs: needs!.draft }
}

test('an administrator sees what a file would change, imports it without its name, and undoes it', async () => {
  const before = await drafts()
  const { path, text, drafts: shown } = await look(file)
  for (const part of ['Staging Academy', 'From staging.', 'Courses', 'Pricing', 'Needs assessment']) {
    expect(text).toContain(part)
  }
  expect(text).toContain(before.content.tagline)
  for (const missing of ['Topics: welding', 'Courses: no-such-course', 'Learning paths: no-such-path']) {
    expect(text).toContain(missing)
  }
  expect(await drafts()).toEqual(before)

  const imported = await admin.post(`${path}/confirmation`, { drafts: shown }).expect(303)
  const after = await drafts()
  expect(after).toEqual({
    content: { ...file.content, academyName: before.content.academyName },
    plans: file.plans,
    needs: file.needs,
  })
  const page = (await admin.get(imported.headers.location!).expect(200)).text
  expect(page).toContain(`action="${path}/undo"`)

  await admin.post(`${path}/undo`).expect(303)
  expect(await drafts()).toEqual(before)
  await admin.post(`${path}/undo`).expect(409)
  const log = await AuditEntries.find({ action: /^brand\.import/ }).sort({ _id: 1 })
  expect(log.map(({ action }) => action).sort()).toEqual(['brand.import_undone', 'brand.imported'])
})

test('the name of the file is taken only when its box is ticked', async () => {
  const { path, text, drafts: shown } = await look(file)
  expect(text).toMatch(/<input[^>]* name="takeName"(?![^>]* checked)/)
  await admin.post(`${path}/confirmation`, { drafts: shown, takeName: 'on' }).expect(303)
  expect((await readBrand()).draft.academyName).toBe('Staging Academy')
  await admin.post(`${path}/undo`).expect(303)
})

test('a draft that someone has saved meanwhile is neither overwritten by an import nor by its undo', async () => {
  const { path, drafts: shown } = await look(file)
  const mine = await drafts()
  const { draftNumber } = (await PricingPages.read('academy'))!
  await PricingPages.save('academy', { ...mine.plans, title: 'A colleague’s' }, draftNumber, null)
  const refused = await admin.post(`${path}/confirmation`, { drafts: shown }).expect(409)
  expect(refused.text).toContain('Someone has saved a draft since you opened this page')
  expect((await drafts()).content).toEqual(mine.content)
  await admin.post(`${path}/confirmation`, { drafts: draftsIn(refused.text) }).expect(303)
  const { draftNumber: latest } = (await PricingPages.read('academy'))!
  await PricingPages.save('academy', { ...mine.plans, title: 'Later' }, latest, null)
  const late = await admin.post(`${path}/undo`).expect(409)
  expect(late.text).toContain('so it can’t be undone')
  expect((await drafts()).plans.title).toBe('Later')
})

test('an interrupted import is completed by importing again, and its undo knows what was there', async () => {
  const before = await drafts()
  const { path, drafts: shown } = await look({
    ...file,
    content: { ...file.content, tagline: 'From a file.' },
    plans: { ...file.plans, title: 'Fares of a file' },
    needs: { ...file.needs, title: 'Needs of a file' },
  })
  const interrupted = jest
    .spyOn(PricingPages, 'save')
    .mockRejectedValueOnce(new Error('The process was killed'))
  await admin.post(`${path}/confirmation`, { drafts: shown }).expect(500)
  interrupted.mockRestore()
  const halfway = await drafts()
  expect([halfway.content.tagline, halfway.plans.title]).toEqual(['From a file.', before.plans.title])
  const page = (await admin.get(path).expect(200)).text
  await admin.post(`${path}/confirmation`, { drafts: draftsIn(page) }).expect(303)
  const after = await drafts()
  expect([after.plans.title, after.needs.title]).toEqual(['Fares of a file', 'Needs of a file'])
  await admin.post(`${path}/undo`).expect(303)
  expect(await drafts()).toEqual(before)
})

test('two confirmations of an import at once import it once', async () => {
  const before = await drafts()
  const { path, drafts: shown } = await look({ ...file, content: { ...file.content, tagline: 'Twice.' } })
  const answers = await Promise.all([1, 2].map(() => admin.post(`${path}/confirmation`, { drafts: shown })))
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 409])
  await admin.post(`${path}/undo`).expect(303)
  expect(await drafts()).toEqual(before)
})

test('a file of the first format leaves the pricing page and the needs assessment as they are', async () => {
  const { plans: _plans, needs: _needs, ...first } = file
  const { path, text, drafts: shown } = await look({ ...first, format: 'academy-brand-1' })
  expect(text).toContain('The file has no pricing page, so yours stays.')
  const before = await drafts()
  await admin.post(`${path}/confirmation`, { drafts: shown }).expect(303)
  expect(await drafts()).toMatchObject({ plans: before.plans, needs: before.needs })
  expect((await look({ ...first, content: (await drafts()).content })).text).toContain('nothing to import')
})

test('a new brand gets everything of the file, and the undo leaves it without pages again', async () => {
  const owner = await make.person({ role: 'admin' })
  await addBrand({ id: 'harbour', academyName: '', hosts: ['harbour.localhost'] }, owner._id)
  const harbour = '/admin/brands/harbour'
  const path = (await upload(file, harbour)).headers.location!
  await admin.get(path.replace('harbour', 'academy')).expect(404)
  const { text } = await admin.get(path).expect(200)
  expect(text).not.toContain('takeName')
  await admin.post(`${path}/confirmation`, { drafts: draftsIn(text) }).expect(303)
  expect((await readBrand('harbour')).draft.academyName).toBe('Staging Academy')
  expect((await PricingPages.read('harbour'))!.draft).toEqual(file.plans)
  await admin.post(`${path}/undo`).expect(303)
  expect(await PricingPages.read('harbour')).toBeNull()
  expect(await NeedsAssessments.read('harbour')).toBeNull()
})

test.each<[string, (wrong: Exported) => void]>([
  ['plans.plans.0.button.target', wrong => (wrong.plans!.plans[0]!.button = script)],
  ['plans.title', wrong => (wrong.plans!.title = '')],
  ['needs.questions.0.answers.0.minutes', wrong => (wrong.needs!.questions[0]!.answers[0]!.minutes = -1)],
])('a file with a wrong %s is refused, and nothing is stored', async (where, spoil) => {
  const wrong = structuredClone(file)
  spoil(wrong)
  const before = await drafts()
  const refused = await upload(wrong)
  expect([refused.status, refused.text.includes(`Check this part of it: ${where}`)]).toEqual([422, true])
  expect(await drafts()).toEqual(before)
})

test('a file with a colour that can’t be read is refused before anything is shown', async () => {
  const refused = await upload({ ...file, content: { ...file.content, accent: '#FFFF00' } })
  expect([refused.status, refused.text.includes('#FFFF00 is too light for text')]).toEqual([422, true])
})

const script = { kind: 'link' as const, label: 'Go', target: 'javascript:alert(1)' }
