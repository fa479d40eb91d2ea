import { cached } from '../platform/cached'
import type { Published } from '../courses/published'
import { cover, type Palette } from '../web/charts/cover'

/** In pixels. */
const sizes = { card: { width: 1200, height: 630 }, poster: { width: 1280, height: 720 } }

/** Returns the cover of a course as a PNG, rendered once per revision, shape and palette. */
export function coverPng(
  published: Published,
  shape: keyof typeof sizes,
  palette: Palette | undefined,
): Promise<Buffer> {
  return image({ published, shape, palette })
}

type Image = { published: Published; shape: keyof typeof sizes; palette: Palette | undefined }

const image = cached(
  Infinity,
  ({ published, shape, palette }: Image) => rasterise(coverSvg(published, shape, palette), sizes[shape]),
  { max: 100, nameOf: ({ published, shape, palette }) => `${published.revision}:${shape}:${palette}` },
)

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
