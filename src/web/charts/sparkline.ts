import { escapeText, short } from './svg'

/** A number over time, 108 by 42; the last point is a square. The number itself is shown next to the chart. */
export function sparkline({ values, label }: { values: number[]; label?: string }): string {
  const min = Math.min(...values)
  const range = Math.max(...values) - min || 1
  const points = values.map((value, n) => {
    const x = 3 + (n * 100) / Math.max(values.length - 1, 1)
    return [x, values.length > 1 ? 37 - ((value - min) / range) * 32 : 21] as const
  })
  const last = points.at(-1)
  if (!last) return ''
  const about = label ? `role="img" aria-label="${escapeText(label)}"` : 'aria-hidden="true"'
  return (
    `<svg class="sparkline" width="108" height="42" viewBox="0 0 108 42" ${about}>` +
    `<path class="g-spark" d="M${points.map(([x, y]) => `${short(x, 1)} ${short(y, 1)}`).join('L')}"/>` +
    `<path class="g-1" d="M${short(last[0] - 3, 1)} ${short(last[1] - 3, 1)}h6v6h-6z"/></svg>`
  )
}
