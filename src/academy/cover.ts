import type { Published } from '../courses/published'
import { cover, type Palette } from '../web/charts/cover'

const maxImages = 100
const images = new Map<string, Promise<Buffer>>()

/** In pixels. */
const sizes = { card: { width: 1200, height: 630 }, poster: { width: 1280, height: 720 } }

/** Returns the cover of a course as a PNG, rendered once per revision, shape and palette. */
export function coverPng(
  published: Published,
  shape: keyof typeof sizes,
  palette: Palette | undefined,
): Promise<Buffer> {
  const key = `${published.revision}:${shape}:${palette}`
  const cached = images.get(key)
  if (cached) return cached
  const image = rasterise(coverSvg(published, shape, palette), sizes[shape])
  if (images.size >= maxImages) images.delete(images.keys().next().value!)
  images.set(key, image)
  image.catch(() => images.delete(key))
  return image
}

async function rasterise(svg: string, { width, height }: { width: number; height: number }): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  return sharp(Buffer.from(svg)).resize(width, height, { fit: 'cover' }).png({ palette: true }).toBuffer()
}

function coverSvg(
  { slug, content, lessons }: Published,
  shape: keyof typeof sizes,
  palette: Palette | undefined,
): string {
  return cover({
    id: slug,
    topic: content.topic,
    palette,
    lessons: lessons.map(lesson => ({ minutes: lesson.minutes, blue: lesson.preview })),
    format: shape,
    walkers: true,
    standalone: true,
  })
}
