import type { Published } from '../courses/published'
import { cover, type Palette } from '../web/charts/cover'

const most = 100
const pictures = new Map<string, Promise<Buffer>>()

const shapes = { card: { width: 1200, height: 630 }, poster: { width: 1280, height: 720 } }

/** The cover of a course as a PNG, drawn once per revision and shape. */
export function coverPng(
  published: Published,
  shape: keyof typeof shapes,
  floor: Palette | undefined,
): Promise<Buffer> {
  const key = `${published.revision}:${shape}:${floor}`
  const known = pictures.get(key)
  if (known) return known
  const picture = draw(coverSvg(published, shape, floor), shapes[shape])
  if (pictures.size >= most) pictures.delete(pictures.keys().next().value!)
  pictures.set(key, picture)
  picture.catch(() => pictures.delete(key))
  return picture
}

async function draw(svg: string, { width, height }: { width: number; height: number }): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  return sharp(Buffer.from(svg)).resize(width, height, { fit: 'cover' }).png({ palette: true }).toBuffer()
}

function coverSvg(
  { slug, content, lessons }: Published,
  shape: keyof typeof shapes,
  floor: Palette | undefined,
): string {
  return cover({
    id: slug,
    topic: content.topic,
    floor,
    lessons: lessons.map(lesson => ({ minutes: lesson.minutes, blue: lesson.preview })),
    format: shape,
    walkers: true,
    standalone: true,
  })
}
