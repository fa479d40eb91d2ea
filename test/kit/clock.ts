import { now, setClock } from '../../src/platform/clock'

/** Stops the clock at a moment: `setTime('2026-11-23T09:00:00Z')`. */
export function setTime(moment: string | Date): Date {
  const fixed = new Date(moment).getTime()
  setClock(() => fixed)
  return new Date(fixed)
}

/** Moves the clock forward: `advance(days(3))`. */
export function advance(milliseconds: number): Date {
  return setTime(new Date(now().getTime() + milliseconds))
}

/** Stops the monotonic clock, so that caches do not expire during the test. `move` moves it forward. */
export function holdMachineClock(): { move: (milliseconds: number) => void } {
  // Whole milliseconds, because sums of fractions aren't exact: 1000 later could be more than 1000.
  let moment = Math.round(performance.now())
  jest.spyOn(performance, 'now').mockImplementation(() => moment)
  return { move: milliseconds => void (moment += milliseconds) }
}
