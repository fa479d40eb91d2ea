import { escapeText, percent, rem, short } from './svg'

/** What a group of rules adds. Families: 1 learning, 2 buying intent, 3 account, 4 fit, 5 the rest. */
type ScoreGroup = { name: string; family: number; segments: number[] }
type ScoreBar = {
  groups: ScoreGroup[]
  off?: number
  offName?: string
  leaves?: { at: number; name: string }
  ready?: { at: number; name: string }
  label: string
  rtl?: boolean
}

/**
 * The score as one bar of 100: a segment for each rule, its group named above it with the sum, what was taken off hatched at
 * its end. Places are in per cent, so the bar fits any column and its words keep their size.
 */
export function scoreBar({ groups, off = 0, offName, leaves, ready, label, rtl = false }: ScoreBar): string {
  const place = (from: number, size: number) => percent(rtl ? 100 - from - size : from)
  let sum = 0
  let segments = ''
  for (const group of groups) {
    for (const points of group.segments) {
      const from = Math.min(sum, 100)
      sum += Math.max(points, 0)
      const size = Math.min(sum, 100) - from
      if (size > 0) {
        segments += `<rect class="g-${group.family} g-seam" x="${place(from, size)}" y="${rem(19)}" width="${percent(size)}" height="${rem(30)}"/>`
      }
    }
  }
  const end = Math.min(sum, 100)
  const taken = Math.min(Math.max(off, 0), end)
  const hatched = taken
    ? `<svg x="${place(end - taken, taken)}" y="${rem(20)}" width="${percent(taken)}" height="${rem(28)}">` +
      `<rect class="g-gap" width="100%" height="100%"/><path class="g-off" d="${hatch(taken * 12)}"/></svg>` +
      `<text class="label" x="${percent(end, rtl)}" dx="${rtl ? -6 : 6}" y="${rem(38)}">${escapeText(offName ?? '')}</text>`
    : ''
  return (
    `<svg class="chart score-bar" width="100%" height="${rem(76)}" role="img" aria-label="${escapeText(label)}">` +
    `<g class="chart-wide">${names(groups, 560, rtl)}</g><g class="chart-narrow">${names(groups, 350, rtl)}</g>` +
    `<rect class="g-empty" y="${rem(19)}" width="100%" height="${rem(30)}"/>${segments}${hatched}` +
    (leaves ? tick(leaves, 49, 'g-tick', 'chart-wide', rtl) : '') +
    (ready ? tick(ready, 13, 'g-rule', 'name', rtl) : '') +
    `<text x="${percent(0, rtl)}" y="${rem(68)}">0</text><text x="${percent(100, rtl)}" y="${rem(68)}" text-anchor="end">100</text></svg>`
  )
}

type ScoreMini = { segments: { points: number; family: number }[]; ready?: number; rtl?: boolean }

/** The score in a row of a table, 84 by 14; the figure stands beside it. */
export function scoreMini({ segments, ready, rtl = false }: ScoreMini): string {
  const width = 84
  const x = (points: number) => (Math.min(points, 100) * width) / 100
  let sum = 0
  const rects = segments.map(({ points, family }) => {
    const from = x(sum)
    sum += Math.max(points, 0)
    const size = x(sum) - from
    return size > 0
      ? `<rect class="g-${family}" x="${short(rtl ? width - from - size : from)}" y="3" width="${short(size)}" height="8"/>`
      : ''
  })
  const line =
    ready === undefined ? '' : `<path class="g-rule" d="M${short(rtl ? width - x(ready) : x(ready))} 0v14"/>`
  return (
    `<svg class="score-mini" width="${width}" height="14" viewBox="0 0 ${width} 14" aria-hidden="true">` +
    `<rect class="g-empty" y="3" width="${width}" height="8"/>${rects.join('')}${line}</svg>`
  )
}

/** In front of a family's name in a legend; without a family it stands for the line at which somebody is ready. */
export function swatch({ family }: { family?: number }): string {
  const inside = family
    ? `<path class="g-${family}" d="M0 0h10v10H0z"/>`
    : '<path class="g-rule" d="M5 0v10"/>'
  return `<svg class="swatch" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">${inside}</svg>`
}

/** Names above the groups, moved on where the one before is too long to leave room (widths estimated: no letters are measured here). */
function names(groups: ScoreGroup[], width: number, rtl: boolean): string {
  let sum = 0
  let free = 0
  return groups
    .map(({ name, segments }) => {
      const from = Math.min(sum, 100)
      sum += segments.reduce((total, points) => total + Math.max(points, 0), 0)
      if (sum <= from) return ''
      const needed = (name.length * 6.3 * 100) / width
      const at = Math.max(from, free)
      free = at + needed + 800 / width
      const last = at + needed > 100
      return `<text class="label" x="${percent(last ? 100 : at, rtl)}" y="${rem(11)}"${last ? ' text-anchor="end"' : ''}>${escapeText(name)}</text>`
    })
    .join('')
}

function tick(
  mark: { at: number; name: string },
  top: number,
  line: string,
  name: string,
  rtl: boolean,
): string {
  const x = percent(mark.at, rtl)
  return (
    `<line class="${line}" x1="${x}" x2="${x}" y1="${rem(top)}" y2="${rem(56)}"/>` +
    `<text class="${name}" x="${x}" y="${rem(68)}" text-anchor="middle">${escapeText(mark.name)}</text>`
  )
}

/** Slanted lines over at least this many pixels, high enough for large letters; the frame cuts off the rest. */
function hatch(width: number): string {
  return Array.from({ length: Math.ceil(width / 6) + 7 }, (_, n) => `M${n * 6 - 36} 67l39-68`).join('')
}
