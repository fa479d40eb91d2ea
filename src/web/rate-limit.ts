import type { Request, RequestHandler } from 'express'
import mongoose from 'mongoose'
import { RateLimiterMemory, RateLimiterMongo } from 'rate-limiter-flexible'
import { HttpError } from '../platform/errors'

/**
 * At most `points` requests in `seconds` for each `key` (the address of the caller, unless said). Counted in the database, so that several
 * processes count together; in memory while the database does not answer.
 */
export function rateLimit(name: string, points: number, seconds: number, key = perCaller): RequestHandler {
  let limiter: RateLimiterMongo | undefined
  return async (request, response, next) => {
    limiter ??= new RateLimiterMongo({
      storeClient: mongoose.connection.getClient(),
      dbName: mongoose.connection.name,
      tableName: 'rate_limits',
      keyPrefix: name,
      points,
      duration: seconds,
      insuranceLimiter: new RateLimiterMemory({ keyPrefix: name, points, duration: seconds }),
    })
    try {
      await limiter.consume(key(request))
      next()
    } catch (answer) {
      if (answer instanceof Error) return next(answer)
      const wait = Math.ceil((answer as { msBeforeNext: number }).msBeforeNext / 1000)
      response.set('retry-after', String(wait))
      next(new HttpError(429, 'web:errors.tooOften', { seconds: wait }))
    }
  }
}

function perCaller(request: Request): string {
  return request.ip ?? 'unknown'
}

/** For routes behind a guard: each person for themselves, whatever their address. */
export function perPerson(request: Request): string {
  return request.user ? String(request.user._id) : perCaller(request)
}
