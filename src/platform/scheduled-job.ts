import { model, Schema } from 'mongoose'
import { later, minutes, now } from './clock'
import { isDuplicateKey } from './errors'
import { log } from './log'
import { claim, dueIndex, queued, settle, type Queued } from './queue'

/** Something done by the clock, once in each `every` milliseconds whatever the number of workers. */
export type Chore = { name: string; every: number; deed: () => Promise<unknown> }

type ChoreRecord = Queued & { _id: string }

const schema = new Schema<ChoreRecord>(
  { _id: { type: String, required: true }, ...queued },
  { versionKey: false },
)
schema.index(...dueIndex)

const Chores = model<ChoreRecord>('Chore', schema, 'chores')

/** Does one chore that is due; true when there was one. One that fails is tried again after ten minutes. */
export async function doNextChore(chores: Chore[]): Promise<boolean> {
  const record = await claim(Chores, minutes(30), { _id: { $in: chores.map(chore => chore.name) } })
  if (!record) return false
  const chore = chores.find(each => each.name === record._id)!
  try {
    await chore.deed()
    await settle(Chores, record, { dueAt: later(now(), chore.every), attempts: 0, lastError: null })
  } catch (error) {
    log.error({ err: error, chore: chore.name }, 'a chore failed; it is tried again')
    await settle(Chores, record, { dueAt: later(now(), minutes(10)), lastError: (error as Error).message })
  }
  return true
}

/** Makes the records of chores that are new, each due after its first span. */
export async function installChores(chores: Chore[]): Promise<void> {
  for (const { name, every } of chores) {
    try {
      await Chores.updateOne(
        { _id: name },
        { $setOnInsert: { dueAt: later(now(), every) } },
        { upsert: true },
      )
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
    }
  }
}
