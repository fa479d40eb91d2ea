import type { LineChange } from '../courses/compare'
import { commonWords, wordDiffHtml } from './word-diff'

/** Unchanged lines shown before and after a change. */
const contextLines = 3
/** Shorter lines are shown one after the other: a word of them is found at a glance. */
const shortLine = 40

/**
 * A line of a comparison, a gap where unchanged lines are left out, or a line of which some words have changed, which
 * is HTML.
 */
type DiffLine = { kind: LineChange['kind'] | 'gap' | 'words'; text: string }

/** Returns the changed lines with the lines around them; empty when nothing changed. */
export function diffView(lines: LineChange[]): DiffLine[] {
  const isNearChange = lines.map((_line, n) =>
    lines.slice(Math.max(0, n - contextLines), n + contextLines + 1).some(({ kind }) => kind !== 'same'),
  )
  if (!isNearChange.includes(true)) return []
  const shown = lines.flatMap(({ kind, text }, n): DiffLine[] => {
    // An empty line gets a no-break space, so that it has a height.
    if (isNearChange[n]) return [{ kind, text: text || '\u00a0' }]
    return n === 0 || isNearChange[n - 1] ? [{ kind: 'gap', text: '…' }] : []
  })
  return withWords(shown)
}

/** Shows a line that was reworded once, with its words that go and come. */
function withWords(lines: DiffLine[]): DiffLine[] {
  const result: DiffLine[] = []
  for (let n = 0; n < lines.length;) {
    const removed = lines.slice(n).findIndex(({ kind }) => kind !== 'removed')
    const count = removed === -1 ? 0 : removed
    const added = lines.slice(n + count, n + 2 * count)
    const isReworded = (before: DiffLine, after: DiffLine) =>
      after.kind === 'added' &&
      before.text.length > shortLine &&
      commonWords(before.text, after.text) !== null
    if (count && added.length === count && added.every((after, at) => isReworded(lines[n + at]!, after))) {
      result.push(
        ...added.map((after, at) => ({
          kind: 'words' as const,
          text: wordDiffHtml(lines[n + at]!.text, after.text),
        })),
      )
      n += 2 * count
    } else {
      const taken = Math.max(count, 1)
      result.push(...lines.slice(n, n + taken))
      n += taken
    }
  }
  return result
}
