import mongoose from 'mongoose'

/**
 * Returns the database queries that `work` causes, such as `enrolments.find`. Session reads do not count: the session
 * store does not use mongoose.
 */
export async function queriesOf(work: () => PromiseLike<unknown>): Promise<string[]> {
  const queries: string[] = []
  mongoose.set('debug', (collection: string, method: string) => void queries.push(`${collection}.${method}`))
  try {
    await work()
  } finally {
    mongoose.set('debug', false)
  }
  return queries
}
