/** The logo: a beam, four columns, the third one blue, and a base. 26 by 24 unless a height is given. */
export function logoMark({ height = 24 }: { height?: number } = {}): string {
  const width = Math.round((height * 26) / 24)
  return (
    `<svg class="mark" width="${width}" height="${height}" viewBox="0 0 26 24" aria-hidden="true">` +
    '<path class="mark-ink" d="M0 0h26v4H0zM2 6h4v14H2zM8 6h4v14H8zM20 6h4v14h-4zM0 22h26v2H0z"/>' +
    '<path class="mark-blue" d="M14 6h4v14h-4z"/></svg>'
  )
}
