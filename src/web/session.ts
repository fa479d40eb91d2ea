import MongoStore from 'connect-mongo'
import type { Request, RequestHandler, Response } from 'express'
import session, { type SessionData } from 'express-session'
import mongoose from 'mongoose'
import { config } from '../platform/config'
import { STALE_AFTER_MS, cached } from '../platform/cached'

const cookieName = config.production ? '__Host-academy_session' : 'academy_session'
const cookieOptions = { httpOnly: true, sameSite: 'lax', secure: config.production, path: '/' } as const
const twoWeeks = 14 * 24 * 3600

/**
 * Stores sessions in the database, so that a restart doesn't sign anyone out. Only people who are signed in have one:
 * what an anonymous visitor needs is in signed cookies, so strangers can't fill the database.
 */
export function useSessions(): RequestHandler {
  return session({
    name: cookieName,
    secret: config.sessionSecret,
    resave: false,
    saveUninitialized: false,
    rolling: false,
    // The cookie is for https only, and the proxy that ends https says that it came that way.
    proxy: config.production || undefined,
    cookie: { ...cookieOptions, maxAge: twoWeeks * 1000 },
    store: new CachedStore(
      MongoStore.create({
        client: mongoose.connection.getClient(),
        dbName: mongoose.connection.name,
        collectionName: 'sessions',
        ttl: twoWeeks,
        stringify: false,
        // end-sessions.ts declares the index that removes expired sessions.
        autoRemove: 'disabled',
      }),
    ),
  })
}

/** Deletes the session's cookie. */
export function clearSessionCookie(response: Response): void {
  response.clearCookie(cookieName, cookieOptions)
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
 * Stores sessions in the database and caches them, so that a page and its requests read the session once. Another
 * process notices `STALE_AFTER_MS` later that a session has ended. A session does not change after it has started,
 * so a cached copy never overwrites what another process has written.
 *
 * There is no `touch`: a session ends two weeks after it began, as its cookie does.
 */
class CachedStore extends session.Store {
  readonly #stored: MongoStore
  /** As JSON, because each request changes its own copy. */
  readonly #read = cached(
    STALE_AFTER_MS,
    (id: string) =>
      new Promise<string>((resolve, reject) => {
        this.#stored.get(id, (error, found) =>
          error ? reject(error as Error) : resolve(JSON.stringify(found ?? null)),
        )
      }),
  )

  constructor(stored: MongoStore) {
    super()
    this.#stored = stored
    forget = () => this.#read.forget()
  }

  override get(id: string, callback: (error: unknown, found?: SessionData | null) => void): void {
    this.#read(id).then(found => callback(null, JSON.parse(found) as SessionData | null), callback)
  }

  override set(id: string, changed: SessionData, callback?: (error?: unknown) => void): void {
    this.#read.forget(id)
    this.#stored.set(id, changed, error => this.#done(id, error, callback))
  }

  override destroy(id: string, callback?: (error?: unknown) => void): void {
    this.#stored.destroy(id, error => this.#done(id, error, callback))
  }

  #done(id: string, error: unknown, callback?: (error?: unknown) => void): void {
    this.#read.forget(id)
    callback?.(error)
  }
}
