import { escapeText } from '../web/charts/svg'
import { fold } from '../platform/fold'
import type { Entry } from './search-entries'
import type { Hit } from './search-index'

/** In characters: how much of the text an excerpt shows, and how much of it comes before the first match. */
const length = 180
const lead = 50

/** As MiniSearch splits words. */
const word = /[^\n\r\p{Z}\p{P}]+/gu
const separator = /[\n\r\p{Z}\p{P}]/u

/** A hit as HTML, with the words that matched in `<mark>`. */
type Excerpt = { titleHtml: string; excerptHtml: string }

const excerpts = new WeakMap<Hit, Excerpt>()

/** Returns the title of a hit and the text around its first match, or the beginning when only the title matched. */
export function excerptOf(hit: Hit): Excerpt {
  const known = excerpts.get(hit)
  if (known) return known
  const { entry, terms } = hit
  const excerpt = { titleHtml: highlight(entry.title, terms), excerptHtml: textHtml(entry, terms) }
  excerpts.set(hit, excerpt)
  return excerpt
}

function textHtml({ texts }: Entry, terms: string[]): string {
  for (const text of texts) {
    const at = positionOf(text, terms)
    const { shown } = text
    if (at !== Infinity) return highlight(cut(shown, at), terms)
  }
  return escapeText(cut(texts[0]?.shown ?? '', 0))
}

function highlight(text: string, terms: string[]): string {
  let html = ''
  let end = 0
  for (const { 0: match, index } of text.matchAll(word)) {
    if (!terms.includes(fold(match))) continue
    html += `${escapeText(text.slice(end, index))}<mark>${escapeText(text.slice(index, index + match.length))}</mark>`
    end = index + match.length
  }
  return html + escapeText(text.slice(end))
}

/** Returns the position of the first of these folded words in a text as it is shown; Infinity when there is none. */
function positionOf({ shown, folded }: Entry['texts'][number], terms: string[]): number {
  const at = firstMatch(folded, terms)
  // A letter that folds into two, such as ß, moves what follows it.
  if (at === Infinity || shown.length === folded.length) return at
  for (const { 0: match, index } of shown.matchAll(word)) if (terms.includes(fold(match))) return index
  return Infinity
}

/** Returns the position of the first of these words in a folded text; Infinity when there is none. */
function firstMatch(folded: string, terms: string[]): number {
  let first = Infinity
  for (const term of terms) {
    let at = folded.indexOf(term)
    while (at !== -1 && at < first && !isWord(folded, at, term.length)) at = folded.indexOf(term, at + 1)
    if (at !== -1 && at < first) first = at
  }
  return first
}

function isWord(folded: string, at: number, length: number): boolean {
  const isEdge = (n: number) => n < 0 || n >= folded.length || separator.test(folded.charAt(n))
  return isEdge(at - 1) && isEdge(at + length)
}

/** Returns the text around `at`, cut between words. */
function cut(text: string, at: number): string {
  const start = at > lead ? text.lastIndexOf(' ', at - lead) + 1 : 0
  const end = text.indexOf(' ', start + length)
  return `${start ? '… ' : ''}${end === -1 ? text.slice(start) : `${text.slice(start, end)} …`}`
}
