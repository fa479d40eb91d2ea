import { z } from 'zod'
import { words } from '../file-schema'
import { chapterLine, clock, secondsOfClock, type TranscriptLine } from '../transcript'
import { rowsField } from './field'
import type { KindFinding } from './lesson-kind'

/** `1:05` or `1:02:30`. */
const time = z.string().regex(/^(?:\d{1,2}:)?\d{1,3}:[0-5]\d$/)

const chapter = z
  .strictObject({ start: time, title: words(120) })
  .transform(({ start, title }) => ({ start: secondsOfClock(start), title }))

/** Where a chapter starts, in seconds, and its title. Videos that were stored before 30 November 2026 have no list. */
export type Chapter = z.output<typeof chapter>

/** The chapters of a recording, as rows of a start such as `1:05` and a title. */
export const chaptersField = rowsField(
  chapter,
  50,
  [
    { name: 'start', input: 'text', maximum: 10 },
    { name: 'title', input: 'text', maximum: 120 },
  ],
  {
    read: row => row,
    write: ({ start, title }) => ({ start: clock(start), title }),
    toFile: ({ start, title }) => ({ start: clock(start), title }),
  },
)

/** Finds chapters out of order, or past the end of a recording of `length` seconds. */
export function checkChapters(stored: Chapter[] | undefined, length: number | null): KindFinding[] {
  const chapters = stored ?? []
  const isInOrder = chapters.every(({ start }, n) => n === 0 || start > chapters[n - 1]!.start)
  const pastEnd = chapters.filter(({ start }) => length !== null && start >= length)
  return [
    ...(isInOrder ? [] : [error('chaptersOutOfOrder', 'chapters')]),
    ...pastEnd.map(({ start, title }) =>
      error('chapterPastEnd', 'chapters', { title, start: clock(start), length: clock(length!) }),
    ),
  ]
}

function error(rule: string, field: string, values: KindFinding['values'] = {}): KindFinding {
  return { level: 'error', rule, field, values }
}

/** Returns the chapters as lines, each up to the next one. */
export function chapterLines({
  chapters = [],
  mediaSeconds,
}: {
  chapters?: Chapter[]
  mediaSeconds: number | null
}): TranscriptLine[] {
  return chapters.map(({ start, title }, n) =>
    chapterLine({ start, end: chapters[n + 1]?.start ?? mediaSeconds ?? Infinity, text: title }),
  )
}
