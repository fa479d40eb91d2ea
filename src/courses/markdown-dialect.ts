import MarkdownIt from 'markdown-it'
import { markdownCaps } from './markdown-caps'
import { readDetails } from './markdown-details'
import { readHtml } from './markdown-html'

type Reader = InstanceType<typeof MarkdownIt>

/** The name of a file with spaces, up to its ending, such as `Screenshot 17.33.53` or `Plan (1)`. */
const spacedName = String.raw`[^\n()<>"]{1,300}?(?:\([^\n()<>"]{0,60}\)[^\n()<>"]{0,60}){0,3}?`
const anchorOfFile = String.raw`(?:#[^\s()<>]{0,200})?`

/** A path such as `assets/Plan (1).png` or `Lesson 2.md#part`, before the end of the link or its title. */
const spacedFile = new RegExp(
  [
    String.raw`(?:(?:\.{1,2}\/){0,20}assets\/${spacedName}\.[a-z0-9]{1,5}`,
    String.raw`|${spacedName}\.(?:md|markdown)${anchorOfFile})(?=\s*\)|\s+["'])`,
  ].join(''),
  'iy',
)

/**
 * Returns a reader of the Markdown of lessons: CommonMark with tables, struck text, task lists, `==marked==` text,
 * `<details>` and a few HTML tags. The pages of the academy and the studio's editor read with the same one.
 */
export function newMarkdown(): Reader {
  const markdown = new MarkdownIt({ html: false, linkify: false, maxNesting: markdownCaps.nesting })
  readHtml(markdown)
  readDetails(markdown)
  readSpacedFiles(markdown)
  readTasks(markdown)
  readMarked(markdown)
  return markdown
}

/** CommonMark asks for angle brackets around a path with spaces, which is what cameras and screenshots make. */
function readSpacedFiles(markdown: Reader): void {
  const parseLinkDestination = markdown.helpers.parseLinkDestination
  markdown.helpers.parseLinkDestination = (text, start, max) => {
    spacedFile.lastIndex = start
    const [path] = spacedFile.exec(text.slice(0, max)) ?? []
    if (path === undefined || !/\s/.test(path)) return parseLinkDestination(text, start, max)
    return { ok: true, pos: start + path.length, str: path }
  }
}

/** Reads `- [ ] to do` and `- [x] done`. */
function readTasks(markdown: Reader): void {
  markdown.core.ruler.after('html', 'tasks', ({ tokens, Token }) => {
    for (const [n, token] of tokens.entries()) {
      if (token.type !== 'inline' || tokens[n - 2]?.type !== 'list_item_open') continue
      const [first] = token.children ?? []
      const [, mark] = (first?.type === 'text' && /^\[([ xX])\]\s/.exec(first.content)) || []
      if (mark === undefined) continue
      first!.content = first!.content.slice(4)
      const box = Object.assign(new Token('html_inline', '', 0), {
        content: `<input type="checkbox" disabled${mark === ' ' ? '' : ' checked'}> `,
      })
      token.children!.unshift(box)
      tokens[n - 2]!.attrJoin('class', 'task')
    }
  })
}

/** Reads `==marked==`, as many editors write it; `a==b` is a comparison. */
function readMarked(markdown: Reader): void {
  markdown.core.ruler.after('html', 'mark', ({ tokens, Token }) => {
    const tag = (content: string) => Object.assign(new Token('html_inline', '', 0), { content })
    for (const block of tokens) {
      block.children = (block.children ?? []).flatMap(token => {
        if (token.type !== 'text' || !token.content.includes('==')) return [token]
        const parts = token.content.split(/(?<![\w=])==(?=[^\s=])([^=\n]{1,300})(?<=[^\s=])==(?![\w=])/)
        return parts.flatMap((content, n) => {
          const text = Object.assign(new Token('text', '', 0), { content })
          return n % 2 ? [tag('<mark>'), text, tag('</mark>')] : [text]
        })
      })
    }
  })
}
