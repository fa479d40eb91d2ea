import { columnShadesOf } from '../brand/colour'
import { cached } from '../platform/cached'
import type { Published } from '../courses/published'
import { assetBytes, type Asset } from '../courses/asset'
import { boxAround } from '../courses/crop'
import { cover } from '../web/charts/cover'
import { coverImage } from '../web/course-cover'
import type { CourseLook } from '../web/course-palette'

/** In pixels, and what it is shown by: browsers read WebP, which is a third of the size, and podcast apps PNG. */
const shapes = {
  poster: { width: 1280, height: 720, type: 'webp' },
  /** The smallest that Apple Podcasts takes. */
  square: { width: 1400, height: 1400, type: 'png' },
} as const

type Image = {
  published: Published
  shape: keyof typeof shapes
  look: CourseLook
  /** Of the brand that shows it; null for the standard one. */
  accent: string | null
}

/** Tells two images apart. */
export const coverKey = ({ published, shape, look, accent }: Image) =>
  `${published.revision}:${published.part ?? ''}:${shape}:${look.palette}:${look.isDrawn}:${accent}`

/** Returns the cover of a course as a WebP or PNG, rendered once per revision, shape and colours. */
export async function coverImageFile(of: Image): Promise<{ bytes: Buffer; type: 'webp' | 'png' }> {
  return { bytes: await image(of), type: shapes[of.shape].type }
}

const image = cached(Infinity, draw, {
  max: 100,
  nameOf: coverKey,
})

async function draw(of: Image): Promise<Buffer> {
  const picture = coverImage(of.published, of.look)
  const bytes = picture && (await assetBytes(picture.hash))
  return rasterise(bytes ?? Buffer.from(coverSvg(of)), shapes[of.shape], picture)
}

async function rasterise(
  image: Buffer,
  { width, height, type }: (typeof shapes)[keyof typeof shapes],
  picture: Asset | undefined,
): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  const drawn = sharp(image)
  const { width: own, height: high, focus } = picture ?? {}
  if (focus && own && high) drawn.extract(boxAround({ width: own, height: high }, focus, width / height))
  drawn.resize(width, height, { fit: 'cover' })
  return (type === 'webp' ? drawn.webp() : drawn.png({ palette: true })).toBuffer()
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
