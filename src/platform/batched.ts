type Waiting<Key, Value> = {
  key: Key
  resolve: (value: Value) => void
  reject: (error: unknown) => void
}

/** What `run` returns for one key: its value, or the error that only its caller gets. */
type Outcome<Value> = { value: Value } | { error: unknown }

/** The most keys in one run. */
const maxKeys = 200
/** A key waits for the run under way for twice as long as the one before has taken, within these limits, in ms. */
const [minWait, maxWait] = [5, 100]

/**
 * Returns a function that handles keys together: those that are passed while a run is under way share the next one. A
 * busy process sends few large commands that way, and an idle one doesn't wait. A run always begins after its keys were
 * passed, so it reads what was written before.
 *
 * @param run returns an outcome for each key, in their order. An error that it throws goes to every caller.
 */
export function batched<Key, Value>(
  run: (keys: Key[]) => Promise<Outcome<Value>[]>,
): (key: Key) => Promise<Value> {
  let waiting: Waiting<Key, Value>[] = []
  let underWay = 0
  let wait = minWait
  let timer: NodeJS.Timeout | undefined

  async function runWaiting(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const batch = waiting.slice(0, maxKeys)
    waiting = waiting.slice(maxKeys)
    if (!batch.length) return
    underWay++
    const startedAt = performance.now()
    try {
      const outcomes = await run(batch.map(({ key }) => key))
      batch.forEach(({ resolve, reject }, index) => {
        const outcome = outcomes[index]!
        if ('error' in outcome) reject(outcome.error)
        else resolve(outcome.value)
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    underWay--
    wait = Math.min(Math.max(2 * (performance.now() - startedAt), minWait), maxWait)
    void runWaiting()
  }

  return key =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject })
      if (waiting.length > 1) return
      // A run that never ends, as on a connection that is lost, holds up only its own keys.
      if (underWay) timer = setTimeout(() => void runWaiting(), wait)
      else queueMicrotask(() => void runWaiting())
    })
}

/** The outcomes of values. */
export function valuesOf<Value>(values: Value[]): { value: Value }[] {
  return values.map(value => ({ value }))
}

/** Returns a function whose calls at the same time share a run, which begins after they were made. */
export function shared<Value>(run: () => Promise<Value>): () => Promise<Value> {
  return batched(async (calls: void[]) => {
    const value = await run()
    return valuesOf(calls.map(() => value))
  })
}
