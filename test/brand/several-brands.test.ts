import { brandOf, readBrand } from '../../src/brand/brand'
import { addBrand, publishBrand, saveBrandDraft } from '../../src/brand/change-brand'
import { readLists } from '../../src/courses/catalogue-lists'
import { removeEntry } from '../../src/courses/change-catalogue-lists'
import { Courses } from '../../src/courses/course'
import type { Person } from '../../src/people/person'
import { recordVisit } from '../../src/people/visit'
import { now } from '../../src/platform/clock'
import { Scores } from '../../src/scoring/score'
import { envelope, subscribable } from '../../src/webhooks/message-types'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let owner: Person
let admin: Visitor
let author: Visitor
let sales: Visitor
const host = 'harbour.localhost'

beforeAll(async () => {
  academy = await openAcademy()
  owner = await make.person({ role: 'admin', name: 'Aisha Demir' })
  admin = await as(owner)
  author = await as(await make.person({ role: 'author' }))
  sales = await as(await make.person({ role: 'sales-lead', name: 'Petra Novotná' }))
  await make.course({ slug: 'pumps', title: 'Pumps in short', topic: 'operations', lessons: 1 })
  await make.course({ slug: 'freight', title: 'Freight in short', topic: 'sales', lessons: 1 })
  await make.course({ slug: 'law', title: 'Law in short', topic: 'privacy', lessons: 1 })
  await addBrand({ id: 'harbour', academyName: 'Harbour School', hosts: [host] }, owner._id)
  await show('harbour', ['sales'])
})
afterAll(() => academy.close())

/** Publishes a brand that shows the courses of these topics. */
async function show(id: string, topics: string[]) {
  const { draft } = await readBrand()
  const { draft: own, draftNumber } = await readBrand(id)
  const content = { ...draft, academyName: own.academyName, courses: { topics, slugs: [] } }
  await publishBrand(id, await saveBrandDraft(id, content, draftNumber), owner._id)
}

const catalogueAt = async (name: string) =>
  (await (await anonymous()).get('/courses').set('host', name).expect(200)).text

describe('a topic of a brand that is merged into another', () => {
  const merge = async (id: string, into: string) =>
    removeEntry({ list: 'topics', number: (await readLists()).number, by: null }, id, into)

  test('brings along the courses that still have its name, at once and everywhere', async () => {
    expect(await catalogueAt(host)).not.toContain('Pumps in short')
    await merge('operations', 'sales')
    const catalogue = await catalogueAt(host)
    for (const title of ['Pumps in short', 'Freight in short']) expect(catalogue).toContain(title)
    expect(catalogue).not.toContain('Law in short')
    const visitor = await anonymous()
    await visitor.get('/courses/pumps').set('host', host).expect(200)
    await visitor.get('/courses/law').set('host', host).expect(404)
  })

  test('is still the brand’s choice when the brand has named the one that went', async () => {
    await show('harbour', ['operations'])
    expect(await catalogueAt(host)).toContain('Freight in short')
    const page = (await admin.get('/admin/brands/harbour').expect(200)).text
    const boxes = [...page.matchAll(/<input[^>]* name="topics"[^>]*>/g)].map(([box]) => box)
    expect(boxes.filter(box => box.includes(' checked'))).toHaveLength(1)
    expect(boxes).toHaveLength(2)
  })
})

describe('the studio', () => {
  const placeOn = async (path: string) => (await author.get(path).expect(200)).text

  test('links to the brand of the author’s host when it shows the course', async () => {
    expect(await placeOn('/studio/courses/freight')).toContain(
      '<a href="/courses/freight">View in the academy</a>',
    )
  })

  test('links to another brand that shows the course or the path, and says when none does', async () => {
    await show('academy', ['privacy'])
    const { baseUrl } = await brandOf('harbour')
    const link = `<a href="${baseUrl}/courses/freight">View in Harbour School</a>`
    expect(await placeOn('/studio/courses/freight')).toContain(link)
    await make.path({ slug: 'both', title: 'Both', audience: '', summary: '', courses: ['freight', 'pumps'] })
    expect(await placeOn('/studio/paths/both')).toContain(`<a href="${baseUrl}/paths/both">View in Harbour`)
    await (await anonymous()).get('/paths/both').set('host', host).expect(200)
    await make.path({ slug: 'mixed', title: 'Mixed', audience: '', summary: '', courses: ['freight', 'law'] })
    expect(await placeOn('/studio/paths/mixed')).toContain('No brand shows it')
    await show('harbour', ['privacy'])
    expect(await placeOn('/studio/courses/freight')).toContain('No brand shows it')
    await show('harbour', ['sales'])
    await show('academy', ['privacy', 'sales'])
  })

  test('gives the same link after publishing', async () => {
    await show('academy', ['privacy'])
    const { draftNumber } = (await Courses.findOne({ slug: 'freight' }))!
    await author.post('/studio/courses/freight/publication', { draftNumber }).expect(303)
    const { baseUrl } = await brandOf('harbour')
    expect(await placeOn('/studio/courses/freight')).toMatch(
      new RegExp(`role="status"[^]*<a href="${baseUrl}/courses/freight">View in Harbour School</a>`),
    )
    await show('academy', ['privacy', 'sales'])
  })
})

describe('where staff look at people', () => {
  const names = { academy: 'Ada Olsen', harbour: 'Bo Lind' } as const
  const brands = ['academy', 'harbour'] as const

  beforeAll(async () => {
    for (const brand of brands) {
      const person = await make.person({
        name: names[brand],
        ...(brand === 'harbour' && { brand }),
        email: `${brand}@customer.example`,
      })
      const learner = await as(person)
      const at = brand === 'harbour' ? host : '127.0.0.1:3000'
      for (const [path, fields] of [
        ['/courses/freight/enrolment', {}],
        ['/courses/freight/contact-request', { kind: 'demo', text: 'Call me.' }],
      ] as const)
        await learner.post(path, fields).set('host', at).expect(303)
    }
    const touch = { at: now(), landing: '/', source: null, medium: null, referrer: null }
    await recordVisit({ ip: '192.0.2.1', userAgent: 'Firefox' }, touch)
    for (const agent of ['Firefox', 'Chrome'])
      await recordVisit({ ip: '192.0.2.1', userAgent: agent }, touch, 'harbour')
    await runAllDue()
  })

  test.each([
    ['/admin/people', ''],
    ['/sales/leads', ''],
    ['/sales/leads', 'tab=mine'],
    ['/sales/leads', 'q=customer'],
    ['/insights/people', 'step=enrolled'],
  ])('%s?%s is narrowed to the people of a brand', async (path, query) => {
    const reader = path.startsWith('/admin') ? admin : sales
    for (const brand of brands) {
      const page = (await reader.get(`${path}?${query}&brand=${brand}`).expect(200)).text
      const [other] = brands.filter(each => each !== brand)
      if (query !== 'tab=mine') expect([brand, page.includes(names[brand])]).toEqual([brand, true])
      expect([brand, page.includes(names[other!])]).toEqual([brand, false])
      if (path === '/sales/leads') expect(page).toContain(`brand=${brand}`)
      if (path === '/admin/people') expect(page).toMatch(new RegExp(`<option value="${brand}" selected>`))
    }
    const everyone = (await reader.get(`${path}?${query}&brand=nowhere`).expect(200)).text
    if (query !== 'tab=mine')
      for (const brand of brands) expect([brand, everyone.includes(names[brand])]).toEqual([brand, true])
  })

  test('so are those who are close to qualifying', async () => {
    await Scores.updateMany({}, { $set: { isNearThreshold: true } })
    for (const brand of brands) {
      const page = (await sales.get(`/sales/leads?tab=nearThreshold&brand=${brand}`).expect(200)).text
      const found = brands.filter(each => page.includes(names[each]))
      expect(found).toEqual([brand])
    }
  })

  /** The columns before the first one with commas in it. */
  const rowsOf = async (path: string) => {
    const { text } = await sales.get(path).expect(200)
    const [header = [], ...lines] = text
      .replace('\ufeff', '')
      .trim()
      .split('\n')
      .map(line => line.split(','))
    return lines.map(line => Object.fromEntries(header.map((name, n) => [name, line[n]])))
  }

  test('the CSV of leads and that of the funnel name the brand, and each brand has its own visits', async () => {
    const leads = await rowsOf('/sales/leads.csv')
    expect(leads.map(({ name, brand }) => [name, brand]).sort()).toEqual([
      ['Ada Olsen', expect.not.stringMatching('Harbour')],
      ['Bo Lind', 'Harbour School'],
    ])
    expect((await rowsOf('/sales/leads.csv?brand=harbour')).map(({ name }) => name)).toEqual(['Bo Lind'])
    const funnel = await rowsOf('/insights.csv')
    const counts = funnel.map(({ brand, source, visited, enrolled }) => [brand, source, visited, enrolled])
    expect(counts).toContainEqual(['Harbour School', 'direct', '2', '1'])
    const own = await rowsOf('/insights.csv?brand=harbour')
    expect(own.map(({ brand }) => brand)).toEqual(['Harbour School'])
    const page = (await sales.get('/insights?brand=harbour').expect(200)).text
    expect(page).toContain('brand=harbour')
    expect(page).toContain('<option value="harbour" selected>')
  })

  test('people of a closed brand are listed at the one that has them', async () => {
    await admin.post('/admin/brands/harbour/closure', { into: 'academy', hosts: 'redirect' }).expect(303)
    const alone = (await sales.get('/sales/leads').expect(200)).text
    expect(alone).not.toContain('name="brand"')
    await addBrand({ id: 'dock', academyName: 'Dock School', hosts: ['dock.localhost'] }, owner._id)
    const page = (await sales.get('/sales/leads?brand=academy').expect(200)).text
    for (const brand of brands) expect(page).toContain(names[brand])
    expect((await sales.get('/sales/leads?brand=dock').expect(200)).text).not.toContain('Bo Lind')
    await admin.post('/admin/brands/harbour/reopening').expect(303)
  })

  test('every message to an endpoint says which brand the person is of', () => {
    for (const type of subscribable) {
      const { properties } = envelope(type).toJSONSchema()
      expect([type, JSON.stringify(properties?.data)]).toEqual([
        type,
        expect.stringMatching(/"brand":\{"type":"object","properties":\{"id"/),
      ])
    }
  })
})
