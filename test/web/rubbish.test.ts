import request from 'supertest'
import { routes as academy } from '../../src/academy/routes'
import { routes as account } from '../../src/account/routes'
import { routes as checkout } from '../../src/checkout/routes'
import { routes as demo } from '../../src/demo/routes'
import { routes as desk } from '../../src/sales/routes'
import { routes as insights } from '../../src/insights/routes'
import { routes as office } from '../../src/admin/routes'
import { routes as studio } from '../../src/studio/routes'
import { addEndpoint } from '../../src/webhooks/add-endpoint'
import { enrol } from '../../src/learning/enrol'
import { requestContact } from '../../src/signals/request-contact'
import { Deliveries, type Delivery } from '../../src/webhooks/delivery'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

// What nobody's browser sends: each answer is a 4xx or a page, never a fault of ours.

let running: Academy
let admin: Visitor
let names: Record<string, string>

beforeAll(async () => {
  running = await openAcademy()
  const pumps = await make.course({ slug: 'pumps', quiz: 1 })
  const person = await make.person({ role: 'admin' })
  admin = await as(person)
  const ada = await make.person()
  const crm = await addEndpoint({
    name: 'CRM',
    url: 'http://127.0.0.1:9/',
    types: ['lead.contact_requested'],
  })
  await enrol({ person: person._id, published: pumps, paid: false })
  await requestContact({ person: ada._id, published: pumps, kind: 'demo', text: '' })
  await runAllDue()
  const delivery = await Deliveries.findOne({})
  names = {
    slug: 'pumps',
    lesson: 'final-check',
    person: String(ada._id),
    endpoint: String(crm._id),
    delivery: delivery!._id,
    part: 'all',
    purpose: 'profiling',
    number: '1',
  }
})
afterAll(() => running.close())

const all = [...academy, ...account, ...checkout, ...demo, ...desk, ...insights, ...office, ...studio]
const pathsOf = (wanted: string) => all.filter(([method]) => method === wanted).map(([, path]) => path)
const addressOf = (path: string) =>
  path.replace(/:([a-z]+)/gi, (_all, name: string) => names[name] ?? 'nobody-has-this')

const odd = ['a&NAME=b', '%00', '__proto__', '1e999', '2026-13-45', 'WyJ4Il0']
const parameters =
  'after all back before by course endpoint from next number on only owner part q role span state subject t tab theme version'

test.each(pathsOf('get'))('odd parameters do not break %s', async path => {
  for (const value of odd) {
    const pairs = parameters.split(' ').map(name => `${name}=${value.replace('NAME', name)}`)
    const { status } = await admin.get(`${addressOf(path)}?${pairs.join('&')}`)
    expect(status >= 500 ? `${value}: ${status}` : 'answered').toBe('answered')
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

test.each(pathsOf('post'))('a body that no form sends is no fault of %s', async path => {
  for (const [type, body] of bodies) {
    const { status, text } = await request(theApp())
      .post(addressOf(path))
      .set({ cookie: admin.cookie, 'x-csrf-token': admin.csrf, accept: 'text/html', 'content-type': type })
      .send(body)
    expect(status >= 500 ? `${type} ${body}: ${status}` : 'answered').toBe('answered')
    expect(text).not.toMatch(/Invalid input|node_modules/)
  }
})
