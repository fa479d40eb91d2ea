type Waiting<Key, Value> = {
  key: Key
  resolve: (value: Value) => void
  reject: (error: unknown) => void
}

/** What `run` returns for one key: its value, or the error that only its caller gets. */
export type KeyOutcome<Value> = { value: Value } | { error: unknown }

/** The most keys in one run. */
const maxKeys = 200
/** A key waits for the run under way for twice as long as the one before has taken, within these limits, in ms. */
const [minWait, maxWait] = [5, 100]
/** A busy process begins a run at least this long after the one before, so that more keys share it, in ms. */
const busyInterval = 15
/** A process is busy when it has spent more than this share of a period, in ms, outside of waiting. */
const [busyShare, busyPeriod] = [0.7, 200]
/** Keys share runs as long as one of this many runs had more than one key. A single caller would wait for nobody. */
const sharingRuns = 8

/**
 * Returns a function that handles keys together: those that are passed while a run is under way share the next one. A
 * busy process sends few large commands that way, and an idle one doesn't wait. A run always begins after its keys were
 * passed, so it reads what was written before.
 *
 * @param run returns an outcome for each key, in their order. An error that it throws goes to every caller.
 */
export function batched<Key, Value>(
  run: (keys: Key[]) => Promise<KeyOutcome<Value>[]>,
): (key: Key) => Promise<Value> {
  let waiting: Waiting<Key, Value>[] = []
  let underWay = 0
  let wait = minWait
  let lastStart = -Infinity
  let runsAlone = sharingRuns
  let timer: NodeJS.Timeout | undefined

  async function runWaiting(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const batch = waiting.slice(0, maxKeys)
    waiting = waiting.slice(maxKeys)
    if (!batch.length) return
    if (waiting.length) runAfter(wait)
    runsAlone = batch.length > 1 ? 0 : runsAlone + 1
    underWay++
    const startedAt = performance.now()
    lastStart = startedAt
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
    if (waiting.length) runAfter(pause())
  }

  /** How long the keys that wait leave room for more while the process is busy, in ms. */
  const pause = () => (runsAlone < sharingRuns && isBusy() ? lastStart + busyInterval - performance.now() : 0)

  function runAfter(delay: number): void {
    clearTimeout(timer)
    timer = undefined
    if (delay > 0) timer = setTimeout(() => void runWaiting(), delay)
    else setImmediate(() => void runWaiting())
  }

  return key =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject })
      // A run that never ends, as on a connection that is lost, holds up only its own keys.
      if (waiting.length === 1) runAfter(underWay ? wait : pause())
    })
}

let [utilization, measuredAt, busy] = [performance.eventLoopUtilization(), performance.now(), false]

/** Whether this process had little time left in the last moments. */
function isBusy(): boolean {
  if (performance.now() - measuredAt < busyPeriod) return busy
  const now = performance.eventLoopUtilization()
  busy = performance.eventLoopUtilization(now, utilization).utilization > busyShare
  utilization = now
  measuredAt = performance.now()
  return busy
}

/** The outcomes of values. */
export function valuesOf<Value>(values: Value[]): { value: Value }[] {
  return values.map(value => ({ value }))
}

/** The outcomes of work on each key that ended in one way or another. */
export function outcomesOf<Value>(settled: PromiseSettledResult<Value>[]): KeyOutcome<Value>[] {
  return settled.map(result =>
    result.status === 'fulfilled' ? { value: result.value } : { error: result.reason as unknown },
  )
}

/** Returns a function whose calls at the same time share a run, which begins after they were made. */
export function shared<Value>(run: () => Promise<Value>): () => Promise<Value> {
  return batched(async (calls: void[]) => {
    const value = await run()
    return valuesOf(calls.map(() => value))
  })
}
