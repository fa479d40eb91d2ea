import { existsSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import express, { type Request, type RequestHandler } from 'express'
import expressStaticGzip from 'express-static-gzip'
import { config } from '../platform/config'
import { root } from '../platform/root'

/** What `scripts/build-assets.mjs` makes of scripts and stylesheets: minified and compressed. */
export const builtAssets = join(root, 'dist/assets')

/**
 * Returns where scripts and stylesheets are served from, by the beginning of their path: what the build made of them,
 * or else the files as they are written. The source of the studio's editor, beside them, isn't served.
 */
export function assets(): [string, RequestHandler][] {
  if (config.builtAssets && existsSync(builtAssets))
    return ['css', 'js'].map(folder => [`/${folder}`, compressed(join(builtAssets, folder))])
  const folders = [
    ['/css', 'public/css'],
    ['/js', 'public/js'],
    ['/js', 'dist/public/js'],
  ] as const
  return folders.map(([path, folder]) => [
    path,
    express.static(join(root, folder), { index: false, cacheControl: false, setHeaders }),
  ])
}

function compressed(folder: string): RequestHandler {
  return expressStaticGzip(folder, {
    enableBrotli: true,
    orderPreference: ['br', 'gz'],
    index: false,
    serveStatic: { cacheControl: false, setHeaders },
  })
}

/** A name that changes with its content: what several scripts share. */
const hashed = /\/[A-Z0-9]{8}\.js$/

/**
 * What has the version of the build in its URL, or a name that changes with its content, never changes. Anything else,
 * such as a script that another one imports by its name, is asked for again.
 */
function setHeaders(response: ServerResponse): void {
  const { originalUrl } = (response as ServerResponse & { req: Request }).req
  const isFinal = config.production && (originalUrl.includes('?v=') || hashed.test(originalUrl))
  response.setHeader('cache-control', isFinal ? 'public, max-age=31536000, immutable' : 'no-cache')
}
