import { AsyncLocalStorage } from 'node:async_hooks'
import mongoose from 'mongoose'

/** Collections that stay small in every academy, so that reading all of their documents is fine. */
const small = new Set([
  'paths',
  'brands',
  'connection_checks',
  'endpoints',
  'scoring_models',
  'scheduled_jobs',
  'courses',
  'visit_days',
])

type Query = { collection: string; command: Record<string, unknown> }

const insideApp = new AsyncLocalStorage<true>()
const queries = new Map<string, Query>()

/** Runs `work` and records the queries it sends to the database. Queries of the test itself are not recorded. */
export function recordQueries<T>(work: () => T): T {
  return insideApp.run(true, work)
}

/** Discards the recorded queries and starts recording. */
export function startRecording(): void {
  queries.clear()
  mongoose.set('debug', (collection: string, method: string, ...rest: unknown[]) => {
    const command = insideApp.getStore() && commandOf(collection, method, rest)
    if (command) queries.set(`${collection}.${method} ${shapeOf(command)}`, { collection, command })
  })
}

/** Returns the recorded queries that read every document of a growing collection, as `collection {filter} {sort}`. */
export async function collectionScans(): Promise<string[]> {
  mongoose.set('debug', false)
  const found: string[] = []
  for (const { collection, command } of queries.values()) {
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

/** Returns a command without its values, so that similar queries are explained once: `{person: …, at: {$gte: …}}`. */
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
