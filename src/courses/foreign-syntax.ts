/**
 * What authors' other tools write and Markdown here doesn't know: a learner would read it as it was typed. Each becomes
 * a finding, `studio:checks.unsupported.<name>`. What also occurs in plain text is a warning.
 */
type Syntax = { level: 'error' | 'warning'; pattern: RegExp }

const error = (pattern: RegExp): Syntax => ({ level: 'error', pattern })
const warning = (pattern: RegExp): Syntax => ({ level: 'warning', pattern })

/** By name. The patterns see the text of a paragraph without its code, `code` stands for a piece of code. */
const syntaxes = {
  footnote: error(/\[\^[^\]\s]+\]/g),
  // GitHub and Obsidian: `> [!NOTE]`.
  callout: error(/(?<=^|\n)\[!\w+\]/g),
  // Docusaurus, Pandoc and VitePress; MkDocs; reStructuredText.
  container: error(/(?<=^|\n)(?::{3,}(?=\s|$|\w|\{)|(?:!!!|\?\?\?)\+? *\w+|\.\. +[\w-]+::)[^\n]{0,60}/g),
  // Hugo, Liquid, Jinja, Handlebars.
  template: error(/\{\{[<%#/>]?[^{}]{0,200}\}\}|\{%[^%]{0,200}%\}/g),
  // WordPress, BBCode, Confluence.
  shortcode: error(
    /\[\/[a-z][\w-]*\]|\[(?:gallery|caption|embed|video|audio)\b[^\]]*\]|\{\/?(?:code|panel|info|note|tip|warning|expand|toc|noformat)(?::[^}]*)?\}/gi,
  ),
  // Obsidian, MediaWiki, Notion.
  wikiLink: error(/!?\[\[(?!_?toc_?\]\])[^\][]{1,200}\]\]/gi),
  contents: error(/\[{1,2}_?toc_?\]{1,2}|(?<=^|\n)\{:toc\}|\{\{toc\}\}/gi),
  comment: error(/%%[^%]{1,200}%%/g),
  attributes: error(/\{:[^{}\n]{1,100}\}|\{[#.][\w.-][^{}\n]{0,100}\}/g),
  math: error(/\$\$[^$]{1,300}\$\$|(?<![\w$])\$[^$\n]{0,100}\\[a-z]+[^$\n]{0,100}\$|\\begin\{\w+\*?\}/gi),
  module: error(
    /(?<=^|\n)(?:import\s[^\n]{0,120}\sfrom\s+|import\s+)["'“‘][^\n"'“”‘’]{1,100}["'”’“‘];?(?=\n|$)|(?<=^|\n)export\s+(?:const|default|function)\s[^\n]{0,60}/g,
  ),
  component: error(
    /<[A-Z][\w.]{0,60}(?:\s[^<>]{0,200})?\/>|<[A-Z][\w.]{0,60}\s+[\w-]+=[^<>]{0,200}>|<\/[A-Za-z][\w.-]{0,60}>/g,
  ),
  // Word and Outlook.
  word: error(/<\/?[a-z]\w{0,10}:[a-z]\w{0,30}[^<>]{0,100}>|<!\[(?:if|endif)[^>]{0,60}>|\bmso-[a-z-]+:/gi),
  conflict: error(/(?<=^|\n)<{7}(?: [^\n]{0,60})?(?=\n|$)/g),
  link: error(/\[[^\][\n]{1,200}\](?:\([^()\n]{0,300}\)|\[[^\][\n]{0,100}\])/g),
  entity: warning(/&(?:[a-z]{2,8}\d{0,2}|#\d{2,6}|#x[0-9a-f]{2,6});/gi),
  emoji: warning(/(?<![\w:/]):[a-z][a-z0-9_+-]{1,30}:(?![\w:/])/g),
  emphasis: warning(/(?<![\w*])\*\*(?=[^\s*])|(?<=[^\s*])\*\*(?![\w*])|(?<![\w~])~~(?=[^\s~])/g),
  subscript: warning(/(?<=\w)(?:~\w{1,10}~|\^\w{1,10}\^)/g),
} satisfies Record<string, Syntax>

/** Something in a text that its reader would see as it was typed. */
export type Foreign = {
  what: keyof typeof syntaxes | 'frontMatter' | 'tag' | 'script'
  level: Syntax['level']
  text: string
  /** In characters, from the beginning of the text. */
  at: number
}

const maxLength = 60

/** Returns what a text without code has of other tools: each kind once, in order. */
export function foreignSyntax(text: string): Foreign[] {
  if (!/[[\]{}<>*&$:%~^!?.]|import|export|mso-/.test(text)) return []
  const found = Object.entries(syntaxes).flatMap(([what, { level, pattern }]): Foreign[] => {
    const [match] = text.matchAll(pattern)
    if (!match) return []
    const shown = match[0].trim().slice(0, maxLength)
    return [{ what: what as keyof typeof syntaxes, level, text: shown, at: match.index }]
  })
  // `{{toc}}` is a table of contents before it is a template.
  const isFirst = ({ at }: Foreign, n: number) => found.findIndex(each => each.at === at) === n
  return found.filter(isFirst).sort((a, b) => a.at - b.at)
}

/** The syntax that a plain line, such as a title or an answer, is searched for: it has no Markdown at all. */
const inPlainText = new Set<Foreign['what']>([
  'entity',
  'template',
  'math',
  'component',
  'word',
  'link',
  'emphasis',
])

/** Returns what a title or another plain text has of other tools, or of Markdown or HTML. */
export function foreignInPlainText(text: string): Foreign[] {
  const [tag] = text.matchAll(
    /<\/?(?:b|i|u|em|strong|br|code|kbd|sub|sup|p|span|div|a)(?:\s[^<>]{0,100})?\/?>/gi,
  )
  return [
    ...foreignSyntax(text).filter(({ what }) => inPlainText.has(what)),
    ...(tag ? [{ what: 'tag', level: 'warning', text: tag[0], at: tag.index } as const] : []),
  ]
}

/** The first line of front matter within a text. */
export const isFrontMatter = (text: string): boolean =>
  /^(?:title|date|layout|tags|author|authors|draft|slug|kind|id|description|minutes|weight|sidebar_\w+)\s*:/i.test(
    text,
  )
