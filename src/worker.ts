import { bell } from './events/record'
import { reactToNext } from './events/react'
import { log } from './log'
import { reactions } from './reactions'

/** What may be due, most urgent first. Each takes one piece of work and says whether there was one. */
const queues: { name: string; next: () => Promise<boolean> }[] = [
  { name: 'events', next: () => reactToNext(reactions) },
]

/** Does all that is due now and comes back when nothing is left; how many pieces there were. */
export async function drain(): Promise<number> {
  let done = 0
  for (let found = true; found;) {
    found = false
    for (const queue of queues) while (await queue.next()) ((found = true), done++)
  }
  return done
}

/** Looks for work each second, and at once when this process has made some, until `stop` is called; that waits for what is under way. */
export function startWorker(): { stop: () => Promise<void> } {
  let stopped = false
  let wake = () => {}
  const ring = () => wake()
  bell.on('due', ring)
  const running = (async () => {
    while (!stopped) {
      try {
        await drain()
      } catch (error) {
        log.error({ err: error }, 'the worker stumbled; it goes on in a second')
      }
      if (stopped) break
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, 1000)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  })()
  return {
    stop: async () => {
      stopped = true
      bell.off('due', ring)
      wake()
      await running
    },
  }
}
