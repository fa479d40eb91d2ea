import { config } from '../platform/config'
import { assetNamed, assetPath, type Asset } from './asset'
import { slugOfFile } from './file-name'
import { markdownFacts } from './markdown'

/** A lesson that a text can refer to. */
export type Target = { slug: string; body: string }

/** The course around a text: what its references can lead to. */
export type Surroundings = {
  assets: readonly Asset[]
  lessons: readonly Target[]
  /** The text itself, whose headings it can refer to. */
  text: string
}

/** What a link or image refers to; `broken` when it leads nowhere. */
export type Resolved =
  | { kind: 'lesson'; slug: string; anchor: string | null }
  | { kind: 'heading'; anchor: string }
  | { kind: 'file'; asset: Asset }
  | { kind: 'missingFile'; path: string }
  /** A page of this academy, by its path. */
  | { kind: 'page'; path: string }
  | { kind: 'outside'; url: string }
  /** An email address or a telephone number. */
  | { kind: 'contact'; url: string }
  | { kind: 'broken' }

const broken = { kind: 'broken' } as const

/**
 * Returns what a reference leads to, as an author writes it: `02-next.md`, `../02-more/01-third.md#part`, `#part`,
 * `assets/sheet.csv`, `/courses/pumps`, `https://…`, `www.…`, `mailto:…`, `tel:…`. The check, the preview, the page and
 * the export all read references with this function.
 */
export function resolveReference(target: string, { assets, lessons, text }: Surroundings): Resolved {
  const typed = target.trim()
  if (typed.startsWith('#')) return headingOf(typed.slice(1), text)
  const path = assetPath(typed)
  if (path !== null) {
    const asset = assetNamed(assets, typed)
    return asset ? { kind: 'file', asset } : { kind: 'missingFile', path }
  }
  if (/^(mailto|tel):./i.test(typed)) return { kind: 'contact', url: typed }
  if (/^www\.[^./]+\.\S/i.test(typed)) return webPage(`https://${typed}`)
  if (/^https?:/i.test(typed)) return webPage(typed)
  if (/^\/(?!\/)/.test(typed)) return { kind: 'page', path: pagePath(typed) }
  return lessonOf(typed, lessons)
}

function webPage(typed: string): Resolved {
  if (!URL.canParse(typed)) return broken
  const { host, pathname, search, hash } = new URL(typed)
  if (host !== new URL(config.baseUrl).host) return { kind: 'outside', url: typed }
  return { kind: 'page', path: pagePath(`${pathname}${search}${hash}`) }
}

/** A path as an author names a lesson's file: `/courses/pumps/02-seals.md`, `/courses/pumps/01-start/02-seals#part`. */
const lessonFilePath =
  /^(\/courses\/[^/?#]+)\/(?:[^/?#]+\/)?(\d+-[^/?#]+|[^/?#]+\.md)(?=[?#]|$)(?<!\/lessons\/[^/]*)/i

/** Returns the path of a page of the academy. A lesson may also be named by its file. */
function pagePath(typed: string): string {
  return typed.replace(
    lessonFilePath,
    (_path, course: string, file: string) => `${course}/lessons/${slugOfFile(decoded(file))}`,
  )
}

function lessonOf(typed: string, lessons: readonly Target[]): Resolved {
  const [, name, anchor] = /^(?:[^/?#]+\/)*([^/?#]+)\.(?:md|markdown)(?:#(.*))?$/i.exec(typed) ?? []
  if (name === undefined) return broken
  const [slug, whole] = [slugOfFile(decoded(name)), decoded(name)]
  const lesson = lessons.find(each => each.slug === whole) ?? lessons.find(each => each.slug === slug)
  if (!lesson) return broken
  if (!anchor) return { kind: 'lesson', slug: lesson.slug, anchor: null }
  const heading = headingOf(anchor, lesson.body)
  return heading.kind === 'heading' ? { kind: 'lesson', slug: lesson.slug, anchor: heading.anchor } : broken
}

function headingOf(typed: string, text: string): Resolved {
  const anchor = decoded(typed).toLowerCase()
  return markdownFacts(text).headings.has(anchor) ? { kind: 'heading', anchor } : broken
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
