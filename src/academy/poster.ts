import { columnShadesOf } from '../brand/colour'
import { cached } from '../platform/cached'
import type { Published } from '../courses/published'
import { assetBytes, type Asset } from '../courses/asset'
import { boxAround } from '../courses/crop'
import { cover } from '../web/charts/cover'
import type { CourseLook } from '../web/course-palette'
import { coverImage } from './course-card'

/** In pixels. */
const size = { width: 1280, height: 720 }

type Poster = {
  published: Published
  look: CourseLook
  /** Of the brand that shows it; null for the standard one. */
  accent: string | null
}

/** Tells two posters apart. */
export const posterKey = ({ published, look, accent }: Poster) =>
  `${published.revision}:${published.part ?? ''}:${look.palette}:${look.isDrawn}:${accent}`

/** Returns the cover of a course as a video's poster, a PNG, drawn once per revision and colours. */
export function posterPng(of: Poster): Promise<Buffer> {
  return drawn(of)
}

const drawn = cached(Infinity, draw, { max: 100, nameOf: posterKey })

async function draw(of: Poster): Promise<Buffer> {
  const picture = coverImage(of.published, of.look)
  const bytes = picture && (await assetBytes(picture.hash))
  return rasterise(bytes ?? Buffer.from(posterSvg(of)), picture)
}

async function rasterise(image: Buffer, picture: Asset | undefined): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  const drawn = sharp(image)
  const { width, height, focus } = picture ?? {}
  if (focus && width && height) drawn.extract(boxAround({ width, height }, focus, size.width / size.height))
  return drawn.resize(size.width, size.height, { fit: 'cover' }).png({ palette: true }).toBuffer()
}

function posterSvg({ published, look, accent }: Poster): string {
  const { slug, content, lessons } = published
  return cover({
    id: slug,
    topic: content.topic,
    palette: look.palette,
    lessons: lessons.map(lesson => ({ minutes: lesson.minutes, blue: lesson.preview })),
    format: 'poster',
    walkers: true,
    standalone: columnShadesOf(accent).light,
  })
}
