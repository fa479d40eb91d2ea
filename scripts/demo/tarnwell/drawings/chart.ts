import { box, colour, drawing, path, segment, text, through, type Point } from './svg'

/** Drawings of lessons are 600 units wide, so that their words stay readable on a phone. */
const lessonWidth = 600

/** Returns a drawing of a lesson on a sheet of paper. */
export function sheet(height: number, content: string[]): string {
  const border = box(0.75, 0.75, lessonWidth - 1.5, height - 1.5, {
    stroke: colour.line,
    width: 1.5,
    radius: 4,
  })
  return drawing(lessonWidth, height, colour.sheet, content.join('') + border)
}

/** A chart with a linear scale: `x` and `y` map values to units of the drawing. */
export type Chart = { x: (value: number) => number; y: (value: number) => number; axes: string }

type ChartOptions = {
  left: number
  top: number
  width: number
  height: number
  xMax: number
  yMax: number
  xTicks: number[]
  yTicks: number[]
  xLabel: string
  yLabel: string
}

export function chart(options: ChartOptions): Chart {
  const { left, top, width, height, xMax, yMax, xTicks, yTicks, xLabel, yLabel } = options
  const x = (value: number) => left + (width * value) / xMax
  const y = (value: number) => top + height - (height * value) / yMax
  const small = { size: 14, fill: colour.grey }
  const axes = [
    ...yTicks.map(value => segment([left, y(value)], [left + width, y(value)], '#EAE4D7', 1)),
    ...yTicks.map(value => text(left - 8, y(value) + 5, String(value), { ...small, anchor: 'end' })),
    ...xTicks.map(value => text(x(value), top + height + 21, String(value), { ...small, anchor: 'middle' })),
    segment([left, top - 6], [left, top + height], colour.edge, 1.6),
    segment([left, top + height], [left + width + 6, top + height], colour.edge, 1.6),
    text(left, top - 16, yLabel, { size: 14.5, fill: colour.ink2 }),
    text(left + width, top + height + 42, xLabel, { size: 14.5, fill: colour.ink2, anchor: 'end' }),
  ].join('')
  return { x, y, axes }
}

/** Returns the curve of a function between two values, where it is at least `floor`. */
export function curve(
  { x, y }: Chart,
  f: (value: number) => number,
  [from, to]: Point,
  stroke: string,
  { width = 3.5, dash = 'none', floor = 0, ceiling = Infinity } = {},
): string {
  const points = Array.from({ length: 61 }, (_, n) => from + ((to - from) * n) / 60)
    .filter(value => f(value) >= floor && f(value) <= ceiling)
    .map(value => [x(value), y(f(value))] as const)
  return path(through(points), { stroke, width, dash })
}

/** Returns a small box with a few words that explains a place in a drawing. */
export function label(x: number, y: number, words: string[], fill: string = colour.ink, size = 15): string {
  return words
    .map((each, n) => text(x, y + n * size * 1.32, each, { size, weight: n ? 400 : 600, fill }))
    .join('')
}
