import { escapeXML } from 'ejs'

/** An icon of public/icons.svg. Beside a word it is silent; alone it needs a label. */
export function icon(name: string, options: { label?: string; class?: string } = {}): string {
  const classes = options.class ? `icon ${options.class}` : 'icon'
  const spoken = options.label ? `role="img" aria-label="${escapeXML(options.label)}"` : 'aria-hidden="true"'
  return `<svg class="${classes}" ${spoken}><use href="/icons.svg#${name}"/></svg>`
}
