let source: () => number = Date.now

/** The moment it is now, in UTC. Everything that depends on time asks here, so that a test or the seed can move it. */
export function now(): Date {
  return new Date(source())
}

/** Replaces the source of time (milliseconds since 1970), for tests and the seed; without an argument the machine's clock is back. */
export function setClock(milliseconds: () => number = Date.now): void {
  source = milliseconds
}

export const seconds = (n: number) => n * 1000
export const minutes = (n: number) => n * 60_000
export const hours = (n: number) => n * 3_600_000
export const days = (n: number) => n * 86_400_000

export function later(moment: Date, milliseconds: number): Date {
  return new Date(moment.getTime() + milliseconds)
}
