import { model, Schema } from 'mongoose'
import { later, minutes, now } from './clock'
import { isDuplicateKey } from './errors'
import { log } from './log'
import { claim, dueIndex, queued, complete, type Queued } from './queue'

/** Something done by the clock, once in each `every` milliseconds whatever the number of workers. */
export type ScheduledJob = { name: string; every: number; run: () => Promise<unknown> }

type JobRecord = Queued & { _id: string }

const schema = new Schema<JobRecord>(
  { _id: { type: String, required: true }, ...queued },
  { versionKey: false },
)
schema.index(...dueIndex)

const Jobs = model<JobRecord>('ScheduledJob', schema, 'scheduled_jobs')

/** Does one chore that is due; true when there was one. One that fails is tried again after ten minutes. */
export async function runNextJob(chores: ScheduledJob[]): Promise<boolean> {
  const record = await claim(Jobs, minutes(30), { _id: { $in: chores.map(chore => chore.name) } })
  if (!record) return false
  const chore = chores.find(each => each.name === record._id)!
  try {
    await chore.run()
    await complete(Jobs, record, { dueAt: later(now(), chore.every), attempts: 0, lastError: null })
  } catch (error) {
    log.error({ err: error, chore: chore.name }, 'a chore failed; it is tried again')
    await complete(Jobs, record, { dueAt: later(now(), minutes(10)), lastError: (error as Error).message })
  }
  return true
}

/** Makes the records of chores that are new, each due after its first span. */
export async function installJobs(chores: ScheduledJob[]): Promise<void> {
  for (const { name, every } of chores) {
    try {
      await Jobs.updateOne({ _id: name }, { $setOnInsert: { dueAt: later(now(), every) } }, { upsert: true })
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
    }
  }
}
