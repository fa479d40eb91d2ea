import { pipeline } from 'node:stream/promises'
import { findAsset, readAsset } from '../courses/asset'
import { isShown } from '../courses/media'
import type { Handler } from '../web/handler'
import { assetAccess } from './asset-access'
import { notFound } from '../platform/errors'

/**
 * Serves a course file by the hash of its bytes to whoever may open a lesson with it. A file of a free preview never
 * changes and is open to everyone, so it may be cached for good; any other file is never stored. Supports a single byte
 * range (RFC 9110, section 14), so that a player can seek in a recording.
 *
 * @throws HttpError 404 for an unknown file, and for one that the visitor may not open.
 */
export const show: Handler = async (request, response, person) => {
  const asset = await findAsset(request.params.hash)
  const access = asset && (await assetAccess(asset._id, person))
  if (!access) throw notFound()
  if (!isShown(asset.type)) response.attachment(request.params.name)
  response.set({
    'content-type': isShown(asset.type) ? asset.type : 'application/octet-stream',
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  })
  if (access === 'public') {
    response.set({ 'cache-control': 'public, max-age=31536000, immutable', etag: `"${asset._id}"` })
  }
  if (request.fresh) return void response.status(304).end()
  const ranges = request.range(asset.size, { combine: true })
  if (ranges === -1) return void response.status(416).set('content-range', `bytes */${asset.size}`).end()
  const range =
    Array.isArray(ranges) && ranges.type === 'bytes' && ranges.length === 1 ? ranges[0] : undefined
  const { start, end } = range ?? { start: 0, end: asset.size - 1 }
  if (range) response.status(206).set('content-range', `bytes ${start}-${end}/${asset.size}`)
  response.set('content-length', String(end - start + 1))
  if (request.method === 'HEAD') return void response.end()
  await pipeline(readAsset(asset, { start, end }), response).catch(ignoreAbort)
}

/** A client that closes the connection early, as a player does on every seek, is not an error. */
function ignoreAbort(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET') throw error
}
