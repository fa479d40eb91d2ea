import { setTimeout as rest } from 'node:timers/promises'
import request from 'supertest'
import { routes as academyRoutes } from '../../src/academy/routes'
import { routes as account } from '../../src/account/routes'
import { routes as admin } from '../../src/admin/routes'
import { routes as api, opsRoutes } from '../../src/api/routes'
import { routes as checkout } from '../../src/checkout/routes'
import { routes as demo } from '../../src/demo/routes'
import { routes as insights } from '../../src/insights/routes'
import { routes as integrations } from '../../src/integrations/routes'
import { routes as sales } from '../../src/sales/routes'
import { routes as studio } from '../../src/studio/routes'
import { config } from '../../src/platform/config'
import { record } from '../../src/events/record'
import { createLeadActionLink } from '../../src/leads/lead-action-link'
import { issueLink } from '../../src/people/link'
import { unsubscribeToken } from '../../src/people/unsubscribe-token'
import { Visits } from '../../src/people/visit'
import { loggedPath } from '../../src/web/request-log'
import { landingOf } from '../../src/web/visits'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
})
afterAll(() => academy.close())
afterEach(() => Visits.deleteMany({}))

const tables = [academyRoutes, account, checkout, studio, sales, integrations, insights, admin, api, demo]
const patterns = [...new Set([...tables.flat(), ...opsRoutes].map(([, path]) => path))]
const secret = 'a-value-nobody-else-may-see'
/** A page that anyone can find with its address has no secret in it. */
const isPublic = (name: string, path: string) =>
  (name === 'slug' && /^\/(courses|paths)\/:slug/.test(path)) ||
  (name === 'lesson' && path.startsWith('/courses/:slug/lessons/:lesson'))

test.each(patterns)('a visitor who arrives at %s leaves nothing secret in the database', path => {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!)
  const params = Object.fromEntries(names.map(name => [name, isPublic(name, path) ? `the-${name}` : secret]))
  const landing = landingOf({ route: { path }, params })
  expect(landing).not.toContain(secret)
  expect(landing).toBe(path.replace(/:(\w+)/g, (all, name) => (isPublic(name, path) ? `the-${name}` : all)))
})

test.each(patterns.filter(path => path.includes(':token')))('the log has no token of %s either', path => {
  expect(loggedPath(path.replace(':token', secret))).not.toContain(secret)
})

test('a visitor who arrives by a link of an email is stored with its route, without the token', async () => {
  const ada = await make.person()
  const rep = await make.person({ role: 'sales' })
  const pumps = await make.course()
  const data = { trigger: 'score' as const, band: 'A1', score: 70, fit: 80, sequence: 1 }
  await record({ name: 'lead.qualified', person: ada._id, idempotencyKey: [1], data })
  await runAllDue()
  const paths = {
    '/links/:token': `/links/${await issueLink({ purpose: 'sign-in', email: ada.email, next: null })}`,
    '/unsubscribe/:token': `/unsubscribe/${unsubscribeToken(ada._id)}`,
    '/lead-actions/:token': pathOf(await createLeadActionLink(ada._id, 1, rep._id)),
    [`/courses/${pumps.slug}`]: `/courses/${pumps.slug}`,
    [`/courses/${pumps.slug}/lessons/lesson-1`]: `/courses/${pumps.slug}/lessons/lesson-1`,
  }
  for (const [landing, path] of Object.entries(paths)) {
    expect(await landingsAfter(path)).toEqual([landing])
  }
  // The second visitor gets the page from memory, without a route.
  const course = `/courses/${pumps.slug}`
  expect(await landingsAfter(course, 'Mozilla/5.0 Safari/605')).toEqual([course])
})

let browser = 0

/** Returns the landings of all visits after a new browser has opened a page. */
async function landingsAfter(
  path: string,
  userAgent = `Mozilla/5.0 Firefox/${++browser}`,
): Promise<string[]> {
  await Visits.deleteMany({})
  const { status } = await request(academy.app)
    .get(path)
    .set({ accept: 'text/html', 'user-agent': userAgent })
  expect([200, 410]).toContain(status)
  for (let n = 0; n < 50 && !(await Visits.count({})); n++) await rest(10)
  return (await Visits.find({})).map(({ first }) => first.landing)
}

function pathOf(url: string): string {
  return url.replace(config.baseUrl, '')
}
