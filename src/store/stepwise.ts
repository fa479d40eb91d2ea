import { isServerError } from './errors'
import type { Storage } from './storage'
import { checkDeadline } from './yielding'

/**
 * A write that may take longer than a transaction should. It is done in steps, each in a transaction of its own,
 * between which everyone else has a turn. What a step did stays when a later one fails.
 */
export interface Stepwise<T> {
  /**
   * Does something inside a write transaction, and no more once `isOver` returns true. What it changes in memory it
   * changes in `committed`, because a step may have to run again.
   */
  step(isOver: () => boolean): StepResult<T>
  /**
   * Prepares the next step outside of a transaction.
   *
   * @throws 50 when the deadline has passed
   */
  prepare?(deadline: number): Promise<void>
  /** Removes, inside a write transaction, what a write that is given up must not leave. */
  abandon?(): void
  /** Releases what the write holds, at its end. */
  end?(): void
}

/** What a step did. */
export type StepResult<T> = { committed?(): void } & ({ isDone?: false } | { isDone: true; result: T })

/**
 * Runs a write to its end and returns its result.
 *
 * @param deadline on the clock of `performance.now()`
 * @throws 50 when the deadline has passed, and what the steps throw
 */
export async function runSteps<T>(storage: Storage, work: Stepwise<T>, deadline = Infinity): Promise<T> {
  try {
    for (let continues = false; ; continues = true) {
      const step = await storage.write(isOver => work.step(isOver), { continues })
      step.committed?.()
      if (step.isDone) return step.result
      checkDeadline(deadline)
      await work.prepare?.(deadline)
    }
  } catch (error) {
    if (work.abandon) await abandon(storage, work.abandon)
    throw error
  } finally {
    work.end?.()
  }
}

/** Removes what a write leaves, if the store is not closing. Opening it removes the rest. */
async function abandon(storage: Storage, remove: () => void): Promise<void> {
  try {
    await storage.write(remove, { evenWhenFull: true })
  } catch (error) {
    if (!isServerError(error)) throw error
  }
}
