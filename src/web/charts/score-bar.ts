import { element, escapeText, inPercent, rem, short } from './svg'

/** The points that a group of rules adds. Families: 1 learning, 2 buying intent, 3 account, 4 fit, 5 the rest. */
type ScoreGroup = { name: string; family: number; segments: number[] }
type Mark = { at: number; name: string }
type ScoreBar = {
  groups: ScoreGroup[]
  off?: number
  offName?: string
  leaves?: Mark
  ready?: Mark
  label: string
  rtl?: boolean
}

/**
 * The score as one bar of 100: a segment per rule, the name and sum of its group above it, deducted points hatched at
 * its end. Positions are percentages, so the bar fits any column and its text keeps its size.
 */
export function scoreBar({
  groups,
  off = 0,
  offName = '',
  leaves,
  ready,
  label,
  rtl = false,
}: ScoreBar): string {
  const { segments, sum } = segmentsOf(groups, rtl)
  const end = Math.min(sum, 100)
  const deducted = Math.min(Math.max(off, 0), end)
  // Names of lines that are close go to both sides; at the beginning of the bar there is room for one.
  const isTight = leaves && ready && ready.at - leaves.at < 15
  const lower = { line: 'g-tick', name: 'chart-wide', anchor: isTight ? 'end' : 'middle' }
  const upper = { line: 'g-rule', name: 'name', anchor: isTight && ready.at < 80 ? 'start' : 'middle' }
  const frame = { class: 'chart score-bar', width: '100%', height: rem(76), role: 'img' }
  return element(
    'svg',
    { ...frame, 'aria-label': escapeText(label) },
    `<g class="chart-wide">${names(groups, 560, rtl)}</g><g class="chart-narrow">${names(groups, 350, rtl)}</g>` +
      element('rect', { class: 'g-empty', y: rem(19), width: '100%', height: rem(30) }) +
      segments +
      (deducted ? deduction(end, deducted, offName, rtl) : '') +
      (leaves ? tick(isTight && leaves.at < 20 ? { ...leaves, name: '' } : leaves, 49, lower, rtl) : '') +
      (ready ? tick(ready, 13, upper, rtl) : '') +
      element('text', { x: inPercent(0, rtl), y: rem(68) }, '0') +
      element('text', { x: inPercent(100, rtl), y: rem(68), 'text-anchor': 'end' }, '100'),
  )
}

/** The coloured segments from left to right, and the sum of their points. */
function segmentsOf(groups: ScoreGroup[], rtl: boolean): { segments: string; sum: number } {
  let sum = 0
  let segments = ''
  for (const group of groups) {
    for (const points of group.segments) {
      const from = Math.min(sum, 100)
      sum += Math.max(points, 0)
      const size = Math.min(sum, 100) - from
      const box = { x: startOf(from, size, rtl), y: rem(19), width: inPercent(size), height: rem(30) }
      if (size > 0) segments += element('rect', { class: `g-${group.family} g-seam`, ...box })
    }
  }
  return { segments, sum }
}

/** The hatched end of the bar, and the name of what was deducted. */
function deduction(end: number, size: number, name: string, rtl: boolean): string {
  const x = startOf(end - size, size, rtl)
  const hatched =
    '<rect class="g-gap" width="100%" height="100%"/>' +
    element('path', { class: 'g-off', d: hatch(size * 12) })
  return (
    element('svg', { x, y: rem(20), width: inPercent(size), height: rem(28) }, hatched) +
    element(
      'text',
      { class: 'label', x: inPercent(end, rtl), dx: rtl ? -6 : 6, y: rem(38) },
      escapeText(name),
    )
  )
}

/** The left edge of a box that starts at `from` on a scale of 100. */
function startOf(from: number, size: number, rtl: boolean): string {
  return inPercent(rtl ? 100 - from - size : from)
}

type ScoreMini = { segments: { points: number; family: number }[]; ready?: number; rtl?: boolean }

/** The score in a table row, 84 by 14; the number is shown next to it. */
export function scoreMini({ segments, ready, rtl = false }: ScoreMini): string {
  const width = 84
  const x = (points: number) => (Math.min(points, 100) * width) / 100
  let sum = 0
  const boxes = segments.map(({ points, family }) => {
    const from = x(sum)
    sum += Math.max(points, 0)
    const size = x(sum) - from
    const left = short(rtl ? width - from - size : from)
    return size > 0
      ? element('rect', { class: `g-${family}`, x: left, y: 3, width: short(size), height: 8 })
      : ''
  })
  const line =
    ready === undefined ? '' : `<path class="g-rule" d="M${short(rtl ? width - x(ready) : x(ready))} 0v14"/>`
  return (
    `<svg class="score-mini" width="${width}" height="14" viewBox="0 0 ${width} 14" aria-hidden="true">` +
    `<rect class="g-empty" y="3" width="${width}" height="8"/>${boxes.join('')}${line}</svg>`
  )
}

/** The marker before a family's name in a legend; without a family, the line at which a lead qualifies. */
export function swatch({ family }: { family?: number }): string {
  const inside = family
    ? `<path class="g-${family}" d="M0 0h10v10H0z"/>`
    : '<path class="g-rule" d="M5 0v10"/>'
  return `<svg class="swatch" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">${inside}</svg>`
}

/**
 * The names above the groups, shifted where the previous one is too long. Widths are estimated at 6.3 px per character.
 */
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
      const isLast = at + needed > 100
      const place = {
        x: inPercent(isLast ? 100 : at, rtl),
        y: rem(11),
        'text-anchor': isLast ? 'end' : undefined,
      }
      return element('text', { class: 'label', ...place }, escapeText(name))
    })
    .join('')
}

type TickLook = { line: string; name: string; anchor: string }

function tick(mark: Mark, top: number, { line, name, anchor }: TickLook, rtl: boolean): string {
  const x = inPercent(mark.at, rtl)
  return (
    element('line', { class: line, x1: x, x2: x, y1: rem(top), y2: rem(56) }) +
    element('text', { class: name, x, y: rem(68), 'text-anchor': anchor }, escapeText(mark.name))
  )
}

/** Slanted lines over at least this many pixels, high enough for large text; the frame cuts off the rest. */
function hatch(width: number): string {
  return Array.from({ length: Math.ceil(width / 6) + 7 }, (_, n) => `M${n * 6 - 36} 67l39-68`).join('')
}
