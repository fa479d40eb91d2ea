import type MarkdownIt from 'markdown-it'
import { markdownCaps } from './markdown-caps'

/** Tags that authors write because Markdown has nothing for them. They have no attributes. */
const allowed = new Set([
  'kbd',
  'sub',
  'sup',
  'mark',
  'u',
  'small',
  'ins',
  'del',
  's',
  'b',
  'i',
  'strong',
  'em',
  'code',
])

/** Elements of HTML. A word in angle brackets that isn't one of them is text, such as `<your name>`. */
const elements = new Set(
  (
    'a abbr address article aside audio b big blockquote body br button canvas caption center cite code col dd del ' +
    'details dialog div dl dt em embed fieldset figcaption figure font footer form frame h1 h2 h3 h4 h5 h6 head header ' +
    'hr html i iframe img input ins kbd label legend li link main map mark math meta nav noscript object ol option p ' +
    'param picture pre q s samp script section select small source span strike strong style sub summary sup svg table ' +
    'tbody td template textarea tfoot th thead title tr track tt u ul var video wbr'
  ).split(' '),
)

/**
 * Reads the HTML in Markdown: comments disappear, `<br>` and `<img>` become a line break and an image, a few tags stay,
 * and every other one disappears, its text stays. The tags that disappear are tokens of the type `html_dropped`, for
 * the check to report.
 */
export function readHtml(markdown: InstanceType<typeof MarkdownIt>): void {
  markdown.set({ html: true })
  // Blocks of HTML would hide the Markdown within them.
  markdown.disable('html_block')
  markdown.block.ruler.before('paragraph', 'comment', commentBlock, {
    alt: ['paragraph', 'blockquote', 'list'],
  })
  markdown.core.ruler.after('inline', 'html', ({ tokens, Token }) => {
    for (const block of tokens) {
      if (!block.children?.some(isHtml)) continue
      const children = block.children.map(token => (isHtml(token) ? convert(token, Token) : token))
      dropDeepTags(children)
      block.children = withoutPrograms(children)
    }
  })
  for (const type of ['html_dropped', 'html_comment']) markdown.renderer.rules[type] = () => ''
}

/** Drops the tags that stand in too many others: a page of thousands in each other is read for minutes. */
function dropDeepTags(tokens: MarkdownIt.Token[]): void {
  const open: string[] = []
  for (const token of tokens) {
    if (!isHtml(token)) continue
    const isClosing = token.content.startsWith('</')
    const at = isClosing ? open.lastIndexOf(token.tag) : -1
    // Its end is that of the tags within it, too.
    if (at >= 0) open.length = at
    else if (!isClosing && open.length < markdownCaps.nesting) open.push(token.tag)
    else if (!isClosing) token.type = 'html_dropped'
  }
}

/** Removes what is within `<style>` and `<script>` in one paragraph: it isn't for readers. */
function withoutPrograms(tokens: MarkdownIt.Token[]): MarkdownIt.Token[] {
  let open: string | null = null
  return tokens.filter(({ type, tag, content }) => {
    const isTag = type === 'html_dropped' && (tag === 'style' || tag === 'script')
    if (isTag && !content.startsWith('</')) open ??= tag
    else if (isTag && tag === open) open = null
    return open === null || isTag || type === 'softbreak'
  })
}

const isHtml = ({ type }: MarkdownIt.Token) => type === 'html_inline'

function convert(token: MarkdownIt.Token, Token: MarkdownIt.StateCore['Token']): MarkdownIt.Token {
  if (token.content.startsWith('<!')) return Object.assign(token, { type: 'html_comment' })
  const [, slash, typed] = /^<(\/?)([a-z][a-z0-9-]*)/i.exec(token.content) ?? []
  const name = typed?.toLowerCase() ?? ''
  if (!elements.has(name)) return Object.assign(token, { type: 'text' })
  if (name === 'br') return Object.assign(new Token('hardbreak', 'br', 0), { markup: 'br' })
  if (name === 'img') return imageOf(token.content, Token)
  if (allowed.has(name)) return Object.assign(token, { tag: name, content: `<${slash}${name}>` })
  return Object.assign(token, { type: 'html_dropped', tag: name })
}

function imageOf(tag: string, Token: MarkdownIt.StateCore['Token']): MarkdownIt.Token {
  const attribute = (name: string) => {
    const [, double, single, bare] =
      new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag) ?? []
    return double ?? single ?? bare ?? ''
  }
  const image = new Token('image', 'img', 0)
  const text = Object.assign(new Token('text', '', 0), { content: attribute('alt') })
  image.attrs = [
    ['src', attribute('src')],
    ['alt', ''],
  ]
  // HTML says with an empty `alt` that a picture is decorative, and says nothing without the attribute.
  const isDecorative = /\salt\s*=\s*(?:""|'')/i.test(tag)
  return Object.assign(image, { content: text.content, children: [text], meta: { isDecorative } })
}

/** A comment that begins a line, up to the line where it ends. */
function commentBlock(
  state: MarkdownIt.StateBlock,
  startLine: number,
  endLine: number,
  silent: boolean,
): boolean {
  const lineAt = (n: number) => state.src.slice(state.bMarks[n]! + state.tShift[n]!, state.eMarks[n]!)
  if (!lineAt(startLine).startsWith('<!--')) return false
  // One search for the end, so that many comments without one cost no more than their length.
  const close = state.src.indexOf('-->', state.bMarks[startLine]! + state.tShift[startLine]!)
  if (
    close !== -1 &&
    close < state.eMarks[endLine - 1]! &&
    /^-->[^\S\n]*\S/.test(state.src.slice(close, close + 400))
  ) {
    return false
  }
  let line = startLine
  while (line < endLine && !lineAt(line).includes('-->')) line++
  const after = lineAt(Math.min(line, endLine - 1))
    .split('-->')
    .slice(1)
    .join('-->')
  // Text after the end of the comment is a paragraph, whose inline rule removes the comment.
  if (line < endLine && after.trim()) return false
  if (!silent) state.line = Math.min(line + 1, endLine)
  return true
}
