import { later, minutes, now } from './clock'
import { claim, defineQueue, work, type Consumer } from './queue'
import { date, nullable, string } from './record'

/** A job that runs on a schedule: once every `every` milliseconds, whatever the number of workers. */
export type ScheduledJob = { name: string; every: number; run: () => Promise<unknown> }

const Jobs = defineQueue(
  'ScheduledJob',
  'scheduled_jobs',
  { _id: string(), lastRunAt: nullable(date()) },
  { queue: 'scheduled-jobs' },
)

/**
 * Creates the consumer that runs these jobs. A failed one is retried every 10 minutes for 2 hours; then it is shown as
 * failed, and runs again at its next time.
 */
export function runJobs(jobs: ScheduledJob[]): Consumer {
  const byName = new Map(jobs.map(job => [job.name, job]))
  const lease = minutes(30)
  // An older process leaves the jobs of a newer one alone.
  const next = async () => {
    const record = await claim(Jobs, lease, { _id: { $in: [...byName.keys()] } })
    return record && { record, context: byName.get(record._id)! }
  }
  const policy = {
    lease,
    backoff: () => minutes(10),
    maxAttempts: 12,
    next,
    onFailure: ({ _id }: { _id: string }, _error: Error, { failedAt }: { failedAt: Date | null }) =>
      failedAt ? { dueAt: later(failedAt, byName.get(_id)!.every), attempts: 0 } : {},
  }
  return work(Jobs, policy, async (_record, job) => {
    await job.run()
    return { dueAt: later(now(), job.every), lastRunAt: now() }
  })
}

/**
 * Creates the records of new jobs, each due after its first interval, and removes those of jobs that no longer exist.
 */
export async function installJobs(jobs: ScheduledJob[]): Promise<void> {
  await Jobs.deleteMany({ _id: { $nin: jobs.map(({ name }) => name) } })
  for (const { name, every } of jobs) await Jobs.insertOnce({ _id: name, dueAt: later(now(), every) })
}

/** Returns when each scheduled job last ran and will run next, by its name. */
export function scheduledJobs() {
  return Jobs.find({}, { lastRunAt: 1, dueAt: 1 }).sort({ _id: 1 })
}
