import mongoose from 'mongoose'

/** What is asked of the database while `work` runs, such as `enrolments.find`; the session's own read is not among it. */
export async function queriesOf(work: () => PromiseLike<unknown>): Promise<string[]> {
  const asked: string[] = []
  mongoose.set('debug', (collection: string, method: string) => void asked.push(`${collection}.${method}`))
  try {
    await work()
  } finally {
    mongoose.set('debug', false)
  }
  return asked
}
