import { LRUCache } from 'lru-cache'
import type { Metadata } from 'sharp'
import { nullable, defineRecord, string } from '../platform/record'
import { oneAtATime } from '../platform/one-at-a-time'
import { assetBytes, assetUrl, findAsset, saveAsset, type Asset, type StoredAsset } from './asset'

/**
 * Pictures in the sizes that screens need. The original stays as it is; a size of it is made when a page first asks for
 * it, as WebP, and stored. (AVIF is a third smaller, but takes 2 to 7 times as long: 4 s for 1600 pixels of a 12 MP
 * photo, on two cores.)
 */

/** In pixels: a phone, the column of a page (680), and both at twice the density. */
const widths = [480, 960, 1600]
/** A picture that is no wider than the column is served as it is. */
const columnWidth = 680
/** How wide browsers show a picture of a lesson. */
export const imageSizes = '(min-width: 48rem) 680px, 100vw'
const maxSourcePixels = 64_000_000
/** An image of at most so many colours is a screenshot or a diagram, which stays sharp: lossless. */
const fewColours = 256

/** A size of a picture; `variant` is the hash of its bytes, or null when the original is the better choice. */
const Variants = defineRecord(
  'ImageVariant',
  'image_variants',
  {
    /** The hash of the original and the width: `<hash>:480`. */
    _id: string(),
    original: string(),
    variant: nullable(string()),
  },
  { indexes: [[{ original: 1 }]] },
)

/** Returns the widths that a picture is offered in, at most its own; none for an animation or a small picture. */
function widthsOf({ type, width }: Pick<Asset, 'type' | 'width'>): number[] {
  if (!width || width <= columnWidth || !/^image\/(?:jpeg|png|webp)$/.test(type)) return []
  return [...new Set(widths.map(each => Math.min(each, width)))]
}

/** Returns the `srcset` of a picture; null for one that is only served as it is. */
export function srcsetOf(asset: Asset): string | null {
  const sizes = widthsOf(asset).map(width => `${assetUrl(asset.hash, asset.path)}?width=${width} ${width}w`)
  return sizes.length ? sizes.join(', ') : null
}

/**
 * Returns a stored picture in a width that `srcsetOf` offers, made now if it is the first time; the original when the
 * width isn't offered, or when a smaller file can't be made of it. All sizes of a picture together are never larger
 * than the picture, so a course takes at most twice the space that `courseCaps` allows.
 */
export async function imageInWidth(original: StoredAsset, width: number): Promise<StoredAsset> {
  if (!/^image\/(?:jpeg|png|webp)$/.test(original.type) || !Number.isInteger(width)) return original
  const id = `${original._id}:${width}`
  if (!isOffered(widthsIn.get(original._id), width)) return original
  const known = (await Variants.findById(id)) ?? (await making(() => makeVariant(id, original, width)))
  return (known?.variant && (await findAsset(known.variant))) || original
}

/** The widths that pictures are offered in, once they have been read: asking for another width reads nothing. */
const widthsIn = new LRUCache<string, number[]>({ max: 5000 })
const isOffered = (offered: number[] | undefined, width: number) => offered?.includes(width) ?? true

/** One at a time: a large picture takes memory and both cores. */
const making = oneAtATime()

async function makeVariant(_id: string, original: StoredAsset, width: number) {
  const known = await Variants.findById(_id)
  if (known || !isOffered(widthsIn.get(original._id), width)) return known
  const bytes = await assetBytes(original._id)
  if (!bytes) return null
  const metadata = await metadataOf(bytes)
  const offered = metadata ? widthsOf({ type: original.type, width: metadata.width }) : []
  widthsIn.set(original._id, offered)
  if (!metadata || !offered.includes(width)) return null
  const resized = await resize(bytes, metadata, width)
  if (resized === undefined) {
    // Nothing is stored: another process, or this one after its next start, tries again.
    widthsIn.set(original._id, [])
    return null
  }
  const others = await Variants.find({ original: original._id, variant: { $ne: null } })
  const sizes = await Promise.all(others.map(async ({ variant }) => (await findAsset(variant!))?.size ?? 0))
  const room = bytes.length - sizes.reduce((sum, size) => sum + size, 0)
  const variant = resized && resized.length < room ? await saveAsset(resized, 'image/webp') : null
  await Variants.insertOnce({ _id, original: original._id, variant })
  return Variants.findById(_id)
}

async function metadataOf(bytes: Buffer): Promise<Metadata | null> {
  const { default: sharp } = await import('sharp')
  const metadata = await sharp(bytes)
    .metadata()
    .catch(() => null)
  return metadata && metadata.width * metadata.height <= maxSourcePixels ? metadata : null
}

/** Returns the picture in a width as WebP; null for an animation, undefined for bytes that can't be read now. */
async function resize(bytes: Buffer, { pages = 1, format }: Metadata, width: number) {
  if (pages > 1 || isAnimatedPng(bytes)) return null
  const { default: sharp } = await import('sharp')
  const limits = { limitInputPixels: maxSourcePixels, sequentialRead: true }
  try {
    const lossless = format === 'png' && (await hasFewColours(bytes))
    const quality = lossless ? { lossless } : { quality: 78 }
    return await sharp(bytes, limits).resize({ width, withoutEnlargement: true }).webp(quality).toBuffer()
  } catch {
    return undefined
  }
}

/** Counts the colours of a sample of the pixels. */
async function hasFewColours(bytes: Buffer): Promise<boolean> {
  const { default: sharp } = await import('sharp')
  const { data } = await sharp(bytes, { limitInputPixels: maxSourcePixels, sequentialRead: true })
    .resize({ width: 320, height: 320, fit: 'inside', kernel: 'nearest' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const colours = new Set<number>()
  for (let at = 0; at + 2 < data.length && colours.size <= fewColours; at += 3) {
    colours.add((data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!)
  }
  return colours.size <= fewColours
}

/** Whether a PNG is animated: `acTL` comes before the image data (PNG, third edition, section 11.3.6). */
function isAnimatedPng(bytes: Buffer): boolean {
  const control = bytes.indexOf('acTL', 0, 'latin1')
  return bytes.readUInt8(0) === 0x89 && control !== -1 && control < bytes.indexOf('IDAT', 0, 'latin1')
}
