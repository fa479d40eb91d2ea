import { isUtf8 } from 'node:buffer'
import { readCues } from './captions'
import type { Asset } from './course'
import { courseFault, type CourseFault } from './course-fault'
import { videoLength } from './video-length'

/** The largest accepted width or height of an image; pages show images 680 pixels wide. */
const maxPixels = 8000

type Kind = { type: string; endings: string[]; is: (bytes: Buffer) => boolean }

/** The file types allowed in `assets/`. SVG and HTML aren't: they can run scripts in the reader's browser. */
const kinds: Kind[] = [
  { type: 'image/png', endings: ['png'], is: startsWith('\x89PNG\r\n\x1a\n') },
  { type: 'image/jpeg', endings: ['jpg', 'jpeg'], is: startsWith('\xff\xd8\xff') },
  { type: 'image/gif', endings: ['gif'], is: bytes => /^GIF8[79]a/.test(bytes.toString('latin1', 0, 6)) },
  {
    type: 'image/webp',
    endings: ['webp'],
    is: bytes => startsWith('RIFF')(bytes) && startsWith('WEBP', 8)(bytes),
  },
  { type: 'video/webm', endings: ['webm'], is: startsWith('\x1a\x45\xdf\xa3') },
  { type: 'video/mp4', endings: ['mp4', 'm4v'], is: startsWith('ftyp', 4) },
  { type: 'application/pdf', endings: ['pdf'], is: startsWith('%PDF-') },
  { type: 'text/vtt', endings: ['vtt'], is: bytes => isText(bytes) && readCues(bytes.toString()) !== null },
  { type: 'text/csv', endings: ['csv'], is: isText },
  { type: 'text/plain', endings: ['txt'], is: isText },
  { type: 'text/markdown', endings: ['md'], is: isText },
  { type: 'application/json', endings: ['json'], is: bytes => isText(bytes) && isJson(bytes.toString()) },
]

/** File extensions that a course may contain. */
export const assetEndings = kinds.flatMap(kind => kind.endings)

/**
 * Detects the type of a file from its bytes, and its size in pixels or its length in seconds.
 *
 * @returns the asset, or a fault when the type isn't allowed or doesn't match the file's name.
 */
export async function inspectMedia(
  path: string,
  bytes: Buffer,
): Promise<{ asset: Omit<Asset, 'hash'>; fault?: undefined } | { asset?: undefined; fault: CourseFault }> {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  const kind = kinds.find(({ endings }) => endings.includes(ending))
  if (!kind)
    return {
      fault: courseFault(path, null, 'studio:faults.kindOfFile', { endings: assetEndings.join(', ') }),
    }
  if (!bytes.length) return { fault: courseFault(path, null, 'studio:faults.emptyFile') }
  if (!kind.is(bytes)) return { fault: courseFault(path, null, 'studio:faults.notWhatItSays', { ending }) }
  const asset: Omit<Asset, 'hash'> = { path, size: bytes.length, type: kind.type }
  if (kind.type.startsWith('image/')) {
    const size = await pixelsOf(bytes)
    if (!size) return { fault: courseFault(path, null, 'studio:faults.brokenImage') }
    if (Math.max(size.width, size.height) > maxPixels) {
      return { fault: courseFault(path, null, 'studio:faults.hugeImage', { ...size, maximum: maxPixels }) }
    }
    return { asset: { ...asset, ...size } }
  }
  if (kind.type.startsWith('video/')) return { asset: { ...asset, seconds: videoLength(bytes, kind.type) } }
  if (kind.type === 'text/vtt') {
    const ends = readCues(bytes.toString())!.map(cue => cue.end)
    return { asset: { ...asset, seconds: ends.length ? Math.max(...ends) : null } }
  }
  return { asset }
}

async function pixelsOf(bytes: Buffer): Promise<{ width: number; height: number } | null> {
  const { default: sharp } = await import('sharp')
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: maxPixels * maxPixels }).metadata()
    return { width, height }
  } catch {
    return null
  }
}

function startsWith(text: string, at = 0) {
  const magic = Buffer.from(text, 'latin1')
  return (bytes: Buffer) => bytes.subarray(at, at + magic.length).equals(magic)
}

function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
