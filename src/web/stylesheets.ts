import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { RequestHandler } from 'express'
import { invalidateBrands, type ShownBrand } from '../brand/brand'
import { shadesOf } from '../brand/colour'
import { memoized } from '../platform/cached'
import { config } from '../platform/config'
import { root } from '../platform/root'
import { builtAssets } from './static-assets'
import { brandFor, isPreviewing, stylesOf } from './shown-brand'

const folder = join(root, 'public/css')
const sheetImport = /@import url\('([\w/-]+\.css)'\) layer\((\w+)\);/g

type Sheet = { css: string; etag: string; compressed: Record<'br' | 'gzip', Buffer> | null }

/**
 * Serves `/css/base.css`, the only stylesheet with imports, and the brand's colours after it; without built assets,
 * reads it again on each request. Its URL ends with the brand's key: a process that doesn't know that brand yet reads
 * it again, and what still doesn't match isn't cached.
 */
export const serveBaseStylesheet: RequestHandler = async (request, response) => {
  const asked = /-([\w-]{10})$/.exec(new URL(request.url, 'http://x').search)?.[1]
  let { brand } = response.locals
  if (asked && asked !== brand.key) {
    invalidateBrands()
    brand = await brandFor(request)
  }
  const { css, etag, compressed } = config.builtAssets ? sheetOf(brand) : readSheet(brand)
  const isFinal = config.production && (!asked || asked === brand.key) && !isPreviewing(request)
  response
    .set({
      etag,
      'cache-control': isFinal ? `public, max-age=${365 * 24 * 3600}` : 'no-cache',
    })
    .vary('accept-encoding')
    .type('css')
  const encoding = compressed && request.acceptsEncodings('br', 'gzip')
  if (encoding !== 'br' && encoding !== 'gzip') return void response.send(css)
  response.set({ 'content-encoding': encoding, etag: `"${etag.slice(1, -1)}-${encoding}"` })
  response.send(compressed![encoding])
}

/** Returns what `/css/base.css` is for a brand that isn't the one of the host. */
export const baseStylesheetOf = (brand: ShownBrand): string => readSheet(brand).css

function readSheet(brand: ShownBrand): Sheet {
  const built = join(builtAssets, 'css/base.css')
  const isBuilt = config.builtAssets && existsSync(built)
  const css = (isBuilt ? readFileSync(built, 'utf8') : flatten('base.css')) + stylesOf(brand)
  const etag = `"${createHash('sha256').update(css).digest('base64url').slice(0, 22)}"`
  return { css, etag, compressed: isBuilt ? { br: brotliCompressSync(css), gzip: gzipSync(css) } : null }
}

/** Serves `/favicon.svg`, the icon of a brand without its own, in the brand's colour. */
export const serveFavicon: RequestHandler = (request, response) => {
  const { brand } = response.locals
  const isFinal = config.production && !isPreviewing(request) && request.url.endsWith(`-${brand.key}`)
  response
    .set('cache-control', isFinal ? `public, max-age=${365 * 24 * 3600}` : 'no-cache')
    .type('svg')
    .send(faviconOf(brand))
}

const faviconOf = memoized(
  ({ content: { accent } }: ShownBrand) => {
    const svg = readFileSync(join(root, 'public/favicon.svg'), 'utf8')
    if (!accent) return svg
    const { light, dark } = shadesOf(accent)
    return svg.replaceAll('#2b3fcb', light.pencil).replaceAll('#a3b0ff', dark.pencil)
  },
  { max: 10, nameOf: ({ content }: ShownBrand) => content.accent ?? '' },
)

const sheetOf = memoized(readSheet, { max: 10, nameOf: ({ key }: ShownBrand) => key })

/** Returns a stylesheet with its imports inlined in their layers: one request instead of one per component. */
function flatten(name: string): string {
  return readFileSync(join(folder, name), 'utf8').replace(
    sheetImport,
    (_all, file: string, layer: string) => `@layer ${layer} {\n${flatten(file)}}`,
  )
}
