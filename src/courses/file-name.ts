import { isSlug, slugOf } from './slug'

/** The number that orders a file or folder: `03-`, `10 - `, `2. `, `7_`, or all there is of its name. */
const leadingNumber = /^(\d{1,9})(?:\s*[-_.)–—]+\s*|\s+|$)/u
const ending = /\.(?:md|markdown)$/i
/** The id that Notion adds to the names of exported pages. */
const notionId = /\s+[0-9a-f]{32}$/i
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** Returns the name of a file or folder without the number that orders it and without `.md`. */
export function bareName(name: string): string {
  return name.normalize().replace(ending, '').replace(leadingNumber, '')
}

/**
 * Returns the slug that a file or folder of a course is named after, without the id that Notion adds: `03-Über uns.md`
 * becomes `uber-uns`. A name that is a slug stays. Empty when the name has neither letters nor further digits.
 */
export function slugOfFile(name: string): string {
  const bare = bareName(name).replace(notionId, '')
  return isSlug(bare) ? bare : slugOf(bare)
}

/**
 * Orders paths by the number at the start of their last part (those without one come last), then as people count:
 * `Lesson 2` before `Lesson 10`.
 */
export function byNumber(a: string, b: string): number {
  const [first, second] = [lastPart(a), lastPart(b)]
  const [one, two] = [numberOf(first), numberOf(second)]
  if (one !== two) return one - two
  return collator.compare(first, second) || (a < b ? -1 : 1)
}

const lastPart = (path: string) => path.split('/').pop()!
const numberOf = (name: string) => Number(leadingNumber.exec(name.replace(ending, ''))?.[1] ?? Infinity)
