const systemClock = Date.now
let source = systemClock
let databaseAhead = 0

/**
 * Returns the current time, by the clock of the database where it has its own. All code reads the time here, so that
 * tests and the seed can move it.
 */
export function now(): Date {
  return new Date(source() + (isSimulated() ? 0 : databaseAhead))
}

/** Follows the clock of a database that is this many milliseconds ahead of the machine's, which all processes share. */
export function followClock(ahead: number): void {
  databaseAhead = ahead
}

/** Replaces the clock for tests and the seed, in milliseconds since 1970; restores the real one without an argument. */
export function setClock(milliseconds = systemClock): void {
  source = milliseconds
}

/** Whether a test or the seed has replaced the clock. */
export const isSimulated = () => source !== systemClock

export const seconds = (n: number) => n * 1000
export const minutes = (n: number) => n * 60_000
export const hours = (n: number) => n * 3_600_000
export const days = (n: number) => n * 86_400_000

export function later(moment: Date, milliseconds: number): Date {
  return new Date(moment.getTime() + milliseconds)
}
