import type { LineChange } from '../courses/compare'

/** Unchanged lines shown before and after a change. */
const contextLines = 3

/** A line of a comparison, or a gap where unchanged lines are left out. */
type DiffLine = { kind: LineChange['kind'] | 'gap'; text: string }

/** Returns the changed lines with the lines around them; empty when nothing changed. */
export function diffView(lines: LineChange[]): DiffLine[] {
  const isNearChange = lines.map((_line, n) =>
    lines.slice(Math.max(0, n - contextLines), n + contextLines + 1).some(({ kind }) => kind !== 'same'),
  )
  if (!isNearChange.includes(true)) return []
  return lines.flatMap(({ kind, text }, n): DiffLine[] => {
    // An empty line gets a no-break space, so that it has a height.
    if (isNearChange[n]) return [{ kind, text: text || '\u00a0' }]
    return n === 0 || isNearChange[n - 1] ? [{ kind: 'gap', text: '…' }] : []
  })
}
