import request from 'supertest'
import { routes as academy } from '../../src/academy/routes'
import { routes as account } from '../../src/account/routes'
import { routes as admin } from '../../src/admin/routes'
import { routes as checkout } from '../../src/checkout/routes'
import { routes as demo } from '../../src/demo/routes'
import { routes as insights } from '../../src/insights/routes'
import { routes as integrations } from '../../src/integrations/routes'
import { routes as sales } from '../../src/sales/routes'
import { routes as studio } from '../../src/studio/routes'
import { addEndpoint } from '../../src/webhooks/add-endpoint'
import { enrol } from '../../src/learning/enrol'
import { requestContact } from '../../src/signals/request-contact'
import { Deliveries } from '../../src/webhooks/delivery'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

// Requests that no browser sends: the response is a page or a 4xx, never a 5xx.

let app: Academy
let visitor: Visitor
let pathParameters: Record<string, string>

beforeAll(async () => {
  app = await openAcademy()
  const pumps = await make.course({ slug: 'pumps', quiz: 1 })
  const person = await make.person({ role: 'admin' })
  visitor = await as(person)
  const ada = await make.person()
  const endpoint = await addEndpoint({
    name: 'CRM',
    url: 'http://127.0.0.1:9/',
    types: ['lead.contact_requested'],
  })
  await enrol({ person: person._id, published: pumps, paid: false })
  await requestContact({ person: ada._id, published: pumps, kind: 'demo', text: '', occasion: 'form' })
  await runAllDue()
  const delivery = await Deliveries.findOne({})
  pathParameters = {
    slug: 'pumps',
    lesson: 'final-quiz',
    person: String(ada._id),
    endpoint: String(endpoint._id),
    delivery: delivery!._id,
    purpose: 'profiling',
    number: '1',
  }
})
afterAll(() => app.close())

const all = [
  ...academy,
  ...account,
  ...admin,
  ...checkout,
  ...demo,
  ...insights,
  ...integrations,
  ...sales,
  ...studio,
]
const pathsOf = (wanted: string) => all.filter(([method]) => method === wanted).map(([, path]) => path)
const urlOf = (path: string) =>
  path.replace(/:([a-z]+)/gi, (_all, name: string) => pathParameters[name] ?? 'unknown')

const malformed = ['a&NAME=b', '%00', '__proto__', '1e999', '2026-13-45', 'WyJ4Il0']
const queryParameters = (
  'after all back before by course endpoint from next number on only owner q role span state subject t tab theme ' +
  'version'
).split(' ')

test.each(pathsOf('get'))('malformed query parameters do not break %s', async path => {
  for (const value of malformed) {
    const pairs = queryParameters.map(name => `${name}=${value.replace('NAME', name)}`)
    const { status } = await visitor.get(`${urlOf(path)}?${pairs.join('&')}`)
    expect(status >= 500 ? `${value}: ${status}` : 'below 500').toBe('below 500')
  }
})

const bodies: [type: string, body: string][] = [
  ['application/json', '{"a":1}'],
  ['application/json', '{'],
  ['text/plain', 'x'],
  ['multipart/form-data', 'x'],
  [
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="zip"; filename="a"\r\n\r\nx',
  ],
  [
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="x"; filename="a"\r\n\r\nx\r\n--x--\r\n',
  ],
  ['application/x-www-form-urlencoded', '__proto__=1&constructor=2&a.b=3&$gt=4'],
  ['application/x-www-form-urlencoded', 'title=a&title=b&text=a&text=b&name=a&name=b&q=%00&number=%00'],
]

test.each(pathsOf('post'))('a body that no form sends does not break %s', async path => {
  for (const [type, body] of bodies) {
    const { status, text } = await request(theApp())
      .post(urlOf(path))
      .set({
        cookie: visitor.cookie,
        'x-csrf-token': visitor.csrf,
        accept: 'text/html',
        'content-type': type,
      })
      .send(body)
    expect(status >= 500 ? `${type} ${body}: ${status}` : 'below 500').toBe('below 500')
    expect(text).not.toMatch(/Invalid input|node_modules/)
  }
})
