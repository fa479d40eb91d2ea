import { serverError } from './errors'

/** Long work runs in generators that hand this out every few milliseconds, so that others get their turn. */
export const yieldPoint = Symbol('pause')

export type Yielding<T> = Generator<T | typeof yieldPoint, void, undefined>

const sliceMs = 2

/** True when the time since the last true one is used up. */
export function makeYieldTimer(): () => boolean {
  let calls = 0
  let end = performance.now() + sliceMs
  return () => {
    if (++calls % 16 !== 0 || performance.now() < end) return false
    end = performance.now() + sliceMs
    return true
  }
}

/**
 * Lets the event loop run at each pause, unless the time of the command is over.
 * https://www.mongodb.com/docs/manual/reference/method/cursor.maxTimeMS/
 */
export function yieldToEventLoop(deadline = Infinity): Promise<void> {
  if (performance.now() > deadline) throw serverError(50, 'operation exceeded time limit')
  return new Promise(resolve => setImmediate(resolve))
}

/** What is ready already, with pauses: whoever takes it may take long over each. */
export function* withYieldPoints<T>(items: Iterable<T>): Yielding<T> {
  const due = makeYieldTimer()
  for (const item of items) {
    yield item
    if (due()) yield yieldPoint
  }
}

/** All that a generator gives, with pauses for others. */
export async function collect<T>(source: Yielding<T>, deadline = Infinity): Promise<T[]> {
  const all: T[] = []
  for (const item of source) {
    if (item === yieldPoint) await yieldToEventLoop(deadline)
    else all.push(item as T)
  }
  return all
}

/** All that a generator gives, at once: inside a write transaction, which nobody may interrupt. */
export function collectSync<T>(source: Yielding<T>): T[] {
  const all: T[] = []
  for (const item of source) if (item !== yieldPoint) all.push(item as T)
  return all
}

/** Sorts stably in slices: runs first, then merges, with pauses between. */
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
