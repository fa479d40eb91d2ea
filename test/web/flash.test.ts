import express from 'express'
import request from 'supertest'
import { setFlash, takeFlash, type Flash } from '../../src/web/flash'

const app = express()
app.get('/say', (asked, response) => {
  setFlash(response, JSON.parse(String(asked.query.what)) as Flash)
  response.end()
})
app.get('/take', (asked, response) => void response.json(takeFlash(asked, response)))

/** The cookie that is set when this is said. */
async function said(what: Flash): Promise<string> {
  const answer = await request(app)
    .get('/say')
    .query({ what: JSON.stringify(what) })
  return answer.headers['set-cookie']![0]!.split(';')[0]!
}

test('what is said comes back once, in any script', async () => {
  const what: Flash = {
    kind: 'done',
    bold: 'أحمد، saved — “ok”; a=b',
    text: '✓',
    link: { href: '/a', text: 'b' },
  }
  const taken = await request(app)
    .get('/take')
    .set('cookie', `theme=dark; ${await said(what)}`)
  expect(taken.body).toEqual(what)
  expect(taken.headers['set-cookie']![0]).toMatch(/^flash=;.*Expires=Thu, 01 Jan 1970/)
})

test('nobody else can have a page say something', async () => {
  const [text, signature] = (await said({ kind: 'done', bold: 'Saved' })).slice('flash='.length).split('.')
  const other = Buffer.from(JSON.stringify({ kind: 'done', bold: 'Send money' })).toString('base64url')
  for (const forged of [`${other}.${signature}`, `${text}.x`, `${other}.${signature}x`, 'nonsense', '.']) {
    expect((await request(app).get('/take').set('cookie', `flash=${forged}`)).body).toBeNull()
  }
})

test('what is too long for a cookie keeps its bold clause', async () => {
  const cookie = await said({ kind: 'error', bold: 'Not saved', text: 'x'.repeat(5000) })
  expect(cookie.length).toBeLessThan(4096)
  expect((await request(app).get('/take').set('cookie', cookie)).body).toEqual({
    kind: 'error',
    bold: 'Not saved',
  })
})
