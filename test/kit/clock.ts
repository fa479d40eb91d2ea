import { now, setClock } from '../../src/platform/clock'

/** It is this moment now, and stays it: `at('2026-11-23T09:00:00Z')`. */
export function setTime(moment: string | Date): Date {
  const fixed = new Date(moment).getTime()
  setClock(() => fixed)
  return new Date(fixed)
}

/** Lets time pass: `pass(days(3))`. */
export function advance(milliseconds: number): Date {
  return setTime(new Date(now().getTime() + milliseconds))
}

/** Lets no time of the machine pass in this test, so that what is kept for a while is kept; `move` lets some pass. */
export function holdMachineClock(): { move: (milliseconds: number) => void } {
  let moment = performance.now()
  jest.spyOn(performance, 'now').mockImplementation(() => moment)
  return { move: milliseconds => void (moment += milliseconds) }
}
