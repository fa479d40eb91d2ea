import { settleNext } from './checkout/apply-stripe-event'
import { doNextChore, installChores, type Chore } from './platform/scheduled-job'
import { hours } from './platform/clock'
import { announceNext } from './courses/announce-course'
import { reactToNext } from './events/react'
import { deliveryAlerts } from './webhooks/alert'
import { forgetOldDeeds } from './events/purge-activity'
import { forgetOldBodies } from './webhooks/purge-bodies'
import { takeDelivery } from './webhooks/deliver'
import { applyNextOutcome } from './crm/process-outcome'
import { announceCourse, tellOfTrouble } from './emails'
import { recoverNext } from './webhooks/recover'
import { log } from './platform/log'
import { sendNextLetter } from './mail/send'
import { mayReceive } from './people/email-consent'
import { beat, bell } from './platform/queue'
import { reactions } from './reactions'
import { checkScores } from './leads/check-scores'
import { forgetIdlePeople } from './leads/purge-idle-people'
import { recheckNext } from './leads/rescore'

/**
 * Work that may be due. `next` does one piece and says whether there was one, so the pieces are done one after another; `take` answers
 * a piece to be done, so that up to `atOnce` are under way together.
 */
type Queue = { name: string } & ({ next: Next } | { take: Take; atOnce: number })
type Next = () => Promise<boolean>
type Take = () => Promise<(() => Promise<void>) | null>

const queues: Queue[] = [
  { name: 'events', next: () => reactToNext(reactions) },
  { name: 'deliveries', take: takeDelivery, atOnce: 64 },
  { name: 'recoveries', next: recoverNext },
  { name: 'payments', next: settleNext },
  { name: 'alerts', next: () => deliveryAlerts(tellOfTrouble) },
  { name: 'letters', next: () => sendNextLetter(mayReceive) },
  { name: 'announcements', next: () => announceNext(announceCourse) },
  { name: 'outcomes', next: applyNextOutcome },
  { name: 'scores', next: recheckNext },
  { name: 'chores', next: () => doNextChore(chores) },
]

/** What is done by the clock. */
const chores: Chore[] = [
  { name: 'check all scores', every: hours(24), deed: checkScores },
  { name: 'forget what messages said', every: hours(24), deed: forgetOldBodies },
  { name: 'forget old deeds', every: hours(24), deed: forgetOldDeeds },
  { name: 'forget idle people', every: hours(24), deed: forgetIdlePeople },
]

/** Does all that is due now and comes back when nothing is left; how many pieces there were. */
export async function drain(): Promise<number> {
  let done = 0
  for (let found = true; found;) {
    found = false
    for (const queue of queues) {
      const pieces = await empty(queue)
      found ||= pieces > 0
      done += pieces
    }
  }
  return done
}

/**
 * Looks for work each second, and at once when this process has made some, until `stop` is called; that waits for what is under
 * way. Each queue goes at its own pace: a CRM that is slow to answer holds up no event.
 */
export function startWorker(): { stop: () => Promise<void> } {
  const stopping = new AbortController()
  const { signal } = stopping
  const running = Promise.all([
    installChores(chores),
    keepBeating(signal),
    ...queues.map(queue => keepEmptying(queue, signal)),
  ])
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

async function keepEmptying(queue: Queue, stopping: AbortSignal): Promise<void> {
  const underWay = new Set<Promise<void>>()
  while (!stopping.aborted) {
    try {
      if (await begin(queue, underWay)) continue
    } catch (error) {
      log.error({ err: error, queue: queue.name }, 'the worker stumbled; it goes on in a second')
    }
    await Promise.race([rest(1000, stopping), ...underWay])
  }
  await Promise.all(underWay)
}

async function empty(queue: Queue): Promise<number> {
  const underWay = new Set<Promise<void>>()
  let done = 0
  for (;;) {
    if (await begin(queue, underWay)) done++
    else if (underWay.size) await Promise.race(underWay)
    else return done
  }
}

/** Begins a piece of work if there is one and room for it. */
async function begin(queue: Queue, underWay: Set<Promise<void>>): Promise<boolean> {
  if ('next' in queue) return queue.next()
  if (underWay.size >= queue.atOnce) return false
  const deed = await queue.take()
  if (!deed) return false
  const piece: Promise<void> = deed()
    .catch(error =>
      log.error({ err: error, queue: queue.name }, 'a piece of work failed; it is done again later'),
    )
    .finally(() => underWay.delete(piece))
  underWay.add(piece)
  return true
}

/** Says every ten seconds that a worker is alive (`/readyz`). */
async function keepBeating(stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    await beat().catch(error => log.error({ err: error }, 'the worker could not say that it is alive'))
    await sleep(10_000, stopping)
  }
}

/** Waits until there may be work: some time, or the bell. */
function rest(milliseconds: number, stopping: AbortSignal): Promise<void> {
  const awake = new AbortController()
  const wake = () => awake.abort()
  bell.once('due', wake)
  return sleep(milliseconds, AbortSignal.any([awake.signal, stopping])).finally(() => bell.off('due', wake))
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
  })
}
