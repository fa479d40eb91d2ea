import type { Types } from 'mongoose'
import type { Region } from 'sharp'
import { HttpError } from '../platform/errors'
import { defineRecord, free, number, objectId, string } from '../platform/record'
import { assetBytes, saveAsset, type Asset } from './asset'

/** A part of a picture, in pixels from its left and its top. */
export type CropBox = Region

/** What a picture was before it was cropped: its bytes stay, so that it can be cropped in another way. */
type Original = Pick<Asset, 'hash' | 'size' | 'type' | 'width' | 'height'>

/**
 * Kept for each course, so that someone who uploads the bytes of a cropped picture to another course doesn't get what
 * was cut off.
 */
const Crops = defineRecord(
  'MediaCrop',
  'media_crops',
  {
    /** `course:hash of the cropped picture`. */
    _id: string(),
    course: objectId(),
    original: free<Original>(),
    left: number(),
    top: number(),
    width: number(),
    height: number(),
  },
  { indexes: [[{ course: 1 }], [{ 'original.hash': 1 }]] },
)

const cropId = (course: Types.ObjectId, hash: string) => [course, hash].join(':')

/** The least width and height of a part, in pixels. */
const minCrop = 16

/**
 * Returns the original of a picture of a course, and the part of it that the picture shows: all of it unless it was
 * cropped.
 */
export async function cropOf(
  course: Types.ObjectId,
  asset: Asset,
): Promise<{ original: Original; box: CropBox }> {
  const crop = await Crops.findById(cropId(course, asset.hash))
  if (crop) {
    const { original, left, top, width, height } = crop
    return { original, box: { left, top, width, height } }
  }
  const { hash, size, type, width = 0, height = 0 } = asset
  const box = { left: 0, top: 0, width: width ?? 0, height: height ?? 0 }
  return { original: { hash, size, type, width, height }, box }
}

/**
 * Returns a picture that shows another part of its original. Its path and alt text stay, and its focus stays on the
 * same point, or as near to it as the part reaches.
 *
 * @throws 422 for an animation, and for a part that isn't within the original.
 */
export async function cropped(course: Types.ObjectId, asset: Asset, box: CropBox): Promise<Asset> {
  const { original, box: before } = await cropOf(course, asset)
  const { width = 0, height = 0 } = original
  const isWithin =
    box.left >= 0 &&
    box.top >= 0 &&
    box.width >= Math.min(minCrop, width ?? 0) &&
    box.height >= Math.min(minCrop, height ?? 0) &&
    box.left + box.width <= (width ?? 0) &&
    box.top + box.height <= (height ?? 0)
  if (!isWithin) throw new HttpError(422, 'studio:errors.cropOutside', { width: width!, height: height! })
  const focus = asset.focus && { focus: focusWithin(asset.focus, before, box) }
  if (box.width === width && box.height === height) return { ...asset, ...original, ...focus }
  const bytes = await cut((await assetBytes(original.hash))!, box)
  const hash = await saveAsset(bytes, original.type)
  const _id = cropId(course, hash)
  await Crops.updateOne({ _id }, { $set: { course, original, ...box } }, { upsert: true })
  return { ...asset, hash, size: bytes.length, width: box.width, height: box.height, ...focus }
}

/** Lets the pictures of a copied course be cropped again from their originals. Repeating it changes nothing. */
export async function copyCrops(from: Types.ObjectId, to: Types.ObjectId): Promise<void> {
  for (const { _id, ...crop } of await Crops.find({ course: from })) {
    await Crops.insertOnce({ ...crop, _id: cropId(to, _id.split(':')[1]!), course: to })
  }
}

/** Whether a file is the original of a picture that was cropped in one of these courses. */
export function isOriginalIn(courses: Types.ObjectId[], hash: string): Promise<boolean> {
  return Crops.exists({ course: { $in: courses }, 'original.hash': hash })
}

async function cut(bytes: Buffer, box: CropBox): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  const { pages = 1, format } = await sharp(bytes).metadata()
  if (pages > 1) throw new HttpError(422, 'studio:errors.cropAnimation')
  const part = sharp(bytes).extract(box).keepIccProfile()
  if (format === 'jpeg') return part.jpeg({ quality: 92 }).toBuffer()
  return format === 'webp' ? part.webp({ quality: 92 }).toBuffer() : part.toBuffer()
}

type Focus = NonNullable<Asset['focus']>

function focusWithin({ x, y }: Focus, before: CropBox, after: CropBox): Focus {
  const within = (percent: number, from: number, length: number, start: number, size: number) =>
    Math.round(Math.min(100, Math.max(0, ((from + (percent / 100) * length - start) / size) * 100)))
  return {
    x: within(x, before.left, before.width, after.left, after.width),
    y: within(y, before.top, before.height, after.top, after.height),
  }
}

/** Returns the largest part of a picture in this proportion that has its focus as near to the middle as it can be. */
export function boxAround(
  { width, height }: { width: number; height: number },
  { x, y }: Focus,
  proportion: number,
): CropBox {
  const wide = Math.min(width, Math.round(height * proportion))
  const high = Math.min(height, Math.round(width / proportion))
  const start = (percent: number, length: number, part: number) =>
    Math.round(Math.min(length - part, Math.max(0, (percent / 100) * length - part / 2)))
  return { left: start(x, width, wide), top: start(y, height, high), width: wide, height: high }
}
