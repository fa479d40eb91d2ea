import { escapeText, percent, rem } from './svg'

type FunnelStep = { name: string; count: string; share: number; shareName?: string }
type Funnel = { steps: FunnelStep[]; label: string; rtl?: boolean }

const top = 12
const floor = 176

/**
 * The funnel as a colonnade: one column per step, full when everybody of the step before went on. Two drawings: columns for
 * wide pages, and the same lying down for narrow ones, where eight names do not fit beside each other.
 */
export function funnel(of: Funnel): string {
  return standing(of) + lying(of)
}

function standing({ steps, label, rtl = false }: Funnel): string {
  const pitch = 100 / Math.max(steps.length, 1)
  const wide = pitch * 0.515
  const inside = steps.map((step, n) => {
    const middle = (n + 0.5) * pitch
    const x = percent(rtl ? 100 - middle - wide / 2 : middle - wide / 2)
    const capital = percent(rtl ? 100 - middle - wide * 0.575 : middle - wide * 0.575)
    const share = Math.min(Math.max(step.share, 0), 1)
    const full = share >= 0.995
    const height = Math.round(share * (floor - top - 4))
    const figure = full
      ? ''
      : `<text class="${height < 26 ? 'label' : 'on'} small-label" x="${percent(middle, rtl)}" y="${rem(height < 26 ? floor - height - 6 : floor - height + 17)}" text-anchor="middle">${escapeText(step.shareName ?? '')}</text>`
    return (
      `<rect class="${full ? 'g-1' : 'g-capital'}" x="${capital}" y="${rem(top)}" width="${percent(wide * 1.15)}" height="${rem(4)}"/>` +
      (full
        ? ''
        : `<rect class="g-frame" x="${x}" y="${rem(top + 4)}" width="${percent(wide)}" height="${rem(floor - top - 4)}"/>`) +
      `<rect class="g-1" x="${x}" y="${rem(floor - height)}" width="${percent(wide)}" height="${rem(height)}"/>${figure}` +
      `<text class="figure" x="${percent(middle, rtl)}" y="${rem(floor + 28)}" text-anchor="middle">${escapeText(step.count)}</text>` +
      `<text class="small-label" x="${percent(middle, rtl)}" y="${rem(floor + 48)}" text-anchor="middle">${escapeText(step.name)}</text>`
    )
  })
  return (
    `<svg class="chart funnel chart-wide" width="100%" height="${rem(floor + 56)}" role="img" aria-label="${escapeText(label)}">` +
    `<rect class="g-ink" width="100%" height="6"/>${inside.join('')}<rect class="g-ink" y="${rem(floor)}" width="100%" height="2"/></svg>`
  )
}

function lying({ steps, label, rtl = false }: Funnel): string {
  const row = 44
  const inside = steps.map((step, n) => {
    const y = n * row
    const share = Math.min(Math.max(step.share, 0), 1)
    return (
      `<text class="label small-label" x="${percent(0, rtl)}" y="${rem(y + 14)}">${escapeText(step.name)}</text>` +
      `<text class="label small-label" x="${percent(100, rtl)}" y="${rem(y + 14)}" text-anchor="end">${escapeText(step.count)}</text>` +
      (share < 0.995 && step.shareName
        ? `<text class="small-label" x="${percent(76, rtl)}" y="${rem(y + 14)}" text-anchor="end">${escapeText(step.shareName)}</text>`
        : '') +
      `<rect class="g-empty" y="${rem(y + 20)}" width="100%" height="${rem(12)}"/>` +
      `<rect class="g-1" x="${percent(rtl ? 100 - share * 100 : 0)}" y="${rem(y + 20)}" width="${percent(share * 100)}" height="${rem(12)}"/>`
    )
  })
  return `<svg class="chart funnel chart-narrow" width="100%" height="${rem(steps.length * row)}" role="img" aria-label="${escapeText(label)}">${inside.join('')}</svg>`
}
