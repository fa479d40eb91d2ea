import request from 'supertest'
import { readBrand } from '../../src/brand/brand'
import { saveBrandDraft } from '../../src/brand/change-brand'
import { AuditEntries } from '../../src/events/audit'
import { CatalogueListRecords, readLists } from '../../src/courses/catalogue-lists'
import { saveLists } from '../../src/courses/change-catalogue-lists'
import { zipFiles } from '../../src/courses/export-course'
import { NeedsAssessments } from '../../src/signals/needs-content'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import * as make from '../kit/make'
import { courseFiles } from '../courses/files'

let academy: Academy
let admin: Visitor
let author: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  admin = await as(await make.person({ role: 'admin', name: 'Aisha Demir' }))
  author = await as(await make.person({ role: 'author' }))
  await make.course({ slug: 'pumps', title: 'Pumps', topic: 'sales', audiences: ['l-d', 'sales'] })
})
afterAll(() => academy.close())

const path = '/admin/catalogue-lists'
const number = async () => String((await readLists()).number)
const send = async (at: string, fields: Record<string, string>) =>
  admin.post(`${path}/${at}`, { number: await number(), ...fields })
const read = async (url: string) => (await (await anonymous()).get(url).expect(200)).text
const idsOf = async (list: 'topics' | 'audiences' | 'levels') => (await readLists())[list].map(({ id }) => id)

test('an administrator adds a topic, which authors can choose and prospects can filter by', async () => {
  await send('topics', { 'name-en': 'Pump care & repair' }).then(({ status }) => expect(status).toBe(303))
  expect((await author.get('/studio/courses/pumps/settings')).text).toContain('value="pump-care-repair"')
  expect(await read('/courses')).not.toContain('Pump care')
  await make.course({ slug: 'gaskets', title: 'Gaskets', topic: 'pump-care-repair' })
  const catalogue = await read('/courses?topic=pump-care-repair')
  expect(catalogue).toContain('Pump care &amp; repair')
  expect(catalogue).toContain('/courses/gaskets"')
  expect(catalogue).not.toContain('/courses/pumps"')
  expect(await read('/search?q=repair')).toContain('/courses/gaskets"')
  const cover = await (await anonymous()).get('/courses/gaskets/cover.png').expect(200)
  expect(cover.headers['content-type']).toBe('image/png')
})

test('a course for two audiences is found under both, and says both', async () => {
  for (const role of ['l-d', 'sales'])
    expect(await read(`/courses?role=${role}`)).toContain('/courses/pumps"')
  expect(await read('/courses?role=operations')).not.toContain('/courses/pumps"')
  const course = await read('/courses/pumps')
  expect(course).toMatch(/role=l-d">For L&amp;D<[^]*role=sales">For sales</)
})

test('a new name is everywhere at once, and the id and its links stay', async () => {
  await send('levels/beginner', { 'name-en': 'First steps' }).then(({ status }) => expect(status).toBe(303))
  expect(await read('/courses?level=beginner')).toContain('First steps')
  expect(await read('/courses')).not.toContain('Beginner')
  await send('levels/beginner', { 'name-en': 'Beginner' })
})

test('entries move with a button, and stay in place at the ends', async () => {
  await send('levels/advanced/position', { to: 'up' }).then(({ status }) => expect(status).toBe(303))
  expect(await idsOf('levels')).toEqual(['beginner', 'advanced', 'intermediate'])
  await send('levels/beginner/position', { to: 'up' })
  await send('levels/advanced/position', { to: 'down' })
  expect(await idsOf('levels')).toEqual(['beginner', 'intermediate', 'advanced'])
})

test('a topic that courses use is not removed, but named; merged into another, its links still work', async () => {
  const refused = await send('topics/sales/removal', { into: '' })
  expect(refused.status).toBe(409)
  expect(refused.text).toContain('1 course uses it: Pumps.')
  await send('topics/sales/removal', { into: 'operations' }).then(({ status }) => expect(status).toBe(303))
  expect(await idsOf('topics')).not.toContain('sales')
  for (const topic of ['operations', 'sales']) {
    const page = await read(`/courses?topic=${topic}`)
    expect(page).toContain('/courses/pumps"')
    expect(page).toMatch(/value="operations" checked/)
  }
  expect((await author.get('/studio/courses/pumps/settings')).text).toMatch(/value="operations" selected/)
  const taken = await send('topics', { 'name-en': 'Sales', id: 'sales' })
  expect(taken.status).toBe(422)
  expect(taken.text).toContain('sales is already on this list, or was merged into another entry')
  await send('topics', { 'name-en': 'Fittings' })
  expect(await idsOf('topics')).toContain('fittings')
  await send('topics/fittings/removal', { into: '' }).then(({ status }) => expect(status).toBe(303))
  expect(await idsOf('topics')).not.toContain('fittings')
})

test('an administrator reads which needs assessment and choice of courses still use a topic', async () => {
  await send('topics', { 'name-en': 'Hoses' })
  const answers = ['Yes', 'No'].map((text, n) => ({
    ...{ id: `a${n}`, text, audience: '', minutes: null, path: '' },
    topics: n ? [] : ['hoses'],
  }))
  const questions = [{ id: 'hoses', text: 'Hoses?', help: '', answers }]
  const stored = (await NeedsAssessments.read('academy'))?.draftNumber ?? 0
  const draft = await NeedsAssessments.save('academy', { title: 'Find', lede: '', questions }, stored, null)
  await NeedsAssessments.publish('academy', draft, null)
  const brand = await readBrand()
  const courses = { topics: ['hoses'], slugs: [] }
  await saveBrandDraft('academy', { ...brand.draft, courses }, brand.draftNumber)
  const uses = /Still used by the needs assessment of [^.]*, the choice of courses of /
  expect((await admin.get(`${path}/topics/hoses`)).text).toMatch(uses)
  const refused = await send('topics/hoses/removal', { into: '' })
  expect(refused.status).toBe(409)
  expect(refused.text).toMatch(uses)
  expect(await idsOf('topics')).toContain('hoses')
  const number = (await readBrand()).draftNumber
  await saveBrandDraft('academy', { ...brand.draft, courses: null }, number)
})

test('two administrators at once: the second is told, and what they typed is still there', async () => {
  const seen = await number()
  await send('audiences', { 'name-en': 'Integrators' })
  const late = await admin.post(`${path}/audiences`, { number: seen, 'name-en': 'Installers', id: 'fitters' })
  expect(late.status).toBe(409)
  expect(late.text).toContain('Someone else has changed the lists')
  expect(late.text).toContain('value="Installers"')
  expect(late.text).toContain('value="fitters"')
  const [, current] = /name="number" value="(\d+)"[^]*?value="Installers"/.exec(late.text)!
  expect(Number(current)).toBeGreaterThan(Number(seen))
  await send('audiences', { 'name-en': 'Installers', id: 'fitters' }).then(({ status }) =>
    expect(status).toBe(303),
  )
  expect(await idsOf('audiences')).toEqual(expect.arrayContaining(['integrators', 'fitters']))
})

test.each([
  [{ 'name-en': ' ' }, 'Enter a name'],
  [{ 'name-en': 'x'.repeat(61) }, 'at most 60'],
  [{ 'name-en': 'Pumps', id: 'Not A Slug' }, 'Use lowercase letters, digits and hyphens'],
])('an administrator who types %j reads what to do', async (fields, message) => {
  const page = await send('topics', fields)
  expect(page.status).toBe(422)
  expect(page.text).toContain(message)
  expect(page.text).toContain(`value="${Object.values(fields).at(-1)}"`)
})

test('a zip with an unknown topic is imported, nothing is lost, and its topic is added or replaced', async () => {
  const zip = await zipFiles(
    courseFiles({
      'course.yml': 'title: Valves\nsummary: s\ntopic: Über Ventile\naudience: "L&D"\nlevel: Guru\n',
    }),
  )
  const imported = (
    await request(academy.app)
      .post('/studio/imports')
      .set({ cookie: admin.cookie, accept: 'text/html' })
      .field('_csrf', admin.csrf)
      .attach('zip', zip, 'valves.zip')
      .expect(200)
  ).text
  expect(imported).toContain('“Über Ventile” isn&#39;t on the academy&#39;s list of topics')
  expect(imported).toContain('“Guru” isn&#39;t on the academy&#39;s list of levels')
  expect(imported).not.toContain('list of audiences')
  const settings = await author.get('/studio/courses/seals/settings')
  expect(settings.text).toContain('Über Ventile (not on the list)')
  expect(settings.text).toContain('isn&#39;t on the academy&#39;s list of topics. Choose a listed topic')
  const [, href] = /href="(\/admin\/catalogue-lists\?list=topics[^"]+)"/.exec(imported)!
  const form = await admin.get(href!.replaceAll('&amp;', '&')).expect(200)
  expect(form.text).toMatch(/name="alias" value="Über Ventile"/)
  await send('topics', { 'name-en': 'Valves', alias: 'Über Ventile' })
  const checked = await author.get('/studio/courses/seals/settings')
  expect(checked.text).not.toContain('list of topics')
  expect(checked.text).toMatch(/value="valves" selected/)
})

test('every change is in the audit log', async () => {
  const actions = new Set((await AuditEntries.find({})).map(({ action }) => action))
  const verbs = ['added', 'renamed', 'moved', 'removed', 'merged']
  for (const verb of verbs) expect(actions).toContain(`catalogue_list.${verb}`)
  expect((await admin.get('/admin/audit')).text).toContain('Merged in a catalogue list')
})

test('a new academy starts with a short list, and keeps its last topic and level', async () => {
  const stored = (await CatalogueListRecords.findById('academy'))!
  await CatalogueListRecords.deleteMany({})
  expect(await idsOf('topics')).toEqual(['basics', 'using-the-product', 'administration'])
  await saveLists({ ...(await readLists()), topics: [{ id: 'only', names: { en: 'Only' }, aliases: [] }] })
  const last = await send('topics/only/removal', { into: '' })
  expect(last.status).toBe(422)
  expect(last.text).toContain('Courses need at least one')
  const { _id, ...lists } = stored
  await CatalogueListRecords.updateOne({ _id }, { $set: { ...lists, number: stored.number + 5 } })
})
