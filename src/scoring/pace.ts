import { setImmediate as nextTurn } from 'node:timers/promises'

/** Longer computations would be felt on pages that this process serves: they wait for several turns. In ms. */
const slice = 4

/** Returns a function that long work awaits often: it lets others have a turn whenever a slice of time is used up. */
export function makePace(): () => Promise<void> | void {
  let end = performance.now() + slice
  return () => {
    if (performance.now() < end) return undefined
    return nextTurn().then(() => void (end = performance.now() + slice))
  }
}
