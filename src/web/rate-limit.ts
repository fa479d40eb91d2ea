import type { Request } from 'express'
import mongoose from 'mongoose'
import { RateLimiterMemory, RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible'
import { HttpError } from '../platform/errors'
import type { Handler } from './handler'

/**
 * Allows `points` requests per `key` (by default the IP address) in `seconds`. The counts are in the database, shared
 * by all processes, or in memory while the database doesn't respond.
 *
 * @throws HttpError 429 with `retry-after` for any further request.
 */
export function rateLimit(name: string, points: number, seconds: number, key = perCaller): Handler {
  let limiter: RateLimiterMongo | undefined
  return async (request, response) => {
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
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      const wait = Math.ceil(error.msBeforeNext / 1000)
      response.set('retry-after', String(wait))
      throw new HttpError(429, 'web:errors.tooOften', { seconds: wait })
    }
  }
}

function perCaller(request: Request): string {
  return request.ip ?? 'unknown'
}

/** The key for signed-in people: counts per person, whatever their IP address. */
export function perPerson(request: Request): string {
  return request.user ? String(request.user._id) : perCaller(request)
}
