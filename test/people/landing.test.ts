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
import { People } from '../../src/people/person'
import { readTouches } from '../../src/people/carried-touches'
import { loggedPath } from '../../src/web/request-log'
import { landingOf } from '../../src/web/visits'
import { openAcademy, type Academy } from '../kit/academy'
import { browser, emailTo } from '../account/browser'
import { closeEndpointServers, openEndpointServer } from '../webhooks/endpoint-server'
import { as } from '../kit/as'
import { setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
})
afterAll(() => academy.close())
afterEach(closeEndpointServers)

const tables = [academyRoutes, account, checkout, studio, sales, integrations, insights, admin, api, demo]
const patterns = [...new Set([...tables.flat(), ...opsRoutes].map(([, path]) => path))]
const secret = 'a-value-nobody-else-may-see'
/** A page that anyone can find with its address contains no secret. */
const isPublic = (name: string, path: string) =>
  (name === 'slug' && /^\/(courses|paths)\/:slug/.test(path)) ||
  (name === 'lesson' && /^\/courses\/:slug\/(version\/)?lessons\/:lesson/.test(path))

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
    '/lead-actions/:token': pathOf(await createLeadActionLink(ada._id, 1, rep._id, config.baseUrl)),
    [`/courses/${pumps.slug}`]: `/courses/${pumps.slug}`,
    [`/courses/${pumps.slug}/lessons/lesson-1`]: `/courses/${pumps.slug}/lessons/lesson-1`,
  }
  for (const [landing, path] of Object.entries(paths)) expect(await landingOn(path)).toBe(landing)
  // The second visitor gets the page from memory, without a route.
  const course = `/courses/${pumps.slug}`
  expect(await landingOn(course)).toBe(course)
})

test('a CRM, an export and the person themselves read the route, and no token', async () => {
  const crm = await openEndpointServer()
  const rep = await as(await make.person({ role: 'sales-lead' }))
  const { slug } = await make.course()
  const token = unsubscribeToken((await make.person())._id)
  const here = browser(firefox)
  await here.open(`/unsubscribe/${token}?utm_source=newsletter`)
  await here.open('/sign-up')
  const consents = { profiling: 'on', share_with_sales: 'on' }
  await here.send('/sign-up', { how: 'link', name: 'Vera', email: 'vera@northwind.com', ...consents })
  const { link } = await emailTo('vera@northwind.com')
  await here.open(link)
  await here.send(link)
  await here.open(`/courses/${slug}/contact-request`)
  await here.send(`/courses/${slug}/contact-request`, { kind: 'demo' })
  await runAllDue()
  const bodies = crm.received.map(({ body }) => body).join()
  expect(bodies).toContain('"landing_path":"/unsubscribe/:token"')
  const csv = (await rep.get('/sales/leads.csv').expect(200)).text
  expect(csv).toContain('vera@northwind.com')
  const own = (await here.open('/account/data.json')).text
  for (const text of [bodies, csv, own, JSON.stringify(await People.find({}))])
    expect(text).not.toContain(token)
})

const firefox = { 'user-agent': 'Mozilla/5.0 Firefox/140.0' }

/** Returns the landing that a campaign visitor's links on a page carry. */
async function landingOn(path: string): Promise<string> {
  const { text } = await browser(firefox).open(`${path}?utm_source=newsletter`)
  return readTouches(/[?&;]touch=([\w.-]+)|name="touch" value="([^"]+)"/.exec(text)?.slice(1).find(Boolean))!
    .first.landing
}

function pathOf(url: string): string {
  return url.replace(config.baseUrl, '')
}
