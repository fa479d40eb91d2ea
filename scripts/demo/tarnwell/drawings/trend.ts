import { seededRandom } from '../../random'
import { colour, path, round, segment, text, through, type Point } from './svg'

/**
 * What a vibration reading does over time: level at first, then climbing from `turn` (a share of the time) to `end`.
 */
export type Wear = { base: number; end: number; turn: number; seed: number; wobble?: number }

/** P1 at Mill Lane, which is healthy, and P2, whose drive-end bearing is wearing out: mm/s RMS over 30 days. */
export const p1: Wear = { base: 2.1, end: 2.1, turn: 1, seed: 3 }
export const p2: Wear = { base: 2.3, end: 7.1, turn: 0.5, seed: 7 }

/** Returns readings at equal intervals. The last one is exactly `end`. */
export function readingsOf({ base, end, turn, seed, wobble = 0.5 }: Wear, count = 90): number[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, n) => {
    const since = Math.max(0, (n / (count - 1) - turn) / (1 - turn || 1))
    const level = base + (end - base) * since ** 1.6
    const reading = level + (random() - 0.5) * wobble
    return n === count - 1 ? end : reading
  })
}

export type Frame = { x: number; y: number; w: number; h: number; min?: number; max: number }

/** Returns the points of readings in a frame, up to a share of the time. */
export function pointsOf(readings: number[], { x, y, w, h, min = 0, max }: Frame, share = 1): Point[] {
  const last = Math.max(1, Math.round((readings.length - 1) * share))
  return readings
    .slice(0, last + 1)
    .map((value, n) => [x + (w * n) / (readings.length - 1), y + h - (h * (value - min)) / (max - min)])
}

export function trendLine(points: Point[], stroke: string, width = 2): string {
  return path(through(points), { stroke, width })
}

/** Returns the dashed line of a limit, with its label above the start. */
export function limitLine(frame: Frame, value: number, label: string, stroke: string, size = 12): string {
  const y = heightOf(frame, value)
  return (
    segment([frame.x, y], [frame.x + frame.w, y], stroke, 1.6, '6 4') +
    text(frame.x + 2, y - 7, label, { size, fill: stroke, weight: 500 })
  )
}

export function heightOf({ y, h, min = 0, max }: Frame, value: number): number {
  return round(y + h - (h * (value - min)) / (max - min))
}

type Axes = { xs: string[]; ys: number[]; unit?: string; ink?: string; grid?: string; size?: number }

/** Returns grid lines with their values, and the labels of the time axis. */
export function axes(frame: Frame, { xs, ys, unit = '', ink, grid, size = 12 }: Axes): string {
  const fill = ink ?? colour.nightDim
  const stroke = grid ?? colour.nightLine
  const across = ys
    .map(value => {
      const y = heightOf(frame, value)
      const label = text(frame.x - 8, y + 4, `${value}${unit}`, { size, fill, anchor: 'end' })
      return (
        segment([frame.x, y], [frame.x + frame.w, y], stroke, value === (frame.min ?? 0) ? 1.5 : 1) + label
      )
    })
    .join('')
  const below = xs
    .map((label, n) => {
      const anchor = n === 0 ? 'start' : n === xs.length - 1 ? 'end' : 'middle'
      return text(frame.x + (frame.w * n) / (xs.length - 1), frame.y + frame.h + size + 8, label, {
        size,
        fill,
        anchor,
      })
    })
    .join('')
  return across + below
}
