/** Colours of Tarnwell's panel and app, and of the drawings in its courses. */
export const colour = {
  ink: '#1B1C24',
  ink2: '#4D4B4C',
  grey: '#69655F',
  paper: '#FAF7F0',
  sheet: '#FFFEFB',
  line: '#DFD8CA',
  edge: '#857D6E',
  brand: '#00596B',
  brandDeep: '#003E4C',
  brandLight: '#7FD3E3',
  brandWash: '#DCEBEC',
  marker: '#FFE27A',
  pine: '#1A6A48',
  pineWash: '#E0EFE4',
  brick: '#AE2A1C',
  brickWash: '#FBE6E0',
  ochre: '#80540A',
  ochreWash: '#FAEBCB',
  /** The screen of the panel. */
  night: '#0B1E24',
  nightHead: '#07171C',
  nightCard: '#14323A',
  nightLine: '#2A4A53',
  nightText: '#E6F1F2',
  nightDim: '#93ADB3',
  water: '#2A8093',
  trend: '#8CE0F0',
  amber: '#FFC04D',
  coral: '#FF8F7A',
} as const

const escaped = (words: string) =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

type TextStyle = {
  size?: number
  fill?: string
  weight?: number
  anchor?: 'start' | 'middle' | 'end'
  serif?: boolean
  opacity?: number
}

/** Returns a line of text whose baseline starts, centres or ends at a point. */
export function text(x: number, y: number, words: string, style: TextStyle = {}): string {
  const { size = 14, fill = colour.ink, weight = 400, anchor = 'start', serif = false, opacity = 1 } = style
  const family = serif ? 'Brygada, serif' : 'Hanken, sans-serif'
  return `<text x="${round(x)}" y="${round(y)}" font-family="${family}" font-size="${size}" font-weight="${weight}"
    fill="${fill}" text-anchor="${anchor}" opacity="${opacity}">${escaped(words)}</text>`
}

type BoxStyle = {
  fill?: string
  stroke?: string
  width?: number
  radius?: number
  dash?: string
  opacity?: number
}

export function box(x: number, y: number, w: number, h: number, style: BoxStyle = {}): string {
  const { fill = 'none', stroke = 'none', width = 1, radius = 0, dash = 'none', opacity = 1 } = style
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" rx="${radius}" fill="${fill}"
    stroke="${stroke}" stroke-width="${width}" stroke-dasharray="${dash}" opacity="${opacity}"/>`
}

export function circle(x: number, y: number, r: number, style: Omit<BoxStyle, 'radius'> = {}): string {
  const { fill = 'none', stroke = 'none', width = 1, dash = 'none', opacity = 1 } = style
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${round(r)}" fill="${fill}" stroke="${stroke}"
    stroke-width="${width}" stroke-dasharray="${dash}" opacity="${opacity}"/>`
}

/** Returns a stroked path, or a filled one. `d` is the path's data. */
export function path(d: string, style: BoxStyle & { cap?: 'round' | 'butt' } = {}): string {
  const { fill = 'none', stroke = 'none', width = 1, dash = 'none', opacity = 1, cap = 'round' } = style
  return `<path d="${d}" fill="${fill}" stroke="${stroke}" stroke-width="${width}" stroke-dasharray="${dash}"
    stroke-linecap="${cap}" stroke-linejoin="round" opacity="${opacity}"/>`
}

export type Point = readonly [x: number, y: number]

/** Returns the data of a path through points. */
export const through = (points: readonly Point[]) =>
  points.map(([x, y], n) => `${n ? 'L' : 'M'}${round(x)} ${round(y)}`).join('')

export function segment(from: Point, to: Point, stroke: string, width = 1, dash = 'none'): string {
  return path(through([from, to]), { stroke, width, dash, cap: 'butt' })
}

/** Returns a line with an arrowhead at its end. */
export function arrow(from: Point, to: Point, stroke: string, width = 2): string {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0])
  const head = [-1, 1].map(
    side => [to[0] - 11 * Math.cos(angle + side * 0.45), to[1] - 11 * Math.sin(angle + side * 0.45)] as const,
  )
  return path(through([from, to]) + through([head[0]!, to, head[1]!]), { stroke, width })
}

/** Returns drawings moved to a point, and scaled. */
export function at(x: number, y: number, content: string, scale = 1): string {
  return `<g transform="translate(${round(x)} ${round(y)}) scale(${scale})">${content}</g>`
}

export const faded = (opacity: number, content: string) => `<g opacity="${round(opacity)}">${content}</g>`

/** Returns a tick in a filled circle. */
export function checkMark(x: number, y: number, fill: string, mark: string): string {
  const points: Point[] = [
    [x - 3.4, y + 0.2],
    [x - 0.8, y + 2.8],
    [x + 3.8, y - 2.6],
  ]
  return circle(x, y, 8, { fill }) + path(through(points), { stroke: mark, width: 1.8 })
}

/** Returns a whole drawing. */
export function drawing(width: number, height: number, background: string, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
    ${box(0, 0, width, height, { fill: background })}${content}</svg>`
}

export function round(value: number): number {
  return Math.round(value * 100) / 100
}
