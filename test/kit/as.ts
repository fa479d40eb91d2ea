import { createHmac, randomBytes } from 'node:crypto'
import mongoose from 'mongoose'
import request, { type Test } from 'supertest'
import { config } from '../../src/platform/config'
import { hmacOf } from '../../src/platform/hmac'
import type { Person } from '../../src/people/person'
import { theApp } from './academy'

const sessionToken = 'the-csrf-token-of-this-test'

export type Visitor = {
  get: (path: string) => Test
  /** Submits a form with its CSRF token. */
  post: (path: string, fields?: Record<string, unknown>) => Test
  /** The `Cookie` header, for tests that build a request themselves. */
  cookie: string
  csrf: string
}

/**
 * Returns a visitor who is signed in as `person`, with a real session in the database. Signing in has its own tests.
 */
export async function as(person: Pick<Person, '_id'>): Promise<Visitor> {
  return visitor(await sessionCookie({ passport: { user: String(person._id) } }), sessionToken)
}

/** Returns a visitor who is not signed in, but has the cookie and the CSRF token of a form. */
export async function anonymous(): Promise<Visitor> {
  const value = Buffer.from('a visitor of this test').toString('base64url')
  return visitor(`csrf=${value}.${hmacOf('csrf', value)}`, hmacOf('csrf-token', 'a visitor of this test'))
}

async function sessionCookie(values: Record<string, unknown>): Promise<string> {
  const id = randomBytes(24).toString('base64url')
  const expires = new Date(Date.now() + 3_600_000)
  await mongoose.connection.collection<{ _id: string }>('sessions').insertOne({
    _id: id,
    expires,
    session: {
      cookie: { originalMaxAge: 3_600_000, expires, httpOnly: true, path: '/' },
      csrfToken: sessionToken,
      ...values,
    },
  } as { _id: string })
  const signature = createHmac('sha256', config.sessionSecret).update(id).digest('base64').replace(/=+$/, '')
  return `academy_session=${encodeURIComponent(`s:${id}.${signature}`)}`
}

function visitor(cookie: string, csrf: string): Visitor {
  const withCookies = cookieJar(cookie)
  return {
    cookie,
    csrf,
    get: path => withCookies(request(theApp()).get(path)),
    post: (path, fields = {}) =>
      withCookies(request(theApp()).post(path))
        .type('form')
        .send({ _csrf: csrf, ...fields }),
  }
}

/** Sends the visitor's first cookie and the cookies of earlier responses, as a browser does. */
function cookieJar(first: string): (test: Test) => Test {
  const others = new Map<string, string>()
  const store = (setCookie: string) => {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(setCookie)!
    if (value) others.set(name!, value)
    else others.delete(name!)
  }
  return test =>
    test
      .set('cookie', [first, ...[...others].map(([name, value]) => `${name}=${value}`)].join('; '))
      .set('accept', 'text/html')
      .on('response', (response: { headers: Record<string, string[] | undefined> }) =>
        response.headers['set-cookie']?.filter(each => !each.startsWith('academy_session=')).forEach(store),
      )
}
