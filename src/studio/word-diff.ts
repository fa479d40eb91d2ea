import { diffWordsWithSpace } from 'diff'
import { escapeXML } from 'ejs'

/** Texts that have less in common than this share of their characters are shown one after the other. */
const leastInCommon = 0.4

/** Returns two passages as one, in HTML: words that go are `<del>`, and words that come are `<ins>`. */
export function wordDiffHtml(before: string, after: string): string {
  const parts = commonWords(before, after)
  if (!parts) return del(before) + ' ' + ins(after)
  return parts
    .map(({ added, removed, value }) => (added ? ins(value) : removed ? del(value) : escapeXML(value)))
    .join('')
}

/** Returns the words that two passages share and those that differ; null when they share too little. */
export function commonWords(before: string, after: string) {
  const parts = diffWordsWithSpace(before, after)
  const common = parts.reduce(
    (sum, { added, removed, value }) => sum + (added || removed ? 0 : value.length),
    0,
  )
  return common < leastInCommon * Math.max(before.length, after.length) ? null : parts
}

const del = (text: string) => (text ? `<del>${escapeXML(text)}</del>` : '')
const ins = (text: string) => (text ? `<ins>${escapeXML(text)}</ins>` : '')
