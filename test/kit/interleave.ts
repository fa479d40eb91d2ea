import { AsyncLocalStorage } from 'node:async_hooks'
import mongoose from 'mongoose'

/** What one worker does: database commands with code between them. */
export type Work = () => Promise<unknown>
type Command = { collection: string; isRead: boolean }

/** A worker that stops before each command to the watched collections until it is its turn. */
class SteppedWorker {
  /** The command that it is about to send; null once it has ended. */
  next: Command | null = null
  error: unknown
  private proceed = () => {}
  private arrived = () => {}
  arrival: Promise<void>

  constructor(work: Work) {
    this.arrival = new Promise(resolve => (this.arrived = resolve))
    void turns.run(this, async () => {
      await work().catch(error => (this.error = error))
      this.next = null
      this.arrived()
    })
  }

  /** Lets it send its command, and resolves when it has come to the next one or has ended. */
  step(): Promise<void> {
    this.arrival = new Promise(resolve => (this.arrived = resolve))
    this.proceed()
    return this.arrival
  }

  wait(next: Command): Promise<void> {
    this.next = next
    const turn = new Promise<void>(resolve => (this.proceed = resolve))
    this.arrived()
    return turn
  }
}

const turns = new AsyncLocalStorage<SteppedWorker>()

/**
 * Runs two pieces of work in every order of their commands to these collections that can make a difference. Of orders
 * that differ only in commands which cannot affect each other, such as two reads, it runs one (the sleep sets of P.
 * Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996). It swaps only two workers that
 * raced (C. Flanagan and P. Godefroid, "Dynamic Partial-Order Reduction for Model Checking Software", 2005), so few
 * runs repeat an earlier one.
 *
 * @param prepare sets the records up and returns the work, before each order.
 * @param check is called after each, with the order, such as `ABBA`.
 * @returns how many orders there are.
 */
export async function everyInterleaving(
  collections: string[],
  prepare: () => Promise<[Work, Work]>,
  check: (order: string) => Promise<void>,
): Promise<number> {
  const restore = stopBeforeCommands(collections)
  try {
    let count = 0
    for (let path: Step[] | null = []; path;) {
      const { steps, isNew }: Run = await run(await prepare(), path)
      if (isNew) {
        count++
        await check(steps.map(({ chosen }) => 'AB'[chosen]).join(''))
      }
      for (const { index, worker } of races(steps)) steps[index]!.raced = steps[index]!.raced.concat(worker)
      path = nextPath(steps)
    }
    return count
  } finally {
    restore()
  }
}

/**
 * Runs work until it has sent this many commands to these collections, and never continues, as when its process dies.
 *
 * @returns false when it has ended before.
 */
export async function dieAfter(commands: number, collections: string[], work: Work): Promise<boolean> {
  const restore = stopBeforeCommands(collections)
  const worker = new SteppedWorker(work)
  await worker.arrival
  for (let sent = 0; sent < commands && worker.next; sent++) await worker.step()
  restore()
  if (worker.error) throw worker.error
  return worker.next !== null
}

/**
 * Runs work until it has sent this many commands to these collections, then something else, and then the rest of it.
 *
 * @returns false when the work has ended before.
 */
export async function whilePaused(
  commands: number,
  collections: string[],
  work: Work,
  meanwhile: Work,
): Promise<boolean> {
  const restore = stopBeforeCommands(collections)
  const worker = new SteppedWorker(work)
  await worker.arrival
  for (let sent = 0; sent < commands && worker.next; sent++) await worker.step()
  const isPaused = worker.next !== null
  await meanwhile()
  while (worker.next) await worker.step()
  restore()
  if (worker.error) throw worker.error
  return isPaused
}

/**
 * One step of an order: who went with which command, whose turn would only repeat an earlier order, and who has to go
 * here too, because the two raced. From a step that repeats an earlier run, nothing else is tried.
 */
type Step = { chosen: number; command: Command; asleep: number[]; raced: number[]; isRepeated: boolean }
type Run = { steps: Step[]; isNew: boolean }

async function run(work: Work[], path: Step[]): Promise<Run> {
  const workers = work.map(each => new SteppedWorker(each))
  await Promise.all(workers.map(({ arrival }) => arrival))
  const steps: Step[] = []
  let isNew = true
  for (let asleep: number[] = []; ;) {
    const able = workers.flatMap(({ next }, index) => (next ? [index] : []))
    if (!able.length) break
    const planned = path[steps.length]
    const awake = able.filter(index => !asleep.includes(index))
    // Once a run repeats an earlier one, it only has to end.
    if (!planned && !awake.length) isNew = false
    const chosen = planned?.chosen ?? awake[0] ?? able[0]!
    const command = workers[chosen]!.next!
    const step = planned ?? { chosen, command, asleep, raced: [], isRepeated: !isNew }
    steps.push({ ...step, command })
    asleep = step.asleep.filter(index => isIndependent(workers[index]!.next, command))
    await workers[chosen]!.step()
  }
  for (const { error } of workers) if (error) throw error
  return { steps, isNew }
}

function isIndependent(one: Command | null, other: Command): boolean {
  return one !== null && (one.collection !== other.collection || (one.isRead && other.isRead))
}

/** Returns each step at which the other worker has to go first, to swap its later command with this step's. */
function races(steps: Step[]): { index: number; worker: number }[] {
  /** For each worker, the last step of the other one that its own commands so far came after for certain. */
  const after = [-1, -1]
  return steps.flatMap(({ chosen, command }, later) => {
    const index = steps.findLastIndex(
      (step, index) => index < later && step.chosen !== chosen && !isIndependent(step.command, command),
    )
    if (index <= after[chosen]!) return []
    after[chosen] = index
    return [{ index, worker: chosen }]
  })
}

/** Returns the next path in depth-first order, or null after the last. */
function nextPath(steps: Step[]): Step[] | null {
  for (let last = steps.length - 1; last >= 0; last--) {
    const step = steps[last]!
    const tried = [...step.asleep, step.chosen]
    const next = step.isRepeated ? undefined : step.raced.find(index => !tried.includes(index))
    if (next !== undefined) return [...steps.slice(0, last), { ...step, chosen: next, asleep: tried }]
  }
  return null
}

const methods = [
  'findOne',
  'distinct',
  'findOneAndUpdate',
  'insertOne',
  'insertMany',
  'updateOne',
  'updateMany',
  'bulkWrite',
  'deleteMany',
] as const

/** Replaces the driver's functions. Spies of Jest would keep every call in memory. */
function stopBeforeCommands(collections: string[]): () => void {
  const { Collection, FindCursor } = mongoose.mongo
  const stop = async (collection: string, isRead: boolean) => {
    if (collections.includes(collection)) await turns.getStore()?.wait({ collection, isRead })
  }
  const restore = methods.map(method => {
    const original = Collection.prototype[method] as (...args: unknown[]) => Promise<unknown>
    const replaced = async function (this: mongoose.mongo.Collection, ...args: unknown[]) {
      await stop(this.collectionName, method === 'findOne' || method === 'distinct')
      return original.apply(this, args)
    }
    Object.assign(Collection.prototype, { [method]: replaced })
    return () => Object.assign(Collection.prototype, { [method]: original })
  })
  const { toArray } = FindCursor.prototype
  FindCursor.prototype.toArray = async function () {
    await stop(this.namespace.collection ?? '', true)
    return toArray.call(this)
  }
  return () => {
    FindCursor.prototype.toArray = toArray
    for (const each of restore) each()
  }
}
