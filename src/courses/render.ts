import sanitizeHtml from 'sanitize-html'
import { assetNamed, assetUrl, type Asset } from './asset'
import { languageInName, playedName } from './captions'
import { attribute, blocksOfPage, fenceLanguage, markdown, readMarkdown, type Token } from './markdown'
import { embedOf, isEmbedAddress, type Embed } from './embed'
import { noEmbeds, type EmbedList } from './embed-list'
import { imageSizes, srcsetOf } from './image-sizes'
import { isRecording, tracksBeside } from './recording-in-text'
import { resolveReference, type Resolved, type Surroundings } from './reference'

const renderImage = markdown.renderer.rules.image!
// Browsers choose a size of the picture that fits their screen.
markdown.renderer.rules.image = (tokens, at, ...rest) => {
  const image = renderImage(tokens, at, ...rest)
  const { srcset } = (tokens[at]!.meta ?? {}) as { srcset?: string | null }
  if (!srcset) return image
  return `<picture><source type="image/webp" srcset="${srcset}" sizes="${imageSizes}">${image}</picture>`
}

/** Returns a player for a recording that a text shows as it shows an image, with the captions beside it. */
function playerOf(recording: Asset, assets: readonly Asset[], title: string, language: string): string {
  const tag = recording.type.startsWith('video/') ? 'video' : 'audio'
  const tracks = tracksBeside(recording, assets).map((track, n) => trackOf(track, language, n === 0))
  const label = markdown.utils.escapeHtml(title)
  const src = assetUrl(recording.hash, recording.path)
  return `<${tag} src="${src}" controls preload="metadata" aria-label="${label}">${tracks.join('')}</${tag}>`
}

function trackOf({ hash, path }: Asset, language: string, isDefault: boolean): string {
  const spoken = languageInName(path) ?? language
  const src = assetUrl(hash, playedName(path))
  return `<track kind="captions" src="${src}" srclang="${spoken}"${isDefault ? ' default' : ''}>`
}

/** The lessons that a text can link to, and their addresses. */
export type LessonLinks = {
  lessons: Surroundings['lessons']
  hrefOf: (slug: string) => string
  /** The sites whose pages it may show in a frame; none without it. */
  embeds?: EmbedList
}

/**
 * Renders Markdown as sanitized HTML. The highest heading becomes `h2` (or `top`), so the page's outline has no gap.
 * References become URLs (see reference.ts). A missing or external image is replaced by its alt text, and a link that
 * leads nowhere by its text; the check before publishing reports both. The address of an allowed site alone in a
 * paragraph, written as an image, becomes a place for its frame, and any other a link.
 *
 * @param links null where links to lessons make no sense, such as in a transcript.
 */
export function renderMarkdown(
  text: string,
  assets: readonly Asset[],
  language = 'en',
  top = 2,
  links: LessonLinks | null = null,
): string {
  const tokens = readMarkdown(text, language).filter(token => !isBlockOfPage(token))
  const surroundings = { assets, lessons: links?.lessons ?? [], text }
  shiftHeadings(tokens, top)
  nameSummaries(tokens)
  for (const token of tokens) {
    alignByClass(token)
    if (token.children) {
      token.children = placeEmbeds(token.children, links?.embeds ?? noEmbeds)
      token.children = token.children.map(placeImage(assets, language))
    }
    if (token.children) placeLinks(token.children, surroundings, links)
  }
  return sanitizeHtml(markdown.renderer.render(tokens, markdown.options, {}), allowed)
}

/** Whether a block is shown elsewhere on the lesson's page: a question, or a step of a tour. */
function isBlockOfPage(token: Token): boolean {
  return token.type === 'fence' && blocksOfPage.has(fenceLanguage(token))
}

/** A title that says nothing couldn't be read out, or clicked. */
function nameSummaries(tokens: Token[]): void {
  for (const [n, { type, content }] of tokens.entries()) {
    if (type !== 'inline' || content || tokens[n - 1]?.type !== 'summary_open') continue
    const text = new markdown.core.State('', markdown, {}).Token
    tokens[n]!.children = [Object.assign(new text('text', '', 0), { content: '…' })]
  }
}

function shiftHeadings(tokens: Token[], top: number): void {
  const headings = tokens.filter(token => token.type === 'heading_open' || token.type === 'heading_close')
  const highest = Math.min(...headings.map(levelOf))
  for (const heading of headings) heading.tag = `h${Math.min(levelOf(heading) - highest + top, 6)}`
}

const levelOf = (heading: Token) => Number(heading.tag.slice(1))

/** Aligns columns by class, because the content security policy forbids inline styles. */
function alignByClass(token: Token): void {
  const style = attribute(token, 'style')
  if (!style) return
  token.attrs = token.attrs!.filter(([name]) => name !== 'style')
  if (style.endsWith('right')) token.attrSet('class', 'align-end')
  if (style.endsWith('center')) token.attrSet('class', 'align-center')
}

/** Turns images that lead to pages of other sites into places for frames, or into links. */
function placeEmbeds(tokens: Token[], allowed: EmbedList): Token[] {
  return tokens.map(token => {
    const target = token.type === 'image' ? attribute(token, 'src') : ''
    if (!isEmbedAddress(target)) return token
    const escaped = (text: string) => markdown.utils.escapeHtml(text)
    const href = escaped(target)
    const link = `<a href="${href}" rel="noopener noreferrer">${escaped(token.content.trim()) || href}</a>`
    const embed = tokens.length === 1 ? embedOf(target, allowed) : 'refused'
    const content = typeof embed === 'string' ? link : `<span class="embed"${dataOf(embed)}>${link}</span>`
    return Object.assign(token, { type: 'html_inline', content })
  })
}

/** What public/js/embed.js makes a card and a frame of. */
function dataOf({ src, host, name }: Embed): string {
  const data = Object.entries({ embed: src, host, name })
  return data.map(([key, value]) => ` data-${key}="${markdown.utils.escapeHtml(value)}"`).join('')
}

function placeImage(assets: readonly Asset[], language: string) {
  return (token: Token): Token => {
    if (token.type !== 'image') return token
    const asset = assetNamed(assets, attribute(token, 'src'))
    if (!asset) {
      token.type = 'text'
      return token
    }
    if (isRecording(asset)) {
      const content = playerOf(asset, assets, token.content.trim(), language)
      return Object.assign(token, { type: 'html_inline', content })
    }
    token.attrSet('src', assetUrl(asset.hash, asset.path))
    if (asset.width && asset.height) {
      token.attrSet('width', String(asset.width))
      token.attrSet('height', String(asset.height))
    }
    token.meta = { srcset: srcsetOf(asset) }
    token.attrSet('loading', 'lazy')
    token.attrSet('decoding', 'async')
    return token
  }
}

function placeLinks(tokens: Token[], surroundings: Surroundings, links: LessonLinks | null): void {
  const open: Token[] = []
  for (const token of tokens) {
    if (token.type === 'link_open') {
      open.push(token)
      const href = hrefOf(resolveReference(attribute(token, 'href'), surroundings), links)
      if (href === null) token.hidden = true
      else token.attrSet('href', href)
      if (href && /^https?:/i.test(href)) token.attrSet('rel', 'noopener noreferrer')
    } else if (token.type === 'link_close') token.hidden = open.pop()?.hidden ?? false
  }
}

/** Returns the address of what a reference leads to; null when it leads nowhere. */
function hrefOf(resolved: Resolved, links: LessonLinks | null): string | null {
  switch (resolved.kind) {
    case 'lesson': {
      const href = links?.hrefOf(resolved.slug) ?? null
      return href && resolved.anchor ? `${href}#${encodeURIComponent(resolved.anchor)}` : href
    }
    case 'heading':
      return `#${encodeURIComponent(resolved.anchor)}`
    case 'file':
      return assetUrl(resolved.asset.hash, resolved.asset.path)
    case 'page':
      return resolved.path
    case 'outside':
    case 'contact':
      return resolved.url
    case 'missingFile':
    case 'broken':
      return null
  }
}

const allowed: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['h2', 'h3', 'h4', 'h5', 'h6', 'p', 'blockquote', 'ul', 'ol', 'li', 'hr', 'br', 'pre', 'code'],
    ...['strong', 'em', 's', 'a', 'img', 'div', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'input'],
    ...['kbd', 'sub', 'sup', 'mark', 'u', 'small', 'ins', 'del', 'b', 'i', 'picture', 'source'],
    ...['video', 'audio', 'track', 'span', 'details', 'summary'],
  ],
  allowedAttributes: {
    a: ['href', 'title', 'rel'],
    img: ['src', 'alt', 'title', 'width', 'height', 'loading', 'decoding'],
    source: ['type', 'srcset', 'sizes'],
    video: ['src', 'controls', 'preload', 'aria-label'],
    audio: ['src', 'controls', 'preload', 'aria-label'],
    track: ['kind', 'src', 'srclang', 'default'],
    ol: ['start'],
    input: ['type', 'disabled', 'checked'],
    ...Object.fromEntries(['h2', 'h3', 'h4', 'h5', 'h6'].map(tag => [tag, ['id']])),
    div: ['tabindex', 'role'],
    span: ['data-embed', 'data-host', 'data-name'],
  },
  allowedClasses: {
    code: ['language-*'],
    div: ['table-scroll'],
    span: ['embed'],
    li: ['task'],
    th: ['align-*'],
    td: ['align-*'],
  },
  selfClosing: ['img', 'br', 'hr', 'input', 'source', 'track'],
  allowedSchemes: ['http', 'https', 'mailto', 'tel'],
  allowProtocolRelative: false,
}
