import MongoStore from 'connect-mongo'
import type { Request, RequestHandler } from 'express'
import session, { type SessionData } from 'express-session'
import mongoose from 'mongoose'
import { config } from '../platform/config'
import { STALE_AFTER_MS, cached } from '../platform/cached'

const cookieName = config.production ? '__Host-lyceum' : 'lyceum'
const twoWeeks = 14 * 24 * 3600

/** Sessions live in the database, so that a restart signs nobody out; strangers have none until they need one. */
export function useSessions(): RequestHandler {
  return session({
    name: cookieName,
    secret: config.sessionSecret,
    resave: false,
    saveUninitialized: false,
    rolling: false,
    cookie: {
      httpOnly: true,
      sameSite: 'lax',
      secure: config.production,
      maxAge: twoWeeks * 1000,
      path: '/',
    },
    store: cacheRead(
      MongoStore.create({
        client: mongoose.connection.getClient() as never,
        dbName: mongoose.connection.name,
        collectionName: 'sessions',
        ttl: twoWeeks,
        stringify: false,
      }),
    ),
  })
}

/** False for who surely has none. */
export function hasSessionCookie(request: Request): boolean {
  return request.headers.cookie?.includes(`${cookieName}=`) ?? false
}

let forget: () => void = () => {}

/** Said by whoever ends sessions without asking the store of sessions. */
export function forgetSessions(): void {
  forget()
}

/**
 * A page and what it asks for at once read the session once. Another process sees that a session has ended `believed` milliseconds late.
 * What is in a session does not change after it has begun but for what a stranger asks of the letter box, so that no other process's
 * change can be written over by what was kept here.
 */
function cacheRead(store: MongoStore): MongoStore {
  const { get, set, destroy } = store
  const read = cached(
    STALE_AFTER_MS,
    (id: string) =>
      new Promise<SessionData | null>((resolve, reject) => {
        get.call(store, id, (error, found) => (error ? reject(error as Error) : resolve(found ?? null)))
      }),
  )
  // A session ends two weeks after it began, as its cookie does: there is nothing to put off at each answer.
  store.touch = undefined as never
  forget = () => read.forget()
  store.get = (id, callback) => {
    // Each request changes its own copy.
    read(id).then(found => callback(null, structuredClone(found)), callback)
  }
  store.set = (id, changed, callback) => {
    read.forget(id)
    set.call(store, id, changed, error => {
      read.forget(id)
      callback?.(error)
    })
  }
  store.destroy = (id, callback) => {
    destroy.call(store, id, error => {
      read.forget(id)
      callback?.(error)
    })
  }
  return store
}
