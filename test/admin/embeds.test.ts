import { AuditEntries } from '../../src/events/audit'
import { embedList, readEmbedList } from '../../src/courses/embed-list'
import { enrol } from '../../src/learning/enrol'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  embedList.forget()
  admin = await as(await make.person({ role: 'admin' }))
})
afterAll(async () => {
  embedList.forget()
  await academy.close()
})

const save = (fields: object, number: number) => admin.post('/admin/embeds', { hosts: '', ...fields, number })

test('an administrator allows services and own hosts, and the audit log says so', async () => {
  const { text } = await admin.get('/admin/embeds').expect(200)
  expect(text).toContain('YouTube')
  await save(
    { services: ['vimeo', 'loom'], hosts: 'Sandbox.Northwind.com\nhttps://demo.northwind.com/a' },
    0,
  ).expect(303)
  expect(await readEmbedList()).toMatchObject({
    services: ['vimeo', 'loom'],
    hosts: ['sandbox.northwind.com', 'demo.northwind.com'],
    number: 1,
  })
  expect(await AuditEntries.findOne({ action: 'embeds.changed' })).toMatchObject({
    detail: { services: ['vimeo', 'loom'] },
  })
  const { text: log } = await admin.get('/admin/audit').expect(200)
  expect(log).toContain('Changed the list of embeds')
})

test('what is no host is refused and kept, and two administrators do not overwrite each other', async () => {
  const { number } = await readEmbedList()
  for (const hosts of [
    'http://northwind.com',
    'northwind',
    '127.0.0.1',
    'a.example:99',
    '*.example.com',
    'x.com;script-src',
  ]) {
    const { text } = await save({ hosts, services: ['vimeo'] }, number).expect(422)
    expect(text).toContain('hosts')
    expect(text).toMatch(/value="vimeo"[^>]*checked/)
  }
  await save({ services: ['nowhere'] }, number).expect(422)
  await save({ services: ['vimeo'] }, number).expect(303)
  await save({ services: ['loom'] }, number).expect(409)
  expect((await readEmbedList()).services).toEqual(['vimeo'])
})

test('a lesson may show the pages that it has, and only those, as soon as their site is allowed', async () => {
  const body = '![Our film](https://vimeo.com/76979871)\n\n![Elsewhere](https://elsewhere.example/x)\n'
  const { number: seen } = await readEmbedList()
  await save({ services: ['vimeo'], hosts: 'elsewhere.example' }, seen).expect(303)
  const course = await make.course({ lesson: n => (n === 1 ? { body } : {}) })
  const person = await make.person()
  await enrol({ person: person._id, published: course, paid: false })
  const learner = await as(person)
  const policyOf = async (n: number) => {
    const { headers, text } = await learner.get(`/courses/${course.slug}/lessons/lesson-${n}`).expect(200)
    return { policy: String(headers['content-security-policy']), text }
  }
  const { number } = await readEmbedList()
  await save({ services: ['vimeo', 'youtube'] }, number).expect(303)
  const first = await policyOf(1)
  expect(first.policy).toMatch(/;frame-src https:\/\/player\.vimeo\.com$/)
  expect(first.text).toContain('data-embed="https://player.vimeo.com/video/76979871?dnt=1"')
  expect(first.text).toContain('tells {host} your IP address')
  expect(first.text).toContain('<a href="https://elsewhere.example/x"')
  expect((await policyOf(2)).policy).not.toContain('frame-src')
  await save({ services: [] }, number + 1).expect(303)
  const later = await policyOf(1)
  expect(later.policy).not.toContain('frame-src')
  expect(later.text).toContain('<a href="https://vimeo.com/76979871"')
  expect(later.text).not.toContain('data-embed')
})
