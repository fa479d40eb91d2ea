import { randomSource } from '../fuzz/random'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { whilePaused } from '../kit/interleave'
import { happened, runAllDue } from '../kit/ledger'
import { person } from '../kit/make'
import { days, hours, later, minutes, now, seconds } from '../../src/platform/clock'
import type { Person } from '../../src/people/person'
import {
  bookSeat,
  cancelBooking,
  claimSeat,
  deleteBookingsOfErased,
  offerSeats,
  reconcileBookings,
} from '../../src/sessions/book-seat'
import { claimUntil, nextReminder, SessionBookings } from '../../src/sessions/booking'
import { LiveSessions, type LiveSession } from '../../src/sessions/live-session'
import { changeCapacity, createSeats, SessionSeats, takeSeatFromWaitlist } from '../../src/sessions/seats'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

let count = 0
beforeEach(() => void setTime('2026-12-01T09:00:00Z'))

async function session(seats: number, given: Partial<LiveSession> = {}): Promise<LiveSession> {
  const startsAt = given.startsAt ?? later(now(), days(7))
  const made = await LiveSessions.create({
    slug: `session-${++count}`,
    state: 'published',
    topic: 'learning',
    title: 'Ask a field engineer',
    summary: 'Bring a trend.',
    language: 'en',
    endsAt: later(startsAt, minutes(45)),
    timeZone: 'Europe/London',
    kind: 'online',
    createdAt: now(),
    ...given,
    startsAt,
  })
  await createSeats(made._id, seats)
  return made
}

const people = (total: number): Promise<Person[]> =>
  Promise.all(Array.from({ length: total }, () => person()))
const seatsOf = async ({ _id }: LiveSession) => (await SessionSeats.findById(_id))!
const stateOf = async ({ _id }: LiveSession, { _id: id }: Person) =>
  (await SessionBookings.findById(`${_id}:${id}`))?.state

test('of 100 people who book 10 seats at once, 10 get one and 90 wait, in one order', async () => {
  const pumps = await session(10)
  const crowd = await people(100)
  const visitors = await Promise.all(crowd.map(as))
  await Promise.all(visitors.map(visitor => visitor.post(`/sessions/${pumps.slug}/booking`).expect(303)))
  const bookings = await SessionBookings.find({ session: pumps._id })
  expect(bookings.filter(({ state }) => state === 'booked')).toHaveLength(10)
  expect(bookings.filter(({ state }) => state === 'waiting')).toHaveLength(90)
  const { taken, waitingCount, holders, waiting } = await seatsOf(pumps)
  expect({ taken, waitingCount, holders: holders.length }).toEqual({
    taken: 10,
    waitingCount: 90,
    holders: 10,
  })
  expect(new Set([...holders.map(each => String(each.person)), ...waiting.map(String)]).size).toBe(100)
})

test('booking twice at once takes one seat and is one event', async () => {
  const pumps = await session(5)
  const ada = await person()
  await Promise.all([bookSeat(pumps, ada._id), bookSeat(pumps, ada._id)])
  await bookSeat(pumps, ada._id)
  expect((await seatsOf(pumps)).taken).toBe(1)
  expect((await happened(ada)).filter(name => name === 'session.booked')).toHaveLength(1)
})

test('a seat that comes free is offered to who waits longest, who claims it within 12 hours', async () => {
  const pumps = await session(1)
  const [ada, ben, cleo] = await people(3)
  for (const each of [ada!, ben!, cleo!]) await bookSeat(pumps, each._id)
  await cancelBooking(pumps, ada!._id)
  expect(await stateOf(pumps, ben!)).toBe('offered')
  expect((await SessionBookings.findById(`${pumps._id}:${ben!._id}`))!.until).toEqual(later(now(), hours(12)))
  advance(hours(11))
  await claimSeat(pumps, ben!._id)
  expect(await stateOf(pumps, ben!)).toBe('booked')
  expect(await happened(ben!)).toEqual(['session.waitlisted', 'session.booked'])
  expect(await stateOf(pumps, cleo!)).toBe('waiting')
  expect(await happened(ada!)).toEqual(['session.booked', 'session.booking_cancelled'])
})

test('an offer that nobody claims goes to the next', async () => {
  const pumps = await session(1)
  const [ada, ben, cleo] = await people(3)
  for (const each of [ada!, ben!, cleo!]) await bookSeat(pumps, each._id)
  await cancelBooking(pumps, ada!._id)
  await runAllDue()
  advance(hours(12))
  await expect(claimSeat(pumps, ben!._id)).rejects.toMatchObject({ status: 409 })
  await runAllDue()
  expect(await stateOf(pumps, ben!)).toBe('lapsed')
  expect(await stateOf(pumps, cleo!)).toBe('offered')
  await claimSeat(pumps, cleo!._id)
  expect(await seatsOf(pumps)).toMatchObject({ taken: 1, waitingCount: 0 })
})

test('nobody who books now overtakes the wait-list', async () => {
  const pumps = await session(1)
  const [ada, ben, cleo] = await people(3)
  for (const each of [ada!, ben!]) await bookSeat(pumps, each._id)
  await changeCapacity(pumps._id, 2)
  expect((await bookSeat(pumps, cleo!._id)).state).toBe('waiting')
  await offerSeats(pumps)
  expect(await stateOf(pumps, ben!)).toBe('offered')
})

test('once a session has begun, a free seat is for whoever takes it, and once for each', async () => {
  const pumps = await session(2, { startsAt: later(now(), hours(2)) })
  const [ada, ben, cleo, dora, eve] = await people(5)
  for (const each of [ada!, ben!, cleo!, dora!]) await bookSeat(pumps, each._id)
  advance(hours(2))
  // Nobody is asked to claim it: they may not be there.
  await cancelBooking(pumps, ada!._id)
  await runAllDue()
  expect(await stateOf(pumps, cleo!)).toBe('waiting')
  expect(await seatsOf(pumps)).toMatchObject({ taken: 1, waitingCount: 2 })
  // Dora waits behind Cleo, and is the one at the door. Eve comes with her, and there is one seat.
  await Promise.all([bookSeat(pumps, dora!._id), bookSeat(pumps, dora!._id)])
  expect((await bookSeat(pumps, eve!._id)).state).toBe('waiting')
  expect(await stateOf(pumps, dora!)).toBe('booked')
  expect(await happened(dora!)).toEqual(['session.waitlisted', 'session.booked'])
  expect(await seatsOf(pumps)).toMatchObject({ taken: 2, waitingCount: 2, capacity: 2 })
  // A process that died after the seat was taken leaves it to the worker.
  await cancelBooking(pumps, ben!._id)
  const cleosBooking = `${pumps._id}:${cleo!._id}`
  await SessionBookings.updateOne({ _id: cleosBooking }, { $set: { dueAt: later(now(), seconds(10)) } })
  await takeSeatFromWaitlist(pumps._id, cleo!._id, { kind: 'booked', until: null })
  advance(seconds(10))
  await runAllDue()
  expect(await stateOf(pumps, cleo!)).toBe('booked')
  expect(await seatsOf(pumps)).toMatchObject({ taken: 2, waitingCount: 1 })
  // Someone who never waited takes a seat that nobody else takes.
  await cancelBooking(pumps, cleo!._id)
  const finn = await person()
  expect((await bookSeat(pumps, finn._id)).state).toBe('booked')
  expect((await bookSeat(pumps, eve!._id)).state).toBe('waiting')
})

test('there are never fewer seats than are taken', async () => {
  const pumps = await session(3)
  for (const each of await people(3)) await bookSeat(pumps, each._id)
  expect(await changeCapacity(pumps._id, 2)).toBe(false)
  expect(await changeCapacity(pumps._id, 4)).toBe(true)
})

test('whoever gave up a seat can book again', async () => {
  const pumps = await session(1)
  const ada = await person()
  await bookSeat(pumps, ada._id)
  advance(minutes(1))
  await cancelBooking(pumps, ada._id)
  await cancelBooking(pumps, ada._id)
  advance(minutes(1))
  expect((await bookSeat(pumps, ada._id)).state).toBe('booked')
  expect(await happened(ada)).toEqual(['session.booked', 'session.booking_cancelled', 'session.booked'])
})

test('whoever books again while a cancellation is still on its way has a seat', async () => {
  const collections = ['session_seats', 'session_bookings']
  for (let sent = 1, isPaused = true; isPaused; sent++) {
    const pumps = await session(1)
    const ada = await person()
    await bookSeat(pumps, ada._id)
    const book = () => bookSeat(pumps, ada._id)
    isPaused = await whilePaused(sent, collections, () => cancelBooking(pumps, ada._id), book)
    const { taken, holders } = await seatsOf(pumps)
    const { state, isWanted, number } = (await SessionBookings.findById(`${pumps._id}:${ada._id}`))!
    expect({ sent, state, isWanted, number, taken, holders: holders.map(({ kind }) => kind) }).toEqual({
      ...{ sent, state: 'booked', isWanted: true, number: 2, taken: 1, holders: ['booked'] },
    })
    // All at one moment.
    expect((await happened(ada)).sort()).toEqual([
      'session.booked',
      'session.booked',
      'session.booking_cancelled',
    ])
  }
})

test('a storm of bookings, cancellations and claims leaves seats and bookings that agree', async () => {
  const pumps = await session(3)
  const crowd = await people(8)
  const random = randomSource(21)
  const actions = [bookSeat, bookSeat, cancelBooking, claimSeat]
  await Promise.all(
    [...crowd, ...crowd].map(async ({ _id }) => {
      for (let n = 0; n < 4; n++) {
        const act = n ? random.pick(actions) : bookSeat
        await act(pumps, _id).catch((error: { status?: number }) => {
          if (error.status !== 409) throw error
        })
      }
    }),
  )
  await runAllDue()
  const { taken, waitingCount, holders, waiting } = await seatsOf(pumps)
  expect({ taken, waitingCount }).toEqual({ taken: holders.length, waitingCount: waiting.length })
  expect(taken).toBeLessThanOrEqual(3)
  expect(waiting.length === 0 || taken === 3).toBe(true)
  const bookings = await SessionBookings.find({ session: pumps._id })
  const inState = (...states: string[]) =>
    bookings.filter(({ state }) => states.includes(state)).map(({ person: id, state }) => `${id} ${state}`)
  expect(inState('booked', 'offered', 'paying').sort()).toEqual(
    holders.map(({ person: id, kind }) => `${id} ${kind}`).sort(),
  )
  expect(inState('waiting').sort()).toEqual(waiting.map(id => `${id} waiting`).sort())
  expect(inState('requested', 'refused', 'lapsed')).toEqual([])
})

test('a booking that was interrupted is finished by the worker', async () => {
  const pumps = await session(1)
  const ada = await person()
  const _id = `${pumps._id}:${ada._id}`
  const request = { session: pumps._id, person: ada._id, state: 'requested' as const, number: 1 }
  await SessionBookings.insertOnce({ _id, ...request, bookedAt: now(), dueAt: later(now(), minutes(1)) })
  advance(minutes(2))
  expect(await happened(ada)).toEqual(['session.booked'])
  expect((await seatsOf(pumps)).taken).toBe(1)
})

test('a cancelled session frees every seat and offers none', async () => {
  const pumps = await session(1)
  const [ada, ben] = await people(2)
  for (const each of [ada!, ben!]) await bookSeat(pumps, each._id)
  await LiveSessions.updateOne({ _id: pumps._id }, { $set: { state: 'cancelled', cancelledAt: now() } })
  await reconcileBookings((await LiveSessions.findById(pumps._id))!)
  expect(await stateOf(pumps, ada!)).toBe('cancelled')
  expect(await stateOf(pumps, ben!)).toBe('cancelled')
  expect(await seatsOf(pumps)).toMatchObject({ taken: 0, waitingCount: 0 })
})

test('the time to claim a seat is shorter near the start', () => {
  const startsAt = new Date('2026-12-08T15:00:00Z')
  const until = (moment: string) => claimUntil({ startsAt, claimHours: 12 }, new Date(moment)).toISOString()
  expect(until('2026-12-06T15:00:00Z')).toBe('2026-12-07T03:00:00.000Z')
  expect(until('2026-12-08T10:00:00Z')).toBe('2026-12-08T11:00:00.000Z')
  expect(until('2026-12-08T14:40:00Z')).toBe('2026-12-08T15:00:00.000Z')
  expect(until('2026-12-08T15:40:00Z')).toBe('2026-12-08T15:40:00.000Z')
})

test('people are reminded 24 hours and an hour before, once each, and again of another time', () => {
  const startsAt = new Date('2026-12-08T15:00:00Z')
  const booked = { reminded: [] as number[], remindedOf: null, bookedAt: new Date('2026-12-01T09:00:00Z') }
  const at = (moment: string, booking: Parameters<typeof nextReminder>[0] = booked) =>
    nextReminder(booking, startsAt, new Date(moment))
  expect(at('2026-12-02T09:00:00Z')).toEqual({ hours: 24, dueAt: new Date('2026-12-07T15:00:00Z') })
  const once = { ...booked, reminded: [24], remindedOf: startsAt }
  expect(at('2026-12-07T15:00:00Z', once)).toEqual({ hours: 1, dueAt: new Date('2026-12-08T14:00:00Z') })
  expect(at('2026-12-08T14:00:00Z', { ...once, reminded: [24, 1] })).toBeNull()
  // The worker stood still: the later one is enough.
  expect(at('2026-12-08T14:30:00Z')).toMatchObject({ hours: 1 })
  expect(at('2026-12-08T15:00:00Z')).toBeNull()
  expect(at('2026-12-07T15:00:00Z', { ...once, remindedOf: new Date('2026-12-09T15:00:00Z') })).toMatchObject(
    {
      hours: 24,
    },
  )
  expect(at('2026-12-08T10:00:00Z', { ...booked, bookedAt: new Date('2026-12-08T09:00:00Z') })).toMatchObject(
    {
      hours: 1,
    },
  )
})

test('an erased person leaves no booking, and their seat goes to the next', async () => {
  const pumps = await session(1)
  const [ada, ben] = await people(2)
  for (const each of [ada!, ben!]) await bookSeat(pumps, each._id)
  await deleteBookingsOfErased({ person: ada!._id })
  expect(await SessionBookings.exists({ person: ada!._id })).toBe(false)
  expect(await stateOf(pumps, ben!)).toBe('offered')
  expect((await seatsOf(pumps)).holders.map(each => String(each.person))).toEqual([String(ben!._id)])
})
