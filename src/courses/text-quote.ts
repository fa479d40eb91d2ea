import { diffWordsWithSpace } from 'diff'

/**
 * A passage of a lesson's text, and the words around it, as a TextQuoteSelector of the W3C's Web Annotation Data Model
 * (https://www.w3.org/TR/annotation-model/#text-quote-selector): it is found again in a text that was edited since.
 */
export type TextQuote = { exact: string; prefix: string; suffix: string }

/** Where a passage is in a lesson's Markdown; `isExact` is false when its words have changed. */
export type Place = { start: number; end: number; isExact: boolean }

/** Letters and figures around a passage that are compared. */
const context = 24

/**
 * Finds a passage in Markdown. Only letters and figures are compared, so that marks of formatting, quotation marks and
 * line breaks don't matter. Of several places, the one with the most similar surroundings counts. When the passage
 * isn't there, but what stood before and after it is, the place between them is the passage as it has been changed.
 *
 * @returns null when the passage is gone.
 */
export function findQuote(markdown: string, quote: TextQuote): Place | null {
  return quoteFinder(markdown)(quote)
}

/** Returns what `findQuote` does for many passages of one text, which is read once. */
export function quoteFinder(markdown: string): (quote: TextQuote) => Place | null {
  const text = lettersOf(markdown)
  return quote => placeOfQuote(text, markdown, quote)
}

function placeOfQuote(text: Letters, markdown: string, { exact, prefix, suffix }: TextQuote): Place | null {
  const [wanted, before, after] = [exact, prefix, suffix].map(each => lettersOf(each).letters)
  if (!wanted) return null
  const found = indicesOf(text.letters, wanted)
  if (!found.length) return changedPlace(text, markdown, wanted, before!, after!)
  const similarity = (index: number) =>
    commonEnd(text.letters.slice(0, index), before!) +
    commonStart(text.letters.slice(index + wanted.length), after!)
  const best = found.reduce((a, b) => (similarity(b) > similarity(a) ? b : a))
  return { ...placeOf(text, markdown, exact, best, best + wanted.length), isExact: true }
}

/**
 * Replaces a passage of Markdown. Where it has formatting, such as bold words or a link, only the words that differ are
 * replaced, and the others keep theirs. Returns null when it isn't there as it was quoted, or would be read otherwise
 * than the replacement.
 */
export function replaceQuote(markdown: string, quote: TextQuote, replacement: string): string | null {
  const place = findQuote(markdown, quote)
  if (!place?.isExact) return null
  const { start, end } = place
  const passage = markdown.slice(start, end)
  const isPlain = plainSpace(passage) === plainSpace(quote.exact)
  if (isPlain) return markdown.slice(0, start) + replacement + markdown.slice(end)
  // The quote may begin with a quotation mark of another kind, before the marks of the first word.
  const opening = /^["'“”„‘’]/.test(quote.exact.trim()) ? /["'“”„‘’]?[*_`~=[]*$/ : /[*_`~=[]*$/
  const from = start - opening.exec(markdown.slice(0, start))![0].length
  const to = end + /^(\*+|_+|`+|~~|==|\]\([^)\n]*\))*/.exec(markdown.slice(end))![0].length
  const replaced = replaceWords(markdown.slice(from, to), quote.exact, replacement)
  return replaced === null ? null : markdown.slice(0, from) + replaced + markdown.slice(to)
}

const plainSpace = (text: string) => text.replace(/\s+/g, ' ').trim()

type Letters = { letters: string; at: number[] }

/** Returns the letters and figures of a text in lower case, and where each is; the targets of links are left out. */
function lettersOf(text: string): Letters {
  let letters = ''
  const at: number[] = []
  for (const { 0: found, index } of text.matchAll(/\]\([^)\n]*\)|<!--.*?-->|[\p{L}\p{N}]/gsu)) {
    if (found.length > 2) continue
    // A letter can have two in lower case, and one outside the basic plane has two units.
    for (const unit of found.toLowerCase().split('')) {
      letters += unit
      at.push(index)
    }
  }
  return { letters, at }
}

/** Returns the place of some letters, with the punctuation that the quote begins and ends with. */
function placeOf({ at }: Letters, markdown: string, exact: string, from: number, to: number) {
  let [start, end] = [at[from]!, endOfLetter(markdown, at[to - 1]!)]
  const [leading = '', trailing = ''] = [
    /^[^\p{L}\p{N}]*/u.exec(exact)?.[0].trim(),
    /[^\p{L}\p{N}]*$/u.exec(exact)?.[0].trim(),
  ]
  if (leading && markdown.slice(0, start).endsWith(leading)) start -= leading.length
  if (trailing && markdown.startsWith(trailing, end)) end += trailing.length
  return { start, end }
}

const endOfLetter = (text: string, index: number) => index + (text.codePointAt(index)! > 0xffff ? 2 : 1)

/** Returns what is between the surroundings of a passage, if it isn't much longer than the passage was. */
function changedPlace(
  text: Letters,
  markdown: string,
  wanted: string,
  before: string,
  after: string,
): Place | null {
  const [head, tail] = [before.slice(-context), after.slice(0, context)]
  if (head.length < context / 2 || tail.length < context / 2) return null
  const headAt = text.letters.indexOf(head)
  if (headAt < 0) return null
  const from = headAt + head.length
  const to = text.letters.indexOf(tail, from)
  if (to <= from || to - from > 2 * wanted.length + context) return null
  return { start: text.at[from]!, end: endOfLetter(markdown, text.at[to - 1]!), isExact: false }
}

function indicesOf(text: string, wanted: string): number[] {
  const found: number[] = []
  for (let index = text.indexOf(wanted); index >= 0; index = text.indexOf(wanted, index + 1))
    found.push(index)
  return found
}

function commonEnd(a: string, b: string): number {
  let n = 0
  while (n < context && n < a.length && n < b.length && a.at(-1 - n) === b.at(-1 - n)) n++
  return n
}

function commonStart(a: string, b: string): number {
  let n = 0
  while (n < context && n < a.length && n < b.length && a[n] === b[n]) n++
  return n
}

/** What formats words without being one: the marks of emphasis, code and links, and the backslash before a mark. */
const mark = /\*+|_+|`+|~~|==|\[|\]\([^)\n]*\)|\\(?=[!-/:-@[-`{-~])/y
const quotationMarks = { '“': '"', '”': '"', '„': '"', '‘': "'", '’': "'" }
const isAlike = (a: string, b: string) => plainMark(a) === plainMark(b)
const plainMark = (letter: string) => quotationMarks[letter as keyof typeof quotationMarks] ?? letter

/**
 * Replaces the words of a formatted passage that differ from its `exact` words; the marks between them stay. Returns
 * null when the passage isn't made of these words, or when what comes out of it wouldn't read as the replacement.
 */
function replaceWords(passage: string, exact: string, replacement: string): string | null {
  const at = placesOf(passage, exact)
  if (!at) return null
  let [result, copied, read] = ['', 0, 0]
  /** The marks between removed words, which follow what comes in their place. */
  let kept = ''
  for (const { added, removed, value } of diffWordsWithSpace(exact, replacement)) {
    if (added) {
      const place = Math.max(copied, read ? at[read - 1]! + 1 : at[0]!)
      result += passage.slice(copied, place) + value
      copied = place
      continue
    }
    const from = read
    read += value.length
    result += kept
    kept = ''
    if (!removed) continue
    const [place, end] = [at[from]!, at[read - 1]! + 1]
    result += passage.slice(copied, place)
    kept = marksIn(passage.slice(place, end), at.slice(from, read), place)
    copied = end
  }
  const replaced = (result + kept + passage.slice(copied)).replace(/\*{4}|~{4}|={4}|\[\]\([^)\n]*\)/g, '')
  return wordsOf(replaced) === wordsOf(replacement) ? replaced : null
}

/** Returns where each unit of the `exact` words is in a formatted passage, or null when they aren't all there. */
function placesOf(passage: string, exact: string): number[] | null {
  const at: number[] = []
  let place = 0
  for (let n = 0; n < exact.length; n++) {
    if (/\s/.test(exact[n]!)) {
      place += skipMarks(passage, place)
      const space = /\s*/y
      space.lastIndex = place
      const isFirst = n === 0 || !/\s/.test(exact[n - 1]!)
      if (isFirst && !/\s/.test(passage[place] ?? ' ')) return null
      at.push(Math.min(place, passage.length - 1))
      place += space.exec(passage)![0].length
      continue
    }
    while (place < passage.length && !isAlike(passage[place]!, exact[n]!)) {
      const skipped = skipMarks(passage, place)
      if (!skipped) return null
      place += skipped
    }
    if (place >= passage.length) return null
    at.push(place++)
  }
  return at
}

/** Returns how many units of marks begin at a place. */
function skipMarks(text: string, place: number): number {
  mark.lastIndex = place
  return mark.exec(text)?.[0].length ?? 0
}

/** Returns the marks in a removed piece of a passage, which others may need. */
function marksIn(piece: string, at: number[], start: number): string {
  const words = new Set(at.map(place => place - start))
  return [...piece.split('').keys()]
    .filter(n => !words.has(n) && !/\s/.test(piece[n]!))
    .map(n => piece[n])
    .join('')
}

const wordsOf = (text: string) =>
  Array.from(plainSpace(text.replace(new RegExp(mark.source, 'g'), '')), plainMark).join('')
