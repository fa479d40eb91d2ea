import { escapeText, percent } from './svg'

type IntervalRow = {
  name: string
  /** The value and its interval in words: '+9 (3 to 15)'. Or why there is none: 'too few deals: 11, at least 30 are needed'. */
  text: string
  low?: number
  mid?: number
  high?: number
  /** False when the interval crosses zero: the row is grey. */
  clear?: boolean
  strong?: boolean
}
type Intervals = {
  rows: IntervalRow[]
  ticks: { at: number; name: string }[]
  label: string
  rtl?: boolean
}

const row = 32

/** Values with their intervals, one row each. Narrow pages get the name and the words on a line of their own above the mark. */
export function intervals(of: Intervals): string {
  return drawing(of, false) + drawing(of, true)
}

function drawing({ rows, ticks, label, rtl = false }: Intervals, narrow: boolean): string {
  const [from, to] = narrow ? [2, 98] : [38, 78]
  const high = narrow ? 50 : row
  const all = [
    ...ticks.map(tick => tick.at),
    ...rows.flatMap(one => (one.mid === undefined ? [] : [one.low ?? one.mid, one.high ?? one.mid])),
  ]
  const least = Math.min(...all)
  const range = Math.max(...all) - least || 1
  const x = (value: number) => percent(from + ((value - least) / range) * (to - from), rtl)
  const bottom = rows.length * high
  const grid = ticks.map(
    ({ at, name }) =>
      `<line class="${at === 0 ? 'g-zero' : 'g-line'}" x1="${x(at)}" x2="${x(at)}" y1="0" y2="${bottom + 4}"/>` +
      `<text x="${x(at)}" y="${bottom + 20}" text-anchor="middle">${escapeText(name)}</text>`,
  )
  const inside = rows.map((one, n) => {
    const words = n * high + (narrow ? 14 : 20)
    const y = n * high + (narrow ? 32 : 16)
    const strong = one.strong ? 'label' : 'name'
    const title = `<text class="${strong} small-label" x="${percent(0, rtl)}" y="${words}">${escapeText(one.name)}</text>`
    if (one.mid === undefined) {
      return `${title}<text class="small-label over" x="${percent(narrow ? 0 : from, rtl)}" y="${narrow ? words + 18 : words}">${escapeText(one.text)}</text>`
    }
    const unclear = one.clear === false
    return (
      `${title}<text class="name small-label" x="${percent(100, rtl)}" y="${words}" text-anchor="end">${escapeText(one.text)}</text>` +
      `<line class="${unclear ? 'g-unclear' : 'g-interval'}" x1="${x(one.low ?? one.mid)}" x2="${x(one.high ?? one.mid)}" y1="${y}" y2="${y}"/>` +
      `<svg x="${x(one.mid)}" y="${y - 9}" width="8" height="18" overflow="visible"><rect class="${unclear ? 'g-5' : 'g-1'}" x="-4" width="8" height="18"/></svg>`
    )
  })
  const about = `role="img" aria-label="${escapeText(label)}"`
  return `<svg class="chart intervals ${narrow ? 'chart-narrow' : 'chart-wide'}" width="100%" height="${bottom + 26}" ${about}>${grid.join('')}${inside.join('')}</svg>`
}
