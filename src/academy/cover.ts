import type { Published } from '../courses/published'
import { cover } from '../web/drawings/cover'

const most = 100
const pictures = new Map<string, Promise<Buffer>>()

/** The cover of a course as a PNG, drawn once per revision. */
export function coverPng(published: Published): Promise<Buffer> {
  const key = String(published.revision)
  const known = pictures.get(key)
  if (known) return known
  const picture = draw(coverSvg(published))
  if (pictures.size >= most) pictures.delete(pictures.keys().next().value!)
  pictures.set(key, picture)
  picture.catch(() => pictures.delete(key))
  return picture
}

async function draw(svg: string): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  return sharp(Buffer.from(svg)).png({ palette: true }).toBuffer()
}

function coverSvg({ slug, content, lessons }: Published): string {
  return cover({
    id: slug,
    topic: content.topic,
    lessons: lessons.map(lesson => ({ minutes: lesson.minutes, blue: lesson.preview })),
    format: 'card',
    walkers: true,
    standalone: true,
  })
}
