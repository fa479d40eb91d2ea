import { createHmac, randomBytes } from 'node:crypto'
import mongoose from 'mongoose'
import request, { type Test } from 'supertest'
import { config } from '../../src/platform/config'
import type { Person } from '../../src/people/person'
import { theApp } from './academy'

const csrf = 'the-csrf-token-of-this-test'

export type Visitor = {
  get: (path: string) => Test
  /** Posts a form, with the session's CSRF token. */
  post: (path: string, fields?: Record<string, unknown>) => Test
  /** Cookies, for a request made by hand. */
  cookie: string
  csrf: string
}

/** Somebody who is signed in, in a real session of the database; signing in itself has its own tests. */
export async function as(person: Pick<Person, '_id'>): Promise<Visitor> {
  return visitor({ passport: { user: String(person._id) } })
}

/** Somebody nobody knows, who has opened a form before (so has a session with a CSRF token). */
export async function anonymous(): Promise<Visitor> {
  return visitor({})
}

async function visitor(values: Record<string, unknown>): Promise<Visitor> {
  const id = randomBytes(24).toString('base64url')
  const expires = new Date(Date.now() + 3_600_000)
  await mongoose.connection.collection<{ _id: string }>('sessions').insertOne({
    _id: id,
    expires,
    session: {
      cookie: { originalMaxAge: 3_600_000, expires, httpOnly: true, path: '/' },
      csrfToken: csrf,
      ...values,
    },
  } as { _id: string })
  const signature = createHmac('sha256', config.sessionSecret).update(id).digest('base64').replace(/=+$/, '')
  const cookie = `lyceum=${encodeURIComponent(`s:${id}.${signature}`)}`
  const browser = keepCookies(cookie)
  return {
    cookie,
    csrf,
    get: path => browser(request(theApp()).get(path)),
    post: (path, fields = {}) =>
      browser(request(theApp()).post(path))
        .type('form')
        .send({ _csrf: csrf, ...fields }),
  }
}

/** Sends the session's cookie and whatever answers have set since, as a browser does. */
function keepCookies(session: string): (test: Test) => Test {
  const others = new Map<string, string>()
  const remember = (set: string) => {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!
    if (value) others.set(name!, value)
    else others.delete(name!)
  }
  return test =>
    test
      .set('cookie', [session, ...[...others].map(([name, value]) => `${name}=${value}`)].join('; '))
      .set('accept', 'text/html')
      .on('response', (answer: { headers: Record<string, string[] | undefined> }) =>
        answer.headers['set-cookie']?.filter(set => !set.startsWith('lyceum=')).forEach(remember),
      )
}
