import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { escapeXML } from 'ejs'
import { root } from '../platform/root'

/** Icons that point along the line of text, and are mirrored in a right-to-left language. */
const mirrored = new Set([
  ...[
    'arrow-left',
    'arrow-right',
    'arrow-u-up-left',
    'arrow-u-up-right',
    'arrow-down-right',
    'arrow-up-right',
  ],
  ...['list-bullets', 'list-checks', 'sign-out'],
])

const shapes = new Map<string, string>()

/**
 * An icon from views/icons.svg as HTML. Next to text it is hidden from screen readers; alone it needs a label. Its
 * shape is part of the page: in a separate file, icons load late, and some browsers don't draw the first ones.
 * @throws for a name that views/icons.svg does not have
 */
export function icon(name: string, options: { label?: string } = {}): string {
  const shape = (shapes.size ? shapes : readShapes()).get(name)
  if (shape === undefined) throw new Error(`There is no icon named ${name}`)
  const label = options.label ? `role="img" aria-label="${escapeXML(options.label)}"` : 'aria-hidden="true"'
  return `<svg class="icon${mirrored.has(name) ? ' mirrors' : ''}" viewBox="0 0 256 256" ${label}>${shape}</svg>`
}

function readShapes(): Map<string, string> {
  const file = readFileSync(join(root, 'views/icons.svg'), 'utf8')
  for (const [, name, shape] of file.matchAll(/<symbol id="([^"]+)"[^>]*>(.*?)<\/symbol>/g)) {
    shapes.set(name!, shape!)
  }
  return shapes
}
