import { element, escapeText, inPercent, rem, short } from './svg'

type ScoreHistory = {
  /** A score from 0 to 100 for each day, oldest first. */
  values: number[]
  /** The index of the day that the page shows. */
  chosen: number
  qualifyAt: number
  disqualifyBelow: number
  first: string
  last: string
  label: string
  rtl?: boolean
}

const [top, height] = [6, 96]

/**
 * A score day by day on a scale from 0 to 100, with the two thresholds and the chosen day. Always show the same in
 * words next to it.
 */
export function scoreHistory(history: ScoreHistory): string {
  const { values, chosen, qualifyAt, disqualifyBelow, first, last, label, rtl = false } = history
  const yOf = (points: number) => top + height - (Math.min(Math.max(points, 0), 100) / 100) * height
  const xOf = (n: number) => (n / Math.max(values.length - 1, 1)) * 100
  const line = (at: number, name: string, dashes: string) =>
    element('line', {
      class: name,
      ...{ x1: '0%', x2: '100%', y1: rem(yOf(at)), y2: rem(yOf(at)) },
      'stroke-dasharray': dashes,
    })
  // Percentages can't be in a path, so the curve is a drawing of its own that is stretched to the width.
  const points = values.map(
    (value, n) => `${short(rtl ? 100 - xOf(n) : xOf(n))} ${short(yOf(value) - top, 1)}`,
  )
  const curve = element(
    'svg',
    {
      ...{ x: 0, y: rem(top), width: '100%', height: rem(height) },
      ...{ viewBox: `0 0 100 ${height}`, preserveAspectRatio: 'none' },
    },
    element('path', { class: 'g-spark', d: `M${points.join('L')}`, 'vector-effect': 'non-scaling-stroke' }),
  )
  const x = inPercent(xOf(chosen), rtl)
  const text = (at: number, y: number, content: string, anchor?: 'end') =>
    element('text', { x: inPercent(at, rtl), y: rem(y), 'text-anchor': anchor }, escapeText(content))
  const floor = top + height
  const frame = { class: 'chart', width: '100%', height: rem(floor + 20), role: 'img' }
  return element(
    'svg',
    { ...frame, 'aria-label': escapeText(label) },
    element('rect', { class: 'g-edge', width: '100%', y: rem(floor), height: 1 }) +
      line(qualifyAt, 'g-rule', '4 3') +
      line(disqualifyBelow, 'g-tick', '1 3') +
      curve +
      element('line', { class: 'g-rule', x1: x, x2: x, y1: rem(top), y2: rem(floor) }) +
      text(0, yOf(qualifyAt) - 4, short(qualifyAt)) +
      text(0, yOf(disqualifyBelow) + 12, short(disqualifyBelow)) +
      text(0, floor + 16, first) +
      text(100, floor + 16, last, 'end'),
  )
}
