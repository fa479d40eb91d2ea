import { hours, minutes, seconds } from '../../src/platform/clock'
import { parseRetryAfter } from '../../src/platform/retry-after'
import { nextDelay, delays } from '../../src/webhooks/retry-schedule'

const normal = { retryAfter: null, overloaded: false }
const least = () => 0

test('ten attempts take at least a little more than three days', () => {
  expect(delays).toHaveLength(9)
  expect(delays.reduce((sum, delay) => sum + delay, 0)).toBe(hours(75) + minutes(35) + seconds(5))
})

test.each([
  [1, seconds(5)],
  [2, minutes(5)],
  [3, minutes(30)],
  [4, hours(2)],
  [9, hours(24)],
  [10, null],
])('after %i failures the next attempt is in %s ms', (failures, delay) => {
  expect(nextDelay(failures, normal, false, least)).toBe(delay)
})

test('each delay is up to a fifth longer, and never shorter', () => {
  expect(nextDelay(2, normal, false, () => 0)).toBe(minutes(5))
  expect(nextDelay(2, normal, false, () => 1)).toBe(minutes(6))
})

test('while an endpoint takes nothing at all, a message is tried every day after its tenth attempt', () => {
  expect(nextDelay(10, normal, true, least)).toBe(hours(24))
  expect(nextDelay(14, normal, true, () => 1)).toBe(hours(24) * 1.2)
})

test('Retry-After counts within one and two times the delay', () => {
  const delayFor = (retryAfter: number) => nextDelay(2, { retryAfter, overloaded: false }, false, least)
  expect(delayFor(seconds(1))).toBe(minutes(5))
  expect(delayFor(minutes(7))).toBe(minutes(7))
  expect(delayFor(hours(48))).toBe(minutes(10))
})

test('an endpoint that is overloaded or silent gets at least a minute', () => {
  expect(nextDelay(1, { retryAfter: null, overloaded: true }, false, least)).toBe(seconds(60))
  expect(nextDelay(1, { retryAfter: seconds(2), overloaded: true }, false, least)).toBe(seconds(60))
  expect(nextDelay(2, { retryAfter: null, overloaded: true }, false, least)).toBe(minutes(5))
})

test('messages that get a 429 together do not return together', () => {
  const overloaded = { retryAfter: seconds(2), overloaded: true }
  const delays = Array.from({ length: 200 }, () => nextDelay(1, overloaded)!)
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(seconds(60))
  expect(Math.max(...delays)).toBeLessThanOrEqual(seconds(120))
  expect(new Set(delays.map(delay => Math.floor(delay / seconds(6)))).size).toBeGreaterThanOrEqual(8)
})

test('Retry-After can be seconds or a date', () => {
  const at = Date.parse('2026-11-23T09:00:00Z')
  expect(parseRetryAfter('120', at)).toBe(seconds(120))
  expect(parseRetryAfter('Mon, 23 Nov 2026 09:05:00 GMT', at)).toBe(minutes(5))
  expect(parseRetryAfter('Mon, 23 Nov 2026 08:00:00 GMT', at)).toBe(0)
  expect(parseRetryAfter('soon', at)).toBeNull()
  expect(parseRetryAfter(undefined, at)).toBeNull()
})
