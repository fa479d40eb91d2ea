import MongoStore from 'connect-mongo'
import type { Request, RequestHandler } from 'express'
import session, { type SessionData } from 'express-session'
import mongoose from 'mongoose'
import { config } from '../platform/config'
import { STALE_AFTER_MS, cached } from '../platform/cached'

const cookieName = config.production ? '__Host-lyceum' : 'lyceum'
const twoWeeks = 14 * 24 * 3600

/** Stores sessions in the database, so that a restart signs nobody out. Anonymous visitors get one only when needed. */
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

/** Returns false for a request that can't have a session. */
export function hasSessionCookie(request: Request): boolean {
  return request.headers.cookie?.includes(`${cookieName}=`) ?? false
}

let forget: () => void = () => {}

/** Drops the cached sessions. Call it after deleting sessions directly from the database. */
export function invalidateSessions(): void {
  forget()
}

/**
 * Caches reads, so that a page and its requests read the session once. Another process notices the end of a session up
 * to `STALE_AFTER_MS` late. A session is hardly ever written after it began, so a cached copy doesn't overwrite the
 * change of another process.
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
  // A session ends two weeks after it began, like its cookie, so responses don't extend it.
  store.touch = undefined as never
  forget = () => read.forget()
  store.get = (id, callback) => {
    // express-session modifies what it gets, so each request needs a copy.
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
