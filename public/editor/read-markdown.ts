import type MarkdownIt from 'markdown-it'
import { Mark, type Node } from 'prosemirror-model'
import { newMarkdown } from '../../src/courses/markdown-dialect'
import { plainTags, schema, type SourceKind } from './schema'

type Token = MarkdownIt.Token

const markdown = newMarkdown()
// A wrapped line is one line in the editor.
markdown.renderer.rules.softbreak = () => ' '

/** A block of a text: its node, and its place in the text in characters. */
export type ReadBlock = { node: Node; from: number; to: number }

/** A construct that the editor doesn't know. */
class Unknown extends Error {}

/**
 * Reads a Markdown text as blocks, in order. What no block covers is empty lines. Whatever the editor can't show and
 * write again without a loss is a source block: it shows its Markdown, and is edited as text.
 */
export function readBlocks(text: string): ReadBlock[] {
  const lineStarts = startsOfLines(text)
  const end = (line: number) => (line < lineStarts.length ? lineStarts[line]! : text.length)
  const env = {}
  const tokens = markdown.parse(text, env)
  const blocks: ReadBlock[] = []
  let at = 0
  for (const group of topLevelGroups(tokens)) {
    const [first, last] = group[0]!.map!
    const [from, to] = trimmed(text, lineStarts[first]!, end(last))
    blocks.push(...sourceBlocksBetween(text, at, from))
    blocks.push({ node: readGroup(group, text.slice(from, to), env), from, to })
    at = to
  }
  return [...blocks, ...sourceBlocksBetween(text, at, text.length)]
}

/** Returns a text as the blocks of a document, for what is typed or pasted as Markdown. */
export function readNodes(text: string): Node[] {
  return readBlocks(text).map(({ node }) => node)
}

/** Returns the line, counted from 0, at which each item of a list or row of a table begins. */
export function readParts(text: string): number[] {
  const parts = markdown.parse(text, {}).filter(({ type, level }) => {
    return (type === 'list_item_open' && level === 1) || (type === 'tr_open' && level === 2)
  })
  return parts.map(({ map }) => map![0])
}

function startsOfLines(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Returns a range of a text without the empty lines at its ends. A space that doesn't break is text. */
function trimmed(text: string, from: number, to: number): [from: number, to: number] {
  const part = text.slice(from, to)
  const [before = ''] = /^(?:[ \t]*\n)*/.exec(part) ?? []
  return [from + before.length, from + part.replace(/[ \t\n]+$/, '').length]
}

/** Groups the tokens of each block of the top level. */
function topLevelGroups(tokens: Token[]): Token[][] {
  const groups: Token[][] = []
  let depth = 0
  for (const token of tokens) {
    if (depth === 0 && token.nesting !== -1) groups.push([])
    groups.at(-1)!.push(token)
    depth += token.nesting
  }
  return groups
}

/** Comments and the targets of links have no tokens. */
function sourceBlocksBetween(text: string, from: number, to: number): ReadBlock[] {
  const part = text.slice(from, to)
  if (!part.trim()) return []
  const [start, end] = trimmed(text, from, to)
  const source = text.slice(start, end)
  const kind = /^\s*<!--/.test(source) ? 'comment' : 'reference'
  return [{ node: sourceBlock(kind, source), from: start, to: end }]
}

function sourceBlock(kind: SourceKind, source: string): Node {
  return schema.node('source_block', { kind }, source ? [schema.text(source)] : [])
}

/** The nodes of fenced blocks that have a form, by language. */
const blocksWithForms: Record<string, string> = { quiz: 'question', tour: 'step' }

function readGroup(group: Token[], source: string, env: Record<string, unknown>): Node {
  const [first] = group
  const block = first!.type === 'fence' && blocksWithForms[first!.info.trim().split(/\s+/)[0] ?? '']
  if (block) return schema.node(block, { source })
  try {
    if (losesSomething(group, source)) throw new Unknown()
    const [node] = readTokens(group)
    node!.check()
    renderings.set(node!, rendered(group, env))
    return node!
  } catch {
    return sourceBlock('other', source)
  }
}

/** Comments and targets of links within a list or quotation have no tokens, so nothing could write them again. */
function losesSomething([first]: Token[], source: string): boolean {
  if (!/^(?:bullet_list|ordered_list|blockquote|details)_open$/.test(first!.type)) return false
  return source.includes('<!--') || /^[\s>*+\-\d.)]*\[[^\]\n]+\]:/m.test(source)
}

/** The HTML of blocks as they were read, for `looksAlike`. */
const renderings = new WeakMap<Node, string>()

function rendered(tokens: Token[], env: Record<string, unknown>): string {
  return markdown.renderer
    .render(tokens, markdown.options, env)
    .replace(/<(\/?)(b|i|del)>/g, (_all, slash: string, tag: string) => `<${slash}${sameTag[tag]!}>`)
    .replace(/\s+/g, ' ')
    .trim()
}

const sameTag: Record<string, string> = { b: 'strong', i: 'em', del: 's' }

/** Whether Markdown looks to a learner as the block that was read does; true for a block that wasn't read. */
export function looksAlike(node: Node, text: string): boolean {
  const before = renderings.get(node)
  if (before === undefined) return true
  const env = {}
  return rendered(markdown.parse(text, env), env) === before
}

/** Makes a source block of a block that couldn't be written again. */
export function asSource(text: string): Node {
  return sourceBlock('other', text)
}

function readTokens(tokens: Token[]): Node[] {
  type Open = { token: Token; children: Node[] }
  const root: Node[] = []
  const open: Open[] = []
  const add = (node: Node) => (open.at(-1)?.children ?? root).push(node)
  for (const token of tokens) {
    if (token.nesting === 1) open.push({ token, children: [] })
    else if (token.nesting === -1) {
      const { token: opening, children } = open.pop()!
      if (!transparent.has(opening.type)) add(readContainer(opening, children))
      else for (const child of children) add(child)
    } else if (token.type === 'inline') for (const node of readInline(token.children ?? [])) add(node)
    else add(readLeaf(token))
  }
  return root
}

/** Parts of a table that the editor doesn't have. */
const transparent = new Set(['thead_open', 'tbody_open'])

function readLeaf(token: Token): Node {
  switch (token.type) {
    case 'hr':
      return schema.node('horizontal_rule', { markup: token.markup })
    case 'fence':
    case 'code_block': {
      const text = token.content.replace(/\n$/, '')
      const attrs = { info: token.info.trim(), fence: token.markup || '```' }
      return schema.node('code_block', attrs, text ? [schema.text(text)] : [])
    }
    default:
      throw new Unknown(token.type)
  }
}

function readContainer(token: Token, children: Node[]): Node {
  switch (token.type) {
    case 'paragraph_open':
      return withTightness(token, schema.node('paragraph', null, children))
    case 'heading_open':
      return schema.node('heading', { level: Number(token.tag.slice(1)) }, children)
    case 'details_open':
      return schema.node(
        'details',
        null,
        children.length > 1 ? children : [...children, schema.node('paragraph')],
      )
    case 'summary_open':
      return schema.node('summary', null, children)
    case 'blockquote_open':
      return schema.node('blockquote', null, filled(children))
    case 'bullet_list_open':
      return schema.node('bullet_list', { marker: token.markup, tight: areTight(children) }, children)
    case 'ordered_list_open': {
      const order = Number(token.attrGet('start') ?? 1)
      return schema.node(
        'ordered_list',
        { order, delimiter: token.markup, tight: areTight(children) },
        children,
      )
    }
    case 'list_item_open':
      return readListItem(children)
    case 'table_open':
      return schema.node('table', null, children)
    case 'tr_open':
      return schema.node('table_row', null, children)
    case 'th_open':
      return schema.node('table_header', { align: alignOf(token) }, children)
    case 'td_open':
      return schema.node('table_cell', { align: alignOf(token) }, children)
    default:
      throw new Unknown(token.type)
  }
}

const filled = (children: Node[]) => (children.length ? children : [schema.node('paragraph')])

/** Paragraphs of lists without empty lines. */
const tight = new WeakSet<Node>()

function withTightness(token: Token, paragraph: Node): Node {
  if (token.hidden) tight.add(paragraph)
  return paragraph
}

function areTight(items: Node[]): boolean {
  const paragraphs = items.flatMap(item => item.children.filter(child => child.type.name === 'paragraph'))
  return paragraphs.every(paragraph => tight.has(paragraph) || isEmptyItem(paragraph))
}

const isEmptyItem = (paragraph: Node) => !paragraph.content.size

const taskBox = /^<input type="checkbox" disabled( checked)?> $/

function readListItem(children: Node[]): Node {
  const [first] = children
  const box = first?.type.name === 'paragraph' ? first.firstChild : null
  const [, checked] = (box?.type.name === 'raw_inline' && taskBox.exec(String(box.attrs.source))) || []
  const isTask = box?.type.name === 'raw_inline' && taskBox.test(String(box.attrs.source))
  if (!isTask) return schema.node('list_item', null, filled(children))
  const text = first!.copy(first!.content.cut(box!.nodeSize))
  if (tight.has(first!)) tight.add(text)
  return schema.node('list_item', { checked: checked !== undefined }, [text, ...children.slice(1)])
}

function alignOf(token: Token): string | null {
  const [, side] = /text-align:(left|center|right)/.exec(String(token.attrGet('style') ?? '')) ?? []
  return side ?? null
}

const markOfTag: Record<string, string> = {
  b: 'strong',
  strong: 'strong',
  i: 'em',
  em: 'em',
  s: 'strike',
  del: 'strike',
  mark: 'highlight',
  ...Object.fromEntries(plainTags.map(tag => [tag, tag])),
}

/** Returns the inline nodes of a block, with their marks. */
function readInline(tokens: Token[]): Node[] {
  const paired = pairedTags(tokens)
  const nodes: Node[] = []
  let marks: readonly Mark[] = Mark.none
  const add = (node: Node) => nodes.push(node.mark(marks))
  const begin = (name: string, attrs: object | null = null) => {
    marks = schema.mark(name, attrs as never).addToSet(marks)
  }
  const finish = (name: string) => (marks = schema.marks[name]!.removeFromSet(marks))
  const addText = (text: string) => text && nodes.push(schema.text(text, marks))
  for (const [at, token] of tokens.entries()) {
    switch (token.type) {
      case 'text':
      case 'text_special':
        addText(token.content)
        break
      case 'softbreak':
        addText(' ')
        break
      case 'hardbreak':
        add(schema.node('hard_break', { markup: token.markup === 'br' ? '<br>' : '\\' }))
        break
      case 'code_inline':
        if (token.content) nodes.push(schema.text(token.content, schema.mark('code').addToSet(marks)))
        break
      case 'strong_open':
      case 'em_open':
        begin(token.type.slice(0, -5))
        break
      case 'strong_close':
      case 'em_close':
        finish(token.type.slice(0, -6))
        break
      case 's_open':
        begin('strike')
        break
      case 's_close':
        finish('strike')
        break
      case 'link_open':
        begin('link', {
          href: hrefOf(token),
          title: token.attrGet('title') || null,
          isAutolink: token.markup === 'autolink',
        })
        break
      case 'link_close':
        finish('link')
        break
      case 'image':
        add(
          schema.node('image', {
            src: decoded(String(token.attrGet('src') ?? '')),
            alt: altOf(token),
            title: token.attrGet('title') || null,
            isDecorative: Boolean((token.meta as { isDecorative?: boolean } | null)?.isDecorative),
          }),
        )
        break
      case 'html_inline': {
        const name = paired.has(at) ? markOfTag[tagName(token)] : undefined
        if (!name) add(schema.node('raw_inline', { source: token.content }))
        else if (token.content.startsWith('</')) finish(name)
        else begin(name)
        break
      }
      case 'html_dropped':
        // The reader has removed what is between them.
        if (token.tag === 'script' || token.tag === 'style') throw new Unknown(token.tag)
        add(schema.node('raw_inline', { source: token.content }))
        break
      case 'html_comment':
        add(schema.node('raw_inline', { source: token.content }))
        break
      default:
        throw new Unknown(token.type)
    }
  }
  return nodes
}

const tagName = ({ content }: Token) => /^<\/?([a-z]+)/.exec(content)?.[1] ?? ''

/** Returns the places of the tags that have a partner, without those around a tag of the same name. */
function pairedTags(tokens: Token[]): Set<number> {
  const paired = new Set<number>()
  const open: { name: string; at: number; isAround?: boolean }[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.type !== 'html_inline') continue
    const name = tagName(token)
    if (!token.content.startsWith('</')) {
      for (const each of open) each.isAround ||= each.name === name
      open.push({ name, at })
      continue
    }
    const n = open.findLastIndex(each => each.name === name)
    if (n === -1) continue
    // `<kbd><kbd>Ctrl</kbd>+<kbd>C</kbd></kbd>`: a text has a mark only once.
    if (!open[n]!.isAround) paired.add(at).add(open[n]!.at)
    open.splice(n)
  }
  return paired
}

const hrefOf = (token: Token) => decoded(String(token.attrGet('href') ?? ''))

/** The reader encodes spaces and other letters in addresses; authors see them as they typed them. */
function decoded(url: string): string {
  try {
    return decodeURI(url)
  } catch {
    return url
  }
}

/** Returns the text of an image's description, without its Markdown. */
function altOf({ children, content }: Token): string {
  if (!children?.length) return content
  return children
    .map(child => (child.type === 'softbreak' ? ' ' : child.children ? altOf(child) : child.content))
    .join('')
}
