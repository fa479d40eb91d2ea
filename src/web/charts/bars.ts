import { escapeText, short } from './svg'

/** Messages per hour or day to one receiver, 150 by 28: what arrived in blue, what did not in brick on top. */
export function bars({
  values,
  label,
}: {
  values: { ok: number; failed?: number }[]
  label: string
}): string {
  const most = Math.max(1, ...values.map(value => value.ok + (value.failed ?? 0)))
  const pitch = 150 / Math.max(values.length, 1)
  const wide = short(Math.max(pitch - 1.5, 1))
  let ok = ''
  let failed = ''
  values.forEach((value, n) => {
    const x = short(n * pitch)
    const arrived = (value.ok / most) * 26
    const missed = ((value.failed ?? 0) / most) * 26
    if (arrived > 0) ok += `M${x} ${short(26 - arrived)}h${wide}V26h-${wide}z`
    if (missed > 0) failed += `M${x} ${short(26 - arrived - missed)}h${wide}v${short(missed)}h-${wide}z`
  })
  return (
    `<svg class="chart bars" width="150" height="28" viewBox="0 0 150 28" role="img" aria-label="${escapeText(label)}">` +
    (ok && `<path class="g-1" d="${ok}"/>`) +
    (failed && `<path class="g-brick" d="${failed}"/>`) +
    '<path class="g-edge" d="M0 27h150v1H0z"/></svg>'
  )
}

/** A share of a row's greatest possible value, 140 by 8; brick when it takes away. */
export function shareBar({
  part,
  off = false,
  rtl = false,
}: {
  part: number
  off?: boolean
  rtl?: boolean
}): string {
  const width = Math.round(140 * Math.min(Math.abs(part), 1) * 10) / 10
  const x = rtl ? 140 - width : 0
  return (
    '<svg class="share-bar" width="140" height="8" viewBox="0 0 140 8" aria-hidden="true"><path class="g-empty" d="M0 0h140v8H0z"/>' +
    `<path class="${off ? 'g-brick' : 'g-1'}" d="M${x} 0h${width}v8h-${width}z"/></svg>`
  )
}

/** A small box that is as full as the part says, for the people of a company against the topics. */
export function fill({ part, rtl = false }: { part: number; rtl?: boolean }): string {
  const width = Math.round(24 * Math.min(Math.max(part, 0), 1))
  const x = rtl ? 25 - width : 1
  return (
    '<svg class="fill" width="26" height="10" viewBox="0 0 26 10" aria-hidden="true"><path class="fill-box" d="M.5.5h25v9H.5z"/>' +
    `<path class="fill-part" d="M${x} 1h${width}v8h-${width}z"/></svg>`
  )
}
