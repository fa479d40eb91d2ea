import { element, escapeText, rem, short } from './svg'

type DailyBars = {
  values: { ok: number; failed: number }[]
  /** The names of the first day and of the last one. */
  first: string
  last: string
  /** Names the failed ones; empty when there are none. */
  failed: string
  label: string
  /** `small` is for a row of a table: one line of the axis, without the name of the failed ones. */
  size?: 'small'
}

/** The sizes of the drawing, of its part with bars, and where that begins. */
const sizes = {
  large: { width: 320, height: 104, left: 34, top: 10, bars: 60 },
  small: { width: 190, height: 58, left: 26, top: 6, bars: 34 },
}

/**
 * Messages per day, delivered ones with failed ones on top, whose number stands below. The axis has round numbers. Time
 * runs from left to right in every language.
 */
export function dailyBars({ values, first, last, failed, label, size }: DailyBars): string {
  const { width, height, left, top, bars } = sizes[size ?? 'large']
  const max = axisEnd(Math.max(1, ...values.map(({ ok, failed }) => ok + failed)))
  const pitch = (width - left) / values.length
  const barWidth = short(pitch * 0.72)
  const baseline = top + bars
  const y = (value: number) => baseline - (value / max) * bars
  const ticks = size ? [0, max] : [0, max / 2, max]
  const lines = ticks
    .map(
      tick =>
        `<path class="${tick ? 'g-grid' : 'g-axis'}" d="M${left} ${short(y(tick))}H${width}"/>` +
        text({ x: left - 6, y: y(tick) + 4, 'text-anchor': 'end' }, String(tick)),
    )
    .join('')
  let [delivered, refused] = ['', '']
  values.forEach(({ ok, failed: bad }, n) => {
    const x = short(left + n * pitch + pitch * 0.14)
    if (ok) delivered += `M${x} ${short(y(ok))}h${barWidth}V${baseline}h-${barWidth}z`
    // A gap of a pixel and a half parts it from what is below.
    const foot = y(ok) - (ok ? 1.5 : 0)
    if (bad)
      refused += `M${x} ${short(Math.min(y(ok + bad), foot - 2))}h${barWidth}V${short(foot)}h-${barWidth}z`
  })
  const below = baseline + (size ? 14 : 16)
  return element(
    'svg',
    {
      class: `chart daily-bars${size ? ' is-small' : ''}`,
      width: rem(width),
      height: rem(height),
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': escapeText(label),
    },
    lines +
      (delivered && `<path class="g-1" d="${delivered}"/>`) +
      (refused && `<path class="g-brick" d="${refused}"/>`) +
      text({ x: left, y: below }, escapeText(first)) +
      text({ x: width, y: below, 'text-anchor': 'end' }, escapeText(last)) +
      (failed && !size
        ? text({ class: 'g-failed', x: width, y: below + 16, 'text-anchor': 'end' }, escapeText(failed))
        : ''),
  )
}

const text = (attributes: Record<string, string | number>, content: string) =>
  element('text', attributes, content)

/** Returns the end of the axis: an even number that is easy to read. */
function axisEnd(max: number): number {
  if (max <= 2) return 2
  const power = 10 ** Math.floor(Math.log10(max))
  return [1, 2, 4, 6, 8, 10].map(step => step * power).find(end => end >= max && end % 2 === 0)!
}
