import type { Types } from 'mongoose'
import { HttpError } from '../platform/errors'
import { bytes, defineRecord, nested, number, objectId, string, type RecordOf } from '../platform/record'

/** The most bytes of a picture that is sent, and its longer side as it is kept, in pixels. */
export const postImageCaps = { megabytes: 8, side: 1600, pixels: 40_000_000, alt: 200 }

/** What a question, an answer or a reply says of its picture. */
export const imageFields = nested({ width: number(), height: number(), alt: string() })

/** The picture of a question, an answer or a reply, as WebP. Its id is that of what it belongs to. */
export const PostImages = defineRecord(
  'PostImage',
  'post_images',
  { thread: objectId(), person: objectId(), bytes: bytes() },
  { indexes: [[{ thread: 1 }], [{ person: 1 }]] },
)
export type PostImage = RecordOf<typeof PostImages>

/**
 * Keeps a picture: made smaller, and without what a camera wrote into it, such as the place.
 *
 * @param sent the bytes of a PNG, JPEG, WebP, GIF or AVIF image.
 * @returns its size in pixels, and whether it wasn't there yet.
 * @throws 422 for what isn't such an image, or has too many pixels.
 */
export async function savePostImage(
  { _id, thread, person }: Pick<PostImage, '_id' | 'thread' | 'person'>,
  sent: Buffer,
): Promise<{ width: number; height: number; isNew: boolean }> {
  const { default: sharp } = await import('sharp')
  const { side, pixels } = postImageCaps
  const made = await sharp(sent, { limitInputPixels: pixels, failOn: 'error' })
    .autoOrient()
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 82 })
    .toBuffer({ resolveWithObject: true })
    .catch(() => {
      throw new HttpError(422, 'academy:errors.community.picture')
    })
  const isNew = await PostImages.insertOnce({ _id, thread, person, bytes: made.data })
  return { width: made.info.width, height: made.info.height, isNew }
}

/** Deletes the picture of what wasn't written after all. */
export async function deletePostImage(_id: Types.ObjectId): Promise<void> {
  await PostImages.deleteOne({ _id })
}
