import type { Worker } from 'node:worker_threads'

/**
 * Memory that the store's thread shares with the main thread: a number that the thread's event loop increases, and
 * whether it waits for the disk.
 */
export type Pulse = Int32Array<SharedArrayBuffer>
const [beats, isFlushing] = [0, 1]

/** How often the thread shows that it is alive, and how often that is checked, in ms. */
const beatMs = 100
/**
 * After this time without a beat, in ms, the thread counts as dead. Queries and writes pause after at most 50 ms, so a
 * busy thread beats, and a load balancer or a supervisor gives up after about 5 s itself.
 */
const silenceMs = 4000
/** The same while a transaction is flushed, because a slow disk is no failure. */
const flushMs = 30_000
/** What an ordinary end of the thread may take, in ms, before the process is killed. */
const terminateMs = 500

export function makePulse(): Pulse {
  return new Int32Array(new SharedArrayBuffer(8))
}

/** Beats for as long as the event loop of this thread runs. */
export function startBeating(pulse: Pulse): void {
  setInterval(() => {
    Atomics.add(pulse, beats, 1)
    Atomics.notify(pulse, beats)
  }, beatMs).unref()
}

/** Says that the thread begins, or ends, to wait for the disk. */
export function setFlushing(pulse: Pulse, is: boolean): void {
  Atomics.store(pulse, isFlushing, is ? 1 : 0)
}

/**
 * Ends the process when the thread stops beating or ends: a server whose database hangs must not keep running. Only
 * the time in which this thread's own timer ticks is counted, so a process that was stopped, suspended or starved of
 * CPU is not ended.
 *
 * @returns a function to call before the thread is closed on purpose. It is still watched until it has ended.
 */
export function watchThread(worker: Worker, pulse: Pulse): () => void {
  let isClosing = false
  let isEnding = false
  let last = -1
  let silentMs = 0

  function end(reason: string): void {
    if (isEnding) return
    isEnding = true
    process.stderr.write(`${reason}\n`)
    // `process.exit` waits for the thread. One that waits inside LMDB never ends, so only a signal helps then.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), terminateMs)
    void worker.terminate().then(() => process.exit(1))
  }

  const timer = setInterval(() => {
    const count = Atomics.load(pulse, beats)
    silentMs = count === last ? silentMs + beatMs : 0
    last = count
    const limit = Atomics.load(pulse, isFlushing) ? flushMs : silenceMs
    if (silentMs >= limit) end(`The store has not answered for ${limit / 1000} s, so the process ends.`)
  }, beatMs).unref()

  const onExit = () => {
    if (Atomics.wait(pulse, beats, Atomics.load(pulse, beats), silenceMs) !== 'timed-out') return
    process.stderr.write('The store does not answer, so the process is killed.\n')
    process.kill(process.pid, 'SIGKILL')
  }
  process.once('exit', onExit)

  worker.on('error', error => end(`The store failed: ${error.stack ?? error.message}`))
  worker.once('exit', code => {
    clearInterval(timer)
    process.off('exit', onExit)
    if (!isClosing) end(`The store exited with code ${code}`)
  })
  return () => {
    isClosing = true
  }
}
