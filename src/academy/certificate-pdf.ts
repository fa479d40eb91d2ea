import { join } from 'node:path'
import type { Certificate } from '../learning/certificate'
import type { Translate } from '../web/i18n'
import { columnsOf, type Column } from '../web/charts/cover'

type CertificateData = {
  certificate: Certificate
  t: Translate
  date: (day: Date) => string
  /** What the learner did, printed after the course's title. */
  achievement: string
  /** One column of the drawing per lesson. */
  columns: Column[]
  /** The page where anyone can verify the certificate. */
  url: string
  language: string
}

/** A4 landscape, in points (1/72 inch). */
const page = { width: 841.89, height: 595.28, margin: 28 }
const inner = { x: page.margin + 8, y: page.margin + 8, width: page.width - 72, height: page.height - 72 }
const drawingHeight = 190
const text = { x: inner.x + 40, width: inner.width - 220 }
/** The signature and the date at the foot of the page; `second` is the left edge of the date next to a signature. */
const foot = { y: inner.y + inner.height - 66, width: 200, second: text.x + 230 }
const colours = {
  ink: '#1b1c24',
  quiet: '#4d4b4c',
  edge: '#857d6e',
  blue: '#2b3fcb',
  deep: '#1d2c9b',
  air: '#dfe6f6',
  sun: '#ffd34d',
  floor: '#cbd6ee',
  shadow: '#a9b8de',
  beam: '#fdfdff',
  shade: '#bdc9e8',
}

const fonts = join(
  __dirname,
  __dirname.includes(join('dist', 'src')) ? '../../..' : '../..',
  'public/fonts/paper',
)
/**
 * WOFF and not WOFF2: pdfkit breaks composed glyphs (é) when it subsets a WOFF2 font. A name may need glyphs of
 * several subsets; the first one that has a glyph prints it.
 */
const serif = ['latin', 'latin-ext', 'greek', 'cyrillic'].map(part => `brygada-1918-${part}-500-normal`)
const sans = ['latin', 'latin-ext'].map(part => `hanken-grotesk-${part}-400-normal`)

/** Returns the certificate as a tagged PDF: a screen reader reads the text in order and skips the drawing. */
export async function certificatePdf(data: CertificateData): Promise<Buffer> {
  const { certificate, t, date } = data
  // Imported with the first certificate, to keep the server's startup fast.
  const [{ default: PDFDocument }, { default: QRCode }] = await Promise.all([
    import('pdfkit'),
    import('qrcode'),
  ])
  const doc = new PDFDocument({
    size: 'A4',
    layout: 'landscape',
    margin: 0,
    tagged: true,
    lang: data.language,
    displayTitle: true,
    pdfVersion: '1.7',
    info: {
      Title: t('academy:certificate.title', { name: certificate.name, course: certificate.title }),
      Author: t('layout:name'),
      CreationDate: certificate.issuedAt,
    },
  })
  const chunks: Buffer[] = []
  doc.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve, reject) => doc.on('end', resolve).on('error', reject))
  for (const name of [...serif, ...sans]) doc.registerFont(name, join(fonts, `${name}.woff`))
  const code = QRCode.create(data.url, { errorCorrectionLevel: 'M' })

  const artifact = (draw: () => void) => {
    doc.markContent('Artifact', { type: 'Layout' })
    draw()
    doc.endMarkedContent()
  }
  artifact(() => {
    doc.rect(0, 0, page.width, page.height).fill('#fffefb')
    drawColonnade(doc, data.columns)
    drawQrCode(doc, code.modules)
    drawLogo(doc, t('layout:name'))
    for (const x of certificate.signedBy ? [text.x, foot.second] : [text.x]) {
      doc
        .lineWidth(0.75)
        .moveTo(x, foot.y - 8)
        .lineTo(x + foot.width, foot.y - 8)
        .stroke(colours.edge)
    }
    doc.lineWidth(1).rect(inner.x, inner.y, inner.width, inner.height).stroke(colours.ink)
  })
  const root = doc.struct('Document')
  doc.addStructure(root)
  const add = (kind: 'H1' | 'P', content: string, x: number, y: number, style: TextStyle) =>
    root.add(doc.struct(kind, {}, () => write(doc, content, x, y, style)))
  let y = inner.y + drawingHeight + 34
  add('P', t('academy:certificate.certifies'), text.x, y, { family: sans, size: 12, colour: colours.quiet })
  y += 20
  const size = certificate.name.length > 32 ? 24 : 36
  const name = { family: serif, size, colour: colours.ink, width: text.width }
  add('H1', certificate.name, text.x, y, name)
  y += wrap(doc, certificate.name, name).length * lineHeight(name)
  const sentence = `${t('academy:pdf.finished', { course: certificate.title })}${data.achievement}`
  add('P', sentence, text.x, y, { family: serif, size: 16, colour: colours.ink, width: text.width })
  const signer = certificate.signedBy
  if (signer) {
    const signature = `${signer.name}\n${t('academy:certificate.signed')}`
    add('P', signature, text.x, foot.y, { family: sans, size: 11, colour: colours.ink })
  }
  add(
    'P',
    `${date(certificate.issuedAt)}\n${t('academy:pdf.number', { number: certificate.number })}`,
    signer ? foot.second : text.x,
    foot.y,
    {
      family: sans,
      size: 11,
      colour: colours.ink,
    },
  )
  add('P', t('academy:pdf.check', { address: data.url.replace(/^https?:\/\//, '') }), text.x, foot.y + 44, {
    family: sans,
    size: 7.5,
    colour: colours.quiet,
  })
  root.end()
  doc.end()
  await ended
  return Buffer.concat(chunks)
}

type TextStyle = { family: string[]; size: number; colour: string; width?: number }

/** Writes text line by line, each character in the first font of the family that has its glyph. */
function write(doc: PDFKit.PDFDocument, content: string, x: number, y: number, style: TextStyle): void {
  doc.fontSize(style.size).fillColor(style.colour)
  for (const [n, line] of wrap(doc, content, style).entries()) {
    let left = x
    for (const run of runsOf(doc, line, style.family)) {
      doc.font(run.font).text(run.text, left, y + n * lineHeight(style), { lineBreak: false })
      left += doc.widthOfString(run.text)
    }
  }
}

const lineHeight = (style: TextStyle) => style.size * 1.45

/** Splits text into lines that fit the width of its style. */
function wrap(doc: PDFKit.PDFDocument, content: string, style: TextStyle): string[] {
  doc.fontSize(style.size)
  const lines: string[] = []
  for (const paragraph of content.split('\n')) {
    let line = ''
    for (const word of paragraph.split(' ')) {
      const longer = line ? `${line} ${word}` : word
      if (line && style.width && widthOf(doc, longer, style.family) > style.width) {
        lines.push(line)
        line = word
      } else line = longer
    }
    lines.push(line)
  }
  return lines
}

function widthOf(doc: PDFKit.PDFDocument, line: string, family: string[]): number {
  return runsOf(doc, line, family).reduce((sum, run) => sum + doc.font(run.font).widthOfString(run.text), 0)
}

/** pdfkit's type definitions leave out the fontkit font that a document prints with. */
type DocumentWithFont = { _font: { font: { hasGlyphForCodePoint: (codePoint: number) => boolean } } }

/** Splits a line into runs of characters that one font of the family can print. */
function runsOf(doc: PDFKit.PDFDocument, line: string, family: string[]): { font: string; text: string }[] {
  const runs: { font: string; text: string }[] = []
  for (const character of line) {
    const has = (name: string) => {
      doc.font(name)
      const { font } = (doc as PDFKit.PDFDocument & DocumentWithFont)._font
      return font.hasGlyphForCodePoint(character.codePointAt(0)!)
    }
    const last = runs.at(-1)
    const font = last && has(last.font) ? last.font : (family.find(has) ?? family[0]!)
    if (last?.font === font) last.text += character
    else runs.push({ font, text: character })
  }
  return runs
}

/** Draws the course's cover (see web/charts/cover.ts) across the top, with every column blue. */
function drawColonnade(doc: PDFKit.PDFDocument, lessons: Column[]): void {
  const { x, y, width: w } = inner
  const h = drawingHeight
  const base = y + 0.7 * h
  const horizon = base - 0.055 * h
  const columns = columnsOf(lessons, w)
  const gap = columns[Math.floor(columns.length / 2)]
  const before = columns[Math.floor(columns.length / 2) - 1]
  const sun = gap && before ? x + (before.x + before.w + gap.x) / 2 : x + w * 0.75
  doc.save().rect(x, y, w, h).clip()
  doc.rect(x, y, w, h).fill(colours.air)
  doc.circle(sun, horizon - 0.15 * h, 0.125 * h).fill(colours.sun)
  doc.rect(x, horizon, w, y + h - horizon).fill(colours.floor)
  for (const column of columns) {
    const far = (edge: number) => sun + ((edge - sun) * (y + h - base + 0.5 * h)) / (0.5 * h)
    const [left, right] = [x + column.x, x + column.x + column.w]
    doc.polygon([left, base], [far(left), y + h], [far(right), y + h], [right, base]).fill(colours.shadow)
  }
  const top = y + 0.245 * h
  doc.rect(x, y + 0.17 * h, w, 0.054 * h).fill(colours.beam)
  doc.rect(x, y + 0.224 * h, w, 0.021 * h).fill(colours.shade)
  for (const column of columns) {
    const left = x + column.x
    const out = Math.min(7, 0.22 * column.w)
    const strip = column.w * 0.3
    doc.rect(left, top, column.w, base - top).fill(colours.blue)
    doc
      .rect(sun > left + column.w / 2 ? left : left + column.w - strip, top, strip, base - top)
      .fill(colours.deep)
    doc
      .rect(left - out, top, column.w + 2 * out, 4)
      .rect(left - out * 0.8, base - 3, column.w + 1.6 * out, 3)
      .fill(colours.blue)
  }
  doc.restore()
  doc
    .lineWidth(1)
    .moveTo(x, y + h)
    .lineTo(x + w, y + h)
    .stroke(colours.ink)
}

/** Draws the logo and the academy's name, to the right of the text. */
function drawLogo(doc: PDFKit.PDFDocument, name: string): void {
  const left = inner.x + inner.width - 32 - 108
  const top = inner.y + drawingHeight + 30
  const bar = (x: number, y: number, w: number, h: number) => doc.rect(left + x, top + y, w, h)
  bar(0, 0, 26, 4)
  for (const x of [2, 8, 20]) bar(x, 6, 4, 14)
  bar(0, 22, 26, 2).fill(colours.ink)
  bar(14, 6, 4, 14).fill(colours.blue)
  write(doc, name, left + 36, top - 3, { family: serif, size: 21, colour: colours.ink })
}

/** Draws the QR code of the certificate's page at the lower right. */
function drawQrCode(doc: PDFKit.PDFDocument, modules: { size: number; data: Uint8Array }): void {
  const side = 108
  const cell = side / modules.size
  const left = inner.x + inner.width - side - 32
  const top = inner.y + inner.height - side - 32
  modules.data.forEach((dark, n) => {
    if (dark)
      doc.rect(left + (n % modules.size) * cell, top + Math.floor(n / modules.size) * cell, cell, cell)
  })
  doc.fill(colours.ink)
}
