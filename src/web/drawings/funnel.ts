import { escapeText, percent, short } from './svg'

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
      : `<text class="${height < 26 ? 'label' : 'on'} small-label" x="${percent(middle, rtl)}" y="${height < 26 ? floor - height - 6 : floor - height + 17}" text-anchor="middle">${escapeText(step.shareName ?? '')}</text>`
    return (
      `<rect class="${full ? 'g-1' : 'g-capital'}" x="${capital}" y="${top}" width="${percent(wide * 1.15)}" height="4"/>` +
      (full
        ? ''
        : `<rect class="g-frame" x="${x}" y="${top + 4}" width="${percent(wide)}" height="${floor - top - 4}"/>`) +
      `<rect class="g-1" x="${x}" y="${floor - height}" width="${percent(wide)}" height="${height}"/>${figure}` +
      `<text class="figure" x="${percent(middle, rtl)}" y="${floor + 28}" text-anchor="middle">${escapeText(step.count)}</text>` +
      `<text class="small-label" x="${percent(middle, rtl)}" y="${floor + 48}" text-anchor="middle">${escapeText(step.name)}</text>`
    )
  })
  return (
    `<svg class="chart funnel chart-wide" width="100%" height="${floor + 56}" role="img" aria-label="${escapeText(label)}">` +
    `<rect class="g-ink" width="100%" height="6"/>${inside.join('')}<rect class="g-ink" y="${floor}" width="100%" height="2"/></svg>`
  )
}

function lying({ steps, label, rtl = false }: Funnel): string {
  const row = 44
  const inside = steps.map((step, n) => {
    const y = n * row
    const share = Math.min(Math.max(step.share, 0), 1)
    return (
      `<text class="label small-label" x="${percent(0, rtl)}" y="${y + 14}">${escapeText(step.name)}</text>` +
      `<text class="label small-label" x="${percent(100, rtl)}" y="${y + 14}" text-anchor="end">${escapeText(step.count)}</text>` +
      (share < 0.995 && step.shareName
        ? `<text class="small-label" x="${percent(76, rtl)}" y="${y + 14}" text-anchor="end">${escapeText(step.shareName)}</text>`
        : '') +
      `<rect class="g-empty" y="${y + 20}" width="100%" height="12"/>` +
      `<rect class="g-1" x="${percent(rtl ? 100 - share * 100 : 0)}" y="${y + 20}" width="${percent(share * 100)}" height="12"/>`
    )
  })
  const height = short(steps.length * row)
  return `<svg class="chart funnel chart-narrow" width="100%" height="${height}" role="img" aria-label="${escapeText(label)}">${inside.join('')}</svg>`
}
