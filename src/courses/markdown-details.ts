import type MarkdownIt from 'markdown-it'

type State = MarkdownIt.StateBlock

/** The most lines that the end of a block is looked for in. */
const maxLines = 1000
/**
 * The most lines that the ends of all blocks of a text are looked for in: ten times those that a text may have. Blocks
 * in blocks read the same lines again, and thousands of them without an end read the whole text each.
 */
const maxLinesOfText = 100_000
const linesRead = new WeakMap<State, number>()

/**
 * Reads text that a reader opens, as code hosts and Notion write it: the tags stand on lines of their own.
 *
 *     <details>
 *     <summary>Why?</summary>
 *
 *     Because.
 *
 *     </details>
 *
 * Without a summary or an end, the tags are reported like any other that the dialect doesn't know.
 */
export function readDetails(markdown: InstanceType<typeof MarkdownIt>): void {
  markdown.block.ruler.before('paragraph', 'details', detailsBlock, {
    alt: ['paragraph', 'blockquote', 'list'],
  })
}

function detailsBlock(state: State, startLine: number, endLine: number, silent: boolean): boolean {
  const opening = /^<details(?: open)?>\s*(.*)$/i.exec(lineAt(state, startLine))
  if (!opening || state.sCount[startLine]! - state.blkIndent >= 4) return false
  const from = opening[1] ? startLine : nextLine(state, startLine + 1, endLine)
  const line = from === startLine ? opening[1]! : lineAt(state, from)
  const [, summary] = /^<summary>(.*?)<\/summary>\s*$/i.exec(line) ?? []
  // Most openings that aren't one are known by their summary, and look for no end.
  const end = summary === undefined ? null : endOf(state, startLine, endLine)
  if (summary === undefined || end === null || from >= end) return false
  if (silent) return true
  state.push('details_open', 'details', 1).map = [startLine, end + 1]
  state.push('summary_open', 'summary', 1).map = [from, from + 1]
  Object.assign(state.push('inline', '', 0), { content: summary.trim(), map: [from, from + 1], children: [] })
  state.push('summary_close', 'summary', -1)
  const { parentType, lineMax } = state
  state.lineMax = end
  state.md.block.tokenize(state, from + 1, end)
  state.parentType = parentType
  state.lineMax = lineMax
  state.push('details_close', 'details', -1)
  state.line = end + 1
  return true
}

function lineAt({ src, bMarks, tShift, eMarks }: State, line: number): string {
  return src.slice(bMarks[line]! + tShift[line]!, eMarks[line])
}

function nextLine(state: State, line: number, end: number): number {
  while (line < end && state.isEmpty(line)) line++
  return line
}

/** Returns the line of the end of a block; blocks within it have ends of their own. */
function endOf(state: State, startLine: number, endLine: number): number | null {
  const read = linesRead.get(state) ?? 0
  const last = Math.min(endLine, startLine + maxLines, startLine + maxLinesOfText - read)
  const end = endWithin(state, startLine, last)
  linesRead.set(state, read + (end ?? last) - startLine)
  return end
}

function endWithin(state: State, startLine: number, endLine: number): number | null {
  let depth = 0
  for (let line = startLine; line < endLine; line++) {
    // Less indented than its beginning: what it is in has ended.
    if (!state.isEmpty(line) && state.sCount[line]! < state.blkIndent) return null
    const text = lineAt(state, line)
    if (/^<details(?: open)?>/i.test(text)) depth++
    else if (/^<\/details>\s*$/i.test(text) && --depth === 0) return line
  }
  return null
}
