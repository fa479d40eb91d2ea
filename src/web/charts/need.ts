type Need = 'wants' | 'unsure' | 'never'

/** The square in front of a list in the needs map: filled, half filled or dashed. */
export function need(kind: Need): string {
  const inside = {
    wants: '<path class="need-wants" d="M0 0h12v12H0z"/>',
    unsure: '<path class="need-line" d="M.5.5h11v11H.5z"/><path class="need-half" d="M0 6h12v6H0z"/>',
    never: '<path class="need-line need-dashed" d="M.5.5h11v11H.5z"/>',
  }[kind]
  return `<svg class="need" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">${inside}</svg>`
}
