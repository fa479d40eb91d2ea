import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { noteContactRequest } from '../learning/note-contact-request'
import { People, timeZoneOf, type Person } from '../people/person'
import { days, hours, later, minutes, now, seconds } from '../platform/clock'
import { defineQueue, doubling, work, type Consumer } from '../platform/queue'
import { date, nested, nullable, objectId, string, type RecordOf } from '../platform/record'
import { requestContact } from '../signals/request-contact'
import { assignableTeam } from './assignable-team'
import { BusyFeeds, latestBusyTimes, removeBusyFeed } from './busy-feed'
import { areApart, DemoHours, demoHoursOf, freeSlots, type DemoTime } from './demo-hours'
import { Leads } from './lead'

/**
 * The next demo of each person, or their last one. It is written before the contact request that tells sales about it,
 * and due until that is recorded, so that a demo which was booked is also known when the process dies in between.
 */
export const DemoBookings = defineQueue(
  'DemoBooking',
  'demo_bookings',
  {
    /** The person's id: nobody has two demos ahead. */
    _id: objectId(),
    /** Who gives it. */
    rep: objectId(),
    startsAt: date(),
    endsAt: date(),
    bookedAt: date(),
    /** What was asked for with it, until the contact request is recorded. */
    request: nullable(
      nested({
        /** Null, as its title, for a demo that was asked for outside a course. */
        course: nullable(objectId()),
        title: nullable(string()),
        text: string(),
        occasion: string(),
        /** The IANA time zone that the person chose it in. */
        timeZone: string(),
      }),
    ),
  },
  {
    queue: 'demos',
    // A teammate gives one demo at a time: of several people who choose the same one, the database lets one have it.
    indexes: [[{ rep: 1, startsAt: 1 }, { unique: true }]],
  },
)
export type DemoBooking = RecordOf<typeof DemoBookings>

/** A time that a person can choose, with those who are free then. */
export type DemoSlot = DemoTime & { reps: Types.ObjectId[] }

/** Nobody is surprised by a demo: it is at least this far ahead. */
const notice = hours(16)
/** How long a request may take before the worker records what it should have. */
const graceful = seconds(10)
/** How far ahead demos can be booked. */
const horizon = days(28)

/**
 * Returns the times at which a person can have a demo, earliest first: with the owner of their lead, or else with
 * anyone in sales who gives demos. Empty when nobody does.
 */
export async function demoSlots(person: Types.ObjectId): Promise<DemoSlot[]> {
  const [team, lead] = await Promise.all([assignableTeam(), Leads.load(person)])
  const owner = team.filter(({ _id }) => lead?.owner?.equals(_id))
  return slotsOf(owner.length ? owner : team)
}

/** Returns the times at which anyone can have a demo with one teammate, earliest first. */
export async function demoSlotsWith(rep: Types.ObjectId): Promise<DemoSlot[]> {
  return slotsOf((await assignableTeam()).filter(({ _id }) => _id.equals(rep)))
}

async function slotsOf(team: readonly Person[]): Promise<DemoSlot[]> {
  const range = { from: later(now(), notice), until: later(now(), horizon) }
  const reps = team.map(({ _id }) => _id)
  const allHours = await DemoHours.find({ _id: { $in: reps } })
  if (!allHours.length) return []
  const giving = { $in: allHours.map(({ _id }) => _id) }
  const [booked, feeds] = await Promise.all([
    DemoBookings.find(
      { rep: giving, startsAt: { $gte: now(), $lt: later(range.until, days(1)) } },
      { rep: 1, startsAt: 1, endsAt: 1 },
    ),
    BusyFeeds.find({ _id: giving }, { busy: 1 }),
  ])
  const byStart = new Map<number, DemoSlot>()
  for (const each of allHours) {
    const ownFeed = feeds.find(({ _id }) => _id.equals(each._id))
    const busy = [...booked.filter(({ rep }) => rep.equals(each._id)), ...(ownFeed?.busy ?? [])]
    const timeZone = timeZoneOf(team.find(({ _id }) => _id.equals(each._id))!)
    for (const slot of freeSlots(each, timeZone, busy, range)) {
      const known = byStart.get(slot.startsAt.getTime())
      if (known) known.reps.push(each._id)
      else byStart.set(slot.startsAt.getTime(), { ...slot, reps: [each._id] })
    }
  }
  return [...byStart.values()].sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime())
}

/** Returns the demo that a person has ahead; null without one. */
export async function demoAhead(person: Types.ObjectId): Promise<DemoBooking | null> {
  const booking = await DemoBookings.findById(person)
  return booking && booking.endsAt > now() ? booking : null
}

/**
 * Books a demo, and records the contact request that tells sales. Booking the same time again changes nothing.
 *
 * @param slots the times to choose from, and with whom.
 * @returns the booking; null when the time is taken or past, or the person has another demo ahead.
 */
export async function bookDemo(
  person: Types.ObjectId,
  startsAt: Date,
  request: NonNullable<DemoBooking['request']>,
  slots: () => Promise<DemoSlot[]> = () => demoSlots(person),
): Promise<DemoBooking | null> {
  const isSame = (slot: Pick<DemoTime, 'startsAt'>) => slot.startsAt.getTime() === startsAt.getTime()
  const ahead = await demoAhead(person)
  if (ahead) return isSame(ahead) ? announced(ahead) : null
  const slot = (await slots()).find(isSame)
  for (const rep of slot?.reps ?? []) {
    if (!(await latestBusyTimes(rep)).every(busy => areApart(busy, slot!))) continue
    const [bookedAt, endsAt] = [now(), slot!.endsAt]
    const isMine = await DemoBookings.upsertIfMatching(
      { _id: person, endsAt: { $lte: bookedAt } },
      {
        $set: {
          ...{ rep, startsAt, endsAt, bookedAt, request },
          ...{ dueAt: later(bookedAt, graceful), attempts: 0, failedAt: null, lastError: null },
        },
      },
    )
    const booking = await demoAhead(person)
    // Who leaves sales ends their hours first and then their demos, so either that or this sees a booking meanwhile.
    if (isMine && !(await demoHoursOf(rep))) {
      await DemoBookings.deleteOne({ _id: person, bookedAt })
      continue
    }
    if (isMine && booking) return announced(booking)
    // Pressed twice, or in another tab.
    if (booking) return isSame(booking) ? announced(booking) : null
  }
  return null
}

/** Records the contact request of a booking, once. */
async function announced(booking: DemoBooking): Promise<DemoBooking> {
  const { _id: person, bookedAt, request } = booking
  if (!request) return booking
  const { course, title, text, occasion, timeZone } = request
  const recorded = await requestContact({
    ...{ person, kind: 'demo', text, occasion },
    published: course && { course, content: { title: title ?? '' } },
    demo: { ...dataOf(booking), timeZone },
  })
  await noteContactRequest(recorded)
  await DemoBookings.updateOne({ _id: person, bookedAt }, { $set: { request: null, dueAt: null } })
  return booking
}

/** What an event says about a demo. */
function dataOf({ rep, startsAt, endsAt, bookedAt }: DemoBooking) {
  return {
    rep: String(rep),
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
    bookedAt: bookedAt.toISOString(),
  }
}

/** Finishes bookings that were interrupted before sales was told. 20 attempts take 14 hours. */
export const announceDemos: Consumer = work(
  DemoBookings,
  { lease: minutes(1), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 20 },
  async booking => {
    await announced(booking)
  },
)

/**
 * Cancels a demo. The time is free again. Cancelling twice records one event.
 *
 * @param by who does it: the person, or the teammate.
 */
export async function cancelDemo(booking: DemoBooking, by: 'lead' | 'sales'): Promise<void> {
  const { _id, bookedAt } = booking
  await record({
    name: 'demo.cancelled',
    person: _id,
    idempotencyKey: [bookedAt.getTime()],
    data: { cancelledBy: by, ...dataOf(booking) },
  })
  await DemoBookings.deleteOne({ _id, bookedAt })
}

/** Reaction to `demo.cancelled`: finishes a cancellation that was interrupted. */
export async function freeDemo({ person, data }: Event<'demo.cancelled'>): Promise<void> {
  await DemoBookings.deleteOne({ _id: person, bookedAt: new Date(data.bookedAt) })
}

/** Returns the demos that a teammate gives, the next one first. */
export async function demosOf(
  rep: Types.ObjectId,
): Promise<{ booking: DemoBooking; person: Person | null }[]> {
  const bookings = await DemoBookings.find({ rep, startsAt: { $gte: later(now(), -hours(2)) } })
    .sort({ startsAt: 1 })
    .limit(maxListed)
  const people = await People.find({ _id: { $in: bookings.map(({ _id }) => _id) } })
  return bookings.map(booking => ({
    booking,
    person: people.find(({ _id }) => _id.equals(booking._id)) ?? null,
  }))
}

const maxListed = 200

/**
 * Cancels every demo that a teammate has ahead, because they no longer give any, and forgets when they did, with their
 * calendar.
 */
export async function endDemosOf(rep: Types.ObjectId): Promise<void> {
  await DemoHours.deleteOne({ _id: rep })
  await removeBusyFeed(rep)
  const ahead = await DemoBookings.find({ rep, startsAt: { $gt: now() } })
  for (const booking of ahead) await cancelDemo(booking, 'sales')
}

/** Reaction to `person.erased`: cancels the demo of the person, and those that they would have given. */
export async function endDemosOfErased({ person }: Pick<Event, 'person'>): Promise<void> {
  const ahead = await demoAhead(person)
  if (ahead) await cancelDemo(ahead, 'lead')
  await DemoBookings.deleteOne({ _id: person })
  await endDemosOf(person)
}
