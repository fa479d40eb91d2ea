import { inflateSync } from 'node:zlib'

/** Glyphs that a PDF shows at one place, in points from the upper left corner; `y` is their baseline. */
export type Shown = {
  /** What a reader copies, in the order of the glyphs. */
  text: string
  font: string
  size: number
  x: number
  y: number
  width: number
  /** Whether a glyph is the box for characters that the font doesn't have. */
  hasBox: boolean
}

type Font = { name: string; texts: string[]; widths: number[] }

/** Reads what the pages of a PDF made by pdfkit show, from its bytes alone. */
export function shownIn(pdf: Buffer): Shown[] {
  const objects = objectsOf(pdf)
  const height = Number(/\/MediaBox \[0 0 [\d.]+ ([\d.]+)\]/.exec(pdf.toString('latin1'))![1])
  const fonts = new Map<string, Font>()
  for (const { text } of objects.values()) {
    for (const [, name, id] of text.matchAll(/\/(F\d+) (\d+) 0 R/g)) fonts.set(name!, fontOf(objects, id!))
  }
  const shown: Shown[] = []
  for (const { stream } of objects.values()) {
    let [x, y, size] = [0, 0, 0]
    let font: Font | undefined
    for (const line of (stream ?? '').split('\n')) {
      const place = /^1 0 0 1 ([-\d.]+) ([-\d.]+) Tm$/.exec(line)
      if (place) [x, y] = [Number(place[1]), height - Number(place[2])]
      const chosen = /^\/(F\d+) ([\d.]+) Tf$/.exec(line)
      if (chosen) {
        font = fonts.get(chosen[1]!)
        size = Number(chosen[2])
      }
      const glyphs = /^\[(.*)\] TJ$/.exec(line)
      if (!glyphs || !font) continue
      const { name, texts, widths } = font
      const run = { text: '', font: name, size, x, y, width: 0, hasBox: false }
      for (const [, hex, adjustment] of glyphs[1]!.matchAll(/<([0-9a-f]+)>|(-?[\d.]+)/g)) {
        for (const id of hex?.match(/.{4}/g) ?? []) {
          const glyph = parseInt(id, 16)
          run.text += texts[glyph]!
          run.width += (widths[glyph]! * size) / 1000
          run.hasBox ||= glyph === 0
        }
        run.width -= (Number(adjustment ?? 0) * size) / 1000
      }
      shown.push(run)
      x += run.width
    }
  }
  return shown
}

/** Joins what is shown to lines, from the top down and from left to right. */
export function linesIn(pdf: Buffer): (Pick<Shown, 'text' | 'size' | 'x' | 'y'> & { right: number })[] {
  const lines: Shown[][] = []
  for (const run of shownIn(pdf).sort((a, b) => a.y - b.y)) {
    const line = lines.find(
      ([first]) => first!.size === run.size && Math.abs(first!.y - run.y) < run.size * 0.7,
    )
    if (line) line.push(run)
    else lines.push([run])
  }
  return lines.map(runs => {
    const sorted = [...runs].sort((a, b) => a.x - b.x)
    const { size, y, x } = sorted[0]!
    const right = Math.max(...sorted.map(run => run.x + run.width))
    return { text: sorted.map(run => run.text).join(''), size, x, y, right }
  })
}

type PdfObject = { text: string; stream: string | null }

function objectsOf(pdf: Buffer): Map<string, PdfObject> {
  const all = pdf.toString('latin1')
  const objects = new Map<string, PdfObject>()
  for (const { 1: id, 2: body, index } of all.matchAll(/(?:^|\n)(\d+) 0 obj\n([^]*?)\nendobj/g)) {
    const [text = ''] = body!.split('\nstream\n')
    const length = /\/Length (\d+)/.exec(text)
    const start = all.indexOf('stream\n', index) + 'stream\n'.length
    const isText = length && /FlateDecode/.test(text)
    const stream = isText
      ? inflateSync(pdf.subarray(start, start + Number(length[1]))).toString('latin1')
      : null
    objects.set(id!, { text, stream })
  }
  return objects
}

function fontOf(objects: Map<string, PdfObject>, id: string): Font {
  const { text } = objects.get(id)!
  const follow = (key: string, from: string) =>
    objects.get(new RegExp(`/${key} \\[?(\\d+) 0 R`).exec(from)![1]!)!
  const { text: descendant } = follow('DescendantFonts', text)
  const texts: string[] = []
  for (const [, list] of follow('ToUnicode', text).stream!.matchAll(/^<\w+> <\w+> \[(.*)\]$/gm)) {
    for (const [, codes] of list!.matchAll(/<([^>]*)>/g)) {
      texts.push(
        String.fromCharCode(
          ...codes!
            .split(' ')
            .filter(Boolean)
            .map(code => parseInt(code, 16)),
        ),
      )
    }
  }
  const widths = /\/W \[0 \[([^\]]*)\]\]/.exec(descendant)![1]!.split(' ').map(Number)
  return { name: /\/BaseFont \/(\S+)/.exec(text)![1]!.replace(/^[A-Z]+\+/, ''), texts, widths }
}
