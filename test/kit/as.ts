import { createHmac, randomBytes } from 'node:crypto'
import mongoose from 'mongoose'
import request, { type Test } from 'supertest'
import { config } from '../../src/config'
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
export async function stranger(): Promise<Visitor> {
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
  return {
    cookie,
    csrf,
    get: path => request(theApp()).get(path).set('cookie', cookie).set('accept', 'text/html'),
    post: (path, fields = {}) =>
      request(theApp())
        .post(path)
        .set('cookie', cookie)
        .set('accept', 'text/html')
        .type('form')
        .send({ _csrf: csrf, ...fields }),
  }
}
