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
