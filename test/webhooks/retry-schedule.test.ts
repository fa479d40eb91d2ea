import { hours, minutes, seconds } from '../../src/platform/clock'
import { nextDelay, parseRetryAfter, delays } from '../../src/webhooks/retry-schedule'

const calm = { retryAfter: null, overloaded: false }
const middle = () => 0.5

test('ten tries fill three days and a little more', () => {
  expect(delays).toHaveLength(9)
  expect(delays.reduce((sum, wait) => sum + wait, 0)).toBe(hours(75) + minutes(35) + seconds(5))
})

test.each([
  [1, seconds(5)],
  [2, minutes(5)],
  [3, minutes(30)],
  [4, hours(2)],
  [9, hours(24)],
  [10, null],
])('after %i failures the next try is in %s ms', (failures, wait) => {
  expect(nextDelay(failures, calm, middle)).toBe(wait)
})

test('each wait is spread by a fifth to both sides', () => {
  expect(nextDelay(2, calm, () => 0)).toBe(minutes(4))
  expect(nextDelay(2, calm, () => 1)).toBe(minutes(6))
})

test('what a receiver wishes counts between the wait and twice the wait', () => {
  const wish = (retryAfter: number) => nextDelay(2, { retryAfter, overloaded: false }, middle)
  expect(wish(seconds(1))).toBe(minutes(5))
  expect(wish(minutes(7))).toBe(minutes(7))
  expect(wish(hours(48))).toBe(minutes(10))
})

test('a receiver that is overloaded or silent rests for a minute at least', () => {
  expect(nextDelay(1, { retryAfter: null, overloaded: true }, middle)).toBe(seconds(60))
  expect(nextDelay(1, { retryAfter: seconds(2), overloaded: true }, middle)).toBe(seconds(60))
  expect(nextDelay(2, { retryAfter: null, overloaded: true }, middle)).toBe(minutes(5))
})

test('Retry-After is read as seconds and as a date', () => {
  const at = Date.parse('2026-11-23T09:00:00Z')
  expect(parseRetryAfter('120', at)).toBe(seconds(120))
  expect(parseRetryAfter('Mon, 23 Nov 2026 09:05:00 GMT', at)).toBe(minutes(5))
  expect(parseRetryAfter('Mon, 23 Nov 2026 08:00:00 GMT', at)).toBe(0)
  expect(parseRetryAfter('soon', at)).toBeNull()
  expect(parseRetryAfter(undefined, at)).toBeNull()
})
