import { fold } from '../platform/fold'

/** Text between spaces and punctuation. */
const word = /[^\n\r\p{Z}\p{P}]+/gu
/** Letters of scripts that are written without spaces between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]+/gu

const isUnspaced = (text: string) => text.search(unspaced) !== -1

/**
 * Returns the terms that a folded text is found by: its words. A run of a script without spaces is found by each pair
 * of neighbouring letters, and by its last letter.
 */
export function termsOf(folded: string): string[] {
  return (folded.match(word) ?? []).flatMap(each => (isUnspaced(each) ? parts(each, true) : [each]))
}

/** Returns the terms that a search must find all of. */
export function termsToFind(query: string): string[] {
  return (fold(query).match(word) ?? []).flatMap(each => (isUnspaced(each) ? parts(each, false) : [each]))
}

/** Whether a term may be the start of a longer one: a single Latin letter would be the start of too many. */
export function isPrefix(term: string): boolean {
  return term.length > 1 || isUnspaced(term)
}

/** Returns the parts of a word in which a script without spaces occurs. */
function parts(mixed: string, isIndexed: boolean): string[] {
  const spaced = mixed.split(unspaced).filter(Boolean)
  const runs = mixed.match(unspaced) ?? []
  return [...spaced, ...runs.flatMap(run => pairsOf([...run], isIndexed))]
}

function pairsOf(letters: string[], isIndexed: boolean): string[] {
  const pairs = letters.slice(1).map((letter, n) => letters[n]! + letter)
  return isIndexed || letters.length === 1 ? [...pairs, letters.at(-1)!] : pairs
}

/** Part of a text: the positions of its first letter and of the one after its last. */
export type Span = { start: number; end: number }

/**
 * Returns where a text, as it is shown, contains one of these folded terms as a word, or anywhere in a script without
 * spaces. In order, without overlaps.
 */
export function matchesIn(shown: string, terms: readonly string[]): Span[] {
  const wanted = new Set(terms)
  return [...shown.matchAll(word)].flatMap(({ 0: found, index }) => {
    if (wanted.has(fold(found))) return [{ start: index, end: index + found.length }]
    return isUnspaced(found) ? joined(partsIn(found, index, terms)) : []
  })
}

/** Folding keeps the number of letters of these scripts. */
function partsIn(found: string, index: number, terms: readonly string[]): Span[] {
  const folded = fold(found)
  if (folded.length !== found.length) return []
  return terms
    .flatMap(term => {
      const spans: Span[] = []
      for (let at = folded.indexOf(term); at !== -1; at = folded.indexOf(term, at + 1)) {
        spans.push({ start: index + at, end: index + at + term.length })
      }
      return spans
    })
    .sort((a, b) => a.start - b.start)
}

function joined(spans: Span[]): Span[] {
  const result: Span[] = []
  for (const span of spans) {
    const last = result.at(-1)
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end)
    else result.push({ ...span })
  }
  return result
}
