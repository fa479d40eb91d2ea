// Passages of a lesson's text, for comments of the team and notes of a learner.

/** How much of the text around a passage is sent with it. */
export const contextLength = 60

/** Returns a passage and the text around it, as courses/text-quote.ts finds it again; null for white space. */
export function quoteOf(root, range) {
  const [before, after] = [document.createRange(), document.createRange()]
  before.selectNodeContents(root)
  before.setEnd(range.startContainer, range.startOffset)
  after.selectNodeContents(root)
  after.setStart(range.endContainer, range.endOffset)
  const exact = range.toString().trim().slice(0, 1000)
  if (!exact) return null
  return {
    exact,
    prefix: before.toString().slice(-contextLength),
    suffix: after.toString().slice(0, contextLength),
  }
}

/** The letters and figures of a text, and where each is: as the server compares passages (courses/text-quote.ts). */
export function charactersOf(root) {
  let letters = ''
  const at = []
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode
    for (const { 0: letter, index } of node.data.matchAll(/[\p{L}\p{N}]/gu)) {
      for (const unit of letter.toLowerCase().split('')) {
        letters += unit
        at.push([node, index, letter.length])
      }
    }
  }
  return { letters, at }
}

const plainLetters = text => (text.match(/[\p{L}\p{N}]/gu) ?? []).join('').toLowerCase()

/** Returns the range of a passage, also when its words have changed; null when it isn't in the text. */
export function rangeOf(quote, { letters, at }) {
  const place = placeOf(quote, letters)
  if (!place) return null
  const [first, last] = [at[place.start], at[place.end - 1]]
  const range = document.createRange()
  range.setStart(first[0], first[1])
  range.setEnd(last[0], last[1] + last[2])
  return range
}

/** Letters around a passage that are compared. */
const context = 24

function placeOf({ exact, prefix, suffix }, letters) {
  const wanted = plainLetters(exact)
  if (!wanted) return null
  const [before, after] = [plainLetters(prefix).slice(-context), plainLetters(suffix).slice(0, context)]
  const inContext = letters.indexOf(before + wanted + after)
  const start = inContext < 0 ? letters.indexOf(wanted) : inContext + before.length
  if (start >= 0) return { start, end: start + wanted.length }
  // What stands between the words around it is the passage as it has been changed.
  const head = letters.indexOf(before)
  if (head < 0 || before.length < context / 2 || after.length < context / 2) return null
  const from = head + before.length
  const to = letters.indexOf(after, from)
  return to > from && to - from <= 2 * wanted.length + context ? { start: from, end: to } : null
}
