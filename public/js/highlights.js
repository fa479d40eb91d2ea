/**
 * Passages of a lesson that its reader has highlighted: they are marked without changing the text. A selection offers
 * to highlight it or to write about it. With the keyboard alone, H chooses a sentence first.
 */
import { isShortcut } from './lesson-keys.js'
import { openPart } from './lesson-panel.js'
import { charactersOf, quoteOf, rangeOf } from './passages.js'

const text = document.querySelector('.lesson-text > .prose')
const tools = document.querySelector('[data-passage-tools]')
const said = document.querySelector('[data-passage-said]')
const items = () => [...document.querySelectorAll('[data-note-item]:not([hidden])')]

/** The passages that are marked, each with its note. */
let marked = []

/** Marks the passages of the notes that are listed. */
export function markPassages() {
  if (!text || !globalThis.Highlight) return
  const letters = charactersOf(text)
  marked = items().flatMap(item => {
    const quote = item.querySelector('[data-exact]')
    const range = quote && rangeOf(quote.dataset, letters)
    return range ? [{ item, range }] : []
  })
  CSS.highlights.set('note', new Highlight(...marked.map(({ range }) => range)))
}

/**
 * @param {{ keep: (quote: object) => Promise<boolean>, write: (quote: object) => void }} actions to highlight a
 * passage, and to write about it
 */
export function offerHighlights({ keep, write }) {
  if (!text) return
  markPassages()
  let sentences = null

  const selected = () => {
    const selection = document.getSelection()
    if (!selection.rangeCount || selection.isCollapsed) return null
    const range = selection.getRangeAt(0)
    return text.contains(range.commonAncestorContainer) ? { range, quote: quoteOf(text, range) } : null
  }
  const act = async action => {
    const passage = selected()
    leave()
    if (!passage?.quote) return
    document.getSelection().removeAllRanges()
    if (action === 'write') return write(passage.quote)
    if (await keep(passage.quote)) say(tools.dataset.done)
  }
  const leave = () => {
    sentences = null
    tools.hidden = true
    tools.setAttribute('role', 'toolbar')
  }

  document.addEventListener('selectionchange', () => {
    const passage = selected()
    if (passage?.quote) showBeside(passage.range)
    else if (!sentences) tools.hidden = true
  })
  // A button that took the focus would take the selection with it in some browsers.
  tools.addEventListener('pointerdown', event => event.preventDefault())
  tools.querySelector('[data-highlight]').addEventListener('click', () => act('keep'))
  tools.querySelector('[data-note]').addEventListener('click', () => act('write'))
  document.addEventListener(
    'keydown',
    event => {
      if (sentences) return pressWhileChoosing(event)
      if (event.repeat || !isShortcut(event) || !['h', 'n'].includes(event.key.toLowerCase())) return
      const isNote = event.key.toLowerCase() === 'n'
      if (isNote && !selected()) return
      event.preventDefault()
      if (selected()) void act(isNote ? 'write' : 'keep')
      else choose()
    },
    true,
  )
  const chooser = document.querySelector('[data-choose]')
  if (chooser) {
    chooser.hidden = false
    chooser.addEventListener('click', choose)
  }
  text.addEventListener('click', openNote)
  document.addEventListener('click', showPassage)

  /** Begins with the first sentence in view. */
  function choose() {
    const all = sentencesIn(text)
    const first = all.findIndex(range => range.getBoundingClientRect().bottom > 80)
    if (!all.length) return
    sentences = { all, from: Math.max(0, first), to: Math.max(0, first) }
    // Screen readers pass the arrow keys on.
    tools.setAttribute('role', 'application')
    selectSentences()
    tools.tabIndex = -1
    tools.focus({ preventScroll: true })
    say(`${tools.dataset.help} ${document.getSelection()}`)
  }

  function pressWhileChoosing(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key]
    const key = event.key.toLowerCase()
    if (key === 'tab') return
    if (step) {
      const last = sentences.all.length - 1
      const to = Math.min(last, Math.max(0, sentences.to + step))
      sentences = { ...sentences, to, from: event.shiftKey ? Math.min(sentences.from, to) : to }
      selectSentences()
      say(String(document.getSelection()))
    } else if (key === 'enter' && !event.target.closest('button')) void act('keep')
    else if (key === 'n') void act('write')
    else if (key === 'escape') {
      document.getSelection().removeAllRanges()
      leave()
      chooser?.focus()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  function selectSentences() {
    const { all, from, to } = sentences
    const range = document.createRange()
    range.setStart(all[from].startContainer, all[from].startOffset)
    range.setEnd(all[to].endContainer, all[to].endOffset)
    const selection = document.getSelection()
    selection.removeAllRanges()
    selection.addRange(range)
    all[to].startContainer.parentElement.scrollIntoView({ block: 'nearest' })
  }
}

function say(sentence) {
  said.textContent = sentence
}

/** Puts the buttons below a passage, within the window. */
function showBeside(range) {
  const box = [...range.getClientRects()].at(-1) ?? range.getBoundingClientRect()
  tools.hidden = false
  const left = Math.min(Math.max(8, box.left), document.documentElement.clientWidth - tools.offsetWidth - 8)
  tools.style.left = `${left + scrollX}px`
  tools.style.top = `${box.bottom + 8 + scrollY}px`
}

/** Returns the sentences of a text as ranges: none goes beyond its paragraph, heading or list item. */
function sentencesIn(root) {
  const segmenter = new Intl.Segmenter(root.lang || undefined, { granularity: 'sentence' })
  const blocks = [...root.querySelectorAll('p, li, h2, h3, h4, h5, h6, td, th, dt, dd, pre')].filter(
    block => !block.querySelector('p, li, pre, table') && block.checkVisibility?.() !== false,
  )
  return blocks.flatMap(block =>
    [...segmenter.segment(block.textContent)]
      .filter(({ segment }) => segment.trim())
      .map(({ index, segment }) => rangeIn(block, index, index + segment.trimEnd().length)),
  )
}

function rangeIn(block, start, end) {
  const range = document.createRange()
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
  let at = 0
  let hasStart = false
  while (walker.nextNode()) {
    const { length } = walker.currentNode.data
    if (!hasStart && start < at + length) {
      range.setStart(walker.currentNode, start - at)
      hasStart = true
    }
    if (end <= at + length) {
      range.setEnd(walker.currentNode, end - at)
      break
    }
    at += length
  }
  return range
}

/** A click on a marked passage shows its note. */
function openNote({ clientX, clientY }) {
  if (!document.getSelection().isCollapsed) return
  const point = document.caretPositionFromPoint?.(clientX, clientY)
  const found = point && marked.find(({ range }) => range.isPointInRange(point.offsetNode, point.offset))
  if (!found) return
  openPart('notes')
  found.item.scrollIntoView({ block: 'nearest' })
  found.item.tabIndex = -1
  found.item.focus({ preventScroll: true })
}

function showPassage(event) {
  const link = event.target.closest('[data-show-passage]')
  const found = link && marked.find(({ item }) => item.contains(link))
  if (!found) return
  event.preventDefault()
  found.range.startContainer.parentElement.scrollIntoView({ block: 'center' })
  const selection = document.getSelection()
  selection.removeAllRanges()
  selection.addRange(found.range)
}
