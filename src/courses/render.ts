import sanitizeHtml from 'sanitize-html'
import { assetNamed, assetPath, assetUrl, type Asset } from './asset'
import { attribute, markdown, readMarkdown, type Token } from './markdown'

/**
 * Renders Markdown as sanitized HTML. The highest heading becomes `h2` (or `top`), so the page's outline has no gap.
 * References to course files become URLs. A missing or external image is replaced by its alt text and a link to a
 * missing file by its text; the check before publishing reports both.
 */
export function renderMarkdown(text: string, assets: readonly Asset[], language = 'en', top = 2): string {
  const tokens = readMarkdown(text, language).filter(token => !isQuiz(token))
  shiftHeadings(tokens, top)
  for (const token of tokens) {
    alignByClass(token)
    if (token.children) token.children = token.children.map(placeImage(assets))
    if (token.children) placeLinks(token.children, assets)
  }
  return sanitizeHtml(markdown.renderer.render(tokens, markdown.options, {}), allowed)
}

function isQuiz(token: Token): boolean {
  return token.type === 'fence' && token.info.trim().split(/\s+/)[0] === 'quiz'
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

function placeImage(assets: readonly Asset[]) {
  return (token: Token): Token => {
    if (token.type !== 'image') return token
    const asset = assetNamed(assets, attribute(token, 'src'))
    if (!asset) {
      token.type = 'text'
      return token
    }
    token.attrSet('src', assetUrl(asset.hash, asset.path))
    if (asset.width && asset.height) {
      token.attrSet('width', String(asset.width))
      token.attrSet('height', String(asset.height))
    }
    token.attrSet('loading', 'lazy')
    token.attrSet('decoding', 'async')
    return token
  }
}

function placeLinks(tokens: Token[], assets: readonly Asset[]): void {
  const open: Token[] = []
  for (const token of tokens) {
    if (token.type === 'link_open') {
      open.push(token)
      const href = attribute(token, 'href')
      const asset = assetNamed(assets, href)
      if (asset) token.attrSet('href', assetUrl(asset.hash, asset.path))
      else if (assetPath(href) !== null) token.hidden = true
      else if (/^https?:\/\//i.test(href)) token.attrSet('rel', 'noopener noreferrer')
    } else if (token.type === 'link_close') token.hidden = open.pop()?.hidden ?? false
  }
}

const allowed: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['h2', 'h3', 'h4', 'h5', 'h6', 'p', 'blockquote', 'ul', 'ol', 'li', 'hr', 'br', 'pre', 'code'],
    ...['strong', 'em', 's', 'a', 'img', 'div', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ],
  allowedAttributes: {
    a: ['href', 'title', 'rel'],
    img: ['src', 'alt', 'title', 'width', 'height', 'loading', 'decoding'],
    ol: ['start'],
    div: ['tabindex', 'role'],
  },
  allowedClasses: { code: ['language-*'], div: ['table-scroll'], th: ['align-*'], td: ['align-*'] },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
}
