import mongoose from 'mongoose'
import request from 'supertest'
import { hashPassword } from '../../src/people/password'
import { openAcademy, type Academy } from '../kit/academy'
import * as make from '../kit/make'
import { amara, browser, emailTo, resetRateLimits } from './browser'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())
afterEach(resetRateLimits)

const sessions = () => mongoose.connection.collection('sessions').countDocuments()

test('400 anonymous requests for the sign-in page leave no session behind', async () => {
  for (let n = 0; n < 4; n++) {
    await Promise.all(
      Array.from({ length: 100 }, () =>
        request(academy.app)
          .get(n % 2 ? '/sign-in' : '/sign-up')
          .expect(200),
      ),
    )
  }
  expect(await sessions()).toBe(0)
})

test('a visitor who signs up and asks for links has no session until the link is used', async () => {
  const visitor = browser()
  await visitor.open('/sign-up')
  expect((await visitor.send('/sign-up', amara)).status).toBe(303)
  expect((await visitor.open('/sign-up/email-sent')).text).toContain(amara.email)
  expect((await visitor.open('/sign-up/email-sent')).text).not.toContain(amara.email)
  await visitor.open('/sign-in')
  await visitor.send('/sign-in/link', { email: 'someone@northwind-pumps.com' })
  await visitor.send('/sign-in', { email: amara.email, password: 'not the right one' })
  expect(await sessions()).toBe(0)
  const { link } = await emailTo(amara.email)
  await visitor.open(link)
  expect((await visitor.send(link)).status).toBe(303)
  expect(await sessions()).toBe(1)
})

test('a form of a stranger is refused with the token of another browser, or without a cookie', async () => {
  const [mine, theirs] = [request.agent(academy.app), request.agent(academy.app)]
  const tokenOf = (text: string) => /name="_csrf" value="([^"]+)"/.exec(text)![1]!
  const token = tokenOf((await mine.get('/sign-in')).text)
  const theirToken = tokenOf((await theirs.get('/sign-in')).text)
  expect(tokenOf((await mine.get('/sign-up')).text)).toBe(token)
  const form = { email: amara.email, password: 'not the right one' }
  const send = (agent: Pick<typeof mine, 'post'>, _csrf: string) =>
    agent
      .post('/sign-in')
      .type('form')
      .send({ ...form, _csrf })
  await send(mine, token).expect(422)
  await send(mine, theirToken).expect(403)
  await send(request(academy.app), token).expect(403)
})

test('a person who signs in again and again has 30 sessions at most, the newest ones', async () => {
  const password = 'walk and talk a while'
  await make.person({ email: 'ada@northwind-pumps.com', passwordHash: await hashPassword(password) })
  const before = await sessions()
  let last = browser()
  for (let n = 0; n < 33; n++) {
    last = browser()
    await last.open('/sign-in')
    await last.send('/sign-in', { email: 'ada@northwind-pumps.com', password })
  }
  expect((await sessions()) - before).toBe(30)
  expect((await last.open('/account')).status).toBe(200)
})
