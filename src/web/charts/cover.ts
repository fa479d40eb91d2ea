import type { ColumnShades } from '../../brand/colour'
import { memoized } from '../../platform/cached'
import { escapeText } from './svg'

/** One lesson: its column is as wide as the lesson is long, and blue when it is a free preview or completed. */
export type Column = { minutes: number; blue?: boolean }
export type Palette = 'sand' | 'sage' | 'sky' | 'rose'
type Format = 'list' | 'head' | 'home' | 'phone' | 'certificate' | 'poster' | 'card' | 'square'
type Cover = {
  id: string
  topic?: string
  lessons: Column[]
  format?: Format
  walkers?: boolean
  rtl?: boolean
  palette?: Palette
  /**
   * Text for screen readers. Without it, the picture is hidden from them, because the text next to it says the same.
   */
  label?: string
  /**
   * With its own size and colours, those of highlighted columns as given, for places without a stylesheet: the Open
   * Graph image and a video's poster.
   */
  standalone?: ColumnShades
  class?: string
}

type Frame = { w: number; h: number; base: number; feet: number; walker: number; aside: number }
type Box = { x: number; y: number; w: number; h: number }

const frames: Record<Format, Frame> = {
  list: { w: 640, h: 400, base: 0.66, feet: 0.07, walker: 1.15, aside: 0.28 },
  head: { w: 1184, h: 290, base: 0.7, feet: 0.07, walker: 1.15, aside: 0.28 },
  home: { w: 640, h: 560, base: 0.7, feet: 0.13, walker: 1.32, aside: 0.2 },
  phone: { w: 390, h: 234, base: 0.66, feet: 0.07, walker: 1.3, aside: 0.28 },
  certificate: { w: 720, h: 220, base: 0.7, feet: 0.07, walker: 1.15, aside: 0.28 },
  poster: { w: 1280, h: 720, base: 0.74, feet: 0.07, walker: 1.15, aside: 0.28 },
  card: { w: 560, h: 630, base: 0.74, feet: 0.12, walker: 1.15, aside: 0.14 },
  square: { w: 1400, h: 1400, base: 0.74, feet: 0.1, walker: 1.15, aside: 0.2 },
}

const palettes: Palette[] = ['sand', 'sky', 'sage', 'rose']
const maxColumns = 20

const paletteColours: Record<Palette, Record<string, string>> = {
  sand: { floor: '#e4d3ae', shadow: '#cfb88a', column: '#fffdf7', shade: '#dfcea7' },
  sage: { floor: '#cad9c2', shadow: '#a9bf9f', column: '#fdfefa', shade: '#bed0b5' },
  sky: { floor: '#cbd6ee', shadow: '#a9b8de', column: '#fdfdff', shade: '#bdc9e8' },
  rose: { floor: '#eacec4', shadow: '#d3aa9c', column: '#fffbf9', shade: '#e0bfb3' },
}
const sharedColours: Record<string, string> = {
  air: '#dfe6f6',
  sun: '#ffd34d',
  figure: '#1b1c24',
}

/**
 * The cover of a course: a row of columns with a low sun behind them. The format 'head' returns two drawings, one for
 * wide screens and one for phones, so that no column is cut off. Results are cached, since lists show the same covers
 * over and over.
 */
export const cover: (of: Cover) => string = memoized(drawFormats, { max: 500, nameOf: JSON.stringify })

function drawFormats(of: Cover): string {
  if (of.format === 'head' && !of.standalone) {
    return draw({ ...of, class: 'chart-wide' }, 'head') + draw({ ...of, class: 'chart-narrow' }, 'phone')
  }
  return draw(of, of.format ?? 'list')
}

/**
 * Returns a palette for each cover of a grid: that of its topic, or the next one where the neighbour to the left or
 * above has the same.
 * @param across the number of covers in a row
 */
export function palettesOf(topics: string[], across = 3): Palette[] {
  const chosen: Palette[] = []
  topics.forEach((topic, n) => {
    const first = palettes.indexOf(paletteOf(topic))
    const taken = [n % across ? chosen[n - 1] : undefined, chosen[n - across]]
    const inOrder = palettes.map((_, n) => palettes[(first + n) % palettes.length]!)
    chosen.push(inOrder.find(palette => !taken.includes(palette))!)
  })
  return chosen
}

/** A topic keeps its palette, whatever other topics there are and in which order. */
function paletteOf(topic: string): Palette {
  return palettes[Math.floor(fraction(topic) * palettes.length)]!
}

/** The columns of a drawing of width `w`, from left to right: x and width of each shaft, in pixels. */
export function columnsOf(lessons: Column[], w: number): { x: number; w: number; blue: boolean }[] {
  const columns = merged(lessons.length ? lessons : [1, 2, 1.5, 1].map(minutes => ({ minutes })))
  const minutes = columns.reduce((sum, one) => sum + Math.max(one.minutes, 1), 0)
  const widths = columns.map(one =>
    Math.round(Math.min(0.14 * w, (0.45 * w * Math.max(one.minutes, 1)) / minutes)),
  )
  const gap = (w - widths.reduce((sum, one) => sum + one, 0)) / columns.length
  let x = gap / 2
  return columns.map((one, n) => {
    const column = { x: Math.round(x), w: widths[n]!, blue: !!one.blue }
    x += widths[n]! + gap
    return column
  })
}

function draw(of: Cover, format: Format): string {
  const frame = frames[format]
  const { w, h } = frame
  const base = Math.round(frame.base * h)
  const horizon = Math.round(base - 0.055 * h)
  const columns = columnsOf(of.lessons, w)
  const sun = sunAt(columns, w, fraction(of.id))
  const away = { x: sun, y: base - 0.5 * h }

  const beam = { x: 0, y: Math.round(0.17 * h), w, h: Math.round(0.075 * h) }
  const beamShade = Math.round(beam.h * 0.28)
  const capital = Math.max(Math.round(0.022 * h), 3)
  const foot = Math.max(Math.round(0.8 * capital), 2)
  const top = beam.y + beam.h
  const step = Math.max(Math.round(0.011 * h), 2)

  const white: Box[] = [{ ...beam, h: beam.h - beamShade }]
  const shade: Box[] = [
    { x: 0, y: top - beamShade, w, h: beamShade },
    { x: 0, y: base, w, h: step },
  ]
  const open: Box[] = []
  const openShade: Box[] = []
  const shadows: [number, number, number][] = []
  for (const column of columns) {
    const out = Math.max(Math.round(Math.min(7, 0.22 * column.w)), 1)
    const outFoot = Math.max(Math.round(out * 0.8), 1)
    const strip = Math.round(column.w * 0.3)
    const sunIsRight = sun > column.x + column.w / 2
    ;(column.blue ? open : white).push(
      { x: column.x - out, y: top, w: column.w + 2 * out, h: capital },
      { x: column.x, y: top + capital, w: column.w, h: base - top - capital - foot },
      { x: column.x - outFoot, y: base - foot, w: column.w + 2 * outFoot, h: foot },
    )
    ;(column.blue ? openShade : shade).push({
      x: sunIsRight ? column.x : column.x + column.w - strip,
      y: top + capital,
      w: strip,
      h: base - top - capital - foot,
    })
    shadows.push([column.x, column.x + column.w, base + step])
  }

  let figures = ''
  if (of.walkers) {
    const size = (h / 400) * frame.walker
    const feet = Math.round(base + frame.feet * h)
    const aside = sun + frame.aside * h
    const first = aside + 40 * size > w ? sun - (frame.aside + 0.1) * h : aside
    for (const [at, scale] of [
      [first, size],
      [first + 28 * size, 0.94 * size],
    ] as const) {
      figures += walker(of.rtl ? w - at : at, feet, scale)
      shadows.push([at - 6 * scale, at + 6 * scale, feet])
    }
  }

  const flip = (x: number) => (of.rtl ? w - x : x)
  const boxes = (list: Box[]) =>
    list.map(one => `M${of.rtl ? w - one.x - one.w : one.x} ${one.y}h${one.w}v${one.h}h-${one.w}z`).join('')
  const cast = shadows.map(([left, right, y]) => {
    const far = (x: number) => Math.round(away.x + ((x - away.x) * (h - away.y)) / (y - away.y))
    const [nearLeft, nearRight] = [flip(Math.round(left)), flip(Math.round(right))]
    return `M${nearLeft} ${y}L${flip(far(left))} ${h}H${flip(far(right))}L${nearRight} ${y}z`
  })

  const palette = of.palette ?? paletteOf(of.topic ?? of.id)
  const colours: Record<string, string> = {
    ...paletteColours[palette],
    ...sharedColours,
    ...(of.standalone && { open: of.standalone.open, 'open-shade': of.standalone.openShade }),
  }
  const ink = (name: string) => (of.standalone ? `fill="${colours[name]}"` : `class="c-${name}"`)
  const path = (name: string, d: string) => (d ? `<path ${ink(name)} d="${d}"/>` : '')
  const radius = Math.round(0.125 * h)
  const about = of.label ? `role="img" aria-label="${escapeText(of.label)}"` : 'aria-hidden="true"'
  const names = ['cover', `cover-${palette}`, ...(of.class ? [of.class] : [])].join(' ')
  const outside = of.standalone
    ? `xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}"`
    : `class="${names}" preserveAspectRatio="xMidYMid slice" ${about}`
  return (
    `<svg ${outside} viewBox="0 0 ${w} ${h}">` +
    path('air', `M0 0h${w}v${h}h-${w}z`) +
    `<circle ${ink('sun')} cx="${flip(sun)}" cy="${Math.round(horizon - 0.15 * h)}" r="${radius}"/>` +
    path('floor', `M0 ${horizon}h${w}v${h - horizon}h-${w}z`) +
    path('shadow', cast.join('')) +
    path('column', boxes(white)) +
    path('shade', boxes(shade)) +
    path('open', boxes(open)) +
    path('open-shade', boxes(openShade)) +
    path('figure', figures) +
    '</svg>'
  )
}

/**
 * The x position of the sun: the gap between two columns that is nearest to the fraction derived from the course's id.
 */
function sunAt(columns: { x: number; w: number }[], w: number, at: number): number {
  const gaps = columns.slice(1).map((column, n) => Math.round((columns[n]!.x + columns[n]!.w + column.x) / 2))
  const wanted = (0.15 + 0.7 * at) * w
  return gaps.reduce(
    (best, gap) => (Math.abs(gap - wanted) < Math.abs(best - wanted) ? gap : best),
    gaps[0] ?? Math.round(w * 0.75),
  )
}

function walker(x: number, feet: number, size: number): string {
  const at = (dx: number, dy: number) => `${round(x + dx * size)} ${round(feet + dy * size)}`
  const r = round(6.2 * size)
  return (
    `M${at(-6.2, -43.8)}a${r} ${r} 0 1 1 ${round(12.4 * size)} 0a${r} ${r} 0 1 1 ${round(-12.4 * size)} 0z` +
    `M${at(-8, 0)}L${at(-6, -28)}Q${at(-5.5, -36)} ${at(0, -36)}T${at(6, -28)}L${at(8, 0)}z`
  )
}

/** When there are more lessons than columns that fit, neighbours share one, which is blue when all of them are. */
function merged(lessons: Column[]): Column[] {
  if (lessons.length <= maxColumns) return lessons
  const each = Math.ceil(lessons.length / maxColumns)
  return Array.from({ length: Math.ceil(lessons.length / each) }, (_, n) => {
    const run = lessons.slice(n * each, (n + 1) * each)
    return { minutes: run.reduce((sum, one) => sum + one.minutes, 0), blue: run.every(one => one.blue) }
  })
}

/** A number from 0 to 1 that is always the same for the same text: FNV-1a, then mixed. */
function fraction(text: string): number {
  let hash = 0x811c9dc5
  for (let n = 0; n < text.length; n++) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
