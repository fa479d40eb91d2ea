import { createHash } from 'node:crypto'
import MarkdownIt from 'markdown-it'
import { memoized } from '../platform/cached'
import { markdownCaps, type MarkdownExcess } from './markdown-caps'

export type Token = MarkdownIt.Token

/** CommonMark with tables. Raw HTML is shown as text; straight quotation marks become typographic ones. */
export const markdown = new MarkdownIt({
  html: false,
  linkify: false,
  typographer: true,
  maxNesting: markdownCaps.nesting,
}).disable('replacements')
// A wide table scrolls within its own frame; the page doesn't.
markdown.renderer.rules.table_open = () => '<div class="table-scroll" tabindex="0" role="group"><table>\n'
markdown.renderer.rules.table_close = () => '</table></div>\n'

/** Outer and inner quotation marks of the languages that differ from English. */
const quotesOf = new Map<string, [string, string, string, string]>([
  ['cs', ['„', '“', '‚', '‘']],
  ['de', ['„', '“', '‚', '‘']],
  ['pl', ['„', '”', '«', '»']],
  ['fr', ['«\u00a0', '\u00a0»', '“', '”']],
  ['es', ['«', '»', '“', '”']],
  ['it', ['«', '»', '“', '”']],
])

class TooManyCells extends Error {}

/** The cells of the tables in the text that is being read. Reading is synchronous. */
let cells = 0

// The library fills up short rows: a wide head and many short rows make a table far larger than its text. Its size is
// counted before it is read.
const [tableRule] = markdown.block.ruler.getRules('').filter(rule => rule.name === 'table')
markdown.block.ruler.at(
  'table',
  (state, startLine, endLine, silent) => {
    if (!silent) cells += cellsAt(state, startLine, endLine)
    if (cells > markdownCaps.cells) throw new TooManyCells()
    return tableRule!(state, startLine, endLine, silent)
  },
  { alt: ['paragraph', 'reference'] },
)

/** Returns at most how many cells a table has that begins at this line; 0 when none can begin there. */
function cellsAt({ src, bMarks, tShift, eMarks }: MarkdownIt.StateBlock, start: number, end: number): number {
  if (start + 2 > end) return 0
  const line = (n: number) => src.slice(bMarks[n]! + tShift[n]!, eMarks[n]!)
  const ruler = line(start + 1)
  if (!/^[|:\s-]*$/.test(ruler) || !ruler.includes('-')) return 0
  const columns = ruler.split('|').length
  let rows = 1
  while (start + 1 + rows < end && line(start + 1 + rows) && columns * rows <= markdownCaps.cells) rows++
  return columns * rows
}

/** Parses Markdown. The tokens of a text that exceeds a cap are one block of its plain text. */
function parse(text: string): { tokens: Token[]; excess: MarkdownExcess | null } {
  const excess = excessOf(text)
  if (excess) return { tokens: plain(text), excess }
  cells = 0
  try {
    const tokens = markdown.parse(text, {})
    if (countReferences(tokens) <= markdownCaps.references) return { tokens, excess: null }
    return { tokens: plain(text), excess: 'references' }
  } catch (error) {
    if (!(error instanceof TooManyCells)) throw error
    return { tokens: plain(text), excess: 'cells' }
  }
}

function excessOf(text: string): MarkdownExcess | null {
  if (text.length > markdownCaps.characters) return 'characters'
  return text.split('\n').length > markdownCaps.lines ? 'lines' : null
}

function countReferences(tokens: Token[]): number {
  const isReference = ({ type }: Token) => type === 'image' || type === 'link_open'
  return tokens.reduce((sum, { children }) => sum + (children?.filter(isReference).length ?? 0), 0)
}

function plain(text: string): Token[] {
  const block = new markdown.core.State(text, markdown, {}).Token
  return [Object.assign(new block('code_block', 'code', 0), { content: text, block: true })]
}

/** Parses Markdown in a language such as `en` or `pt-BR`; the language decides the quotation marks. */
export function readMarkdown(text: string, language: string): Token[] {
  markdown.set({ quotes: quotesOf.get(language.split('-')[0]!) ?? ['“', '”', '‘', '’'] })
  return parse(text).tokens
}

/** A fenced block; `line` is the line of its first content line, counted from 1. */
type Fence = { language: string; text: string; line: number }

type Reference = { kind: 'image' | 'link'; target: string; alt: string; line: number }

type MarkdownFacts = {
  /** The fenced blocks, in order. */
  fences: Fence[]
  /** Every image and link, in order; `line` is the first line of its paragraph, counted from 1. */
  references: Reference[]
  /** The words a reader reads: text, headings and code, but not quizzes and URLs. */
  words: number
  /** Which cap the text exceeds; then there is nothing else. Null for a text that is read. */
  excess: MarkdownExcess | null
}

/** Returns a name for a text in a cache. */
export const hashOf = (text: string) => createHash('sha256').update(text).digest('base64')

/** Returns what is in a Markdown text. The result is cached, and shared: never change it. */
export const markdownFacts = memoized(readFacts, { max: 5000, nameOf: hashOf, sizeOf: text => text.length })

function readFacts(text: string): MarkdownFacts {
  const { tokens, excess } = parse(text)
  if (excess) return { fences: [], references: [], words: 0, excess }
  return { fences: fencesIn(tokens), references: referencesIn(tokens), words: countWords(tokens), excess }
}

function fencesIn(tokens: Token[]): Fence[] {
  return tokens
    .filter(token => token.type === 'fence')
    .map(token => ({
      language: token.info.trim().split(/\s+/)[0] ?? '',
      text: token.content,
      line: (token.map?.[0] ?? 0) + 2,
    }))
}

function referencesIn(tokens: Token[]): Reference[] {
  const found: Reference[] = []
  for (const block of tokens) {
    for (const token of block.children ?? []) {
      const line = (block.map?.[0] ?? 0) + 1
      if (token.type === 'image') {
        found.push({ kind: 'image', target: attribute(token, 'src'), alt: token.content.trim(), line })
      } else if (token.type === 'link_open') {
        found.push({ kind: 'link', target: attribute(token, 'href'), alt: '', line })
      }
    }
  }
  return found
}

/** Returns an attribute of a token, or an empty string. */
export function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '')
}

function countWords(tokens: Token[]): number {
  let words = 0
  for (const block of tokens) {
    if (block.type === 'fence' && block.info.trim() !== 'quiz') words += wordsIn(block.content)
    for (const token of block.children ?? []) {
      if (token.type === 'text' || token.type === 'code_inline') words += wordsIn(token.content)
    }
  }
  return words
}

const wordsIn = (text: string) => text.match(/[\p{L}\p{N}]+(?:['’.,-][\p{L}\p{N}]+)*/gu)?.length ?? 0
