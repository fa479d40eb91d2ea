import { communityNotices } from './academy/community-emails'
import { emailCommunityDigest } from './academy/group-digest'
import { receiveReply } from './academy/receive-reply'
import { bookingNotices, emailAddedDates, sessionNotices } from './academy/session-emails'
import { applyStripeEvents } from './checkout/apply-stripe-event'
import { endSeatPayment } from './checkout/update-seat'
import { advanceFeedback } from './community/advance-feedback'
import { advancePosts, advanceThreads, emailWarnings } from './community/advance-threads'
import { sendCommunityDigests } from './community/digest-queue'
import { advanceCourses } from './courses/advance-courses'
import { announceCourses } from './courses/announce-course'
import { emailComments } from './courses/comment-notice'
import { tryOutsideLinks } from './courses/try-outside-links'
import { processOutcomes } from './crm/process-outcome'
import {
  announceCourse,
  emailCommentNotice,
  emailCourseStep,
  emailEndpointAlert,
  emailPaymentMismatch,
} from './emails'
import { reactTo } from './events/react'
import { emailFeedbackChange, emailFeedbackDigests } from './insights/feedback-emails'
import { jobs } from './jobs'
import { readCalendars } from './leads/busy-feed'
import { emailDigests, postDigests } from './sales/digest-queue'
import { announceDemos } from './leads/demo-booking'
import { openDealsOf } from './leads/open-deals'
import { continueBatches } from './leads/lead-batch'
import { rescoreDue } from './leads/rescore'
import { runReplays } from './leads/run-scoring-replay'
import { runSuggestions } from './leads/scoring-suggestion'
import { followPublication } from './learning/move-learners'
import { receiveEmails } from './mail/inbound-email'
import { sendEmails } from './mail/send'
import { decideSending } from './people/email-consent'
import { log } from './platform/log'
import { recordHeartbeat, wakeWorker, type Consumer } from './platform/queue'
import { installJobs, runJobs } from './platform/scheduled-job'
import { oncePerBurst, reactions } from './reactions'
import { advanceBookings } from './sessions/advance-bookings'
import { advanceSessions } from './sessions/advance-sessions'
import { countAttendance } from './sessions/attendance'
import { keepMeetings } from './sessions/session-meeting'
import { advanceSeries } from './sessions/series-news'
import { emailAlerts } from './webhooks/alert'
import { deliverMessages } from './webhooks/deliver'
import { recoverMessages } from './webhooks/recover'

const consumers: Consumer[] = [
  reactTo(reactions, oncePerBurst),
  deliverMessages,
  recoverMessages,
  applyStripeEvents(emailPaymentMismatch),
  emailAlerts(emailEndpointAlert),
  sendEmails(decideSending),
  announceCourses(announceCourse),
  advanceCourses({ email: emailCourseStep, move: followPublication }),
  emailComments(emailCommentNotice),
  advanceThreads(communityNotices),
  advancePosts(communityNotices),
  receiveEmails(receiveReply),
  emailWarnings(communityNotices),
  sendCommunityDigests(emailCommunityDigest),
  processOutcomes,
  tryOutsideLinks,
  announceDemos,
  advanceSeries(emailAddedDates),
  advanceBookings({ ...bookingNotices, endPayment: endSeatPayment }),
  keepMeetings,
  advanceSessions(sessionNotices, countAttendance),
  readCalendars,
  emailDigests,
  postDigests,
  emailFeedbackDigests,
  advanceFeedback({ openDealsOf, tell: emailFeedbackChange }),
  continueBatches,
  runReplays,
  runSuggestions,
  rescoreDue,
  runJobs(jobs),
]

/** Processes everything that is due, until all queues are empty. Returns the number of items processed. */
export async function runAllDue(): Promise<number> {
  let total = 0
  // How many queues, one after another, have had nothing since the last item.
  let empty = 0
  for (let n = 0; empty < consumers.length; n = (n + 1) % consumers.length) {
    const processed = await drainQueue(consumers[n]!)
    // A queue that was drained is empty as well, until another one fills it.
    empty = processed ? 1 : empty + 1
    total += processed
  }
  return total
}

/**
 * Polls every second, and right away when this process has created work. `stop` waits for the work in progress. Each
 * queue has its own loop, so a slow CRM doesn't delay events.
 */
export function startWorker(): { stop: () => Promise<void> } {
  const stopping = new AbortController()
  const { signal } = stopping
  const running = Promise.all([
    keepHeartbeat(signal),
    ...consumers.map(consumer => keepDraining(consumer, signal)),
  ])
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

async function keepDraining(consumer: Consumer, stopping: AbortSignal): Promise<void> {
  const { queue } = consumer
  const underWay = new Set<Promise<void>>()
  let awake = new AbortController()
  const wake = (woken: string) => woken === queue && awake.abort()
  wakeWorker.on('due', wake)
  while (!stopping.aborted) {
    // Work that is created while a claim finds nothing ends the rest that follows.
    awake = new AbortController()
    try {
      if (await begin(consumer, underWay)) continue
    } catch (error) {
      log.error({ err: error, queue }, 'could not claim work; retrying in a second')
    }
    await Promise.race([sleep(1000, AbortSignal.any([awake.signal, stopping])), ...underWay])
    awake.abort()
  }
  wakeWorker.off('due', wake)
  await consumer
    .release?.()
    .catch(error => log.error({ err: error, queue }, 'could not give back claimed work'))
  await Promise.all(underWay)
}

/** Processes everything that is due in one queue. Returns the number of items processed. */
export async function drainQueue(consumer: Consumer): Promise<number> {
  const underWay = new Set<Promise<void>>()
  let done = 0
  for (;;) {
    if (await begin(consumer, underWay)) done++
    else if (underWay.size) await Promise.race(underWay)
    else return done
  }
}

/** Starts the next item. Returns false when nothing is due or `atOnce` items are in progress. */
async function begin({ queue, atOnce, take }: Consumer, underWay: Set<Promise<void>>): Promise<boolean> {
  if (underWay.size >= atOnce) return false
  const run = await take()
  if (!run) return false
  const running: Promise<void> = run()
    .catch(error => log.error({ err: error, queue }, 'could not record the result of work'))
    .finally(() => underWay.delete(running))
  underWay.add(running)
  return true
}

/** Installs the jobs, and records every 10 seconds that a worker is alive (`/readyz`). */
async function keepHeartbeat(stopping: AbortSignal): Promise<void> {
  let isInstalled = false
  while (!stopping.aborted) {
    try {
      if (!isInstalled) await installJobs(jobs)
      isInstalled = true
      await recordHeartbeat()
    } catch (error) {
      log.error({ err: error }, 'could not record the heartbeat')
    }
    await sleep(10_000, stopping)
  }
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
