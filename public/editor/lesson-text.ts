import { Fragment, type Node } from 'prosemirror-model'
import { asSource, looksAlike, readBlocks, readParts, type ReadBlock } from './read-markdown'
import { schema } from './schema'
import { isReadAs, tidied, writeBlock } from './write-markdown'

/** A block as the author wrote it. `normal` is how the editor would write it. */
type Original = { node: Node; text: string; normal: string; from: number; to: number }

/** A lesson that is open: its text, the blocks in it, and the document to edit. */
export type OpenLesson = { source: string; originals: Original[]; doc: Node }

/** A document as text. `lines` has the line of each of its blocks, counted from 1; a blank block has the next one's. */
export type WrittenLesson = { text: string; lines: number[] }

/** Opens a lesson's Markdown for editing. */
export function openLesson(source: string): OpenLesson {
  const originals = readBlocks(source).map(block => originalOf(block, source))
  const blocks = originals.map(({ node }) => node)
  return {
    source,
    originals,
    doc: schema.node('doc', null, blocks.length ? blocks : [schema.node('paragraph')]),
  }
}

function originalOf({ node: read, from, to }: ReadBlock, source: string): Original {
  const text = source.slice(from, to)
  const node = looksAlike(read, writeBlock(read)) ? read : asSource(text)
  return { node, text, normal: writeBlock(node), from, to }
}

/**
 * Writes a document. Blocks that are as they were opened keep their bytes, and so does the space between them; only the
 * others are written anew, in a list or table only the items or rows that have changed.
 */
export function writeLesson({ source, originals }: OpenLesson, doc: Node): WrittenLesson {
  const blocks = doc.children.filter(block => writeBlock(block))
  if (!blocks.length) return { text: originals.length ? '' : source, lines: doc.children.map(() => 1) }
  const places = match(
    originals.map(({ normal }) => normal),
    blocks.map(block => writeBlock(block)),
  )
  const references = blocks
    .filter(({ type, attrs }) => type.name === 'source_block' && attrs.kind === 'reference')
    .map(block => writeBlock(block))
    .join('\n\n')
  const pieces = blocks.map((block, n) => pieceOf(block, places[n]!, originals, references))
  let text = originals.length ? source.slice(0, originals[0]!.from) : ''
  const starts: number[] = []
  for (const [n, piece] of pieces.entries()) {
    if (n) text += separator(pieces[n - 1]!, piece, originals, source)
    starts.push(text.length)
    text += piece.text
  }
  text += originals.length ? source.slice(originals.at(-1)!.to) : '\n'
  return { text, lines: linesOf(doc, starts, text) }
}

/** A block as it is written: `slot` is the place of the original that it is or replaces, -1 for a new block. */
type Piece = { block: Node; text: string; slot: number; isKept: boolean }

function pieceOf(block: Node, { slot, isKept }: Place, originals: Original[], references: string): Piece {
  const original = originals[slot]
  if (isKept) return { block, text: original!.text, slot, isKept }
  const text = (original && patched(original, block)) ?? writeBlock(block)
  const isPlain = !references || !text.includes('[') || isReadAs(tidied(block), text, references)
  return { block, text: isPlain ? text : writeBlock(block, references), slot, isKept }
}

/** Returns what stands between two blocks: what stood there, unless it would join them. */
function separator(before: Piece, after: Piece, originals: Original[], source: string): string {
  if (before.slot === -1 || after.slot !== before.slot + 1) return apart(before, after)
  const gap = source.slice(originals[before.slot]!.to, originals[after.slot]!.from)
  if (before.isKept && after.isKept) return gap
  return areApart(before.text, gap, after.text) ? gap : apart(before, after)
}

/** Returns an empty line. A block that it doesn't keep apart from the other is written anew. */
function apart(before: Piece, after: Piece): string {
  for (const write of [writeBlock, writeWithOtherMarker]) {
    if (areApart(before.text, '\n\n', after.text)) break
    after.text = write(after.block)
  }
  return '\n\n'
}

/** Lists that follow each other would be one list if their items began alike. */
function writeWithOtherMarker({ type, attrs, content }: Node): string {
  const { marker, delimiter } = attrs
  const other = { marker: marker === '-' ? '*' : '-', delimiter: delimiter === '.' ? ')' : '.' }
  return writeBlock(type.create({ ...attrs, ...other }, content))
}

function areApart(before: string, gap: string, after: string): boolean {
  const whole = before + gap + after
  const texts = readBlocks(whole).map(({ from, to }) => whole.slice(from, to))
  const last = after.replace(/^\s*\n/, '')
  return texts.length >= 2 && texts.at(-1) === last && whole.slice(0, -last.length).trimEnd() === before
}

function linesOf(doc: Node, starts: number[], text: string): number[] {
  const left = [...starts]
  let at = 0
  let line = 1
  return doc.children.map(block => {
    const start = writeBlock(block) ? left.shift()! : at
    for (; at < start; at++) if (text[at] === '\n') line++
    return line
  })
}

type Place = { slot: number; isKept: boolean }

/**
 * Finds the original of each block. Blocks between two that were found take the places of the originals between these,
 * in order; a block that has moved keeps its text.
 */
function match(before: string[], after: string[]): Place[] {
  const kept = longestCommonSubsequence(before, after)
  const used = new Set(kept.filter(slot => slot !== -1))
  const unused = new Map<string, number[]>()
  for (const [slot, text] of before.entries()) {
    if (!used.has(slot)) unused.set(text, [...(unused.get(text) ?? []), slot])
  }
  const places = kept.map((slot, n): Place => {
    const moved = slot === -1 ? unused.get(after[n]!)?.shift() : undefined
    if (moved !== undefined) used.add(moved)
    return { slot: moved ?? slot, isKept: (moved ?? slot) !== -1 }
  })
  let last = -1
  for (const [n, place] of places.entries()) {
    if (place.isKept) last = place.slot
    else {
      const isFree = last + 1 < before.length && !used.has(last + 1)
      if (isFree) {
        places[n] = { slot: last + 1, isKept: false }
        used.add(++last)
      }
    }
  }
  return places
}

/** Returns for each text of `after` its place in `before`, or -1. */
function longestCommonSubsequence(before: string[], after: string[]): number[] {
  const found = after.map(() => -1)
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start])
    found[start] = start++
  let [a, b] = [before.length, after.length]
  while (a > start && b > start && before[a - 1] === after[b - 1]) found[--b] = --a
  const [rows, columns] = [a - start, b - start]
  // Very long and very different texts are rare, and saved often: moved blocks are found by their text.
  if (rows * columns > 1_000_000) return found
  const lengths = new Uint16Array((rows + 1) * (columns + 1))
  const at = (row: number, column: number) => row * (columns + 1) + column
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const isSame = before[start + row] === after[start + column]
      const skipped = Math.max(lengths[at(row + 1, column)]!, lengths[at(row, column + 1)]!)
      lengths[at(row, column)] = isSame ? lengths[at(row + 1, column + 1)]! + 1 : skipped
    }
  }
  for (let [row, column] = [0, 0]; row < rows && column < columns;) {
    if (before[start + row] === after[start + column]) found[start + column++] = start + row++
    else if (lengths[at(row + 1, column)]! >= lengths[at(row, column + 1)]!) row++
    else column++
  }
  return found
}

/** Returns a list or table with the bytes of the items or rows that are as they were; undefined when that can't be. */
function patched(original: Original, block: Node): string | undefined {
  if (!hasParts(block) || original.node.type !== block.type) return undefined
  const tidy = tidied(block)
  if (!original.node.sameMarkup(tidy) || original.node.childCount === 0) return undefined
  const parts = partsOf(original)
  if (!parts) return undefined
  const before = original.node.children.map((_child, n) => writePart(original.node, n))
  const after = tidy.children.map((_child, n) => writePart(tidy, n))
  const places = longestCommonSubsequence(before.map(unnumbered), after.map(unnumbered))
  const texts = after.map((text, n) => {
    const place = places[n]!
    return place === -1 ? text : renumbered(parts[place]!.text, before[place]!, text)
  })
  const gap = tidy.attrs.tight === false ? '\n\n' : '\n'
  const text = texts.reduce((sum, part, n) => {
    const [last, next] = [places[n - 1]!, places[n]!]
    return sum + (last !== -1 && next === last + 1 ? parts[last]!.gap : gap) + part
  })
  return isReadAs(tidy, text) ? text : undefined
}

const hasParts = ({ type }: Node) => ['bullet_list', 'ordered_list', 'table'].includes(type.name)

/** Returns an item of a list, or a row of a table, as the editor writes it. A table's head has the line below it. */
function writePart(parent: Node, n: number): string {
  const child = parent.child(n)
  if (parent.type.name === 'table') {
    const [head, ruler, row] = writeBlock(parent.copy(Fragment.from([parent.child(0), child]))).split('\n')
    return n ? row! : `${head!}\n${ruler!}`
  }
  const isOrdered = parent.type.name === 'ordered_list'
  const attrs = isOrdered ? { ...parent.attrs, order: Number(parent.attrs.order) + n } : parent.attrs
  return writeBlock(parent.type.create(attrs, child))
}

const unnumbered = (text: string) => text.replace(/^\d+(?=[.)])/, '0')

/** Returns an item's bytes with the number that it has now, if they had the number that it should have had. */
function renumbered(bytes: string, before: string, after: string): string {
  const [number] = /^\d+(?=[.)])/.exec(before) ?? []
  const [next] = /^\d+(?=[.)])/.exec(after) ?? []
  if (number === undefined || number === next) return bytes
  return bytes.replace(/^(\s*)(\d+)/, (all, space: string, digits: string) =>
    digits === number ? space + next! : all,
  )
}

/** Returns the bytes of each item or row, and what follows it before the next. */
function partsOf({ text, node }: Original): { text: string; gap: string }[] | undefined {
  const starts = readParts(text)
  if (starts.length !== node.childCount) return undefined
  const lines = text.split('\n')
  return starts.map((start, n) => {
    const part = lines.slice(start, starts[n + 1] ?? lines.length).join('\n') + '\n'
    const bytes = part.trimEnd()
    return { text: bytes, gap: part.slice(bytes.length) }
  })
}
