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
 * A source of due work. `next` processes one item and returns false when none is due, so items run one at a time;
 * `claim` returns the work of one item without starting it, so up to `concurrency` items run together.
 */
type Queue = { name: string } & ({ next: Next } | { claim: Claim; concurrency: number })
type Next = () => Promise<boolean>
type Claim = () => Promise<(() => Promise<void>) | null>

const queues: Queue[] = [
  { name: 'events', next: () => processNextEvent(reactions) },
  { name: 'deliveries', claim: claimDelivery, concurrency: 64 },
  { name: 'recoveries', next: runNextRecovery },
  { name: 'payments', next: applyNextStripeEvent },
  { name: 'alerts', next: () => sendNextAlert(emailEndpointAlert) },
  { name: 'emails', next: () => sendNextEmail(decideSending) },
  { name: 'announcements', next: () => announceNextCourse(announceCourse) },
  { name: 'outcomes', next: processNextOutcome },
  { name: 'scores', next: rescoreNext },
  { name: 'jobs', next: () => runNextJob(jobs) },
]

/** The scheduled jobs. */
const jobs: ScheduledJob[] = [
  { name: 'check all scores', every: hours(24), run: checkScores },
  { name: 'purge message bodies', every: hours(24), run: purgeOldBodies },
  { name: 'purge old activity', every: hours(24), run: purgeOldActivity },
  { name: 'purge idle people', every: hours(24), run: purgeIdlePeople },
]

/** Processes everything that is due, until all queues are empty. Returns the number of items processed. */
export async function runAllDue(): Promise<number> {
  let total = 0
  for (let found = true; found;) {
    found = false
    for (const queue of queues) {
      const processed = await drainQueue(queue)
      found ||= processed > 0
      total += processed
    }
  }
  return total
}

/**
 * Polls every second, and right away when this process has created work. `stop` waits for the work in progress. Queues
 * run independently, so a slow CRM doesn't delay events.
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
  const inProgress = new Set<Promise<void>>()
  while (!stopping.aborted) {
    try {
      if (await startNext(queue, inProgress)) continue
    } catch (error) {
      log.error({ err: error, queue: queue.name }, 'queue failed, retrying in 1 s')
    }
    await Promise.race([waitForWork(1000, stopping), ...inProgress])
  }
  await Promise.all(inProgress)
}

async function drainQueue(queue: Queue): Promise<number> {
  const inProgress = new Set<Promise<void>>()
  let processed = 0
  for (;;) {
    if (await startNext(queue, inProgress)) processed++
    else if (inProgress.size) await Promise.race(inProgress)
    else return processed
  }
}

/** Processes or starts the next item. Returns false when nothing is due or the concurrency limit is reached. */
async function startNext(queue: Queue, inProgress: Set<Promise<void>>): Promise<boolean> {
  if ('next' in queue) return queue.next()
  if (inProgress.size >= queue.concurrency) return false
  const work = await queue.claim()
  if (!work) return false
  const running: Promise<void> = work()
    .catch(error => log.error({ err: error, queue: queue.name }, 'item failed, will be retried'))
    .finally(() => inProgress.delete(running))
  inProgress.add(running)
  return true
}

/** Records a heartbeat every ten seconds, which `/readyz` checks. */
async function keepHeartbeat(stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    await heartbeat().catch(error => log.error({ err: error }, 'heartbeat not recorded'))
    await sleep(10_000, stopping)
  }
}

/** Waits until the time is up or this process has created work. */
function waitForWork(milliseconds: number, stopping: AbortSignal): Promise<void> {
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
