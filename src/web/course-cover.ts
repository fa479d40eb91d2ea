import { escapeXML } from 'ejs'
import { assetNamed, assetUrl, type Asset } from '../courses/asset'
import type { Lesson } from '../courses/course'
import { srcsetOf } from '../courses/image-sizes'
import type { Published } from '../courses/published'
import { cover } from './charts/cover'
import type { CourseLook } from './course-palette'
import type { Texts } from './texts'

/**
 * Returns the cover of a course in a list as HTML: the picture that its author chose, or a drawing in which highlighted
 * lessons are blue columns, by default the free ones.
 */
export function courseCover(
  { dir }: Pick<Texts, 'dir'>,
  course: Published,
  look: CourseLook,
  isHighlighted = (lesson: Lesson) => lesson.preview,
): string {
  const picture = coverImage(course, look)
  if (picture) return imageHtml(picture, cardSizes)
  return cover({
    id: course.slug,
    topic: course.content.topic,
    palette: look.palette,
    lessons: course.lessons.map(lesson => ({ minutes: lesson.minutes, blue: isHighlighted(lesson) })),
    format: 'list',
    rtl: dir === 'rtl',
  })
}

/** Three beside each other, and beside their text on a phone. */
const cardSizes = '(min-width: 45.0625em) 320px, 120px'

/** Returns the picture that a course shows as its cover; undefined for one that is drawn. */
export function coverImage({ content }: Pick<Published, 'content'>, look: CourseLook): Asset | undefined {
  if (look.isDrawn || !content.cover) return undefined
  const asset = assetNamed(content.assets, content.cover)
  return asset?.type.startsWith('image/') ? asset : undefined
}

/** Returns a cover as an image, without a text of its own: the title is beside it. */
export function imageHtml(asset: Asset, sizes: string): string {
  const { hash, path, width, height, focus } = asset
  const srcset = srcsetOf(asset)
  const given = srcset ? ` srcset="${escapeXML(srcset)}" sizes="${sizes}"` : ''
  const size = width && height ? ` width="${width}" height="${height}"` : ''
  const classes = ['cover', 'cover-picture', ...focusClasses(focus)].join(' ')
  return `<img class="${classes}" src="${escapeXML(assetUrl(hash, path))}" alt=""${size}${given}>`
}

/** Returns the classes that keep a point of a cut picture in view, to a tenth of its width and height. */
function focusClasses(focus: Asset['focus']): string[] {
  if (!focus) return []
  const tenth = (percent: number) => Math.round(percent / 10) * 10
  return [`focus-x-${tenth(focus.x)}`, `focus-y-${tenth(focus.y)}`]
}
