/**
 * What authors' other tools write and Markdown here doesn't know: a learner would read it as it was typed. Each becomes
 * a finding, `studio:checks.unsupported.<name>`: an error for what nobody writes otherwise, a warning for what people
 * also mean as it is. Every repetition is bounded, so that the time to search a text grows with its length.
 */
type Syntax = { error?: RegExp[]; warning?: RegExp[] }

/** By name. The patterns see the text of a paragraph without its code, `code` stands for a piece of code. */
const syntaxes = {
  // Not `[^a-z]` or `[^,]`, which are regular expressions.
  footnote: { error: [/\[\^(?!\w-\w)[\p{L}\p{N}*†‡][^\]\s]{0,100}\]/gu] },
  // GitHub and Obsidian: `> [!NOTE]`.
  callout: { error: [/(?<=^|\n)\[!\w{1,60}\]/g] },
  // Docusaurus, Pandoc and VitePress; MkDocs; reStructuredText.
  container: {
    error: [
      /(?<=^|\n):{3,60}(?=\s|$|\w|\{)[^\n]{0,60}/g,
      /(?<=^|\n)(?:!!!|\?{3}\+?) {1,9}[a-z]{1,60}(?= *(?:\n|$)| +["“„«‘'])[^\n]{0,60}/g,
      /(?<=^|\n)\.\. {1,9}[\w-]{1,60}::[^\n]{0,60}/g,
    ],
  },
  // Hugo, Liquid, Jinja, Handlebars.
  template: { error: [/\{\{[<%#/>]?[^{}]{0,200}\}\}/g, /\{%[^%]{0,200}%\}/g] },
  // WordPress, BBCode, Confluence. `[/users]` is also a path, and `{note}` a placeholder.
  shortcode: {
    error: [
      /\[([a-z][\w-]{0,30})(?:[\s=][^\]\n]{0,200})?\][^]{0,1000}?\[\/\1\]/gi,
      /\[gallery\]|\[(?:gallery|caption|embed|video|audio)\s[^\]=\n]{0,100}=[^\]\n]{0,200}\]/gi,
      /\{(code|panel|info|note|tip|warning|expand|noformat)\}[^]{0,1000}?\{\/?\1\}/gi,
      /\{(?:code|panel|info|note|tip|warning|expand|toc|noformat):[^}\n]{1,100}\}|\{toc\}/gi,
    ],
    warning: [/\[\/[a-z][\w-]{0,30}\]/gi, /\{\/?(?:code|panel|info|note|tip|warning|expand|noformat)\}/gi],
  },
  // Obsidian, MediaWiki, Notion; not `[[1]]` or `[[1, 2]]`.
  wikiLink: { error: [/!?\[\[(?!_?toc_?\]\]|[\d\s.,;–-]{1,200}\]\])[^\][]{1,200}\]\]/gi] },
  contents: { error: [/\[{1,2}_?toc_?\]{1,2}|(?<=^|\n)\{:toc\}|\{\{toc\}\}/gi] },
  comment: { error: [/(?<!\d)%%[^%]{1,200}%%/g] },
  // Kramdown and Pandoc; not `{.5}` or `{:ok, 1}`.
  attributes: {
    error: [
      /\{:\s{0,9}(?:[.#][\w-]|[\w-]{1,60}=)[^{}\n]{0,100}\}|\{:[\w-]{1,60}\}/g,
      /\{[#.][a-z_-][^{}\n]{0,100}\}/gi,
    ],
  },
  // Not the price ranges `$$` to `$$$`, and not two amounts of money.
  math: {
    error: [
      /(?<!\$)\$\$(?:\w[^$\n]{0,100}|[^$]{0,300}?[\\^_={+<>][^$]{0,300})\$\$(?!\$)/g,
      /(?<![\w$])\$(?=\S)[^$\n]{0,100}\\[a-z]{1,30}[^$\n]{0,100}(?<=\S)\$(?!\w)/gi,
      /\\begin\{\w{1,30}\*?\}/g,
    ],
  },
  module: {
    error: [
      /(?<=^|\n)import\s(?:[^\n]{0,99}\sfrom\s)?\s{0,9}["'“‘][^\n"'“”‘’]{1,100}["'”’“‘];?(?=\n|$)/g,
      /(?<=^|\n)export\s+(?:const|default|function)\s[^\n]{0,60}/g,
    ],
  },
  component: {
    error: [
      /<[A-Z][\w.]{0,60}(?:\s[^<>]{0,200})?\/>/g,
      /<[A-Z][\w.]{0,60}\s{1,9}[\w-]{1,60}=[^<>]{0,200}>/g,
      /<\/[A-Za-z][\w.-]{0,60}>/g,
    ],
  },
  // Word and Outlook.
  word: {
    error: [
      /<\/?[a-z]\w{0,10}:[a-z]\w{0,30}[^<>]{0,100}>/gi,
      /<!\[(?:if|endif)[^>]{0,60}>/gi,
      /\bmso-[a-z-]{1,60}:/gi,
    ],
  },
  conflict: { error: [/(?<=^|\n)<{7}(?: [^\n]{0,60})?(?=\n|$)/g] },
  // Not `a[0][1]` or the sources `[1][2]`; brackets and a remark in brackets may also be meant.
  link: {
    error: [
      /(?<![\w\])])\[[^\][\n]{1,200}\](?:\([^()\n]{0,200}[./#][^()\n]{0,200}\)|\(\))/g,
      /(?<![\w\])])\[[^\][\n]{1,200}\]\([^()\n]{1,200}\([^()\n]{0,100}\)[^()\n]{0,100}\.\w{1,9}\)/g,
      /(?<![\w\])])\[(?!\d{1,9}\])[^\][\n]{1,200}\]\[[^\][\n]{0,100}\]/g,
    ],
    warning: [/(?<![\w\])])\[[^\][\n]{1,200}\]\([^()\n]{0,300}\)/g],
  },
  entity: { warning: [/&(?:[a-z]{2,8}\d{0,2}|#\d{2,6}|#x[0-9a-f]{2,6});/gi] },
  emoji: { warning: [/(?<![\w:/]):[a-z][a-z0-9_+-]{1,30}:(?![\w:/])/g] },
  emphasis: { warning: [/(?<![\w*])\*\*(?=[^\s*])|(?<=[^\s*])\*\*(?![\w*])|(?<![\w~])~~(?=[^\s~])/g] },
  subscript: { warning: [/(?<=\w)(?:~\w{1,10}~|\^\w{1,10}\^)/g] },
} satisfies Record<string, Syntax>

/** Something in a text that its reader would see as it was typed. */
export type Foreign = {
  what: keyof typeof syntaxes | 'frontMatter' | 'tag' | 'script'
  level: keyof Syntax
  text: string
  /** In characters, from the beginning of the text. */
  at: number
}

const maxLength = 60

/** Returns what a text without code has of other tools: each kind once, in order. */
export function foreignSyntax(text: string): Foreign[] {
  if (!/[[\]{}<>*&$:%~^!?.]|import|export|mso-/.test(text)) return []
  const found = Object.entries<Syntax>(syntaxes).flatMap(
    ([what, { error = [], warning = [] }]): Foreign[] => {
      const sure = firstMatch(text, error)
      const match = sure ?? firstMatch(text, warning)
      if (!match) return []
      const shown = match[0].trim().slice(0, maxLength)
      const level = sure ? 'error' : 'warning'
      return [{ what: what as keyof typeof syntaxes, level, text: shown, at: match.index }]
    },
  )
  // `{{toc}}` is a table of contents before it is a template.
  const isFirst = ({ at }: Foreign, n: number) => found.findIndex(each => each.at === at) === n
  return found.filter(isFirst).sort((a, b) => a.at - b.at)
}

function firstMatch(text: string, patterns: RegExp[]): RegExpExecArray | undefined {
  const matches = patterns.flatMap(pattern => {
    const [first] = text.matchAll(pattern)
    return first ? [first] : []
  })
  return matches.sort((a, b) => a.index - b.index)[0]
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
