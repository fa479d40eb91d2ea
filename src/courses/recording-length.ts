/** Longer than any recording of a course. Files that claim more don't know their length. */
export const maxRecordingSeconds = 24 * 3600

/** Returns a length in seconds if a recording can have it; null for any other number, and for null. */
export function plausibleLength(seconds: number | null): number | null {
  return seconds !== null && seconds > 0 && seconds <= maxRecordingSeconds ? seconds : null
}
