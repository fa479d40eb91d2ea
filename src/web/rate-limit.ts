import type { Request } from 'express'
import mongoose from 'mongoose'
import {
  RateLimiterMemory,
  RateLimiterMongo,
  RateLimiterRes,
  type IRateLimiterOptions,
} from 'rate-limiter-flexible'
import { clearWithDatabase } from '../platform/cached'
import { seconds } from '../platform/clock'
import { HttpError } from '../platform/errors'
import { networkOf } from '../platform/network'
import { date, defineRecord, nullable, number, string } from '../platform/record'
import type { Handler } from './handler'

/** The counts of all limits, as rate-limiter-flexible stores them. Each key is counted in one record. */
const Counts = defineRecord(
  'RateLimit',
  'rate_limits',
  { key: string(), points: number(), expire: nullable(date()) },
  {
    indexes: [
      [{ key: 1 }, { unique: true }],
      [{ expire: 1 }, { expireAfterSeconds: 0 }],
    ],
  },
)

type Pace = {
  /** Attempts that are allowed at once. */
  points: number
  /** The time in which they come back, in seconds. */
  seconds: number
  /** Once they are used up, one attempt is allowed in this many seconds: the limit slows down and shuts nobody out. */
  thenEvery?: number
  /** Counts in this process only, for work that costs less than a query would. */
  inMemory?: boolean
}

/** One limit per key. */
export type Limiter = {
  /** Counts an attempt. @returns 0 when it is allowed, or the seconds to wait. */
  take: (key: string) => Promise<number>
  /** Takes back an attempt that turned out to be legitimate, such as a correct password. */
  giveBack: (key: string) => Promise<void>
}

/** Returns a limit that is counted in the database, shared by all processes, or in memory while that is down. */
export function limiter(name: string, { points, seconds, thenEvery, inMemory = false }: Pace): Limiter {
  const burst = counter(name, points, seconds, inMemory)
  const pace = thenEvery ? counter(`${name}-pace`, 1, thenEvery, inMemory) : null
  return {
    take: async key => {
      const wait = await consume(burst(), key)
      return wait && pace ? consume(pace(), key) : wait
    },
    giveBack: async key => void (await burst().reward(key)),
  }
}

/**
 * Counts an attempt with several limits, one after the other, up to the first that refuses it: whoever has used up
 * their own limit neither uses up those of others nor has us store a count for each address that they make up.
 *
 * @returns 0 when all allow it, or the seconds to wait
 */
export async function takeInTurn(limits: readonly (readonly [Limiter, key: string])[]): Promise<number> {
  for (const [limit, key] of limits) {
    const wait = await limit.take(key)
    if (wait) return wait
  }
  return 0
}

/**
 * Allows `points` requests per `key` (by default the caller) in `seconds`.
 *
 * @throws HttpError 429 with `retry-after` for any further request.
 */
export function rateLimit(
  name: string,
  points: number,
  seconds: number,
  key: (request: Request) => string = perCaller,
  inMemory = false,
): Handler {
  const limit = limiter(name, { points, seconds, inMemory })
  return async (request, response) => {
    const wait = await limit.take(key(request))
    if (!wait) return
    response.set('retry-after', String(wait))
    throw new HttpError(429, 'web:errors.tooOften', { count: wait })
  }
}

/** The key of the caller: their IPv4 address, or the /64 network of their IPv6 address. */
export function perCaller(request: Pick<Request, 'ip'>): string {
  return networkOf(request.ip ?? '')
}

/** The key for signed-in people: counts per person, whatever their IP address. */
export function perPerson(request: Request): string {
  return request.user ? String(request.user._id) : perCaller(request)
}

type Counter = RateLimiterMongo | RateLimiterMemory

function counter(keyPrefix: string, points: number, duration: number, inMemory: boolean): () => Counter {
  const options = { keyPrefix, points, duration }
  let made: Counter | undefined
  clearWithDatabase(() => (made = undefined))
  return () => (made ??= inMemory ? new RateLimiterMemory(options) : storedCounter(options))
}

function storedCounter(options: IRateLimiterOptions): Counter {
  return new RateLimiterMongo({
    ...options,
    storeClient: mongoose.connection.getClient(),
    dbName: mongoose.connection.name,
    tableName: Counts.collection.name,
    // They exist before the port opens. Made here, requests could already have counted a key twice.
    disableIndexesCreation: true,
    insuranceLimiter: new RateLimiterMemory(options),
  })
}

async function consume(counter: Counter, key: string): Promise<number> {
  try {
    await counter.consume(key)
    return 0
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    // A window that ends later than it can last began before the clock went back.
    if (error.msBeforeNext > seconds(counter.duration + 1)) {
      await counter.delete(key)
      return consume(counter, key)
    }
    return Math.max(1, Math.ceil(error.msBeforeNext / 1000))
  }
}
