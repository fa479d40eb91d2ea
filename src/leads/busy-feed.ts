import type { Types } from 'mongoose'
import { days, later, minutes, now, seconds } from '../platform/clock'
import { decryptSecret, encryptSecret } from '../platform/encrypt-secret'
import { defineQueue, work } from '../platform/queue'
import { date, list, nested, nullable, number, objectId, string, type RecordOf } from '../platform/record'
import { People, timeZoneOf } from '../people/person'
import { busyTimesIn, UnreadableCalendar } from './busy-times'
import type { DemoTime } from './demo-hours'
import { CalendarNotRead, readCalendar } from './read-calendar'

/**
 * A teammate's own calendar, which says when they can't give a demo. Only the times are kept, never what they are for.
 * It is read every 10 minutes, and again before a time is booked.
 */
export const BusyFeeds = defineQueue(
  'BusyFeed',
  'busy_feeds',
  {
    /** The teammate's id. */
    _id: objectId(),
    /** Anyone with the address can read the calendar, so it is stored encrypted. */
    address: string(),
    /** The only part of the address that is shown. */
    host: string(),
    busy: list(nested({ startsAt: date(), endsAt: date() })),
    readAt: date(),
    /** Why the last reading failed, since when, and with which HTTP status; null after one that worked. */
    failure: nullable(string<CalendarFailure>()),
    status: nullable(number()),
    failedSince: nullable(date()),
  },
  { queue: 'calendars' },
)
export type BusyFeed = RecordOf<typeof BusyFeeds>
export type CalendarFailure = CalendarNotRead['reason'] | UnreadableCalendar['reason']

const [interval, afterFailure, fresh] = [minutes(10), minutes(30), minutes(1)]
/** How far ahead times are kept; further than demos can be booked. */
const horizon = days(35)

/** Returns a teammate's calendar, as they may see it themselves; null when they have given none. */
export function busyFeedOf(rep: Types.ObjectId): Promise<Omit<BusyFeed, 'address'> | null> {
  return BusyFeeds.findById(rep, { address: 0 }).exec()
}

/** The outcome of reading a calendar: when its owner is busy, or why it couldn't be read. */
export type Reading = { busy: DemoTime[] } | { failure: CalendarFailure; status: number | null }

/** Reads the calendar at an address, with whole days as in `timeZone`. It never throws. */
async function read(address: string, timeZone: string, timeout: number): Promise<Reading> {
  try {
    const text = await readCalendar(address, timeout)
    const range = { from: later(now(), -days(1)), until: later(now(), horizon) }
    return { busy: busyTimesIn(text, range, timeZone) }
  } catch (error) {
    if (error instanceof CalendarNotRead) return { failure: error.reason, status: error.status }
    if (error instanceof UnreadableCalendar) return { failure: error.reason, status: null }
    throw error
  }
}

/**
 * Reads a teammate's calendar, and keeps it when that works.
 *
 * @param address https, or webcal, which is the same.
 */
export async function saveBusyFeed(rep: Types.ObjectId, address: string): Promise<Reading> {
  const url = address.replace(/^webcals?:/i, 'https:')
  const reading = await read(url, await zoneOf(rep), seconds(10))
  if ('failure' in reading) return reading
  const fields = {
    address: encryptSecret(url, String(rep)),
    host: new URL(url).hostname,
    ...changesAfter(reading, null),
    attempts: 0,
    // A worker that reads the calendar before this one doesn't write its times over these.
    leaseToken: null,
    leaseUntil: null,
  }
  await BusyFeeds.updateOne({ _id: rep }, { $set: fields }, { upsert: true })
  return reading
}

/** Forgets a teammate's calendar. */
export async function removeBusyFeed(rep: Types.ObjectId): Promise<void> {
  await BusyFeeds.deleteOne({ _id: rep })
}

/** Reads the calendars that are due. If one can't be read, its last times stay in use, and its owner sees why. */
export const readCalendars = work(
  BusyFeeds,
  { lease: minutes(1), backoff: () => afterFailure, maxAttempts: 100, atOnce: 4 },
  feed => readAgain(feed, seconds(10)),
)

async function readAgain(feed: BusyFeed, timeout: number) {
  const address = addressOf(feed)
  // Encrypted with another key: its owner has to enter it again.
  if (!address) return changesAfter({ failure: 'address', status: null }, feed)
  return changesAfter(await read(address, await zoneOf(feed._id), timeout), feed)
}

function addressOf({ address, _id }: BusyFeed): string | null {
  try {
    return decryptSecret(address, String(_id))
  } catch {
    return null
  }
}

function changesAfter(reading: Reading, feed: BusyFeed | null) {
  const at = now()
  return 'failure' in reading
    ? { ...reading, failedSince: feed?.failedSince ?? at, dueAt: later(at, afterFailure) }
    : { ...reading, readAt: at, failure: null, status: null, failedSince: null, dueAt: later(at, interval) }
}

/**
 * Returns when a teammate is busy as their calendar has it now: it is read again, unless it was within the last minute
 * or doesn't answer within 3 seconds.
 */
export async function latestBusyTimes(rep: Types.ObjectId): Promise<DemoTime[]> {
  const feed = await BusyFeeds.findById(rep)
  if (!feed) return []
  if (later(feed.readAt, fresh) > now()) return feed.busy
  const changes = await readAgain(feed, seconds(3))
  await BusyFeeds.updateOne({ _id: rep, address: feed.address }, { $set: changes })
  return 'busy' in changes ? changes.busy : feed.busy
}

async function zoneOf(rep: Types.ObjectId): Promise<string> {
  return timeZoneOf((await People.findById(rep, { timeZone: 1 })) ?? { timeZone: null })
}
