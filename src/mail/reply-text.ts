import ReplyParser from 'email-reply-parser'
import { compile } from 'html-to-text'

/** The most characters that are read; time grows faster than them, and a post has less. */
const maxRead = 20_000

/**
 * Begins a line of every email that can be answered by a reply. Mail programs quote it, in whatever language they say
 * who wrote what follows.
 */
export const replyMarker = '↑↑↑'

/**
 * Returns what someone has written in a reply, without what it quotes and without the signature. Answers between the
 * lines keep the lines that they are about, as quotes of Markdown.
 *
 * `email-reply-parser` knows the quotes and signatures of common mail programs; what goes before it needs no language.
 * Of the replies in `test/mail/replies`, it reads 22 of 33 on its own, and `planer` 9.
 *
 * @param text of the email, as plain text.
 */
export function replyText(text: string): string {
  const lines = text
    .slice(0, 20 * maxRead)
    .replace(/\r\n?/g, '\n')
    .replace(/[\u200b\u200e\u200f\u2060\ufeff]/g, '')
    .replace(/\u00a0/g, ' ')
    .split('\n')
    .map(line => line.trimEnd())
  const own = withoutOriginal(withoutMarked(lines)).join('\n').slice(0, maxRead)
  return withoutSignature(visibleOf(own))
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+/, '')
    .replace(/^ {1,3}(?=\S)/, '')
    .trimEnd()
}

/** Converts the HTML of an email that has no other text; what is quoted becomes lines that begin with `>`. */
export const textOfHtml = compile({
  wordwrap: false,
  limits: { maxDepth: 100, maxChildNodes: 5000 },
  selectors: [
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: ['<', '>'] } },
    ...['h1', 'h2', 'h3', 'h4'].map(selector => ({ selector, options: { uppercase: false } })),
    ...['div.gmail_quote', 'div.yahoo_quoted', 'div.protonmail_quote', 'img', 'hr', 'head', 'style'].map(
      selector => ({ selector, format: 'skip' }),
    ),
  ],
})

const isQuoted = (line: string | undefined) => line !== undefined && /^\s*>/.test(line)

/** Without the email of ours that is quoted, from its first line on, and what the mail program says above it. */
function withoutMarked(lines: string[]): string[] {
  const at = lines.findIndex(line => line.includes(replyMarker))
  if (at < 0) return lines
  // Who answers below or between the lines has deleted it, or quotes it at the top.
  const below = lines.slice(at + 1).some(line => line.trim() && !isQuoted(line))
  return isQuoted(lines[at]) && below ? lines : withoutIntroduction(lines.slice(0, at))
}

/**
 * Without what mail programs put below a reply: the headers of an email that isn't quoted line by line and all that
 * follows, or quotes at the end.
 */
function withoutOriginal(lines: string[]): string[] {
  const at = lines.findIndex(
    (line, n) => beginsHeaders(lines, n) || introducesUnquoted(line, lines.slice(n + 1, n + 4)),
  )
  if (at >= 0) return withoutIntroduction(lines.slice(0, at))
  const last = lines.findLastIndex(line => line.trim())
  if (!isQuoted(lines[last])) return lines
  // Everything quoted at the end, and what says so above it.
  let first = last
  while (first > 0 && (isQuoted(lines[first - 1]) || !lines[first - 1]!.trim())) first--
  return first === 0 || lines.slice(0, first).some(isQuoted)
    ? lines
    : withoutIntroduction(lines.slice(0, first), true)
}

/** `From: …`, `Sent: …` and so on, in any language: at least three lines, with an address and a year among them. */
function beginsHeaders(lines: string[], at: number): boolean {
  const block = lines.slice(at, at + 4)
  const isHeader = (line: string | undefined) =>
    /^\s{0,3}\*?[\p{L}\p{M} ]{1,20}\s?[:：]\*?\s*\S/u.test(line ?? '')
  const [first = ''] = block
  if (!first.includes('@') || !block.slice(0, 3).every(isHeader)) return false
  return block.some(line => /\b20\d\d\b|20\d\d年/.test(line))
}

/** A line that says who wrote what follows, with an address and a date, above what isn't quoted line by line. */
function introducesUnquoted(line: string, after: string[]): boolean {
  return (
    /<[^\s@<>]+@[^\s@<>]+>/.test(line) && /20\d\d/.test(line) && /[:：]$/.test(line) && !after.some(isQuoted)
  )
}

/**
 * Without the paragraph that introduces a quote, such as "On …, … wrote:", which has an address or ends with a colon,
 * and without lines that separate.
 *
 * @param isCertain only a paragraph with an address and a colon counts, because mail programs may have none.
 */
function withoutIntroduction(lines: string[], isCertain = false): string[] {
  const end = lines.findLastIndex(line => /[\p{L}\p{N}]/u.test(line) && !isSeparator(line))
  const last = lines[end] ?? ''
  let start = end
  while (start > 0 && end - start < 2 && lines[start - 1]!.trim()) start--
  const paragraph = lines.slice(start, end + 1).join(' ')
  const hasAddress = /[^\s@<]@[^\s@>]/.test(paragraph)
  const endsSo = /[:：]$/.test(last.trim())
  const isIntroduction = isCertain ? hasAddress && endsSo : hasAddress && (endsSo || isQuoted(last))
  return lines.slice(0, isIntroduction ? start : end + 1)
}

const isSeparator = (line: string) => /^\s*[-_—=*]{3,}[^\n]{0,40}[-_—=*]{3,}\s*$/.test(line)

/** What the library shows; the quotes stay when what was written stands between them. */
function visibleOf(text: string): string {
  const parts = new ReplyParser().read(text).getFragments()
  const shown = parts.filter(part => !part.isHidden() && part.getContent().trim())
  const [first, last] = [parts.indexOf(shown[0]!), parts.indexOf(shown.at(-1)!)]
  const between = parts.slice(0, last + 1).filter(part => part.isQuoted())
  const isInterleaved = shown.length > 1 && parts.slice(first, last).some(part => part.isQuoted())
  return parts
    .filter(part => shown.includes(part) || (isInterleaved && between.includes(part)))
    .map(part => (part.isQuoted() ? quotedLines(part.getContent()) : part.getContent().trimEnd()))
    .map(part => part.replace(/^\n+/, ''))
    .join('\n\n')
}

const quotedLines = (text: string) => text.split('\n').filter(isQuoted).join('\n')

/** What the library doesn't know: how mail programs recommend themselves, and how people end. */
const endings = [
  /^Sent (from|with|via) .+/i,
  /^(Von meinem|Gesendet (von|mit)) .+/i,
  /^(Mit )?(freundlichen|besten|herzlichen|lieben|viele|liebe|beste|schöne) Grü(ß|ss)en?,?!?$/i,
  /^(Un )?(cordial )?saludos?( cordiales)?[,.]?$/i,
  /^(مع )?(أطيب )?التحيات[،,.]?$/,
]

function withoutSignature(text: string): string {
  const lines = text.split('\n')
  const at = lines.findIndex(
    (line, n) => line === '--' || (n > lines.length - 9 && endings.some(e => e.test(line.trim()))),
  )
  return at < 0 ? text : lines.slice(0, at).join('\n')
}
