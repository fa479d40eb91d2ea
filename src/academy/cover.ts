import { columnShadesOf } from '../brand/colour'
import { cached } from '../platform/cached'
import type { Published } from '../courses/published'
import { assetBytes, type Asset } from '../courses/asset'
import { boxAround } from '../courses/crop'
import { cover } from '../web/charts/cover'
import type { CourseLook } from '../web/course-palette'
import { coverImage } from './course-card'

/** In pixels. */
const sizes = {
  poster: { width: 1280, height: 720 },
  /** The smallest that Apple Podcasts takes. */
  square: { width: 1400, height: 1400 },
}

type Image = {
  published: Published
  shape: keyof typeof sizes
  look: CourseLook
  /** Of the brand that shows it; null for the standard one. */
  accent: string | null
}

/** Tells two images apart. */
export const coverKey = ({ published, shape, look, accent }: Image) =>
  `${published.revision}:${published.part ?? ''}:${shape}:${look.palette}:${look.isDrawn}:${accent}`

/** Returns the cover of a course as a PNG, rendered once per revision, shape and colours. */
export function coverPng(of: Image): Promise<Buffer> {
  return image(of)
}

const image = cached(Infinity, draw, {
  max: 100,
  nameOf: coverKey,
})

async function draw(of: Image): Promise<Buffer> {
  const picture = coverImage(of.published, of.look)
  const bytes = picture && (await assetBytes(picture.hash))
  return rasterise(bytes ?? Buffer.from(coverSvg(of)), sizes[of.shape], picture)
}

async function rasterise(
  image: Buffer,
  { width, height }: { width: number; height: number },
  picture: Asset | undefined,
): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  const drawn = sharp(image)
  const { width: own, height: high, focus } = picture ?? {}
  if (focus && own && high) drawn.extract(boxAround({ width: own, height: high }, focus, width / height))
  return drawn.resize(width, height, { fit: 'cover' }).png({ palette: true }).toBuffer()
}

function coverSvg({ published, shape, look, accent }: Image): string {
  const { slug, content, lessons } = published
  return cover({
    id: slug,
    topic: content.topic,
    palette: look.palette,
    lessons: lessons.map(lesson => ({ minutes: lesson.minutes, blue: lesson.preview })),
    format: shape,
    walkers: true,
    standalone: columnShadesOf(accent).light,
  })
}
