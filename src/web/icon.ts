import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { escapeXML } from 'ejs'
import { root } from '../platform/root'

/** What points along the line, and so the other way where text runs from the right. */
const mirrored = new Set(['arrow-left', 'arrow-right', 'list-bullets', 'list-checks', 'sign-out'])

const shapes = new Map<string, string>()

/**
 * An icon of views/icons.svg. Beside a word it is silent; alone it needs a label. Its shape stands in the page: in a file of their
 * own icons come late, and browsers that ask again for the file sometimes leave the first ones undrawn.
 */
export function icon(name: string, options: { label?: string } = {}): string {
  const shape = (shapes.size ? shapes : readShapes()).get(name)
  if (shape === undefined) throw new Error(`There is no icon named ${name}`)
  const spoken = options.label ? `role="img" aria-label="${escapeXML(options.label)}"` : 'aria-hidden="true"'
  return `<svg class="icon${mirrored.has(name) ? ' mirrors' : ''}" viewBox="0 0 256 256" ${spoken}>${shape}</svg>`
}

function readShapes(): Map<string, string> {
  const file = readFileSync(join(root, 'views/icons.svg'), 'utf8')
  for (const [, name, shape] of file.matchAll(/<symbol id="([^"]+)"[^>]*>(.*?)<\/symbol>/g)) {
    shapes.set(name!, shape!)
  }
  return shapes
}
