import { createHash } from 'node:crypto'
import type MarkdownIt from 'markdown-it'
import { foreignSyntax, isFrontMatter, type Foreign } from './foreign-syntax'
import { memoized } from '../platform/cached'
import { markdownCaps, type MarkdownExcess } from './markdown-caps'
import { newMarkdown } from './markdown-dialect'

export type Token = MarkdownIt.Token

/** The dialect of lessons. Straight quotation marks become typographic ones. */
export const markdown = newMarkdown()
markdown.set({ typographer: true }).disable('replacements')

// Every heading has an id, for links to it.
markdown.core.ruler.push('headings', ({ tokens }) => {
  const taken = new Map<string, number>()
  for (const [n, token] of tokens.entries()) {
    if (token.type === 'heading_open') token.attrSet('id', headingId(tokens[n + 1]!, taken))
  }
})

/** Ids that the page around a text has itself. */
const pageIds =
  /^(main|menu|ask|about|check|chapters|outline|speed|transcript|text|header-q|form-errors|(check|result|q|question|text)-.*)$/

/** Whether an id belongs to the page around a text rather than to a heading. */
export const isPageId = (id: string): boolean => pageIds.test(id)

/** Returns the id of a heading, as code hosts make it: `Set up, then run` becomes `set-up-then-run`. */
function headingId({ children }: Token, taken: Map<string, number>): string {
  const text = (children ?? []).map(({ content }) => content).join('')
  const slug = text
    .toLowerCase()
    .normalize()
    .replace(/[^\p{L}\p{M}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
    .slice(0, 100)
  const base = pageIds.test(slug) || !slug ? `section-${slug}`.replace(/-$/, '') : slug
  let id = base
  let n = taken.get(base) ?? 0
  while (taken.has(id)) id = `${base}-${++n}`
  taken.set(base, n).set(id, taken.get(id) ?? 0)
  return id
}

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

type Reference = {
  kind: 'image' | 'link'
  target: string
  alt: string
  line: number
  /** An image that says on purpose that it says nothing. */
  isDecorative?: boolean
}

/** A web address in the text, and its line, counted from 1. */
type Address = { url: string; line: number }

type Unsupported = Pick<Foreign, 'what' | 'level' | 'text'> & { line: number }

type Heading = { level: number; text: string; line: number }

type MarkdownFacts = {
  /** The fenced blocks, in order. */
  fences: Fence[]
  /** Every image and link, in order; `line` is its line, counted from 1. */
  references: Reference[]
  /** Web addresses that are text rather than links. */
  addresses: Address[]
  /** The ids of the headings. */
  headings: ReadonlySet<string>
  /** The headings in order, each with its level as typed, 1 to 6, and its line, counted from 1. */
  outline: Heading[]
  /** The sentences of paragraphs, list items and quotations as people read them, one text for each. */
  prose: readonly string[]
  /** What is not shown, or shown as it was typed: HTML tags, footnotes, callouts; with its line, counted from 1. */
  unsupported: Unsupported[]
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
  if (excess) return { ...noFacts, excess }
  return {
    fences: fencesIn(tokens),
    references: referencesIn(tokens),
    addresses: addressesIn(tokens),
    headings: new Set(
      tokens.filter(({ type }) => type === 'heading_open').map(token => attribute(token, 'id')),
    ),
    outline: outlineIn(tokens),
    prose: proseIn(tokens),
    unsupported: unsupportedIn(tokens),
    words: countWords(tokens),
    excess,
  }
}

const noFacts = {
  fences: [],
  references: [],
  addresses: [],
  headings: new Set<string>(),
  outline: [],
  prose: [],
  unsupported: [],
  words: 0,
}

function outlineIn(tokens: Token[]): Heading[] {
  return tokens.flatMap(({ type, tag, map }, n) => {
    if (type !== 'heading_open') return []
    const text = textWithoutCode(tokens[n + 1]!)
    return [{ level: Number(tag.slice(1)), text, line: (map?.[0] ?? 0) + 1 }]
  })
}

function proseIn(tokens: Token[]): string[] {
  return tokens.flatMap((token, n) => {
    if (token.type !== 'inline' || tokens[n - 1]?.type !== 'paragraph_open') return []
    const text = (token.children ?? []).map(({ type, content }) => {
      if (type === 'text' || type === 'code_inline') return content
      return type === 'softbreak' || type === 'hardbreak' ? ' ' : ''
    })
    return text.join('').trim() || []
  })
}

/** Languages of fenced blocks that a lesson's page reads, and doesn't show as code. */
export const blocksOfPage: ReadonlySet<string> = new Set(['quiz', 'tour'])

/** Returns the language of a fenced block. */
export function fenceLanguage(token: Token): string {
  return token.info.trim().split(/\s+/)[0] ?? ''
}

function fencesIn(tokens: Token[]): Fence[] {
  return tokens
    .filter(token => token.type === 'fence')
    .map(token => ({
      language: fenceLanguage(token),
      text: token.content,
      line: (token.map?.[0] ?? 0) + 2,
    }))
}

function referencesIn(tokens: Token[]): Reference[] {
  return inlineTokens(tokens).flatMap(({ token, line }): Reference[] => {
    if (token.type === 'image') {
      const { isDecorative = false } = (token.meta ?? {}) as { isDecorative?: boolean }
      const image = { target: attribute(token, 'src'), alt: token.content.trim(), line }
      return [{ kind: 'image', ...image, ...(isDecorative && { isDecorative }) }]
    }
    return token.type === 'link_open'
      ? [{ kind: 'link', target: attribute(token, 'href'), alt: '', line }]
      : []
  })
}

/** Returns the tokens within the blocks of a text, each with its line, counted from 1. */
function inlineTokens(tokens: Token[]): { token: Token; line: number }[] {
  const found: { token: Token; line: number }[] = []
  let line = 1
  for (const block of tokens) {
    // The cells of a table have no line of their own; its rows do.
    if (block.map) line = block.map[0] + 1
    for (const token of block.children ?? []) {
      found.push({ token, line })
      const isEndOfLine = token.type === 'softbreak' || (token.type === 'hardbreak' && token.markup !== 'br')
      if (isEndOfLine) line++
    }
  }
  return found
}

/** Returns the web addresses that stand in the text as they are. */
function addressesIn(tokens: Token[]): Address[] {
  return inlineTokens(tokens).flatMap(({ token, line }) =>
    token.type === 'text' ? webAddresses(token.content).map(url => ({ url, line })) : [],
  )
}

/** Returns the web addresses in plain text, without the punctuation of the sentence around them. */
export function webAddresses(text: string): string[] {
  return [...text.matchAll(/\bhttps?:\/\/[^\s<>"“”„«»]+/gi)].map(([url]) => {
    const [bare = url] = /^.*[^.,;:!?'’*_\]}]/s.exec(url) ?? []
    return bare.includes('(') ? bare : bare.replace(/\).*$/s, '')
  })
}

/** Tags whose content isn't for people. */
const scripts = new Set(['script', 'style', 'svg', 'math', 'template', 'iframe', 'object', 'embed'])

/** Returns each kind of thing once per block of text. */
function unsupportedIn(tokens: Token[]): Unsupported[] {
  let line = 1
  return tokens.flatMap((block, n) => {
    if (block.map) line = block.map[0] + 1
    if (block.type !== 'inline') return []
    const found = new Map<string, Unsupported>()
    const first = line
    const add = (what: Unsupported['what'], level: Unsupported['level'], text: string, lines: number) =>
      found.set(text, { what, level, text, line: first + lines })
    if (tokens[n - 2]?.type === 'hr' && isFrontMatter(block.content)) {
      add('frontMatter', 'error', block.content.split('\n')[0]!.slice(0, 60), 0)
    }
    const text = textWithoutCode(block)
    for (const { what, level, text: seen, at } of foreignSyntax(text)) {
      add(what, level, seen, text.slice(0, at).split('\n').length - 1)
    }
    let lines = 0
    for (const [at, { type, tag, markup }] of (block.children ?? []).entries()) {
      // `[^1]: Note` is the target of a link to Markdown, and `[^1]` that link.
      const label = type === 'link_open' ? (block.children![at + 1]?.content ?? '') : ''
      if (/^\^\S+$/.test(label)) add('footnote', 'error', `[${label}]`, lines)
      if (type === 'softbreak' || (type === 'hardbreak' && markup !== 'br')) lines++
      if (type !== 'html_dropped') continue
      if (scripts.has(tag)) add('script', 'warning', tag, lines)
      else add('tag', 'warning', tag, lines)
    }
    return [...found.values()]
  })
}

/** Returns the text of a block as people read it, with the word `code` for each piece of code. */
function textWithoutCode({ children }: Token): string {
  return (children ?? [])
    .map(({ type, markup, content }) => {
      if (type === 'text') return content
      if (type === 'softbreak' || (type === 'hardbreak' && markup !== 'br')) return '\n'
      return type === 'code_inline' ? 'code' : ''
    })
    .join('')
}

/** Returns an attribute of a token, or an empty string. */
export function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '')
}

function countWords(tokens: Token[]): number {
  let words = 0
  for (const block of tokens) {
    if (block.type === 'fence' && !blocksOfPage.has(fenceLanguage(block))) words += wordsIn(block.content)
    for (const token of block.children ?? []) {
      if (token.type === 'text' || token.type === 'code_inline') words += wordsIn(token.content)
    }
  }
  return words
}

const wordsIn = (text: string) => text.match(/[\p{L}\p{N}]+(?:['’.,-][\p{L}\p{N}]+)*/gu)?.length ?? 0
