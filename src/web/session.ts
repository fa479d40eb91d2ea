import MongoStore from 'connect-mongo'
import type { Request, RequestHandler } from 'express'
import session from 'express-session'
import mongoose from 'mongoose'
import { config } from '../config'

declare module 'express-session' {
  interface SessionData {
    flash?: Flash
    /** Where a stranger was going when asked to sign in. */
    next?: string
  }
}

type Flash = {
  kind: 'done' | 'warning' | 'error'
  /** The bold clause, and what follows; already translated. */
  bold: string
  text?: string
  link?: { href: string; text: string }
}

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
    store: MongoStore.create({
      client: mongoose.connection.getClient() as never,
      dbName: mongoose.connection.name,
      collectionName: 'sessions',
      ttl: twoWeeks,
      touchAfter: 24 * 3600,
      stringify: false,
    }),
  })
}

/** False for who surely has none. */
export function mayHaveSession(request: Request): boolean {
  return request.headers.cookie?.includes(`${cookieName}=`) ?? false
}
