export type Random = () => number

/** Returns a generator of numbers from 0 to 1 (mulberry32). The same seed gives the same numbers. */
export function seededRandom(seed: number): Random {
  let state = seed + 0x6d2b79f5
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Returns the values in random order. */
export function shuffle<T>(values: readonly T[], random: Random): T[] {
  return values
    .map(value => [random(), value] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, value]) => value)
}
