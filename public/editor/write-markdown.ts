import { MarkdownSerializerState, type MarkdownSerializer } from 'prosemirror-markdown'
import { Fragment, type Mark, type Node } from 'prosemirror-model'
import { readNodes } from './read-markdown'
import { isBlank, plainTags, schema } from './schema'

/**
 * How carefully a block is written: with no backslash, with one before what looks like Markdown, before every character
 * that Markdown uses, and at last with HTML tags for emphasis, which may begin and end anywhere.
 */
const cautions = ['none', 'likely', 'full', 'tags'] as const
type Caution = (typeof cautions)[number]

const written = new WeakMap<Node, string>()

/**
 * Returns a block as Markdown, an empty one as an empty text. It has as few backslashes as it can be read back with.
 * The result is cached: blocks that nobody edits stay the same nodes.
 *
 * @param references the targets of links in the lesson, which make links of `[1]` and the like.
 */
export function writeBlock(block: Node, references = ''): string {
  if (references) return write(block, references)
  let text = written.get(block)
  if (text === undefined) {
    text = write(block, '')
    written.set(block, text)
  }
  return text
}

function write(block: Node, references: string): string {
  if (isBlank(block)) return ''
  if (block.type.name === 'source_block') return block.textContent.trimEnd()
  if (block.type.name === 'question' || block.type.name === 'step')
    return String(block.attrs.source).trimEnd()
  const tidy = tidied(block)
  let text = ''
  for (const caution of cautions) {
    text = serialize(tidy, caution)
    if (isReadAs(tidy, text, references)) return text
  }
  return text
}

/** Whether a text is read as this block, below the targets of links. */
export function isReadAs(block: Node, text: string, references = ''): boolean {
  const nodes = readNodes(references ? `${references}\n\n${text}` : text)
  const before = references ? readNodes(references).length : 0
  return nodes.length === before + 1 && nodes.at(-1)!.eq(block)
}

/** Returns a block without what Markdown can't say: spaces at the ends of its texts, and empty paragraphs. */
export function tidied(node: Node): Node {
  if (node.isLeaf || node.type.spec.code) return node
  if (node.isTextblock) return withoutOuterSpaces(node)
  const children = node.children.map(tidied)
  const kept = children.filter(child => child.type.name !== 'paragraph' || child.content.size)
  // The title of details isn't all of them.
  const least = node.type.name === 'details' ? 2 : 1
  const content = Fragment.from(kept.length >= least ? kept : children)
  if (!node.attrs.tight || !kept.some(hasSeveralParagraphs)) return node.copy(content)
  return node.type.create({ ...node.attrs, tight: false }, content)
}

const hasSeveralParagraphs = (item: Node) =>
  item.children.filter(child => child.type.name === 'paragraph').length > 1

function withoutOuterSpaces(textblock: Node): Node {
  const children = textblock.children.map(onOneLine)
  const trim = (at: number, pattern: RegExp): void => {
    const child = children.at(at)
    if (!child?.isText || child.marks.some(mark => mark.type.name === 'code')) return
    const text = child.text!.replace(pattern, '')
    if (text) children[at < 0 ? children.length - 1 : 0] = schema.text(text, child.marks)
    else {
      children.splice(at, 1)
      trim(at, pattern)
    }
  }
  trim(-1, /[ \t\n]+$/)
  while (children.at(-1)?.type.name === 'hard_break') children.pop()
  trim(0, /^[ \t\n]+/)
  const isOneLine = textblock.type.name !== 'paragraph'
  const tidy = children.flatMap((child, n) => {
    if (child.type.name === 'hard_break') return isOneLine ? child.type.create({ markup: '<br>' }) : child
    return child.isText ? withPlainSpaces(child, children[n - 1], children[n + 1]) : child
  })
  return textblock.copy(Fragment.from(tidy))
}

/** Line separators, such as those of slides and PDF files, and the spaces around them. */
const lineSeparators = / *[\r\n\u2028\u2029]+ */g

/** Returns a formatted text with spaces for line separators, at which its formatting, and so the text, would end. */
function onOneLine(node: Node): Node {
  if (!node.isText || !node.marks.length || node.text!.search(lineSeparators) === -1) return node
  return schema.text(node.text!.replace(lineSeparators, ' '), node.marks)
}

/** Emphasis neither begins nor ends with a space. */
const expelling = new Set(['strong', 'em', 'strike', 'highlight'])

/** Returns a text without emphasis on the spaces where its emphasis begins or ends. */
function withPlainSpaces(node: Node, before: Node | undefined, after: Node | undefined): Node[] {
  const [all, start = '', middle, end = ''] = /^([ \t\n]*)(.*?)([ \t\n]*)$/s.exec(node.text!)!
  if (start + end === '' || !node.marks.some(({ type }) => expelling.has(type.name))) return [node]
  const marksBeside = (other: Node | undefined) =>
    node.marks.filter(mark => !expelling.has(mark.type.name) || (other && mark.isInSet(other.marks)))
  const text = (part: string, marks: readonly Mark[]) => (part ? [schema.text(part, marks)] : [])
  if (!middle) return text(all, marksBeside(before))
  return [...text(start, marksBeside(before)), ...text(middle, node.marks), ...text(end, marksBeside(after))]
}

/** The state keeps these to itself, but its handlers need them. */
type State = MarkdownSerializerState & {
  out: string
  closed: Node | null
  inTightList: boolean
  inAutolink?: boolean
  flushClose(size?: number): void
  render(node: Node, parent: Node, index: number): void
}

function serialize(block: Node, caution: Caution): string {
  const marks = caution === 'tags' ? { ...markWriters, ...tagWriters } : markWriters
  const options = { hardBreakNodeName: 'hard_break' }
  const state = new (MarkdownSerializerState as unknown as new (...options: unknown[]) => State)(
    nodeWriters,
    marks,
    options,
  )
  state.esc = (text, startOfLine) => escaped(text, startOfLine ?? false, caution)
  const flushClose = state.flushClose.bind(state)
  state.flushClose = size => flushClose(size ?? (state.inTightList ? 1 : 2))
  state.render(block, schema.node('doc', null, [block]), 0)
  return state.out
}

/** What looks like Markdown in the middle of a line. */
const markup = new RegExp(
  [
    String.raw`\\(?=[!-/:-@[-\`{-~])`,
    '`',
    String.raw`(?<=\S)[*_]|[*_](?=\S)`,
    '~(?=~)|(?<=~)~',
    '=(?==)|(?<==)=',
    String.raw`\[(?=[^\]]*\](?:[([:]|$))|\[(?=[ xX]\]\s)`,
    '<(?=[a-zA-Z/!?])',
    String.raw`&(?=#?\w{1,31};)`,
  ].join('|'),
  'g',
)

function escaped(text: string, startOfLine: boolean, caution: Caution): string {
  if (caution === 'none') return text
  const escape = (match: string, at: number) => {
    const isWithinWord = match === '_' && /\w/.test(text[at - 1] ?? '') && /\w/.test(text[at + 1] ?? '')
    return isWithinWord ? match : `\\${match}`
  }
  const all = caution === 'likely' ? text.replace(markup, escape) : text.replace(/[\\`*_~[\]<>&=#|]/g, escape)
  if (!startOfLine) return all
  return all
    .replace(/^(?=[-+>](?:\s|$)|>|#{1,6}(?:\s|$)|-{2,}|\+)/, '\\')
    .replace(/^(\d{1,9})(?=[.)](?:\s|$))/, '$1\\')
}

function writeSource(state: State, node: Node): void {
  state.text(String(node.attrs.source), false)
  state.closeBlock(node)
}

type NodeWriter = (state: State, node: Node, parent: Node, index: number) => void

const nodeWriters: Record<string, NodeWriter> = {
  paragraph(state, node) {
    state.renderInline(node)
    state.closeBlock(node)
  },
  heading(state, node) {
    state.write(`${'#'.repeat(Number(node.attrs.level))} `)
    state.renderInline(node, false)
    state.closeBlock(node)
  },
  blockquote(state, node) {
    const { inTightList } = state
    state.wrapBlock('> ', null, node, () => {
      state.inTightList = false
      state.renderContent(node)
    })
    state.inTightList = inTightList
  },
  details(state, node) {
    state.write('<details>')
    state.ensureNewLine()
    node.forEach((child, _offset, index) => {
      state.flushClose(2)
      state.render(child, node, index)
    })
    state.flushClose(2)
    state.write('</details>')
    state.closeBlock(node)
  },
  summary(state, node) {
    state.write('<summary>')
    state.renderInline(node, false)
    state.write('</summary>')
    state.closeBlock(node)
  },
  bullet_list(state, node) {
    state.renderList(node, '  ', () => `${node.attrs.marker} `)
  },
  ordered_list(state, node) {
    const { order, delimiter } = node.attrs as { order: number; delimiter: string }
    const width = String(order + node.childCount - 1).length + 2
    state.renderList(node, ' '.repeat(width), n => `${order + n}${delimiter} `)
  },
  list_item(state, node) {
    const { checked } = node.attrs as { checked: boolean | null }
    if (checked !== null) state.write(checked ? '[x] ' : '[ ] ')
    state.renderContent(node)
  },
  code_block(state, node) {
    const { info, fence } = node.attrs as { info: string; fence: string }
    const runs = node.textContent.match(fence.startsWith('~') ? /~{3,}/g : /`{3,}/g) ?? []
    const length = Math.max(fence.length, ...runs.map(run => run.length + 1))
    const line = fence[0]!.repeat(length)
    state.write(`${line}${info}\n`)
    state.text(node.textContent, false)
    state.ensureNewLine()
    state.write(line)
    state.closeBlock(node)
  },
  source_block(state, node) {
    state.text(node.textContent, false)
    state.closeBlock(node)
  },
  question: writeSource,
  step: writeSource,
  horizontal_rule(state, node) {
    state.write(String(node.attrs.markup))
    state.closeBlock(node)
  },
  table(state, node) {
    node.forEach((row, _offset, n) => {
      if (n) state.ensureNewLine()
      writeRow(state, row)
      if (n) return
      state.ensureNewLine()
      state.write(`|${row.children.map(({ attrs }) => rulers[String(attrs.align)]).join('|')}|`)
    })
    state.closeBlock(node)
  },
  text(state, node) {
    state.text(node.text!, !state.inAutolink)
  },
  image(state, { attrs }) {
    const src = String(attrs.src)
    if (attrs.isDecorative && !/["<>]/.test(src)) return state.write(`<img src="${src}" alt="">`)
    const alt = state.esc(String(attrs.alt)).replace(/(?<!\\)[[\]]/g, '\\$&')
    state.write(`![${alt}](${destination(String(attrs.src))}${titleOf(attrs)})`)
  },
  hard_break(state, node, parent, index) {
    const isLast = index === parent.childCount - 1
    if (isLast) return
    const needsTag = parent.type.name !== 'paragraph' || node.attrs.markup === '<br>'
    state.write(needsTag ? '<br>' : '\\\n')
  },
  raw_inline(state, node) {
    state.write(String(node.attrs.source))
  },
}

const rulers: Record<string, string> = { null: '---', left: ':---', center: ':---:', right: '---:' }

function writeRow(state: State, row: Node): void {
  state.write('|')
  row.forEach(cell => {
    const before = state.out.length
    state.renderInline(cell)
    const text = state.out.slice(before).replaceAll('|', '\\|').trim()
    state.out = `${state.out.slice(0, before)} ${text}${text ? ' ' : ''}|`
  })
}

/** Returns an address as it stands in a link. */
function destination(href: string): string {
  const encoded = href.replace(/[\s<>]/g, each => encodeURIComponent(each))
  let depth = 0
  for (const each of encoded) {
    if (each === '(') depth++
    if (each === ')' && --depth < 0) break
  }
  return depth === 0 ? encoded : encoded.replace(/[()]/g, '\\$&')
}

function titleOf({ title }: { title?: unknown }): string {
  return title ? ` "${String(title).replace(/["\\]/g, '\\$&')}"` : ''
}

type MarkWriters = MarkdownSerializer['marks']

const around = (open: string, close = open) => ({
  open,
  close,
  mixable: true,
  expelEnclosingWhitespace: true,
})
const tags = (tag: string) => around(`<${tag}>`, `</${tag}>`)

const markWriters: MarkWriters = {
  strong: around('**'),
  em: around('*'),
  strike: around('~~'),
  highlight: {
    open: (_state, _mark, parent, index) => (isPlainHighlight(parent, index) ? '==' : '<mark>'),
    close: (_state, _mark, parent, index) => (isPlainHighlight(parent, index - 1) ? '==' : '</mark>'),
    expelEnclosingWhitespace: true,
  },
  ...Object.fromEntries(plainTags.map(tag => [tag, tags(tag)])),
  link: {
    open: (state, mark, parent, index) => {
      const isAutolink = Boolean(mark.attrs.isAutolink) && textIsHref(parent, index)
      ;(state as State).inAutolink = isAutolink
      return isAutolink ? '<' : '['
    },
    close: (state, { attrs }) => {
      const { inAutolink } = state as State
      ;(state as State).inAutolink = false
      return inAutolink ? '>' : `](${destination(String(attrs.href))}${titleOf(attrs)})`
    },
    mixable: true,
  },
  code: {
    open: (_state, _mark, parent, index) => backticks(parent.child(index), 'open'),
    close: (_state, _mark, parent, index) => backticks(parent.child(index - 1), 'close'),
    escape: false,
  },
}

/** Emphasis as tags, for places where asterisks don't begin or end it, such as `<strong>Note:</strong>this`. */
const tagWriters: MarkWriters = {
  strong: tags('strong'),
  em: tags('em'),
  strike: tags('s'),
  highlight: tags('mark'),
}

/** Whether a highlight has no other formatting, as `==` asks for. */
function isPlainHighlight(parent: Node, index: number): boolean {
  const isMarked = (n: number) =>
    n >= 0 && n < parent.childCount && parent.child(n).marks.some(mark => mark.type.name === 'highlight')
  const child = parent.child(index)
  return child.isText && child.marks.length === 1 && !isMarked(index - 1) && !isMarked(index + 1)
}

function textIsHref(parent: Node, index: number): boolean {
  const { text, marks } = parent.child(index)
  const href = marks.find(mark => mark.type.name === 'link')?.attrs.href as string
  return text === href || `mailto:${text}` === href
}

/** Returns as many backticks as code needs that contains some. */
function backticks({ textContent }: Node, side: 'open' | 'close'): string {
  const longest = Math.max(0, ...(textContent.match(/`+/g) ?? []).map(run => run.length))
  const ticks = '`'.repeat(longest + 1)
  const needsSpace = /^`|`$|^ .* $/.test(textContent)
  const space = needsSpace ? ' ' : ''
  return side === 'open' ? ticks + space : space + ticks
}
