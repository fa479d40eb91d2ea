import MarkdownIt from 'markdown-it'

export type Token = MarkdownIt.Token

/** CommonMark with tables. Raw HTML is shown as text; straight quotation marks become typographic ones. */
export const markdown = new MarkdownIt({ html: false, linkify: false, typographer: true }).disable(
  'replacements',
)
// A wide table scrolls within its own frame; the page doesn't.
markdown.renderer.rules.table_open = () => '<div class="table-scroll" tabindex="0" role="group"><table>\n'
markdown.renderer.rules.table_close = () => '</table></div>\n'

/** Outer and inner quotation marks of the languages that differ from English. */
const quotesOf: Record<string, [string, string, string, string]> = {
  cs: ['„', '“', '‚', '‘'],
  de: ['„', '“', '‚', '‘'],
  pl: ['„', '”', '«', '»'],
  fr: ['«\u00a0', '\u00a0»', '“', '”'],
  es: ['«', '»', '“', '”'],
  it: ['«', '»', '“', '”'],
}

/** Parses Markdown in a language such as `en` or `pt-BR`; the language decides the quotation marks. */
export function readMarkdown(text: string, language: string): Token[] {
  markdown.set({ quotes: quotesOf[language.split('-')[0]!] ?? ['“', '”', '‘', '’'] })
  return markdown.parse(text, {})
}

/** A fenced block; `line` is the line of its first content line, counted from 1. */
export type Fence = { language: string; text: string; line: number }

/** Returns the fenced blocks of Markdown text, in order. */
export function fencesIn(text: string): Fence[] {
  return markdown
    .parse(text, {})
    .filter(token => token.type === 'fence')
    .map(token => ({
      language: token.info.trim().split(/\s+/)[0] ?? '',
      text: token.content,
      line: (token.map?.[0] ?? 0) + 2,
    }))
}

export type Reference = { kind: 'image' | 'link'; target: string; alt: string; line: number }

/**
 * Returns every image and link in Markdown text, in order; `line` is the first line of its paragraph, counted from 1.
 */
export function referencesIn(text: string): Reference[] {
  const found: Reference[] = []
  for (const block of markdown.parse(text, {})) {
    for (const token of block.children ?? []) {
      const line = (block.map?.[0] ?? 0) + 1
      if (token.type === 'image') {
        found.push({ kind: 'image', target: attribute(token, 'src'), alt: token.content.trim(), line })
      } else if (token.type === 'link_open') {
        found.push({ kind: 'link', target: attribute(token, 'href'), alt: '', line })
      }
    }
  }
  return found
}

/** Returns an attribute of a token, or an empty string. */
export function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '')
}

/** Counts the words a reader reads: text, headings and code, but not quizzes and URLs. */
export function countWords(text: string): number {
  let words = 0
  for (const block of markdown.parse(text, {})) {
    if (block.type === 'fence' && block.info.trim() !== 'quiz') words += wordsIn(block.content)
    for (const token of block.children ?? []) {
      if (token.type === 'text' || token.type === 'code_inline') words += wordsIn(token.content)
    }
  }
  return words
}

const wordsIn = (text: string) => text.match(/[\p{L}\p{N}]+(?:['’.,-][\p{L}\p{N}]+)*/gu)?.length ?? 0
