import { learningWeek, type DoneLesson } from '../../src/learning/learning-weeks'
import { setClock } from '../../src/platform/clock'
import { setTime } from '../kit/clock'

const utc = { timeZone: 'UTC', weekStart: 1 }
const lesson = (at: string, minutes = 5): DoneLesson => ({ at: new Date(at), minutes })
/** A lesson on the Wednesday of each of these weeks before the present one. */
const inWeeks = (...back: number[]) =>
  back.map(week => lesson(new Date(Date.UTC(2026, 10, 25 - 7 * week, 12)).toISOString()))

beforeEach(() => setTime('2026-11-26T12:00:00Z'))
afterAll(() => setClock())

test('the days of the week say what was done, and which is today', () => {
  const done = [
    lesson('2026-11-22T23:59:00Z', 9),
    lesson('2026-11-23T00:00:00Z', 10),
    lesson('2026-11-25T08:00:00Z', 7),
    lesson('2026-11-25T09:00:00Z', 3),
  ]
  const week = learningWeek(done, utc)
  expect(week.days.map(({ lessons }) => lessons)).toEqual([1, 0, 2, 0, 0, 0, 0])
  expect(week.days.findIndex(({ isToday }) => isToday)).toBe(3)
  expect(week.days[0]!.date).toEqual(new Date('2026-11-23'))
  expect([week.lessons, week.minutes]).toEqual([3, 20])
})

test('days and weeks are those of the learner', () => {
  const sunday = [lesson('2026-11-22T23:30:00Z')]
  expect(learningWeek(sunday, utc).lessons).toBe(0)
  // In Prague, it is Monday already.
  expect(learningWeek(sunday, { timeZone: 'Europe/Prague', weekStart: 1 }).days[0]!.lessons).toBe(1)
  const fromSunday = learningWeek(sunday, { timeZone: 'UTC', weekStart: 7 })
  expect(fromSunday.days[0]).toMatchObject({ date: new Date('2026-11-22'), lessons: 1 })
  const fromSaturday = learningWeek([lesson('2026-11-21T01:00:00Z')], { timeZone: 'UTC', weekStart: 6 })
  expect(fromSaturday.days[0]).toMatchObject({ date: new Date('2026-11-21'), lessons: 1 })
})

test('a day of 25 hours is one day', () => {
  setTime('2026-10-25T23:30:00Z')
  const zone = { timeZone: 'Europe/Prague', weekStart: 1 }
  const done = [lesson('2026-10-24T22:30:00Z'), lesson('2026-10-25T22:30:00Z')]
  expect(learningWeek(done, zone).weeksInARow).toBe(1)
  expect(learningWeek(done, zone).lessons).toBe(0)
})

test.each([
  ['nothing yet', [], 0],
  ['this week', [0], 1],
  ['not yet this week', [1, 2, 3], 3],
  ['every week', [0, 1, 2, 3, 4], 5],
  ['one week off', [0, 1, 3, 4], 4],
  ['one week off just before', [0, 2, 3], 3],
  ['one week off, and none yet this week', [2, 3, 4], 3],
  ['two weeks off one after the other', [0, 3, 4, 5], 1],
  ['two of four off', [0, 1, 3, 5, 6], 3],
  ['one off in every four', [0, 1, 3, 4, 5, 7, 8, 9], 8],
])('weeks in a row: %s', (_what, weeks, expected) => {
  expect(learningWeek(inWeeks(...weeks), utc).weeksInARow).toBe(expected)
})
