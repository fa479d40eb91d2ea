import { join } from 'node:path'
import type { Certificate } from '../learning/certificate'
import type { Translate } from '../web/i18n'
import { columnsOf, type Column } from '../web/charts/cover'

export type Paper = {
  certificate: Certificate
  t: Translate
  date: (day: Date) => string
  /** What was done, behind the course's title. */
  said: string
  columns: { lessons: Column[] }
  /** Where anybody can check it. */
  address: string
  language: string
}

/** A4 across, in points. */
const page = { width: 841.89, height: 595.28, margin: 28 }
const inner = { x: page.margin + 8, y: page.margin + 8, width: page.width - 72, height: page.height - 72 }
const picture = 190
const text = { x: inner.x + 40, width: inner.width - 220 }
/** Where the names and the day stand, and where each of the two begins. */
const foot = { y: inner.y + inner.height - 66, width: 200, second: text.x + 230 }
const ink = {
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
/** WOFF and not WOFF2: composed letters (é) of a WOFF2 break when pdfkit takes them out of their font. Letters of a name may be in any of these; the first that has one prints it. */
const serif = ['latin', 'latin-ext', 'greek', 'cyrillic'].map(part => `brygada-1918-${part}-500-normal`)
const sans = ['latin', 'latin-ext'].map(part => `hanken-grotesk-${part}-400-normal`)

/** The certificate as a tagged PDF: the text is read aloud in order, the drawing is decoration. */
export async function certificatePdf(paper: Paper): Promise<Buffer> {
  const { certificate, t, date } = paper
  // Read when the first certificate is printed: the start does not wait for them.
  const [{ default: PDFDocument }, { default: QRCode }] = await Promise.all([
    import('pdfkit'),
    import('qrcode'),
  ])
  const doc = new PDFDocument({
    size: 'A4',
    layout: 'landscape',
    margin: 0,
    tagged: true,
    lang: paper.language,
    displayTitle: true,
    pdfVersion: '1.7',
    info: {
      Title: t('academy:certificate.title', { name: certificate.name, course: certificate.title }),
      Author: 'Lyceum',
      CreationDate: certificate.issuedAt,
    },
  })
  const parts: Buffer[] = []
  doc.on('data', (part: Buffer) => parts.push(part))
  const ended = new Promise<void>((resolve, reject) => doc.on('end', resolve).on('error', reject))
  for (const name of [...serif, ...sans]) doc.registerFont(name, join(fonts, `${name}.woff`))
  const code = QRCode.create(paper.address, { errorCorrectionLevel: 'M' })

  const artifact = (draw: () => void) => {
    doc.markContent('Artifact', { type: 'Layout' })
    draw()
    doc.endMarkedContent()
  }
  artifact(() => {
    doc.rect(0, 0, page.width, page.height).fill('#fffefb')
    drawColonnade(doc, paper.columns.lessons)
    drawCode(doc, code.modules)
    drawMark(doc)
    for (const x of certificate.signedBy ? [text.x, foot.second] : [text.x]) {
      doc
        .lineWidth(0.75)
        .moveTo(x, foot.y - 8)
        .lineTo(x + foot.width, foot.y - 8)
        .stroke(ink.edge)
    }
    doc.lineWidth(1).rect(inner.x, inner.y, inner.width, inner.height).stroke(ink.ink)
  })
  const root = doc.struct('Document')
  doc.addStructure(root)
  const say = (kind: 'H1' | 'P', words: string, x: number, y: number, look: Look) =>
    root.add(doc.struct(kind, {}, () => write(doc, words, x, y, look)))
  let y = inner.y + picture + 34
  say('P', t('academy:certificate.certifies'), text.x, y, { family: sans, size: 12, colour: ink.quiet })
  y += 20
  const size = certificate.name.length > 32 ? 24 : 36
  const name = { family: serif, size, colour: ink.ink, width: text.width }
  say('H1', certificate.name, text.x, y, name)
  y += wrap(doc, certificate.name, name).length * heightOf(name)
  const sentence = `${t('academy:pdf.finished', { course: certificate.title })}${paper.said}`
  say('P', sentence, text.x, y, { family: serif, size: 16, colour: ink.ink, width: text.width })
  const signer = certificate.signedBy
  if (signer) {
    const signature = `${signer.name}\n${t('academy:certificate.signed')}`
    say('P', signature, text.x, foot.y, { family: sans, size: 11, colour: ink.ink })
  }
  say(
    'P',
    `${date(certificate.issuedAt)}\n${t('academy:pdf.number', { number: certificate.number })}`,
    signer ? foot.second : text.x,
    foot.y,
    {
      family: sans,
      size: 11,
      colour: ink.ink,
    },
  )
  say(
    'P',
    t('academy:pdf.check', { address: paper.address.replace(/^https?:\/\//, '') }),
    text.x,
    foot.y + 44,
    {
      family: sans,
      size: 7.5,
      colour: ink.quiet,
    },
  )
  root.end()
  doc.end()
  await ended
  return Buffer.concat(parts)
}

type Look = { family: string[]; size: number; colour: string; width?: number }

/** Writes words line by line, each letter in the first font of the family that has it. */
function write(doc: PDFKit.PDFDocument, words: string, x: number, y: number, look: Look): void {
  doc.fontSize(look.size).fillColor(look.colour)
  for (const [n, line] of wrap(doc, words, look).entries()) {
    let at = x
    for (const run of runs(doc, line, look.family)) {
      doc.font(run.font).text(run.text, at, y + n * heightOf(look), { lineBreak: false })
      at += doc.widthOfString(run.text)
    }
  }
}

const heightOf = (look: Look) => look.size * 1.45

function wrap(doc: PDFKit.PDFDocument, words: string, look: Look): string[] {
  doc.fontSize(look.size)
  const lines: string[] = []
  for (const paragraph of words.split('\n')) {
    let line = ''
    for (const word of paragraph.split(' ')) {
      const longer = line ? `${line} ${word}` : word
      if (line && look.width && widthOf(doc, longer, look.family) > look.width) {
        lines.push(line)
        line = word
      } else line = longer
    }
    lines.push(line)
  }
  return lines
}

function widthOf(doc: PDFKit.PDFDocument, line: string, family: string[]): number {
  return runs(doc, line, family).reduce((sum, run) => sum + doc.font(run.font).widthOfString(run.text), 0)
}

type Fontkit = { hasGlyphForCodePoint: (point: number) => boolean }

function runs(doc: PDFKit.PDFDocument, line: string, family: string[]): { font: string; text: string }[] {
  const found: { font: string; text: string }[] = []
  for (const letter of line) {
    const has = (name: string) => {
      doc.font(name)
      return (doc as unknown as { _font: { font: Fontkit } })._font.font.hasGlyphForCodePoint(
        letter.codePointAt(0)!,
      )
    }
    const last = found.at(-1)
    const font = last && has(last.font) ? last.font : (family.find(has) ?? family[0]!)
    if (last?.font === font) last.text += letter
    else found.push({ font, text: letter })
  }
  return found
}

/** The colonnade of look.md, section 5, at the head of the paper: every column blue. */
function drawColonnade(doc: PDFKit.PDFDocument, lessons: Column[]): void {
  const { x, y, width: w } = inner
  const h = picture
  const base = y + 0.7 * h
  const horizon = base - 0.055 * h
  const columns = columnsOf(lessons, w)
  const gap = columns[Math.floor(columns.length / 2)]
  const before = columns[Math.floor(columns.length / 2) - 1]
  const sun = gap && before ? x + (before.x + before.w + gap.x) / 2 : x + w * 0.75
  doc.save().rect(x, y, w, h).clip()
  doc.rect(x, y, w, h).fill(ink.air)
  doc.circle(sun, horizon - 0.15 * h, 0.125 * h).fill(ink.sun)
  doc.rect(x, horizon, w, y + h - horizon).fill(ink.floor)
  for (const column of columns) {
    const far = (edge: number) => sun + ((edge - sun) * (y + h - base + 0.5 * h)) / (0.5 * h)
    const [left, right] = [x + column.x, x + column.x + column.w]
    doc.polygon([left, base], [far(left), y + h], [far(right), y + h], [right, base]).fill(ink.shadow)
  }
  const top = y + 0.245 * h
  doc.rect(x, y + 0.17 * h, w, 0.054 * h).fill(ink.beam)
  doc.rect(x, y + 0.224 * h, w, 0.021 * h).fill(ink.shade)
  for (const column of columns) {
    const left = x + column.x
    const out = Math.min(7, 0.22 * column.w)
    const strip = column.w * 0.3
    doc.rect(left, top, column.w, base - top).fill(ink.blue)
    doc
      .rect(sun > left + column.w / 2 ? left : left + column.w - strip, top, strip, base - top)
      .fill(ink.deep)
    doc
      .rect(left - out, top, column.w + 2 * out, 4)
      .rect(left - out * 0.8, base - 3, column.w + 1.6 * out, 3)
      .fill(ink.blue)
  }
  doc.restore()
  doc
    .lineWidth(1)
    .moveTo(x, y + h)
    .lineTo(x + w, y + h)
    .stroke(ink.ink)
}

/** The mark with the name beside it, at the upper right of the text. */
function drawMark(doc: PDFKit.PDFDocument): void {
  const left = inner.x + inner.width - 32 - 108
  const top = inner.y + picture + 30
  const bar = (x: number, y: number, w: number, h: number) => doc.rect(left + x, top + y, w, h)
  bar(0, 0, 26, 4)
  for (const x of [2, 8, 20]) bar(x, 6, 4, 14)
  bar(0, 22, 26, 2).fill(ink.ink)
  bar(14, 6, 4, 14).fill(ink.blue)
  write(doc, 'Lyceum', left + 36, top - 3, { family: serif, size: 21, colour: ink.ink })
}

/** The QR code that leads to the check page, at the lower right. */
function drawCode(doc: PDFKit.PDFDocument, modules: { size: number; data: Uint8Array }): void {
  const side = 108
  const one = side / modules.size
  const left = inner.x + inner.width - side - 32
  const top = inner.y + inner.height - side - 32
  modules.data.forEach((dark, n) => {
    if (dark) doc.rect(left + (n % modules.size) * one, top + Math.floor(n / modules.size) * one, one, one)
  })
  doc.fill(ink.ink)
}
