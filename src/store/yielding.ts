import { serverError } from './errors'

/**
 * Long-running work is a generator that yields this every few milliseconds, so that other requests get a
 * turn.
 */
export const yieldPoint = Symbol('yield point')

/** A generator of items that also yields `yieldPoint`. */
export type Yielding<T> = Generator<T | typeof yieldPoint, void, undefined>

const sliceMs = 2

/**
 * Returns a function that returns true whenever the current time slice (2 ms) is used up.
 *
 * @param every how many calls there are until the clock is read again: 1 where something may be as large as a document
 */
export function makeYieldTimer(every = 16): () => boolean {
  let calls = 0
  let end = performance.now() + sliceMs
  return () => {
    if (++calls % every !== 0 || performance.now() < end) return false
    end = performance.now() + sliceMs
    return true
  }
}

/**
 * Lets other requests run. MongoDB manual, "cursor.maxTimeMS()":
 * https://www.mongodb.com/docs/manual/reference/method/cursor.maxTimeMS/
 *
 * @param deadline on the clock of `performance.now()`
 * @throws 50 when the deadline has passed
 */
export function yieldToEventLoop(deadline = Infinity): Promise<void> {
  checkDeadline(deadline)
  return new Promise(resolve => setImmediate(resolve))
}

/** @throws 50 when the deadline has passed */
export function checkDeadline(deadline: number): void {
  if (performance.now() > deadline) throw serverError(50, 'operation exceeded time limit')
}

/** Adds yield points to items that are already in memory, because the consumer may spend time on each. */
export function* withYieldPoints<T>(items: Iterable<T>): Yielding<T> {
  const due = makeYieldTimer()
  for (const item of items) {
    yield item
    if (due()) yield yieldPoint
  }
}

/**
 * Collects all items, yielding to the event loop on the way.
 *
 * @throws 50 when the deadline has passed
 */
export async function collect<T>(source: Yielding<T>, deadline = Infinity): Promise<T[]> {
  const all: T[] = []
  for (const item of source) {
    if (item === yieldPoint) await yieldToEventLoop(deadline)
    else all.push(item as T)
  }
  return all
}

/**
 * Runs work that only yields to the event loop, and returns its result.
 *
 * @throws 50 when the deadline has passed
 */
export async function finish<T>(
  work: Generator<typeof yieldPoint, T, undefined>,
  deadline = Infinity,
): Promise<T> {
  for (;;) {
    const { value, done } = work.next()
    if (done) return value
    await yieldToEventLoop(deadline)
  }
}

/** Collects all items without yielding to the event loop. */
export function collectSync<T>(source: Yielding<T>): T[] {
  const all: T[] = []
  for (const item of source) if (item !== yieldPoint) all.push(item as T)
  return all
}

/** Sorts stably in small slices: sorts runs of 512 items, then merges them, with yield points in between. */
export function* sortYielding<T>(
  items: T[],
  compare: (a: T, b: T) => number,
): Generator<typeof yieldPoint, T[], undefined> {
  const run = 512
  let runs: T[][] = []
  const due = makeYieldTimer()
  for (let i = 0; i < items.length; i += run) {
    runs.push(items.slice(i, i + run).sort(compare))
    yield yieldPoint
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let i = 0; i < runs.length; i += 2) {
      const [a, b] = [runs[i]!, runs[i + 1]]
      if (!b) {
        merged.push(a)
        continue
      }
      const both: T[] = new Array(a.length + b.length)
      let [x, y] = [0, 0]
      for (let n = 0; n < both.length; n++) {
        both[n] = y >= b.length || (x < a.length && compare(a[x]!, b[y]!) <= 0) ? a[x++]! : b[y++]!
        if (due()) yield yieldPoint
      }
      merged.push(both)
    }
    runs = merged
  }
  return runs[0] ?? []
}
