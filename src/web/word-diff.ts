import { diffWordsWithSpace } from 'diff'
import { escapeXML } from 'ejs'

/** Texts that have less in common than this share of their characters are shown one after the other. */
const leastInCommon = 0.4

/** Returns two passages as one, in HTML: words that go are `<del>`, and words that come are `<ins>`. */
export function wordDiffHtml(before: string, after: string): string {
  const parts = commonWords(before, after)
  return parts ? parts.map(htmlOf).join('') : del(before) + ' ' + ins(after)
}

/** In characters: what is compared, what is shown of it, and the words around a change. */
const maxCompared = 5000
const maxShown = 300
const context = 60

/** Returns the first changes between two long passages, in HTML, with a few words around each. */
export function firstChangesHtml(before: string, after: string): string {
  const parts = commonWords(before.slice(0, maxCompared), after.slice(0, maxCompared))
  if (!parts) return del(clipped(before)) + ' ' + ins(clipped(after))
  let html = ''
  let length = 0
  for (const [n, part] of parts.entries()) {
    if (length >= maxShown) return `${html}…`
    const { added, removed, value } = part
    const isShort = value.length <= 2 * context
    const start = n > 0 ? value.slice(0, value.lastIndexOf(' ', context) + 1) : ''
    const end = n < parts.length - 1 ? value.slice(value.indexOf(' ', value.length - context)) : ''
    const shown = { ...part, value: added || removed ? clipped(value) : isShort ? value : `${start}…${end}` }
    html += htmlOf(shown)
    length += shown.value.length
  }
  return html
}

const clipped = (text: string) => (text.length > maxShown ? `${text.slice(0, maxShown)}…` : text)

type Part = { added?: boolean; removed?: boolean; value: string }

/** Returns the words that two passages share and those that differ; null when they share too little. */
export function commonWords(before: string, after: string): Part[] | null {
  const parts = diffWordsWithSpace(before, after)
  const common = parts.reduce(
    (sum, { added, removed, value }) => sum + (added || removed ? 0 : value.length),
    0,
  )
  return common < leastInCommon * Math.max(before.length, after.length) ? null : parts
}

const htmlOf = ({ added, removed, value }: Part) =>
  added ? ins(value) : removed ? del(value) : escapeXML(value)
const del = (text: string) => (text ? `<del>${escapeXML(text)}</del>` : '')
const ins = (text: string) => (text ? `<ins>${escapeXML(text)}</ins>` : '')
