/** A played part of a video or audio, in seconds from its start: `[from, to]`. */
export type Range = readonly [from: number, to: number]

/** Returns the ranges in order with overlaps joined, so each moment counts once. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: [number, number][] = []
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

/** Returns the total length of the ranges in seconds. They must be merged. */
export function totalSeconds(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from, 0)
}

/** Returns the first `seconds` of the ranges. */
export function truncateRanges(ranges: readonly Range[], seconds: number): Range[] {
  const truncated: Range[] = []
  for (const [from, to] of ranges) {
    const length = Math.min(to - from, seconds)
    if (length <= 0) break
    truncated.push([from, from + length])
    seconds -= length
  }
  return truncated
}

/** Returns the seconds that are marked in a bitmap, as ranges of whole seconds. */
export function watchedRanges(bitmap: string | undefined): Range[] {
  const bits = Buffer.from(bitmap ?? '', 'base64')
  const ranges: [number, number][] = []
  for (let second = 0; second < 8 * bits.length; second++) {
    if (!((bits[second >> 3]! >> (second & 7)) & 1)) continue
    const last = ranges.at(-1)
    if (last?.[1] === second) last[1]++
    else ranges.push([second, second + 1])
  }
  return ranges
}

/**
 * Marks the seconds of the ranges in a bitmap of `length` seconds (base64, one bit per second). A second belongs to the
 * range that contains its middle, so adjoining ranges neither share nor lose a second.
 *
 * @returns the bitmap, and how many of its seconds are marked.
 */
export function markWatched(
  bitmap: string | undefined,
  ranges: readonly Range[],
  length: number,
): { bitmap: string; seconds: number } {
  const bits = Buffer.alloc(Math.ceil(length / 8))
  if (bitmap) Buffer.from(bitmap, 'base64').copy(bits)
  for (const [from, to] of ranges) {
    for (let second = Math.round(from); second < Math.min(Math.round(to), length); second++) {
      bits[second >> 3]! |= 1 << (second & 7)
    }
  }
  let seconds = 0
  for (let byte of bits) for (; byte; byte &= byte - 1) seconds++
  return { bitmap: bits.toString('base64'), seconds }
}
