import type { Bidi } from 'bidi-js'
import { cached } from '../platform/cached'
import { chooseFonts, readFont, type FontOf } from './paper-fonts'

/** A part of a text; parts with a language are marked with it, and run in a direction of their own. */
export type Part = string | { text: string; language: string }

export type Style = {
  /** Font families by preference; the height of lines is that of the first. */
  family: 'serif' | 'sans'
  colour: string
  /** Font sizes to try, largest first, until the text fits; the last one is used in any case. In points. */
  sizes: number[]
  /** The box to fit into, in points. Without a width, lines are as long as they are. */
  width?: number
  height?: number
  /** `auto`: that of the first letter with a direction. */
  direction: 'ltr' | 'rtl' | 'auto'
  /** The language of a text without one of its own, in BCP 47. */
  language: string
  /** Makes lines about equally long. */
  isBalanced?: boolean
}

/** A text that is divided into lines of a size, ready to be drawn. */
export type Block = {
  lines: { runs: Run[]; width: number }[]
  parts: Part[]
  size: number
  height: number
  style: Style
}

/** What a font prints in one direction: the text as it is read, and as fontkit lays it out. */
type Run = {
  text: string
  laidOut: string
  font: string
  part: number
  isRtl: boolean
  x: number
  features: Features
}

/** A character as readers count them, with its marks. The level is odd where the text runs from right to left. */
type Cluster = { text: string; font: string; part: number; level: number }
/** Clusters that stay on one line, with their width and that of the space after them, as multiples of the size. */
type Word = { clusters: Cluster[]; width: number; space: Cluster | null; spaceWidth: number }

const families = {
  serif: ['brygada-1918'],
  sans: ['hanken-grotesk', 'brygada-1918'],
}
/** The height of a font's ascenders, as a multiple of the size. */
const ascents = { serif: 0.92, sans: 1 }
const lineHeight = 1.45
/** Down to this size, in points, a text is made smaller rather than to break a word. */
const smallestBeforeBreaking = 16

const words = new Intl.Segmenter('en', { granularity: 'word' })
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const rtlScripts = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Thaana}\p{Script=Syriac}\p{Script=Nko}]/u
/** Scripts whose glyphs are one per character, in the order of reading. */
const plainScripts =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Common}]*$/u
/** Scripts without spaces between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const opening = /[\p{Ps}\p{Pi}]$/u

/**
 * Characters that nothing is printed for: controls, the marks that override a direction, and variants of a glyph. The
 * joiners (U+200C, U+200D) shape the letters beside them.
 */
const unprinted =
  /[\p{Cc}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\u00ad\u034f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u{e0000}-\u{e0fff}]/gu
const emoji =
  /\p{Emoji_Presentation}|(?![\u00a9\u00ae\u2122])\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u

/**
 * Returns a text as the fonts can print it. Emoji and other characters that no font has are left out, with the spaces
 * and brackets around them.
 */
export async function printableText(text: string, { family, language }: Pick<Style, 'family' | 'language'>) {
  const fontOf = await chooseFonts(families[family], text, language)
  const kept = clustersOf(text, 0, fontOf).map(cluster => cluster.text)
  return kept
    .join('')
    .replace(/[([{（【「]\s*[)\]}）】」]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}

function clustersOf(text: string, part: number, fontOf: FontOf): Cluster[] {
  const clusters: Cluster[] = []
  for (const { segment } of graphemes.segment(text.normalize('NFC'))) {
    if (segment === '\n') clusters.push({ text: segment, font: '', part, level: 0 })
    else if (!emoji.test(segment)) {
      const shown = segment.replace(/\s+/g, ' ').replace(unprinted, '')
      const last = clusters.at(-1)?.font
      // A mark that no font has with its letter is left out before the letter is.
      const text = [shown, shown.replace(/\p{M}/gu, '')].find(form => form && fontOf(form, last))
      if (text) clusters.push({ text, font: fontOf(text, last)!, part, level: 0 })
    }
  }
  return clusters
}

/** Returns a function that divides a text into lines of the largest size that fits. Its fonts are read first. */
export function typesetter(doc: PDFKit.PDFDocument) {
  const registered = new Set<string>()
  return async (content: string | Part[], style: Style): Promise<Block> => {
    const parts = typeof content === 'string' ? [content] : content
    const clusters: Cluster[] = []
    for (const [n, part] of parts.entries()) {
      const { text, language } = typeof part === 'string' ? { text: part, language: style.language } : part
      clusters.push(...clustersOf(text, n, await chooseFonts(families[style.family], text, language)))
    }
    for (const { font } of clusters) {
      if (!font || registered.has(font)) continue
      registered.add(font)
      doc.registerFont(font, await readFont(font))
    }
    const levelled = await withLevels(clusters, parts, style.direction)
    return fit(doc, levelled, parts, style)
  }
}

/** Sets the levels of the Unicode Bidirectional Algorithm (https://www.unicode.org/reports/tr9/). */
async function withLevels(
  clusters: Cluster[],
  parts: Part[],
  direction: Style['direction'],
): Promise<Cluster[]> {
  if (direction !== 'rtl' && !clusters.some(cluster => rtlScripts.test(cluster.text))) return clusters
  const bidi = await bidiAlgorithm()
  // U+2068 and U+2069 isolate a part, so that it and the text around it don't change each other's order.
  let text = ''
  let open = false
  const starts = clusters.map((cluster, n) => {
    const isFirst = cluster.part !== clusters[n - 1]?.part
    if (isFirst && open) text += '\u2069'
    if (isFirst) open = typeof parts[cluster.part] !== 'string'
    if (isFirst && open) text += '\u2068'
    const start = text.length
    text += cluster.text
    return start
  })
  const { levels } = bidi.getEmbeddingLevels(text, direction)
  return clusters.map((cluster, n) => {
    const level = levels[starts[n]!]!
    const text = level % 2 ? (bidi.getMirroredCharacter(cluster.text) ?? cluster.text) : cluster.text
    return { ...cluster, text, level }
  })
}

const bidiAlgorithm = cached<void, Bidi>(Infinity, async () => (await import('bidi-js')).default())

/** Divides clusters into lines of the largest size that fits into the box of the style. */
function fit(doc: PDFKit.PDFDocument, clusters: Cluster[], parts: Part[], style: Style): Block {
  const { width = Infinity, height = Infinity, sizes } = style
  const paragraphs = wordsOf(doc, clusters)
  const longest = Math.max(0, ...paragraphs.flat().map(word => word.width))
  const size =
    sizes.find(
      candidate =>
        wrap(doc, paragraphs, width / candidate).length * candidate * lineHeight <= height &&
        (longest <= width / candidate || candidate <= smallestBeforeBreaking),
    ) ?? sizes.at(-1)!
  let lines = wrap(doc, paragraphs, width / size)
  if (style.isBalanced && lines.length > 1) {
    for (let share = 0.95; share > 0.5; share -= 0.05) {
      const narrower = wrap(doc, paragraphs, (width / size) * share)
      if (narrower.length > lines.length || longest > (width / size) * share) break
      lines = narrower
    }
  }
  doc.fontSize(size)
  return {
    lines: lines.map(line => placed(doc, line)),
    parts,
    size,
    height: lines.length * size * lineHeight,
    style,
  }
}

/** Divides clusters into words, between which a line may be broken; a paragraph for each line of the text. */
function wordsOf(doc: PDFKit.PDFDocument, clusters: Cluster[]): Word[][] {
  const text = clusters.map(cluster => cluster.text).join('')
  const breaks = lineBreaks(text)
  const paragraphs: Word[][] = [[]]
  let word: Cluster[] = []
  const end = (space: Cluster | null) => {
    const width = widthOf(doc, word)
    paragraphs.at(-1)!.push({ clusters: word, width, space, spaceWidth: space ? widthOf(doc, [space]) : 0 })
    word = []
  }
  let position = 0
  for (const cluster of clusters) {
    if (word.length && breaks.has(position)) end(null)
    position += cluster.text.length
    if (cluster.text === '\n') {
      end(null)
      paragraphs.push([])
    } else if (cluster.text === ' ') end(cluster)
    else word.push(cluster)
  }
  if (word.length) end(null)
  return paragraphs
}

/** Returns the positions where a line may be broken without a space: after a hyphen, and around unspaced words. */
function lineBreaks(text: string): Set<number> {
  const positions = new Set<number>()
  let last = ''
  for (const { segment, index, isWordLike } of words.segment(text)) {
    const joins = unspaced.test(last) || unspaced.test(segment)
    if (isWordLike && !opening.test(last) && (joins || /\p{Pd}$/u.test(last))) positions.add(index)
    else if (opening.test(segment) && joins) positions.add(index)
    last = segment
  }
  return positions
}

/** Divides paragraphs into lines of at most `width`, which is a multiple of the size. A wider word is broken. */
function wrap(doc: PDFKit.PDFDocument, paragraphs: Word[][], width: number): Cluster[][] {
  const lines: Cluster[][] = []
  for (const paragraph of paragraphs) {
    let line: Cluster[] = []
    let used = 0
    let space: Cluster | null = null
    let spaceWidth = 0
    for (const word of paragraph.flatMap(each => broken(doc, each, width))) {
      if (line.length && used + spaceWidth + word.width > width) {
        lines.push(line)
        line = []
        used = 0
      } else if (line.length && space) {
        line.push(space)
        used += spaceWidth
      }
      line.push(...word.clusters)
      used += word.width
      ;({ space, spaceWidth } = word)
    }
    lines.push(line)
  }
  return lines
}

/** Returns the word, or its clusters one by one when it is wider than a line. */
function broken(doc: PDFKit.PDFDocument, word: Word, width: number): Word[] {
  if (word.width <= width) return [word]
  return word.clusters.map((cluster, n) => ({
    clusters: [cluster],
    width: widthOf(doc, [cluster]),
    space: n === word.clusters.length - 1 ? word.space : null,
    spaceWidth: word.spaceWidth,
  }))
}

/** The width of clusters in a row, as a multiple of the size. */
function widthOf(doc: PDFKit.PDFDocument, clusters: Cluster[]): number {
  doc.fontSize(1000)
  return runsOf(clusters).reduce((sum, run) => sum + shapeOf(doc, run).width, 0) / 1000
}

/** Places the runs of a line, at the current font size. They are returned in the order of reading. */
function placed(doc: PDFKit.PDFDocument, line: Cluster[]): Block['lines'][number] {
  let width = 0
  const runs = runsOf(inVisualOrder(line)).map(run => {
    const x = width
    const shape = shapeOf(doc, run)
    width += shape.width
    return { ...run, x, features: shape.features }
  })
  return { runs, width }
}

/** Reverses what runs from right to left: rule L2 of the Unicode Bidirectional Algorithm. */
function inVisualOrder(line: Cluster[]): Cluster[] {
  const order = [...line]
  for (let level = Math.max(0, ...line.map(cluster => cluster.level)); level > 0; level--) {
    for (let start = 0; start < order.length; start++) {
      let end = start
      while (end < order.length && order[end]!.level >= level) end++
      if (end > start) order.splice(start, end - start, ...order.slice(start, end).reverse())
      start = end
    }
  }
  return order
}

/** Joins clusters in visual order to runs of one font, part and direction. */
function runsOf(clusters: Cluster[]): Omit<Run, 'x' | 'features'>[] {
  const runs: { text: string; font: string; part: number; level: number }[] = []
  for (const { text, font, part, level } of clusters) {
    const last = runs.at(-1)
    if (last?.font !== font || last.part !== part || last.level !== level) {
      runs.push({ text, font, part, level })
    } else last.text = level % 2 ? text + last.text : last.text + text
  }
  return runs.map(({ level, ...run }) => {
    const isRtl = level % 2 === 1
    return { ...run, isRtl, laidOut: forFontkit(run.text, isRtl) }
  })
}

/**
 * Puts characters in the order in which fontkit lays them out well. It reverses a run by its script: Persian digits
 * too, which run from left to right, but not punctuation alone. It leaves a Thai or Lao tone mark below the sign of a
 * following am, and Burmese e and medial ra after their consonant.
 */
function forFontkit(text: string, isRtl: boolean): string {
  if (isRtl !== rtlScripts.test(text)) return reversed(text)
  return text
    .replace(/([\u0e48-\u0e4b])\u0e33/g, '\u0e4d$1\u0e32')
    .replace(/([\u0ec8-\u0ecb])\u0eb3/g, '\u0ecd$1\u0eb2')
    .replace(
      /([\u1000-\u1021\u103f](?:\u1039[\u1000-\u1021])*)(\u103b?)(\u103c?)([\u103d\u103e]*)(\u1031?)/g,
      '$5$3$1$2$4',
    )
}

function reversed(text: string): string {
  return Array.from(graphemes.segment(text), ({ segment }) => segment)
    .reverse()
    .join('')
}

type Features = Record<string, boolean>
/**
 * OpenType features besides the usual ones, in the order of trying. fontkit doesn't stack Burmese consonants by itself
 * (`blwf`; in other scripts it does), and throws where a font has no anchor for a mark, which then stays where it is
 * drawn.
 */
const featuresToTry: Features[] = [
  { blwf: true },
  { blwf: true, abvm: false, blwm: false },
  { blwf: true, abvm: false, blwm: false, mark: false, mkmk: false },
]

/** Returns what a run is laid out with, and its width at the current size. */
function shapeOf(doc: PDFKit.PDFDocument, { font, laidOut }: Pick<Run, 'font' | 'laidOut'>) {
  doc.font(font)
  const last = featuresToTry.at(-1)!
  for (const features of featuresToTry.slice(0, -1)) {
    try {
      return { features, width: doc.widthOfString(laidOut, optionsOf(features)) }
    } catch {
      continue
    }
  }
  return { features: last, width: doc.widthOfString(laidOut, optionsOf(last)) }
}

/**
 * Options of pdfkit for a run. With features, pdfkit lays it out as a whole, and not word by word in the order of
 * reading. Its type definitions only have features to switch on. fontkit adds to the object, so it is a copy.
 */
function optionsOf(features: Features): object {
  return { lineBreak: false, baseline: 'alphabetic', features: { ...features } }
}

/** Draws a text with its upper left corner at a point, and returns its place in the structure of a tagged PDF. */
export function drawText(
  doc: PDFKit.PDFDocument,
  kind: 'H1' | 'P',
  block: Block,
  x: number,
  y: number,
): PDFKit.PDFStructureElement {
  const draw = block.parts.map((_part, n) => () => drawPart(doc, block, n, x, y))
  const [first, ...others] = block.parts
  if (typeof first === 'string' && !others.length) return doc.struct(kind, readAs(first), draw)
  const children = block.parts.map((part, n) =>
    typeof part === 'string'
      ? draw[n]!
      : doc.struct('Span', { ...readAs(part.text), lang: part.language }, draw[n]),
  )
  return doc.struct(kind, {}, children)
}

/** What a screen reader says for a text whose glyphs are joined, moved or in another order. */
function readAs(text: string): { actual?: string } {
  return plainScripts.test(text) ? {} : { actual: text }
}

function drawPart(doc: PDFKit.PDFDocument, block: Block, part: number, x: number, y: number): void {
  doc.fontSize(block.size).fillColor(block.style.colour)
  for (const { run, left, baseline } of placedRuns(block, x, y)) {
    if (run.part !== part) continue
    // What readers copy: moved glyphs don't tell the text. Right-to-left text they put in order themselves.
    const isPlain = run.isRtl || plainScripts.test(run.text)
    if (!isPlain) doc.markContent('Span', { actual: run.text })
    doc.font(run.font).text(run.laidOut, left, baseline, optionsOf(run.features))
    if (!isPlain) doc.endMarkedContent()
  }
}

/** Returns the runs of a text whose upper left corner is at a point, each with its left end and its baseline. */
export function placedRuns({ lines, size, style }: Block, x: number, y: number) {
  const { width, direction, family } = style
  return lines.flatMap((line, n) => {
    const start = direction === 'rtl' && width ? x + width - line.width : x
    const baseline = y + (n * lineHeight + ascents[family]) * size
    return line.runs.map(run => ({ run, left: start + run.x, baseline }))
  })
}
