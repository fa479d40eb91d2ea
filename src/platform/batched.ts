type Waiting<Key, Value> = {
  key: Key
  resolve: (value: Value) => void
  reject: (error: unknown) => void
}

/** What `run` returns for one key: its value, or the error that only its caller gets. */
type Outcome<Value> = { value: Value } | { error: unknown }

/** The most keys in one run, and how many ms a key waits for the run before it. */
const [maxKeys, maxWait] = [200, 20]

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
  let timer: NodeJS.Timeout | undefined

  async function runWaiting(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const batch = waiting.slice(0, maxKeys)
    waiting = waiting.slice(maxKeys)
    if (!batch.length) return
    underWay++
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
    void runWaiting()
  }

  return key =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject })
      if (waiting.length > 1) return
      // A run that never ends, as on a connection that is lost, holds up only its own keys.
      if (underWay) timer = setTimeout(() => void runWaiting(), maxWait)
      else queueMicrotask(() => void runWaiting())
    })
}

/** The outcomes of values. */
export function valuesOf<Value>(values: Value[]): { value: Value }[] {
  return values.map(value => ({ value }))
}
