import { refusal } from './errors'

/** Long work runs in generators that hand this out every few milliseconds, so that others get their turn. */
export const pause = Symbol('pause')

export type Paced<T> = Generator<T | typeof pause, void, undefined>

const sliceMs = 2

/** True when the time since the last true one is used up. */
export function makePacer(): () => boolean {
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
export function turn(deadline = Infinity): Promise<void> {
  if (performance.now() > deadline) throw refusal(50, 'operation exceeded time limit')
  return new Promise(resolve => setImmediate(resolve))
}

/** What is ready already, with pauses: whoever takes it may take long over each. */
export function* paced<T>(items: Iterable<T>): Paced<T> {
  const due = makePacer()
  for (const item of items) {
    yield item
    if (due()) yield pause
  }
}

/** All that a generator gives, with pauses for others. */
export async function collect<T>(source: Paced<T>, deadline = Infinity): Promise<T[]> {
  const all: T[] = []
  for (const item of source) {
    if (item === pause) await turn(deadline)
    else all.push(item as T)
  }
  return all
}

/** All that a generator gives, at once: inside a write transaction, which nobody may interrupt. */
export function drain<T>(source: Paced<T>): T[] {
  const all: T[] = []
  for (const item of source) if (item !== pause) all.push(item as T)
  return all
}

/** Sorts stably in slices: runs first, then merges, with pauses between. */
export function* sortPaced<T>(
  items: T[],
  compare: (a: T, b: T) => number,
): Generator<typeof pause, T[], undefined> {
  const run = 512
  let runs: T[][] = []
  const due = makePacer()
  for (let i = 0; i < items.length; i += run) {
    runs.push(items.slice(i, i + run).sort(compare))
    yield pause
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
        if (due()) yield pause
      }
      merged.push(both)
    }
    runs = merged
  }
  return runs[0] ?? []
}
