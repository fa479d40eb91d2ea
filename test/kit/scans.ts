import { AsyncLocalStorage } from 'node:async_hooks'
import mongoose from 'mongoose'

/** Collections that stay small whatever happens: a handful of paths, receivers, models; and those of the demo. */
const small = new Set(['paths', 'endpoints', 'scoring_models', 'scheduled_jobs', 'courses', 'visit_days'])

type Question = { collection: string; command: Record<string, unknown> }

const inTheApp = new AsyncLocalStorage<true>()
const asked = new Map<string, Question>()

/** Remembers what the app (not the test itself) asks of the database while `work` runs. */
export function watched<T>(work: () => T): T {
  return inTheApp.run(true, work)
}

export function watchQueries(): void {
  asked.clear()
  mongoose.set('debug', (collection: string, method: string, ...rest: unknown[]) => {
    const command = inTheApp.getStore() && commandOf(collection, method, rest)
    if (command) asked.set(`${collection}.${method} ${shapeOf(command)}`, { collection, command })
  })
}

/** The queries that read every document of a collection that grows, as `collection {filter} {sort}`. */
export async function scans(): Promise<string[]> {
  mongoose.set('debug', false)
  const found: string[] = []
  for (const { collection, command } of asked.values()) {
    if (small.has(collection) || collection.startsWith('demo_')) continue
    const plan = await mongoose.connection.db!.command({ explain: command, verbosity: 'queryPlanner' })
    if (JSON.stringify(plan).includes('"COLLSCAN"')) {
      found.push(
        `${collection} ${JSON.stringify(command.filter ?? command.pipeline)} ${JSON.stringify(command.sort ?? {})}`,
      )
    }
  }
  return found
}

function commandOf(collection: string, method: string, rest: unknown[]): Record<string, unknown> | undefined {
  const sortOf = (options: unknown) => {
    const sort = (options as { sort?: Record<string, unknown> } | undefined)?.sort
    return sort && Object.keys(sort).length ? { sort } : {}
  }
  if (/^(find|findOne)$/.test(method)) return { find: collection, filter: rest[0] ?? {}, ...sortOf(rest[1]) }
  if (/^(findOneAnd|update|delete)/.test(method))
    return { find: collection, filter: rest[0] ?? {}, ...sortOf(rest[2]) }
  if (method === 'countDocuments') return { find: collection, filter: rest[0] ?? {} }
  if (method === 'distinct') return { find: collection, filter: rest[1] ?? {} }
  if (method === 'aggregate') return { aggregate: collection, pipeline: rest[0], cursor: {} }
  return undefined
}

/** Alike but for the values: `{person: …, at: {$gte: …}}`. */
function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].join()}]`
  if (
    value !== null &&
    typeof value === 'object' &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value))
  ) {
    return `{${Object.entries(value)
      .map(([key, each]) => `${key.replace(/[a-f0-9]{24}/g, '…')}:${shapeOf(each)}`)
      .join()}}`
  }
  return typeof value === 'number' || typeof value === 'string' ? '…' : typeof value
}
