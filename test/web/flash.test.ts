import express from 'express'
import request from 'supertest'
import { setFlash, takeFlash, type Flash } from '../../src/web/flash'

const app = express()
app.get('/set', (req, response) => {
  setFlash(response, JSON.parse(String(req.query.flash)) as Flash)
  response.end()
})
app.get('/take', (req, response) => void response.json(takeFlash(req, response)))

/** The cookie that carries this message. */
async function cookieFor(flash: Flash): Promise<string> {
  const response = await request(app)
    .get('/set')
    .query({ flash: JSON.stringify(flash) })
  return response.headers['set-cookie']![0]!.split(';')[0]!
}

test('a message is shown once, in any script', async () => {
  const flash: Flash = {
    kind: 'done',
    bold: 'أحمد، saved — “ok”; a=b',
    text: '✓',
    link: { href: '/a', text: 'b' },
  }
  const taken = await request(app)
    .get('/take')
    .set('cookie', `theme=dark; ${await cookieFor(flash)}`)
  expect(taken.body).toEqual(flash)
  expect(taken.headers['set-cookie']![0]).toMatch(/^flash=;.*Expires=Thu, 01 Jan 1970/)
})

test('a forged message is not shown', async () => {
  const [text, signature] = (await cookieFor({ kind: 'done', bold: 'Saved' }))
    .slice('flash='.length)
    .split('.')
  const forgedText = Buffer.from(JSON.stringify({ kind: 'done', bold: 'Send money' })).toString('base64url')
  for (const forged of [
    `${forgedText}.${signature}`,
    `${text}.x`,
    `${forgedText}.${signature}x`,
    'nonsense',
    '.',
  ]) {
    expect((await request(app).get('/take').set('cookie', `flash=${forged}`)).body).toBeNull()
  }
})

test('a message that is too long for a cookie keeps its bold clause', async () => {
  const cookie = await cookieFor({ kind: 'error', bold: 'Not saved', text: 'x'.repeat(5000) })
  expect(cookie.length).toBeLessThan(4096)
  expect((await request(app).get('/take').set('cookie', cookie)).body).toEqual({
    kind: 'error',
    bold: 'Not saved',
  })
})
