import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import request from 'supertest'
import { openAcademy, theApp, type Academy } from '../kit/academy'

// The demo has known passwords and shows every sign-in link, so only this computer may reach it.

let academy: Academy

beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())

test('a visitor on this computer reads the emails of the demo', async () => {
  for (const host of ['127.0.0.1', 'localhost:3000', '[::1]:3000']) {
    await request(theApp()).get('/demo/mail').set('host', host).expect(200)
  }
})

test.each([
  ['x-forwarded-for', '93.184.216.34'],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-forwarded-host', 'learn.example'],
  ['x-forwarded-proto', 'https'],
  ['forwarded', 'for=93.184.216.34'],
  ['x-real-ip', '93.184.216.34'],
  ['via', '1.1 proxy.example'],
  ['cf-connecting-ip', '93.184.216.34'],
  ['true-client-ip', '93.184.216.34'],
  ['x-client-ip', '93.184.216.34'],
])('a visitor who comes through a proxy (%s) is told which setting an academy needs', async (name, value) => {
  for (const path of ['/', '/demo/mail', '/sign-in', '/css/base.css', '/healthz']) {
    const response = await request(theApp()).get(path).set(name, value).expect(403)
    expect(response.text).toContain('NODE_ENV=production')
  }
})

test('a proxy that adds no header is recognised by its version of HTTP', async () => {
  const { hostname, port } = new URL(await academy.listen())
  const socket = connect(Number(port), hostname)
  socket.write('GET /demo/mail HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n')
  const [status] = (await text(socket)).split('\r\n')
  expect(status).toContain('403')
})

test('another name of this computer is refused, so no foreign page can read along', async () => {
  const response = await request(theApp()).get('/demo/mail').set('host', 'evil.example').expect(421)
  expect(response.text).toContain('127.0.0.1')
})
