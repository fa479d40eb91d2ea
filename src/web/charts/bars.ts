import { element, escapeText, short } from './svg'

type Bar = { ok: number; failed?: number }

/** Messages per hour or day to one endpoint, 150 by 28: delivered ones in blue, failed ones in red on top. */
export function bars({ values, label }: { values: Bar[]; label: string }): string {
  const max = Math.max(1, ...values.map(value => value.ok + (value.failed ?? 0)))
  const pitch = 150 / Math.max(values.length, 1)
  const width = short(Math.max(pitch - 1.5, 1))
  let delivered = ''
  let failed = ''
  values.forEach((value, n) => {
    const x = short(n * pitch)
    const okHeight = (value.ok / max) * 26
    const failedHeight = ((value.failed ?? 0) / max) * 26
    if (okHeight > 0) delivered += `M${x} ${short(26 - okHeight)}h${width}V26h-${width}z`
    if (failedHeight > 0) {
      failed += `M${x} ${short(26 - okHeight - failedHeight)}h${width}v${short(failedHeight)}h-${width}z`
    }
  })
  return element(
    'svg',
    {
      class: 'chart bars',
      width: 150,
      height: 28,
      viewBox: '0 0 150 28',
      role: 'img',
      'aria-label': escapeText(label),
    },
    (delivered && element('path', { class: 'g-1', d: delivered })) +
      (failed && element('path', { class: 'g-brick', d: failed })) +
      '<path class="g-edge" d="M0 27h150v1H0z"/>',
  )
}

type ShareBar = { part: number; off?: boolean; rtl?: boolean }

/** A value as a share of the largest possible one, 140 by 8; red when it takes points away. */
export function shareBar({ part, off = false, rtl = false }: ShareBar): string {
  const width = Math.round(140 * Math.min(Math.abs(part), 1) * 10) / 10
  const x = rtl ? 140 - width : 0
  return (
    '<svg class="share-bar" width="140" height="8" viewBox="0 0 140 8" aria-hidden="true">' +
    '<path class="g-empty" d="M0 0h140v8H0z"/>' +
    `<path class="${off ? 'g-brick' : 'g-1'}" d="M${x} 0h${width}v8h-${width}z"/></svg>`
  )
}

/** A small box filled to the given share, for the topics that the people of a company know. */
export function fill({ part, rtl = false }: { part: number; rtl?: boolean }): string {
  const width = Math.round(24 * Math.min(Math.max(part, 0), 1))
  const x = rtl ? 25 - width : 1
  return (
    '<svg class="fill" width="26" height="10" viewBox="0 0 26 10" aria-hidden="true">' +
    '<path class="fill-box" d="M.5.5h25v9H.5z"/>' +
    `<path class="fill-part" d="M${x} 1h${width}v8h-${width}z"/></svg>`
  )
}
