import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RequestHandler } from 'express'
import { config } from '../platform/config'
import { root } from '../platform/root'

const folder = join(root, 'public/css')
const sheetImport = /@import url\('([\w/-]+\.css)'\) layer\((\w+)\);/g

let stored: { css: string; etag: string } | undefined

/** Serves `/css/base.css`, the only stylesheet with imports; in development, reads it again on each request. */
export const serveBaseStylesheet: RequestHandler = (_request, response) => {
  const sheet = (stored = config.development || !stored ? readBase() : stored)
  const maxAge = config.production ? 365 * 24 * 3600 : 0
  response
    .set({ etag: sheet.etag, 'cache-control': `public, max-age=${maxAge}` })
    .type('css')
    .send(sheet.css)
}

function readBase(): { css: string; etag: string } {
  const css = flatten('base.css')
  return { css, etag: `"${createHash('sha256').update(css).digest('base64url').slice(0, 22)}"` }
}

/** Returns a stylesheet with its imports inlined in their layers: one request instead of one per component. */
function flatten(name: string): string {
  return readFileSync(join(folder, name), 'utf8').replace(
    sheetImport,
    (_all, file: string, layer: string) => `@layer ${layer} {\n${flatten(file)}}`,
  )
}
