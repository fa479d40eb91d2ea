import { oneAtATime } from '../platform/one-at-a-time'

/** Runs what holds the bytes of uploaded files in memory: at most one upload's at a time. */
export const readingFiles = oneAtATime()
