import { didOf, type Certificate } from '../learning/certificate'
import type { ColumnShades } from '../brand/colour'
import type { Translate } from '../web/i18n'
import { columnsOf, type Column } from '../web/charts/cover'
import { drawText, printableText, typesetter, type Part } from './pdf-text'

type CertificateData = {
  certificate: Certificate
  t: Translate
  date: (day: Date) => string
  /** What the learner did, printed after the course's title. */
  achievement: string
  /** One column of the drawing per lesson. */
  columns: Column[]
  /** Of the course; null for one that is gone. */
  version: number | null
  /** The name of the academy that issued it. */
  academy: string
  /** The colours of the columns. */
  shades: ColumnShades
  /** The logo as a PNG, in place of the mark and the name; null without one. */
  logo: Buffer | null
  /** The page where anyone can verify the certificate. */
  url: string
  language: string
  direction: 'ltr' | 'rtl'
  /** The language of the title and the signer's name, in BCP 47. */
  courseLanguage: string
}

/** A4 landscape, in points (1/72 inch). */
const page = { width: 841.89, height: 595.28, margin: 28 }
const inner = { x: page.margin + 8, y: page.margin + 8, width: page.width - 72, height: page.height - 72 }
const drawingHeight = 190
const text = { x: inner.x + 40, width: inner.width - 220 }
/** The signature and the date at the foot of the page; `second` is the left edge of the date next to a signature. */
const foot = { y: inner.y + inner.height - 66, width: 200, height: 40, second: text.x + 230 }
/** The logo, to the right of the text, and the box of the academy's name beside it. */
const logo = { x: inner.x + inner.width - 140, y: inner.y + drawingHeight + 30, width: 96, height: 64 }
const colours = {
  ink: '#1b1c24',
  quiet: '#4d4b4c',
  edge: '#857d6e',
  air: '#dfe6f6',
  sun: '#ffd34d',
  floor: '#cbd6ee',
  shadow: '#a9b8de',
  beam: '#fdfdff',
  shade: '#bdc9e8',
}

/** The sizes that a text is tried in, in points. */
const sizes = {
  name: [36, 32, 29, 26, 24, 22, 20, 18, 16, 14, 12, 10],
  sentence: [16, 15, 14, 13, 12, 11, 10, 9],
  foot: [11, 10, 9, 8, 7],
  academy: [21, 18, 16, 14, 12, 10, 9],
}
/** The height that a name has at most, in points: one line of the largest size, or two or more of smaller ones. */
const nameHeight = 76

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
      Author: data.academy,
      CreationDate: certificate.issuedAt,
    },
  })
  const chunks: Buffer[] = []
  doc.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve, reject) => doc.on('end', resolve).on('error', reject))
  const code = QRCode.create(data.url, { errorCorrectionLevel: 'M' })

  const typeset = typesetter(doc)
  const { language, direction } = data
  const box = { language, direction, width: text.width }
  const quiet = { ...box, family: 'sans', colour: colours.quiet } as const
  const print = { ...box, family: 'serif', colour: colours.ink } as const
  const small = { ...box, family: 'sans', colour: colours.ink, sizes: sizes.foot } as const
  const footBox = { ...small, width: foot.width, height: foot.height }
  const certifies = await typeset(t('academy:certificate.certifies'), { ...quiet, sizes: [12] })
  const name = await typeset(await namePrinted(data), {
    ...print,
    direction: 'auto',
    language: data.courseLanguage,
    sizes: sizes.name,
    height: nameHeight,
    isBalanced: true,
  })
  const top = { certifies: inner.y + drawingHeight + 34, name: inner.y + drawingHeight + 57 }
  const sentenceTop = top.name + name.height + 0.3 * (sizes.name[0]! - name.size)
  const sentence = await typeset(await sentenceParts(data), {
    ...print,
    sizes: sizes.sentence,
    height: foot.y - 20 - sentenceTop,
  })
  const { issuedAt, reissuedAt, number, signedBy: signer } = certificate
  const facts = await typeset(
    [
      date(issuedAt),
      ...(reissuedAt ? [t('academy:certificate.reissuedOn', { day: date(reissuedAt) })] : []),
      [
        t('academy:pdf.number', { number }),
        ...(data.version ? [t('academy:certificate.version', { number: data.version })] : []),
      ].join(' · '),
    ].join('\n'),
    footBox,
  )
  const signature =
    signer &&
    (await typeset(
      [
        { text: await printableText(signer.name, small), language: data.courseLanguage },
        `\n${t('academy:certificate.signed', { academy: data.academy })}`,
      ],
      // No larger than the facts beside it.
      { ...footBox, sizes: sizes.foot.filter(size => size <= facts.size) },
    ))
  const check = await typeset(t('academy:pdf.check', { address: data.url.replace(/^https?:\/\//, '') }), {
    ...quiet,
    sizes: [7.5, 7, 6],
    height: 12,
  })
  const academy = await typeset(await printableText(data.academy, print), {
    ...print,
    direction: 'auto',
    width: logo.width,
    height: logo.height,
    sizes: sizes.academy,
  })

  const artifact = (draw: () => void) => {
    doc.markContent('Artifact', { type: 'Layout' })
    draw()
    doc.endMarkedContent()
  }
  artifact(() => {
    doc.rect(0, 0, page.width, page.height).fill('#fffefb')
    drawColonnade(doc, data.columns, data.shades)
    drawQrCode(doc, code.modules)
    if (!data.logo) drawMark(doc, data.shades)
    for (const x of signature ? [text.x, foot.second] : [text.x]) {
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
  root.add(
    data.logo
      ? drawFigure(doc, data.logo, data.academy)
      : drawText(doc, 'P', academy, logo.x + 36, logo.y - 3),
  )
  root.add(drawText(doc, 'P', certifies, text.x, top.certifies))
  root.add(drawText(doc, 'H1', name, text.x, top.name))
  root.add(drawText(doc, 'P', sentence, text.x, sentenceTop))
  if (signature) root.add(drawText(doc, 'P', signature, text.x, foot.y))
  root.add(drawText(doc, 'P', facts, signature ? foot.second : text.x, foot.y))
  root.add(drawText(doc, 'P', check, text.x, foot.y + 44))
  root.end()
  doc.end()
  await ended
  return Buffer.concat(chunks)
}

/** The name as the fonts can print it. One of emoji alone is on the certificate's page only, and the PDF says so. */
async function namePrinted({ certificate, courseLanguage, t }: CertificateData): Promise<string> {
  const name = await printableText(certificate.name, { family: 'serif', language: courseLanguage })
  return name || t('academy:pdf.unprintableName')
}

/** The sentence, with the course's title marked as text in the course's language. */
async function sentenceParts({
  certificate,
  courseLanguage,
  t,
  achievement,
}: CertificateData): Promise<Part[]> {
  const title = await printableText(certificate.title, { family: 'serif', language: courseLanguage })
  const [before = '', after = ''] = t(`academy:pdf.did.${didOf(certificate)}`, { title: '\n' }).split('\n')
  return [before, { text: title || certificate.slug, language: courseLanguage }, `${after}${achievement}`]
}

/** Draws the course's cover (see web/charts/cover.ts) across the top, with every column blue. */
function drawColonnade(doc: PDFKit.PDFDocument, lessons: Column[], shades: ColumnShades): void {
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
    doc.rect(left, top, column.w, base - top).fill(shades.open)
    doc
      .rect(sun > left + column.w / 2 ? left : left + column.w - strip, top, strip, base - top)
      .fill(shades.openShade)
    doc
      .rect(left - out, top, column.w + 2 * out, 4)
      .rect(left - out * 0.8, base - 3, column.w + 1.6 * out, 3)
      .fill(shades.open)
  }
  doc.restore()
  doc
    .lineWidth(1)
    .moveTo(x, y + h)
    .lineTo(x + w, y + h)
    .stroke(colours.ink)
}

/** Draws the mark of an academy without a logo, to the right of the text. */
function drawMark(doc: PDFKit.PDFDocument, shades: ColumnShades): void {
  const bar = (x: number, y: number, w: number, h: number) => doc.rect(logo.x + x, logo.y + y, w, h)
  bar(0, 0, 26, 4)
  for (const x of [2, 8, 20]) bar(x, 6, 4, 14)
  bar(0, 22, 26, 2).fill(colours.ink)
  bar(14, 6, 4, 14).fill(shades.open)
}

/** Draws the logo where the mark and the name would be, as a figure that a screen reader reads as the name. */
function drawFigure(doc: PDFKit.PDFDocument, image: Buffer, alt: string) {
  return doc.struct('Figure', { alt }, () => {
    doc.image(image, logo.x, logo.y - 3, { fit: [logo.width + 36, logo.height] })
  })
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
