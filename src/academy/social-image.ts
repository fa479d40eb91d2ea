import type { Font } from 'fontkit'
import { columnShadesOf, shadesOf } from '../brand/colour'
import { assetBytes } from '../courses/asset'
import { boxAround } from '../courses/crop'
import type { Published } from '../courses/published'
import { cached } from '../platform/cached'
import { cover } from '../web/charts/cover'
import { coverImage } from '../web/course-cover'
import type { CourseLook } from '../web/course-palette'
import { directionOf } from '../web/i18n'
import { standardAccent } from '../web/shown-brand'
import { courseLanguage } from './course-language'
import { readFont } from './paper-fonts'
import { placedRuns, printableText, typesetter, type Block, type Style } from './pdf-text'

/** In pixels: what social networks ask for, and the part of it that is the course's cover. */
const size = { width: 1200, height: 630, cover: 560 }
const margin = 64
const textWidth = size.width - size.cover - 2 * margin
const colours = { paper: '#faf7f0', ink: '#1b1c24', quiet: '#4d4b4c' }

type SocialImage = {
  published: Published
  look: CourseLook
  /** Of the brand; null for the standard one. */
  accent: string | null
  academy: string
  /** How long the course is, in the language of the page. */
  facts: string
}

/** The picture of a live session: a leaf of the calendar takes the place of the cover. */
type SessionImage = Pick<SocialImage, 'accent' | 'academy' | 'facts'> & {
  title: string
  language: string
  leaf: { weekday: string; day: string; month: string }
}

/** Tells two images apart. */
export const socialImageKey = ({ published, look, ...rest }: SocialImage) =>
  JSON.stringify([String(published.revision), published.part, look.palette, look.isDrawn, rest])

/**
 * Returns the picture of a course for link previews on other sites (Open Graph), as a PNG: its title in the academy's
 * own fonts, which have every common script, and its cover. Drawn once per revision, texts and colours.
 */
export function socialImage(of: SocialImage): Promise<Buffer> {
  return drawn(of)
}

const drawn = cached(
  Infinity,
  (of: SocialImage) => {
    const { title, language } = of.published.content
    return draw({ ...of, title, language }, courseLanguage(of.published).dir === 'rtl', coverOf(of))
  },
  { max: 200, nameOf: socialImageKey },
)

export const sessionImageKey = (of: SessionImage) => JSON.stringify(of)

/** The same for a live session, with the day on which it begins. */
export function sessionImage(of: SessionImage): Promise<Buffer> {
  return drawnSession(of)
}

const drawnSession = cached(
  Infinity,
  (of: SessionImage) => draw(of, directionOf(of.language) === 'rtl', leafOf(of)),
  { max: 200, nameOf: sessionImageKey },
)

type Page = Pick<SessionImage, 'accent' | 'academy' | 'facts' | 'title' | 'language'>
type Side = (isRtl: boolean) => Promise<Buffer>

async function draw(page: Page, isRtl: boolean, side: Side): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  const [texts, picture] = await Promise.all([textSvg(page, isRtl), side(isRtl)])
  return sharp(Buffer.from(texts))
    .composite([{ input: picture, left: isRtl ? 0 : size.width - size.cover, top: 0 }])
    .png({ palette: true })
    .toBuffer()
}

/** The cover at the side: the picture that the author chose, around its focal point, or the colonnade. */
const coverOf =
  ({ published, look, accent }: SocialImage): Side =>
  async rtl => {
    const { default: sharp } = await import('sharp')
    const picture = coverImage(published, look)
    const bytes = picture && (await assetBytes(picture.hash))
    const image = sharp(bytes ?? Buffer.from(colonnadeOf(published, look, accent, rtl)))
    const { width, height, focus } = picture ?? {}
    if (focus && width && height) image.extract(boxAround({ width, height }, focus, size.cover / size.height))
    return image.resize(size.cover, size.height, { fit: 'cover' }).png().toBuffer()
  }

function colonnadeOf(
  { slug, content, lessons }: Published,
  { palette }: CourseLook,
  accent: string | null,
  rtl: boolean,
): string {
  return cover({
    id: slug,
    topic: content.topic,
    palette,
    lessons: lessons.map(({ minutes, preview }) => ({ minutes, blue: preview })),
    format: 'card',
    walkers: true,
    rtl,
    standalone: columnShadesOf(accent).light,
  })
}

async function measuringTypesetter() {
  const { default: PDFDocument } = await import('pdfkit')
  // Only measures: nothing is written to it.
  return typesetter(new PDFDocument({ autoFirstPage: false }))
}

/** A leaf of the calendar at the side: the day in large, between its weekday and its month. */
const leafOf =
  ({ accent, language, leaf }: SessionImage): Side =>
  async () => {
    const { default: sharp } = await import('sharp')
    const typeset = await measuringTypesetter()
    const { pencil } = shadesOf(accent ?? standardAccent).light
    const [left, top, width, height] = [130, 135, 300, 360]
    const line = async (
      text: string,
      family: 'sans' | 'serif',
      fontSize: number,
      y: number,
      colour: string,
    ) => {
      const style = { family, colour, sizes: [fontSize], height: fontSize * 2, direction: 'ltr' as const }
      const block = await typeset(await printableText(text, { family, language }), {
        width,
        language,
        ...style,
      })
      return paths(block, left + (width - block.lines[0]!.width) / 2, y)
    }
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" width="${size.cover}" height="${size.height}">` +
      `<rect width="${size.cover}" height="${size.height}" fill="${pencil}"/>` +
      `<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="14" fill="${colours.paper}"/>` +
      (await line(leaf.weekday, 'sans', 44, top + 28, colours.quiet)) +
      (await line(leaf.day, 'serif', 150, top + 82, colours.ink)) +
      (await line(leaf.month, 'sans', 44, top + 278, colours.quiet)) +
      '</svg>'
    return sharp(Buffer.from(svg)).png().toBuffer()
  }

/** The page without the cover: the academy's name above, the title in the middle, and the facts below. */
async function textSvg({ title, language, accent, academy, facts }: Page, isRtl: boolean): Promise<string> {
  const typeset = await measuringTypesetter()
  const pencil = shadesOf(accent ?? standardAccent).light.pencil
  const box = { width: textWidth, direction: isRtl ? 'rtl' : 'ltr', language } as const
  const set = async (
    text: string,
    style: Pick<Style, 'family' | 'colour' | 'sizes' | 'height'> & Partial<Style>,
  ) => typeset(await printableText(text, { family: style.family, language }), { ...box, ...style })
  // Of their own direction, at the side where the title begins.
  const small = { family: 'sans' as const, sizes: [28, 24, 20], height: 44, direction: 'auto' as const }
  const name = await set(academy, { ...small, colour: pencil })
  const titleBlock = await set(title, {
    family: 'serif',
    colour: colours.ink,
    sizes: [68, 60, 54, 48, 42, 37, 32, 28, 24],
    height: 350,
  })
  const foot = await set(facts, { ...small, colour: colours.quiet })
  const left = isRtl ? size.cover + margin : margin
  const { width, height } = size
  const startOf = (block: Block) => left + (isRtl ? textWidth - block.lines[0]!.width : 0)
  const edge = isRtl ? width - 12 : 0
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<rect width="${width}" height="${height}" fill="${colours.paper}"/>` +
    `<rect x="${edge}" width="12" height="${height}" fill="${pencil}"/>` +
    (await paths(name, startOf(name), margin - 8)) +
    (await paths(titleBlock, left, 140 + Math.max(0, (350 - titleBlock.height) / 2))) +
    (await paths(foot, startOf(foot), height - margin - foot.height + 8)) +
    '</svg>'
  )
}

const fontNamed = cached<string, Font>(
  Infinity,
  async path => (await import('fontkit')).create(await readFont(path)),
  { max: 12 },
)

/** Returns the glyphs of a text as SVG paths: a server needs no fonts of its own to draw them. */
async function paths(block: Block, x: number, y: number): Promise<string> {
  let svg = ''
  for (const { run, left, baseline } of placedRuns(block, x, y)) {
    const font = await fontNamed(run.font)
    const scale = block.size / font.unitsPerEm
    const { glyphs, positions } = font.layout(run.laidOut, { ...run.features })
    let at = left
    for (const [n, glyph] of glyphs.entries()) {
      const { xAdvance, xOffset, yOffset } = positions[n]!
      const shape = glyph.path.toSVG()
      const place = `translate(${at + xOffset * scale} ${baseline - yOffset * scale}) scale(${scale} ${-scale})`
      if (shape) svg += `<path transform="${place}" fill="${block.style.colour}" d="${shape}"/>`
      at += xAdvance * scale
    }
  }
  return svg
}
