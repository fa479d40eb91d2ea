import type { ShownBrand } from '../brand/brand'
import { standardPairing, typePairings } from '../brand/type-pairings'
import type { Translate } from './i18n'
import { fileUrl } from './image'

/** The metadata of a page, for search engines and link previews. */
type Head = {
  title?: string
  description?: string
  /** The page's path; the document has its URL at the brand. */
  canonical?: string
  /** Path of the Open Graph image. */
  image?: string
  noindex?: boolean
  /** Path of the largest picture at the top, such as a video's poster: it is loaded before the others. */
  picture?: string | undefined
  /** Path of a page that other sites can show: a course, or a free lesson. */
  oembed?: string
  /** Path of a podcast about the page. */
  podcast?: string | undefined
  /** Returns structured data for search engines, as schema.org describes it, with URLs at the brand. */
  jsonLd?: (baseUrl: string) => object
}

type HeadPage = {
  t: Translate
  head?: Head
  lang?: string
  layout?: string
  dir?: string
  theme?: string
  baseUrl?: string
  assetVersion?: string
  brand?: ShownBrand
  scripts?: string[]
  person?: object | null
}

/**
 * What partials/document-start prints. `canonical` and `image` are URLs; `attributes` is HTML; `jsonLd` is safe inside
 * a script element.
 */
export type HeadView = Omit<Head, 'jsonLd' | 'oembed'> & {
  attributes: string
  documentTitle: string
  siteName: string
  sheets: string[]
  scripts: string[]
  version: string
  /** Preloaded font files. */
  fonts: string[]
  icon: { href: string; type: string }
  jsonLd: string
  /** Other forms of the page: feeds of the catalogue, and how other sites show it. */
  alternates: { type: string; href: string; title: string }[]
}

/** Returns the head of the document. File URLs contain the version, so that browsers fetch a new one immediately. */
export function headView(page: HeadPage, sheets: string[]): HeadView {
  const { t, head = {}, lang = 'en', dir = 'ltr', theme, baseUrl = '' } = page
  const urlOf = (path: string | undefined) => path && baseUrl + path
  const version = page.assetVersion ? `?v=${page.assetVersion}` : ''
  const brandVersion = version && page.brand ? `${version}-${page.brand.key}` : version
  const content = page.brand?.content
  const social = content?.socialImage ? fileUrl(content.socialImage) : undefined
  const chosenTheme = theme === 'light' || theme === 'dark' ? ` data-theme="${theme}"` : ''
  return {
    ...head,
    canonical: urlOf(head.canonical),
    image: urlOf(head.image ?? social),
    title: head.title ?? t('layout:name'),
    attributes: ` lang="${lang}" dir="${dir}"${chosenTheme}`,
    documentTitle: head.title ? t('layout:title', { title: head.title }) : t('layout:name'),
    siteName: t('layout:name'),
    sheets: [`/css/base.css${brandVersion}`, ...sheets.map(sheet => `/css/${sheet}.css${version}`)],
    scripts: (page.scripts ?? []).map(
      script => (script.startsWith('/') ? script : `/js/${script}`) + version,
    ),
    version,
    fonts: typePairings[content?.typePairing ?? standardPairing].preload.map(name => `/fonts/${name}.woff2`),
    icon: content?.icon
      ? { href: fileUrl(content.icon), type: content.icon.type }
      : { href: `/favicon.svg${brandVersion}`, type: 'image/svg+xml' },
    alternates: head.noindex ? [] : alternatesOf(page),
    // Search engines aren't signed in. A "<" inside a string could end the script element.
    jsonLd:
      head.jsonLd && !page.person ? JSON.stringify(head.jsonLd(baseUrl)).replaceAll('<', '\\u003c') : '',
  }
}

function alternatesOf({ t, head = {}, layout, baseUrl = '' }: HeadPage): HeadView['alternates'] {
  if (layout !== 'academy') return []
  const feed = t('layout:feed', { academy: t('layout:name') })
  const url = head.oembed && encodeURIComponent(baseUrl + head.oembed)
  const title = head.title ?? ''
  return [
    { type: 'application/rss+xml', href: '/feed.xml', title: feed },
    { type: 'application/feed+json', href: '/feed.json', title: feed },
    ...(head.podcast ? [{ type: 'application/rss+xml', href: head.podcast, title }] : []),
    ...(url
      ? (['json', 'xml'] as const).map(format => ({
          type: `${format === 'json' ? 'application/json' : 'text/xml'}+oembed`,
          href: `${baseUrl}/oembed?format=${format}&url=${url}`,
          title,
        }))
      : []),
  ]
}
