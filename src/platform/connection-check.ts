import { now, seconds } from './clock'
import { log } from './log'
import { boolean, date, defineRecord, free, number, optional, string, type RecordOf } from './record'

/** Tries one connection. It throws for a fault that has no outcome of its own. */
type Attempt = () => Promise<Outcome>
/**
 * `text` tells outcomes of one check apart, such as `refused`; `values` go into its text. `onlyHere`: it works, as in a
 * demo, but leads nowhere outside of this computer.
 */
type Outcome = { passed: boolean; onlyHere?: boolean; text: string; values?: Record<string, unknown> }

/** The result of the last check of each connection. */
const ConnectionChecks = defineRecord('ConnectionCheck', 'connection_checks', {
  /** Its name, such as `email`. */
  _id: string(),
  passed: boolean(),
  /** Missing in checks from before it was said. */
  onlyHere: optional(boolean()),
  text: string(),
  values: free<Record<string, unknown>>(),
  at: date(),
  /** How long it took, in ms. */
  ms: number(),
})
export type ConnectionCheck = RecordOf<typeof ConnectionChecks>

let attempts: Record<string, Attempt> = {}
/** A working server answers sooner, and an administrator is waiting for the page. */
const patience = seconds(12)

/** Says which connections this installation has, by their names, and how each is tried. */
export function defineConnections(connections: Record<string, Attempt>): void {
  attempts = connections
}

/** Tries every connection now, all at once, and keeps how it went. */
export async function runConnectionChecks(): Promise<void> {
  await Promise.all(
    Object.entries(attempts).map(async ([_id, attempt]) => {
      const startedAt = performance.now()
      const { values = {}, onlyHere = false, ...outcome } = await outcomeOf(_id, attempt)
      const ms = Math.round(performance.now() - startedAt)
      await ConnectionChecks.updateOne(
        { _id },
        { $set: { ...outcome, onlyHere, values, at: now(), ms } },
        { upsert: true },
      )
    }),
  )
}

/** Returns every connection in the order in which they were defined; null for one that nobody has tried yet. */
export async function connectionChecks(): Promise<[string, ConnectionCheck | null][]> {
  const known = new Map((await ConnectionChecks.find({})).map(check => [check._id, check]))
  return Object.keys(attempts).map(name => [name, known.get(name) ?? null])
}

async function outcomeOf(name: string, attempt: Attempt): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<Outcome>(resolve => {
    timer = setTimeout(() => resolve({ passed: false, text: 'timeout' }), patience)
  })
  try {
    return await Promise.race([attempt(), tooLong])
  } catch (error) {
    log.warn({ err: error, connection: name }, 'connection check failed')
    return { passed: false, text: 'failed' }
  } finally {
    clearTimeout(timer)
  }
}
