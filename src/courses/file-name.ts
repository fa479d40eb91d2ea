import { slugOf } from './slug'

/** The number that orders a file or folder: `03-`, `10 - `, `2. `, `7_`. */
const leadingNumber = /^(\d{1,9})(?:\s*[-_.)–—]+\s*|\s+)(?=\S)/u
/** The id that Notion adds to the names of exported pages. */
const notionId = /\s+[0-9a-f]{32}$/i

/**
 * Returns the slug that a file or folder of a course is named after: without the number that orders it, the ending and
 * the id that Notion adds. `03-Über uns.md` becomes `uber-uns`. Empty when the name has neither letters nor digits.
 */
export function slugOfFile(name: string): string {
  return slugOf(
    name
      .normalize()
      .replace(/\.(?:md|markdown)$/i, '')
      .replace(notionId, '')
      .replace(leadingNumber, ''),
  )
}

/** Returns the number at the start of a file's name; Infinity without one. */
export function numberOfFile(name: string): number {
  return Number(leadingNumber.exec(name)?.[1] ?? Infinity)
}
