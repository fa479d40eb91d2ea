import { assetUrl, type Asset } from '../courses/asset'
import { srcsetOf } from '../courses/image-sizes'
import type { MediaUse } from '../courses/media-uses'
import type { Course } from '../courses/course'
import type { Texts } from '../web/texts'
import { urlOf } from './urls'

/** The kinds of files that the library tells apart, and the icon of those that have no picture of their own. */
const icons = {
  image: 'image',
  video: 'video-camera',
  audio: 'headphones',
  captions: 'quotes',
  document: 'file-text',
}
export type MediaKind = keyof typeof icons
export const mediaKinds = Object.keys(icons) as MediaKind[]

/** Returns the kind of a file by its media type. */
export function kindOfMedia({ type }: Pick<Asset, 'type'>): MediaKind {
  if (type === 'text/vtt') return 'captions'
  const [family] = type.split('/')
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'document'
}

/** Returns the address of the page of a file. */
export function fileHref(course: Pick<Course, 'slug'>, path: string): string {
  return `${urlOf(course)}/file?${new URLSearchParams({ path })}`
}

/** Returns where a change to a file is undone. */
export function undoUrl(course: Pick<Course, 'slug'>, change: string): string {
  return `${urlOf(course)}/files/undo?${new URLSearchParams({ change })}`
}

/** Returns what a list shows of a file: a small picture, the first picture of a video, or an icon. */
export function thumbnailOf(asset: Asset) {
  const kind = kindOfMedia(asset)
  const src = assetUrl(asset.hash, asset.path)
  return {
    icon: icons[kind],
    image: kind === 'image' ? { src: srcsetOf(asset) ? `${src}?width=480` : src } : null,
    // Browsers draw the picture at this second without playing.
    video: kind === 'video' ? { src: `${src}#t=${Math.min(1, (asset.seconds ?? 2) / 2)}` } : null,
  }
}

/** Returns an image's size, a recording's length, or the type of any other file. */
export function factsOf({ width, height, seconds, type }: Asset, { t, number }: Texts): string {
  if (width) return t('studio:media.pixels', { width, height })
  if (seconds) return t('studio:media.seconds', { seconds: number(Math.ceil(seconds)) })
  return type
}

/** Returns a size in bytes as kB (at least 1), or as MB with one decimal. */
export function sizeText(bytes: number, { t, number }: Texts): string {
  if (bytes >= 1_000_000)
    return t('studio:media.megabytes', { size: number(Math.round(bytes / 100_000) / 10) })
  return t('studio:media.kilobytes', { size: number(Math.max(1, Math.round(bytes / 1000))) })
}

/** A place that uses a file, as a link to it. */
export type UseView = { href: string; text: string; place: string; alt: string | null }

/** Returns the places that use a file, with what a text says of a picture. */
export function usesView(course: Pick<Course, 'slug'>, uses: MediaUse[], { t }: Texts): UseView[] {
  return uses.map(({ lesson, place, line, heading, step, field, alt }) => {
    const named = field === null ? null : t(`studio:lessonSettings.${field}`)
    const detail = heading !== null ? 'Under' : step !== null ? 'Step' : ''
    return {
      href: hrefOf(course, { lesson, place, line, field }),
      text: lesson?.title ?? t('studio:media.theCourse'),
      place: named ?? t(`studio:media.places.${place}${detail}`, { heading: heading ?? '', step: step ?? 0 }),
      alt: place === 'shown' ? alt : null,
    }
  })
}

function hrefOf(
  course: Pick<Course, 'slug'>,
  { lesson, place, line, field }: Pick<MediaUse, 'lesson' | 'place' | 'line' | 'field'>,
): string {
  if (!lesson) return `${urlOf(course)}/settings#${place}`
  if (line !== null) return `${urlOf(course, lesson)}#line-${line}`
  return `${urlOf(course, lesson)}/settings${field === null ? '' : `#${field}`}`
}

/** Returns a file as the visual editor knows it. `thumbnail` is a small picture, or a video's address with a moment. */
export function fileView(course: Pick<Course, 'slug'>, asset: Asset) {
  const { path, hash, type, alt } = asset
  const { image, video } = thumbnailOf(asset)
  return {
    ...{ path, url: assetUrl(hash, path), type, href: fileHref(course, path) },
    thumbnail: (image ?? video)?.src ?? null,
    ...(alt && { alt }),
  }
}
