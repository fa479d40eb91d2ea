import { AuditEntries } from '../../src/events/audit'
import { Events } from '../../src/events/event'
import { Courses } from '../../src/courses/course'
import { zipFiles } from '../../src/courses/export-course'
import { Consents } from '../../src/people/consent'
import { People, type Person } from '../../src/people/person'
import { Endpoints, liveSecrets } from '../../src/webhooks/endpoint'
import { Recoveries } from '../../src/webhooks/recovery'
import request from 'supertest'
import { courseFiles } from '../courses/files'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { shownConsents } from '../kit/consents'
import * as make from '../kit/make'
import { hours, minutes } from '../../src/platform/clock'
import { closeEndpointServers, endpointOf, openEndpointServer } from '../webhooks/endpoint-server'

let academy: Academy
let petra: Visitor
let ines: Visitor
let admin: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  petra = await as(await make.person({ role: 'sales-lead', name: 'Petra Novotná' }))
  ines = await as(await make.person({ role: 'author', name: 'Ines Halvorsen' }))
  admin = await as(await make.person({ role: 'admin' }))
})
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(async () => {
  await closeEndpointServers()
  await Endpoints.deleteMany({})
})
afterAll(() => academy.close())

/** Returns the occasion in the page's form to this action. */
async function occasionIn(visitor: Visitor, page: string, action: string): Promise<string> {
  const { text } = await visitor.get(page).expect(200)
  const form = text.split('<form').find(each => each.includes(`action="${action}"`))!
  return /name="occasion" value="([\w-]{22})"/.exec(form)![1]!
}

/** Presses a button so many times at once, and returns where each press leads. */
async function press(visitor: Visitor, action: string, fields: object, times = 2): Promise<string[]> {
  const responses = await Promise.all(
    Array.from({ length: times }, () => visitor.post(action, { ...fields }).expect(303)),
  )
  return [...new Set(responses.map(({ headers }) => headers.location as string))]
}

const crmFields = { name: 'Sales CRM', url: 'https://crm.example/hooks', types: 'lead.qualified' }

describe('a lead who adds an endpoint', () => {
  const add = async () => occasionIn(petra, '/integrations/endpoints/new', '/integrations/endpoints')

  test('and presses the button 100 times has one endpoint, and sees its secret', async () => {
    const fields = { ...crmFields, occasion: await add() }
    const before = await AuditEntries.count({ action: 'endpoint.added' })
    const [page, ...others] = await press(petra, '/integrations/endpoints', fields, 100)
    expect(others).toEqual([])
    expect(await Endpoints.count()).toBe(1)
    expect(await AuditEntries.count({ action: 'endpoint.added' })).toBe(before + 1)
    expect((await petra.get(page!)).text).toMatch(/whsec_\w/)
    // The browser has opened the page of the first press, which no one saw, before the second press.
    expect(await press(petra, '/integrations/endpoints', fields)).toEqual([page])
    expect((await petra.get(page!)).text).toMatch(/whsec_\w/)
    expect((await petra.get(page!)).text).not.toMatch(/whsec_\w/)
    advance(minutes(1))
    await press(petra, '/integrations/endpoints', fields)
    expect((await petra.get(page!)).text).not.toMatch(/whsec_\w/)
  })

  test('from a form without an occasion has one endpoint for the same words', async () => {
    await press(petra, '/integrations/endpoints', crmFields, 5)
    expect(await Endpoints.count()).toBe(1)
  })

  test('goes back, changes the name and has a second one', async () => {
    const occasion = await add()
    await press(petra, '/integrations/endpoints', { ...crmFields, occasion })
    await press(petra, '/integrations/endpoints', { ...crmFields, name: 'Partner', occasion })
    expect(await Endpoints.count()).toBe(2)
  })

  test('opens the form again and has a second one of the same name', async () => {
    await press(petra, '/integrations/endpoints', { ...crmFields, occasion: await add() })
    await press(petra, '/integrations/endpoints', { ...crmFields, occasion: await add() })
    expect(await Endpoints.count()).toBe(2)
  })

  test('with an error in the form keeps its occasion', async () => {
    const occasion = await add()
    const { text } = await petra.post('/integrations/endpoints', { name: 'CRM', occasion }).expect(422)
    expect(text).toContain(`name="occasion" value="${occasion}"`)
  })
})

describe('a lead at an endpoint', () => {
  test('who presses Rotate secret twice rotates it once', async () => {
    const crm = await openEndpointServer({ name: 'Sales CRM' })
    const href = `/integrations/endpoints/${(await endpointOf(crm))._id}`
    const occasion = await occasionIn(petra, `${href}/secret`, `${href}/rotation`)
    const [before] = liveSecrets(await endpointOf(crm))
    expect(await press(petra, `${href}/rotation`, { occasion }, 5)).toEqual([`${href}/secret`])
    expect((await petra.get(`${href}/secret`)).text).toMatch(/whsec_\w/)
    expect(await press(petra, `${href}/rotation`, { occasion })).toEqual([`${href}/secret`])
    expect((await petra.get(`${href}/secret`)).text).toMatch(/whsec_\w/)
    const after = liveSecrets(await endpointOf(crm))
    expect(after).toHaveLength(2)
    expect(after[1]).toBe(before)
    expect(await AuditEntries.count({ action: 'secret.rotated' })).toBe(1)
  })

  test('is asked before a second rotation ends the secret that the CRM uses', async () => {
    const crm = await openEndpointServer({ name: 'Sales CRM' })
    const href = `/integrations/endpoints/${(await endpointOf(crm))._id}`
    const rotate = async (page: string, fields = {}) => {
      const occasion = await occasionIn(petra, page, `${href}/rotation`)
      return press(petra, `${href}/rotation`, { ...fields, occasion })
    }
    const [first] = liveSecrets(await endpointOf(crm))
    await rotate(`${href}/secret`)
    advance(hours(1))
    expect(await rotate(`${href}/secret`)).toEqual([`${href}/rotation/new`])
    expect(liveSecrets(await endpointOf(crm))).toContain(first)
    const { text } = await petra.get(`${href}/rotation/new`).expect(200)
    expect(text).toContain('The old secret works until 24 November 2026 at 09:00')
    const newest = /name="newest" value="([^"]+)"/.exec(text)![1]!
    expect(await rotate(`${href}/rotation/new`, { newest })).toEqual([`${href}/secret`])
    const after = liveSecrets(await endpointOf(crm))
    expect(after).toHaveLength(2)
    expect(after).not.toContain(first)
    // The same answer from a page that is still open is about a secret that isn't the newest any more.
    expect(await rotate(`${href}/rotation/new`, { newest })).toEqual([`${href}/rotation/new`])
    expect(liveSecrets(await endpointOf(crm))).toEqual(after)
  })

  test('rotates without a question once the old secret has expired', async () => {
    const crm = await openEndpointServer({ name: 'Sales CRM' })
    const href = `/integrations/endpoints/${(await endpointOf(crm))._id}`
    await petra.post(`${href}/rotation`).expect(303).expect('location', `${href}/secret`)
    await petra.post(`${href}/rotation`).expect(303).expect('location', `${href}/rotation/new`)
    advance(hours(25))
    expect((await petra.get(`${href}/rotation/new`)).text).toContain('it works for another 24 hours')
    await petra.post(`${href}/rotation`).expect(303).expect('location', `${href}/secret`)
  })

  test('who presses Send test message twice sends one, and sees its result both times', async () => {
    const crm = await openEndpointServer({ name: 'Sales CRM' })
    const href = `/integrations/endpoints/${(await endpointOf(crm))._id}`
    const occasion = await occasionIn(petra, href, `${href}/test`)
    expect(await press(petra, `${href}/test`, { occasion }, 5)).toEqual([
      `${href}/test?type=webhook.test#result`,
    ])
    await press(petra, `${href}/test`, { occasion })
    expect(crm.received).toHaveLength(1)
    await press(petra, `${href}/test`, { occasion: await occasionIn(petra, href, `${href}/test`) })
    expect(crm.received).toHaveLength(2)
  })

  test('who presses Replay twice starts one, and a teammate at the same moment is told that it runs', async () => {
    const crm = await openEndpointServer({ name: 'Sales CRM' })
    const href = `/integrations/endpoints/${(await endpointOf(crm))._id}`
    const replay = { since: '2026-11-23T00:00', mode: 'failed' }
    const occasion = await occasionIn(petra, `${href}/replay`, `${href}/recovery`)
    expect(await press(petra, `${href}/recovery`, { ...replay, occasion }, 5)).toEqual([`${href}/replay`])
    expect(await Recoveries.count()).toBe(1)
    await Recoveries.updateMany({}, { $set: { endedAt: new Date() } })
    await press(petra, `${href}/recovery`, { ...replay, occasion })
    expect(await Recoveries.count()).toBe(1)

    const both = await Promise.all(
      [petra, admin].map(async visitor => {
        const own = await occasionIn(visitor, `${href}/replay`, `${href}/recovery`)
        return visitor.post(`${href}/recovery`, { ...replay, occasion: own })
      }),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([303, 409])
    expect(await Recoveries.count()).toBe(2)
  })
})

describe('an author who presses twice', () => {
  test('creates one course, one module and one lesson', async () => {
    const title = 'Bearings'
    const course = await occasionIn(ines, '/studio/courses/new', '/studio/courses')
    const pages = await press(ines, '/studio/courses', { title, occasion: course }, 10)
    expect(pages).toEqual(['/studio/courses/bearings'])
    expect(await Courses.count()).toBe(1)

    const [home] = pages
    const module = { title: 'Wear', occasion: await occasionIn(ines, home!, `${home}/modules`) }
    await press(ines, `${home}/modules`, module, 5)
    const compose = `${home}/lessons/new?module=wear`
    const lesson = { title: 'Noise', kind: 'text', module: 'wear' }
    const occasion = await occasionIn(ines, compose, `${home}/lessons`)
    expect(await press(ines, `${home}/lessons`, { ...lesson, occasion }, 5)).toEqual([
      `${home}/lessons/noise`,
    ])
    expect(await outlineOf('bearings')).toEqual([['wear', ['noise']]])

    // The same words in a newly opened form are meant.
    await press(ines, `${home}/lessons`, {
      ...lesson,
      occasion: await occasionIn(ines, compose, `${home}/lessons`),
    })
    const again = await occasionIn(ines, home!, `${home}/modules`)
    await press(ines, `${home}/modules`, { title: 'Wear', occasion: again })
    expect(await outlineOf('bearings')).toEqual([
      ['wear', ['noise', 'noise-2']],
      ['wear-2', []],
    ])
    await press(ines, '/studio/courses', {
      title,
      occasion: await occasionIn(ines, '/studio/courses/new', '/studio/courses'),
    })
    expect(await Courses.count()).toBe(2)
  })

  test('imports one course beside the one that has its name', async () => {
    const occasion = await occasionIn(ines, '/studio/imports/new', '/studio/imports')
    const upload = async (title: string) =>
      request(academy.app)
        .post('/studio/imports')
        .set('cookie', ines.cookie)
        .field('_csrf', ines.csrf)
        .field('occasion', occasion)
        .field('existing', 'new')
        .attach(
          'zip',
          await zipFiles(courseFiles({ 'course.yml': `title: ${title}\ntopic: sales\n` })),
          'seals.zip',
        )
        .expect(200)
    await upload('Seals')
    await Promise.all([upload('Other seals'), upload('Other seals')])
    await upload('Third seals')
    const found = await Courses.find({ slug: /^seals/ }).sort({ slug: 1 })
    expect(found.map(({ draft }) => draft.title)).toEqual(['Seals', 'Other seals', 'Third seals'])
  })

  async function outlineOf(slug: string) {
    const { draft } = (await Courses.findOne({ slug }))!
    return draft.modules.map(({ folder, lessons }) => [folder, lessons.map(lesson => lesson.slug)])
  }
})

test('a learner who withdraws a consent 50 times at once withdraws it once', async () => {
  const ada = await make.person({ consents: ['profiling', 'share_with_sales'] } as Partial<Person>)
  const her = await as(ada)
  await press(her, '/account/consents/profiling/withdrawal', {}, 50)
  expect(await Events.count({ person: ada._id, name: 'consent.withdrawn' })).toBe(1)
  expect((await People.findById(ada._id))!.consents).not.toContain('profiling')

  await press(her, '/account/consents/profiling', await shownConsents(), 10)
  expect(await Consents.count({ person: ada._id, purpose: 'profiling', withdrawnAt: null })).toBe(1)
  expect((await People.findById(ada._id))!.consents).toContain('profiling')
  await press(her, '/account/consents/profiling/withdrawal', {}, 50)
  expect(await Events.count({ person: ada._id, name: 'consent.withdrawn' })).toBe(2)
  expect((await People.findById(ada._id))!.consents).not.toContain('profiling')
})

test('an admin who presses Invite teammate twice reads twice that they were invited', async () => {
  const fields = { name: 'Mara  Lind', email: 'mara@northgate.example', role: 'sales' }
  expect(await press(admin, '/admin/people', fields, 3)).toEqual(['/admin/people'])
  expect(await AuditEntries.count({ action: 'person.invited' })).toBe(1)
  const other = { ...fields, role: 'admin' }
  expect((await admin.post('/admin/people', other).expect(422)).text).toContain('already exists')
  advance(hours(1))
  await admin.post('/admin/people', fields).expect(422)
})
