import type { Text, TextPlace } from '../courses/search-entries'
import { matchesIn, type Span } from '../courses/search-terms'
import { escapeText } from '../web/charts/svg'

/** In characters: how much of the text an excerpt shows, and how much of it comes before the first match. */
const length = 180
const lead = 50

/**
 * A hit as HTML, with the words that matched in `<mark>`, and where on its page the excerpt is: `passage` is the match
 * itself as it is written there, null when only the title matched.
 */
type Excerpt = { titleHtml: string; excerptHtml: string; place: TextPlace; passage: string | null }

/** What matches a search: its texts, and its folded words that matched. */
type Hit = { entry: { title: string; texts: readonly Text[] }; terms: string[] }

const excerpts = new WeakMap<Hit, Excerpt>()

/** Returns the title of a hit and the text around its first match, or the beginning when only the title matched. */
export function excerptOf(hit: Hit): Excerpt {
  const known = excerpts.get(hit)
  if (known) return known
  const { entry, terms } = hit
  const excerpt = { titleHtml: highlight(entry.title, terms), ...textExcerpt(entry.texts, terms) }
  excerpts.set(hit, excerpt)
  return excerpt
}

function textExcerpt(texts: readonly Text[], terms: string[]): Omit<Excerpt, 'titleHtml'> {
  for (const text of texts) {
    const match = firstMatch(text, terms)
    if (!match) continue
    const { shown, places } = text
    return {
      excerptHtml: highlight(cut(shown, match.start), terms),
      place: places.findLast(({ start }) => start <= match.start) ?? {},
      passage: shown.slice(match.start, match.end),
    }
  }
  return { excerptHtml: escapeText(cut(texts[0]?.shown ?? '', 0)), place: {}, passage: null }
}

/** Reads only the texts that contain a term somewhere, and those from a little before it. */
function firstMatch({ shown, folded }: Text, terms: string[]): Span | undefined {
  const at = Math.min(...terms.map(term => folded.indexOf(term)).filter(index => index !== -1))
  if (at === Infinity) return undefined
  // A letter that folds into two, such as ß, moves what follows it.
  const from = shown.length === folded.length ? shown.lastIndexOf(' ', at) + 1 : 0
  const [match] = matchesIn(shown.slice(from), terms)
  return match && { start: match.start + from, end: match.end + from }
}

function highlight(text: string, terms: string[]): string {
  let html = ''
  let end = 0
  for (const match of matchesIn(text, terms)) {
    html += `${escapeText(text.slice(end, match.start))}<mark>${escapeText(text.slice(match.start, match.end))}</mark>`
    end = match.end
  }
  return html + escapeText(text.slice(end))
}

/** Returns the text around `at`, cut between words. */
function cut(text: string, at: number): string {
  const start = at > lead ? Math.max(text.lastIndexOf(' ', at - lead) + 1, at - 2 * lead) : 0
  const space = text.indexOf(' ', start + length)
  const end = space === -1 ? text.length : space
  const limit = Math.min(end, start + 2 * length)
  return `${start ? '… ' : ''}${text.slice(start, limit)}${limit < text.length ? ' …' : ''}`
}
