import { Brands, BrandVersions, brandOf, readBrand } from '../../src/brand/brand'
import { addBrand, publishBrand, saveBrandDraft } from '../../src/brand/change-brand'
import { PricingPages, readPlans } from '../../src/brand/plans'
import type { Published } from '../../src/courses/published'
import { AuditEntries } from '../../src/events/audit'
import { Certificates } from '../../src/learning/certificate'
import { Emails } from '../../src/mail/email'
import { issueLink } from '../../src/people/link'
import { unsubscribeToken } from '../../src/people/unsubscribe-token'
import { People, type Person } from '../../src/people/person'
import { config } from '../../src/platform/config'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor
let owner: Person
let course: Published
const first = config.baseUrl
const host = 'harbour.localhost'

beforeAll(async () => {
  academy = await openAcademy()
  owner = await make.person({ role: 'admin', name: 'Aisha Demir' })
  admin = await as(owner)
  course = await make.course({ slug: 'pumps', lessons: 1 })
})
afterAll(() => academy.close())

/** Adds a brand with the content of the first one, and publishes it. */
async function open(id: string, academyName: string, hosts: string[]) {
  await addBrand({ id, academyName, hosts }, owner._id)
  const { draft } = await readBrand()
  const number = await saveBrandDraft(id, { ...draft, academyName }, 1)
  await publishBrand(id, number, owner._id)
}

const at = (name: string, visitor: Visitor) => ({
  get: (path: string) => visitor.get(path).set('host', name),
  post: (path: string, fields: Record<string, unknown> = {}) => visitor.post(path, fields).set('host', name),
})

test('the first brand can’t be removed or closed, and the page says why', async () => {
  const page = (await admin.get('/admin/brands/academy/removal/new').expect(200)).text
  expect(page).toContain('is the first brand, so it can’t be removed')
  expect(page).not.toContain('button-danger')
  await admin.post('/admin/brands/academy/removal').expect(409)
  await open('quay', 'Quay School', ['quay.localhost'])
  await admin.post('/admin/brands/academy/closure', { into: 'quay', hosts: 'page' }).expect(409)
  expect((await brandOf('academy')).id).toBe('academy')
})

test('a brand that nobody joined is removed, after the page has named what goes', async () => {
  const { draft } = await readPlans('quay')
  await PricingPages.save('quay', { ...draft, title: 'Fares' }, 0, null)
  const page = (await admin.get('/admin/brands/quay/removal/new').expect(200)).text
  for (const lost of ['its hosts: quay.localhost', 'its published version', 'its pricing page']) {
    expect(page).toContain(lost)
  }
  expect(page).not.toContain('its needs assessment')
  expect((await at('quay.localhost', await anonymous()).get('/')).text).toContain('Quay School')
  await admin.post('/admin/brands/quay/removal').expect(303)
  expect(await Brands.findById('quay')).toBeNull()
  expect(await PricingPages.read('quay')).toBeNull()
  expect((await at('quay.localhost', await anonymous()).get('/')).text).not.toContain('Quay School')
  expect(await AuditEntries.count({ action: 'brand.removed', subject: 'quay' })).toBe(1)
  await admin.get('/admin/brands/quay/removal/new').expect(404)
})

test('an interrupted removal can be repeated, and leaves nothing for a later brand of its name', async () => {
  await open('mole', 'Mole School', ['mole.localhost'])
  const { draft } = await readPlans('mole')
  await PricingPages.save('mole', { ...draft, title: 'Fares' }, 0, null)
  for (const [records, verb] of [
    [PricingPages, 'remove'],
    [BrandVersions, 'deleteMany'],
  ] as const) {
    const killed = jest.spyOn(records as never, verb).mockRejectedValueOnce(new Error('Killed') as never)
    await admin.post('/admin/brands/mole/removal').expect(500)
    killed.mockRestore()
    expect(await Brands.findById('mole')).not.toBeNull()
  }
  await admin.post('/admin/brands/mole/removal').expect(303)
  await addBrand({ id: 'mole', academyName: 'Another', hosts: ['mole.localhost'] }, owner._id)
  const { number } = await publishBrand('mole', 1, owner._id)
  expect([number, await PricingPages.read('mole')]).toEqual([1, null])
  await admin.post('/admin/brands/mole/removal').expect(303)
})

describe('a brand that people have joined', () => {
  let bo: Person
  let certificate: string

  beforeAll(async () => {
    await open('harbour', 'Harbour School', [host])
    bo = await make.person({ name: 'Bo Lind', brand: 'harbour', email: 'bo@port.example' })
    const learner = at(host, await as(bo))
    await learner.post('/courses/pumps/enrolment').expect(303)
    await learner.post('/courses/pumps/lessons/lesson-1/completion').expect(303)
    await runAllDue()
    certificate = (await Certificates.findOne({ person: bo._id }))!._id
    await Emails.deleteMany({})
  })

  const close = (hosts: string, into = 'academy') =>
    admin.post('/admin/brands/harbour/closure', { hosts, into })

  test('is closed instead of removed, and only into an open brand', async () => {
    const page = (await admin.get('/admin/brands/harbour/removal/new').expect(200)).text
    expect(page).toContain('1 person joined Harbour School, so it is closed instead of removed')
    expect(page).not.toContain('action="/admin/brands/harbour/removal"')
    await admin.post('/admin/brands/harbour/removal').expect(409)
    for (const [hosts, into] of [
      ['page', 'harbour'],
      ['page', 'nowhere'],
      ['vanish', 'academy'],
    ]) {
      await close(hosts!, into).expect(422)
    }
    expect((await readBrand('harbour')).closed).toBeUndefined()
    await close('page').expect(303)
    const list = (await admin.get('/admin/brands').expect(200)).text
    expect(list).toContain('Harbour School is closed.')

    expect(await AuditEntries.count({ action: 'brand.closed', subject: 'harbour' })).toBe(1)
  })

  test('its hosts say that it has closed, while certificates, links in emails and files lead on', async () => {
    const visitor = at(host, await anonymous())
    for (const path of ['/', '/courses', '/courses/pumps', '/sign-up', '/admin', '/pricing']) {
      const page = await visitor.get(path).expect(410)
      expect(page.text).toContain('This academy has closed')
      expect(page.text).toContain(`href="${first}"`)
    }
    const link = `/links/${await issueLink({ purpose: 'sign-in', email: bo.email, next: null })}`
    for (const path of [link, `/certificates/${certificate}`, '/courses/pumps/cover.png', '/certificates']) {
      const { headers } = await visitor.get(path).expect(303)
      expect(headers.location).toBe(first + path)
    }
    const signedIn = await (await anonymous()).post(link).expect(303)
    expect(signedIn.headers.location).toBe('/learning')
    const shown = (await (await anonymous()).get(`/certificates/${certificate}`).expect(200)).text
    expect(shown).toContain('Harbour School')
    await visitor.post('/sign-up', { name: 'Eve', email: 'eve@port.example', how: 'link' }).expect(410)
  })

  test('a mail program still unsubscribes at its host, and programs get their answers', async () => {
    const visitor = at(host, await anonymous())
    const { status } = await visitor.post(`/unsubscribe/${unsubscribeToken(bo._id)}`, {
      'List-Unsubscribe': 'One-Click',
    })
    expect(status).toBe(200)
    await visitor.get('/healthz').expect(200)
    const outcome = await visitor.post('/api/crm/outcomes')
    expect(outcome.status).toBe(415)
  })

  test('its people belong to the other brand: their pages, their emails and the team’s lists', async () => {
    const learner = await as(bo)
    expect((await learner.get('/learning').expect(200)).text).toContain(course.content.title)
    await (await anonymous()).post('/sign-in/link', { email: bo.email }).expect(303)
    const email = (await Emails.findOne({ to: bo.email }).sort({ createdAt: -1 }))!
    expect(email.html).not.toContain('Harbour')
    expect(email.html).toContain(`${first}/links/`)
    expect((await brandOf(bo.brand)).id).toBe('academy')
    expect((await People.findById(bo._id))!.brand).toBe('harbour')
  })

  test('redirects every page when the administrator prefers that', async () => {
    await close('redirect').expect(303)
    const visitor = at(host, await anonymous())
    for (const path of ['/', '/courses/pumps?x=1', '/nowhere']) {
      const { headers } = await visitor.get(path).expect(303)
      expect(headers.location).toBe(first + path)
    }
    const { headers } = await visitor.post('/sign-up', { name: 'Eve', how: 'link' }).expect(303)
    expect(headers.location).toBe(`${first}/`)
  })

  test('can’t be edited while it is closed, and its hosts can go to another brand', async () => {
    const page = await admin.get('/admin/brands/harbour/look').expect(409)
    expect(page.text).toContain('This brand is closed. Reopen it first')
    await admin.post('/admin/brands/harbour/publications').expect(409)
    await admin.post('/admin/brands/harbour/hosts', { hosts: '' }).expect(303)
    await open('dock', 'Dock School', [host])
    expect(
      (
        await at(host, await anonymous())
          .get('/')
          .expect(200)
      ).text,
    ).toContain('Dock School')
  })

  test('that took over another one passes its people on when it is closed too', async () => {
    await close('redirect', 'dock').expect(303)
    expect((await brandOf('harbour')).id).toBe('dock')
    await admin.post('/admin/brands/dock/removal').expect(409)
    await admin.post('/admin/brands/dock/closure', { hosts: 'page', into: 'academy' }).expect(303)
    expect((await brandOf('harbour')).id).toBe('academy')
  })

  test('is opened again with its people', async () => {
    await admin.post('/admin/brands/dock/reopening').expect(303)
    await admin.post('/admin/brands/harbour/reopening').expect(303)
    expect((await brandOf(bo.brand)).id).toBe('harbour')
    await admin.get('/admin/brands/harbour').expect(200)
    expect(await AuditEntries.count({ action: 'brand.reopened' })).toBe(2)
  })
})
