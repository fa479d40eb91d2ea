import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { assetBytes, findAsset, readAsset, typesOf, type StoredAsset } from '../courses/asset'
import { playedName, toWebVtt } from '../courses/captions'
import { isShown, typeOfName } from '../courses/media'
import { imageInWidth } from '../courses/image-sizes'
import type { Response } from 'express'
import type { Handler, RouteRequest } from '../web/handler'
import { assetAccess } from './asset-access'
import { keepForEveryone } from '../web/public-response'
import { notFound } from '../platform/errors'
import { ignoreAbort } from '../web/ignore-abort'

/**
 * Serves a course file by the hash of its bytes to anyone who may open a lesson with it. A file of a free preview never
 * changes and is open to everyone, so it may be cached for good; any other file is never stored. Supports a single byte
 * range (RFC 9110, section 14), so that a player can seek in a recording. SubRip captions are served as WebVTT, unless
 * the name ends in `.srt`: then they are downloaded as their author wrote them. `?width=480` asks for a picture in that
 * width (see image-sizes.ts).
 *
 * @throws HttpError 404 for an unknown file, and for one that the visitor may not open.
 */
export const show: Handler = async (request, response, person) => {
  const original = await findAsset(request.params.hash)
  const access = original && (await assetAccess(original._id, person))
  if (!access) throw notFound()
  await sendFile(request, response, original, access)
}

/** Sends a file that the visitor may open, by the name at the end of its URL unless it has another. */
export async function sendFile(
  request: RouteRequest,
  response: Response,
  original: StoredAsset,
  access: 'public' | 'private',
  name = request.params.name!,
): Promise<void> {
  const { width } = request.query
  const asset = width === undefined ? original : await imageInWidth(original, Number(width))
  const type = asset === original ? typeOfName(name, typesOf(asset)) : asset.type
  const isPlayed = isShown(type) && playedName(name) === name
  const captions = isPlayed && type === 'text/vtt' ? await playableCaptions(asset) : null
  const size = captions?.length ?? asset.size
  if (!isPlayed) response.attachment(name)
  response.set({
    'content-type': isPlayed ? type : 'application/octet-stream',
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  })
  if (access === 'public') {
    keepForEveryone(response, 31_536_000, ', immutable')
    response.set('etag', `"${asset._id}"`)
  }
  if (request.fresh) return void response.status(304).end()
  const ranges = request.range(size, { combine: true })
  if (ranges === -1) return void response.status(416).set('content-range', `bytes */${size}`).end()
  const range =
    Array.isArray(ranges) && ranges.type === 'bytes' && ranges.length === 1 ? ranges[0] : undefined
  const { start, end } = range ?? { start: 0, end: size - 1 }
  if (range) response.status(206).set('content-range', `bytes ${start}-${end}/${size}`)
  response.set('content-length', String(end - start + 1))
  if (request.method === 'HEAD') return void response.end()
  const bytes = captions
    ? Readable.from([captions.subarray(start, end + 1)], { objectMode: false })
    : readAsset(asset, { start, end })
  await pipeline(bytes, response).catch(ignoreAbort)
}

/** Returns captions as WebVTT; captions have at most 2 MB. */
async function playableCaptions(asset: StoredAsset): Promise<Buffer> {
  const bytes = await assetBytes(asset._id)
  return Buffer.from(toWebVtt(bytes!.toString()))
}
