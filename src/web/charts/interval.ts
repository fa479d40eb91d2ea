import { dashedAt, element, inPercent, rem, short } from './svg'

type Interval = {
  /** Shares, 0 to 1. */
  value: number
  low: number
  high: number
  /** The end of the scale, so that intervals below each other can be compared. */
  most: number
  isMain?: boolean
  /** A share that was expected, as a dashed line through the whole height. */
  expected?: number
  rtl?: boolean
}

const height = 28

/** A share with its interval, as a mark on a line. Always show the same in words next to it. */
export function interval({
  value,
  low,
  high,
  most,
  expected,
  isMain = false,
  rtl = false,
}: Interval): string {
  const at = (share: number) => (share / most) * 100
  const middle = height / 2
  const from = at(low)
  const lines = stepsOf(most).map(step =>
    element('rect', { class: 'g-grid', x: inPercent(at(step), rtl), y: 0, width: 1, height: rem(height) }),
  )
  const start = rtl ? 100 - at(high) : from
  const line = { x: inPercent(start), width: inPercent(at(high) - from), y: rem(middle - 1), height: rem(2) }
  const mark = { x: inPercent(at(value) - 0.75, rtl), y: rem(middle - 7), width: '1.5%', height: rem(14) }
  if (rtl) mark.x = inPercent(100 - at(value) - 0.75)
  const colour = isMain ? 'g-main' : 'g-quiet'
  return element(
    'svg',
    { class: 'chart interval', width: '100%', height: rem(height), 'aria-hidden': 'true' },
    lines.join('') +
      (expected === undefined ? '' : dashedAt(at(expected), [0, height], rtl)) +
      element('rect', { class: colour, ...line }) +
      element('rect', { class: colour, ...mark }),
  )
}

/** The scale below intervals. */
export function intervalScale({ most, rtl = false }: Pick<Interval, 'most' | 'rtl'>): string {
  const names = stepsOf(most).map(step =>
    element(
      'text',
      { x: inPercent((step / most) * 100, rtl), y: rem(12), 'text-anchor': step ? 'middle' : 'start' },
      `${short(step * 100)}%`,
    ),
  )
  return element(
    'svg',
    { class: 'chart interval', width: '100%', height: rem(18), 'aria-hidden': 'true' },
    names.join(''),
  )
}

/** Returns at most seven round shares from 0 to the end of a scale. */
function stepsOf(most: number): number[] {
  const size = [0.02, 0.05, 0.1, 0.2].find(each => most / each <= 6) ?? 0.25
  return Array.from({ length: Math.floor(most / size + 1e-9) + 1 }, (_, n) => n * size)
}
