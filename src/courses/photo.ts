/**
 * Returns a photo without what its camera wrote into it: turned upright, and without the place, the time and the
 * author. Its colours stay. An image without such data keeps its bytes, so that an export gives them back.
 */
export async function cleanPhoto(bytes: Buffer): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  const { orientation = 1, exif, xmp, iptc, tifftagPhotoshop, pages = 1 } = await sharp(bytes).metadata()
  const isClean = orientation === 1 && !exif && !xmp && !iptc && !tifftagPhotoshop
  if (isClean) return bytes
  // Sharp would keep only the first frame of an animation that it isn't told about.
  const image = sharp(bytes, { animated: pages > 1 })
    .autoOrient()
    .keepIccProfile()
  const { format } = await image.metadata()
  return format === 'jpeg' ? image.jpeg({ quality: 92 }).toBuffer() : image.toBuffer()
}
