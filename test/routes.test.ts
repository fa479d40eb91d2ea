import request from 'supertest'
import { routes as academy } from '../src/academy/routes'
import { routes as account } from '../src/account/routes'
import { routes as api, watch } from '../src/api/routes'
import { routes as checkout } from '../src/checkout/routes'
import { routes as demo } from '../src/demo/routes'
import { routes as desk } from '../src/desk/routes'
import { routes as insights } from '../src/insights/routes'
import { routes as office } from '../src/office/routes'
import { routes as studio } from '../src/studio/routes'
import { roles, type Role } from '../src/people/person'
import { openAcademy, theApp, type Academy } from './kit/academy'
import { as, stranger, type Visitor } from './kit/as'
import * as make from './kit/make'

/** Every route with who may use it. A new route without its row here fails, and so does a row without its route. */
const table: Record<string, string> = {}

const all = [
  ...academy,
  ...account,
  ...checkout,
  ...studio,
  ...desk,
  ...insights,
  ...office,
  ...api,
  ...watch,
  ...demo,
]
const named = all.map(([method, path, guard]) => ({
  name: `${method} ${path}`,
  method,
  path,
  who: guard.who,
}))

let academyUnderTest: Academy
const visitors = {} as Record<Role | 'stranger', Visitor>

beforeAll(async () => {
  academyUnderTest = await openAcademy()
  for (const role of roles) visitors[role] = await as(await make.person({ role }))
  visitors.stranger = await stranger()
})
afterAll(() => academyUnderTest.close())

test('every route has its row, and every row its route', () => {
  expect(Object.fromEntries(named.map(({ name, who }) => [name, who]))).toEqual(table)
})

test('the app answers no path beside these', () => {
  const layers = (
    theApp() as unknown as { router: { stack: { route?: { path: string; methods: object } }[] } }
  ).router.stack
  const mounted = layers.flatMap(({ route }) =>
    route ? Object.keys(route.methods).map(method => `${method} ${route.path}`) : [],
  )
  expect(mounted.filter(name => !(name in table))).toEqual([])
})

describe.each(named.filter(({ who }) => who !== 'anyone' && !who.startsWith('machine')))(
  '$name ($who)',
  ({ method, path, who }) => {
    const address = path.replace(/:[a-z]+/gi, 'nobody-has-this').replace(/\{[^}]*\}/g, '')
    const ask = (visitor: Visitor) => (method === 'get' ? visitor.get(address) : visitor.post(address))
    const allowed = (role: Role) => who === 'signed in' || who.split(', ').includes(role)

    test('a stranger is asked to sign in', async () => {
      const answer = await ask(visitors.stranger)
      if (method === 'get') {
        expect(answer.status).toBe(303)
        expect(answer.headers.location).toMatch(/^\/sign-in\?next=/)
      } else expect(answer.status).toBe(401)
    })

    test('a wrong role is refused', async () => {
      for (const role of roles.filter(each => !allowed(each)))
        expect((await ask(visitors[role])).status).toBe(403)
    })

    test('a right role gets in: what is not there is 404, what is not right is 4xx, and nothing breaks', async () => {
      for (const role of roles.filter(allowed)) {
        const { status } = await ask(visitors[role])
        expect([401, 403].includes(status) || status >= 500 ? `${role}: ${status}` : 'in').toBe('in')
      }
    })
  },
)

const changing = named.filter(({ method, who }) => method !== 'get' && !who.startsWith('machine'))
test.each(changing)('$name is refused without the token of its own page', async ({ path }) => {
  const address = path.replace(/:[a-z]+/gi, 'nobody-has-this')
  await request(theApp())
    .post(address)
    .set('cookie', visitors.admin.cookie)
    .set('accept', 'text/html')
    .type('form')
    .send({ a: 1 })
    .expect(403)
  await request(theApp())
    .post(address)
    .set('cookie', visitors.admin.cookie)
    .set('origin', 'https://evil.example')
    .type('form')
    .send({ _csrf: visitors.admin.csrf })
    .expect(403)
})
