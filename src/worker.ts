import { applyNextStripeEvent } from './checkout/apply-stripe-event'
import { runNextJob, installJobs, type ScheduledJob } from './platform/scheduled-job'
import { hours } from './platform/clock'
import { announceNextCourse } from './courses/announce-course'
import { processNextEvent } from './events/react'
import { sendNextAlert } from './webhooks/alert'
import { purgeOldActivity } from './events/purge-activity'
import { purgeOldBodies } from './webhooks/purge-bodies'
import { claimDelivery } from './webhooks/deliver'
import { processNextOutcome } from './crm/process-outcome'
import { announceCourse, emailEndpointAlert } from './emails'
import { runNextRecovery } from './webhooks/recover'
import { log } from './platform/log'
import { sendNextEmail } from './mail/send'
import { decideSending } from './people/email-consent'
import { heartbeat, wakeWorker } from './platform/queue'
import { reactions } from './reactions'
import { checkScores } from './leads/check-scores'
import { purgeIdlePeople } from './leads/purge-idle-people'
import { rescoreNext } from './leads/rescore'

/**
 * Work that may be due. `next` does one piece and says whether there was one, so the pieces are done one after another; `take` answers
 * a piece to be done, so that up to `atOnce` are under way together.
 */
type Queue = { name: string } & ({ next: Next } | { take: Take; atOnce: number })
type Next = () => Promise<boolean>
type Take = () => Promise<(() => Promise<void>) | null>

const queues: Queue[] = [
  { name: 'events', next: () => processNextEvent(reactions) },
  { name: 'deliveries', take: claimDelivery, atOnce: 64 },
  { name: 'recoveries', next: runNextRecovery },
  { name: 'payments', next: applyNextStripeEvent },
  { name: 'alerts', next: () => sendNextAlert(emailEndpointAlert) },
  { name: 'letters', next: () => sendNextEmail(decideSending) },
  { name: 'announcements', next: () => announceNextCourse(announceCourse) },
  { name: 'outcomes', next: processNextOutcome },
  { name: 'scores', next: rescoreNext },
  { name: 'chores', next: () => runNextJob(jobs) },
]

/** What is done by the clock. */
const jobs: ScheduledJob[] = [
  { name: 'check all scores', every: hours(24), run: checkScores },
  { name: 'forget what messages said', every: hours(24), run: purgeOldBodies },
  { name: 'forget old deeds', every: hours(24), run: purgeOldActivity },
  { name: 'forget idle people', every: hours(24), run: purgeIdlePeople },
]

/** Does all that is due now and comes back when nothing is left; how many pieces there were. */
export async function runAllDue(): Promise<number> {
  let done = 0
  for (let found = true; found;) {
    found = false
    for (const queue of queues) {
      const pieces = await drainQueue(queue)
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
    installJobs(jobs),
    keepHeartbeat(signal),
    ...queues.map(queue => keepDraining(queue, signal)),
  ])
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

async function keepDraining(queue: Queue, stopping: AbortSignal): Promise<void> {
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

async function drainQueue(queue: Queue): Promise<number> {
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
async function keepHeartbeat(stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    await heartbeat().catch(error => log.error({ err: error }, 'the worker could not say that it is alive'))
    await sleep(10_000, stopping)
  }
}

/** Waits until there may be work: some time, or the bell. */
function rest(milliseconds: number, stopping: AbortSignal): Promise<void> {
  const awake = new AbortController()
  const wake = () => awake.abort()
  wakeWorker.once('due', wake)
  return sleep(milliseconds, AbortSignal.any([awake.signal, stopping])).finally(() =>
    wakeWorker.off('due', wake),
  )
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
