import { localTimeOf, momentIn, momentsShowing } from '../../src/platform/zoned-time'
import { movedAlong, startOn, startsOf, weeksLater, type Repetition } from '../../src/sessions/repetition'

const local = (typed: string) => Date.parse(`${typed}Z`)
const clock = (moment: Date, timeZone: string) =>
  new Date(localTimeOf(moment.getTime(), timeZone)).toISOString().slice(0, 16)
const series = (first: string, repetition: Repetition, count: number, timeZone: string) =>
  startsOf(local(first), { repetition, count, timeZone })

test.each([
  // Clocks go forward on 28 March 2027 in London, and are put back on 4 April by half an hour on Lord Howe Island.
  ['Europe/London', '2027-03-18T15:00', ['15:00Z', '15:00Z', '14:00Z', '14:00Z']],
  ['America/New_York', '2027-03-04T09:30', ['14:30Z', '14:30Z', '13:30Z', '13:30Z']],
  ['Australia/Lord_Howe', '2027-03-25T10:00', ['23:00Z', '23:00Z', '23:30Z', '23:30Z']],
])('a weekly series in %s stays at its hour when clocks change', (timeZone, first, instants) => {
  const starts = series(first, 'weekly', 4, timeZone)
  expect(starts.map(start => clock(start, timeZone).slice(11))).toEqual(Array(4).fill(first.slice(11)))
  expect(starts.map(start => `${start.toISOString().slice(11, 16)}Z`)).toEqual(instants)
})

test('a time that clocks skip is as far after the change as it would have been without it', () => {
  const starts = series('2027-03-21T01:30', 'weekly', 3, 'Europe/London')
  expect(starts.map(start => clock(start, 'Europe/London'))).toEqual([
    '2027-03-21T01:30',
    '2027-03-28T02:30',
    '2027-04-04T01:30',
  ])
  expect(momentsShowing(local('2027-03-28T01:30'), 'Europe/London')).toEqual([])
  const skipped = momentIn(local('2026-10-04T02:15'), 'Australia/Lord_Howe')
  expect(clock(skipped, 'Australia/Lord_Howe')).toBe('2026-10-04T02:45')
})

test('a time that happens twice is the first of the two', () => {
  const twice = momentsShowing(local('2026-10-25T01:30'), 'Europe/London')
  expect(twice.map(moment => new Date(moment).toISOString())).toEqual([
    '2026-10-25T00:30:00.000Z',
    '2026-10-25T01:30:00.000Z',
  ])
  expect(momentIn(local('2026-10-25T01:30'), 'Europe/London').getTime()).toBe(twice[0])
  const half = momentsShowing(local('2027-04-04T01:45'), 'Australia/Lord_Howe')
  expect(half.map(moment => new Date(moment).toISOString())).toEqual([
    '2027-04-03T14:45:00.000Z',
    '2027-04-03T15:15:00.000Z',
  ])
})

test('a monthly series stays on its weekday; the fifth becomes the last', () => {
  const days = (first: string, count: number) =>
    series(first, 'monthly', count, 'Europe/London').map(start => clock(start, 'Europe/London').slice(0, 10))
  expect(days('2026-12-08T15:00', 4)).toEqual(['2026-12-08', '2027-01-12', '2027-02-09', '2027-03-09'])
  expect(days('2026-12-31T15:00', 4)).toEqual(['2026-12-31', '2027-01-28', '2027-02-25', '2027-03-25'])
  expect(series('2026-12-08T15:00', 'fortnightly', 2, 'UTC')[1]).toEqual(new Date('2026-12-22T15:00Z'))
})

test('a session that moves takes those after it along by days, at the new hour of its time zone', () => {
  const moved = {
    from: new Date('2027-03-18T15:00Z'),
    to: new Date('2027-03-19T16:00Z'),
    ...{ fromZone: 'Europe/London', toZone: 'Europe/London' },
  }
  // A day later at 16:00, which is 15:00 in UTC once clocks have changed.
  expect(movedAlong(new Date('2027-04-01T14:00Z'), moved)).toEqual(new Date('2027-04-02T15:00Z'))
  expect(startOn(local('2027-04-09T00:00'), local('2027-03-18T15:00'), 'Europe/London')).toEqual(
    new Date('2027-04-09T14:00Z'),
  )
  expect(weeksLater(new Date('2027-03-25T15:00Z'), 1, 'Europe/London')).toEqual(new Date('2027-04-01T14:00Z'))
})
