import './mentions.js'
import { contextLength, charactersOf, quoteOf, rangeOf } from './passages.js'

// Comments on a passage: the selection fills in the form, and the passages of open comments are marked in the text.
const section = document.querySelector('[data-comments]')
const form = section?.querySelector('[data-comment-form]')
const offer = section?.querySelector('[data-comment-selected]')

let selected = null

/** The text that is commented on: the visual editor, the text of a lesson, or the Markdown in a text box. */
const surface = () => document.querySelector('.surface .ProseMirror, .lesson-text .prose')

document.addEventListener('selectionchange', () => {
  const found = selectedQuote()
  if (found) selected = found
  if (offer) offer.hidden = !selected
})

offer?.querySelector('button').addEventListener('click', () => fillIn(selected))
document.addEventListener('keydown', event => {
  if (!(event.ctrlKey || event.metaKey) || !event.shiftKey || event.code !== 'KeyM') return
  if (!form) return
  event.preventDefault()
  fillIn(selectedQuote() ?? blockQuote())
})

/** Returns the selected passage and the text around it; null when nothing in the lesson is selected. */
function selectedQuote() {
  const box = document.activeElement
  if (box instanceof HTMLTextAreaElement && box.name === 'body' && box.selectionStart < box.selectionEnd) {
    return quoteIn(box.value, box.selectionStart, box.selectionEnd)
  }
  const selection = document.getSelection()
  const root = surface()
  if (!root || !selection.rangeCount || selection.isCollapsed) return null
  const range = selection.getRangeAt(0)
  return root.contains(range.commonAncestorContainer) ? quoteOf(root, range) : null
}

/** Returns the block with the caret, for a comment without a selection. */
function blockQuote() {
  const root = surface()
  const at = document.getSelection().anchorNode
  if (!root || !at || !root.contains(at)) return selected
  let block = at
  while (block.parentNode !== root && block !== root) block = block.parentNode
  if (block === root) return selected
  const range = document.createRange()
  range.selectNodeContents(block)
  return quoteOf(root, range)
}

function quoteIn(text, start, end) {
  return {
    exact: text.slice(start, end).trim().slice(0, 1000),
    prefix: text.slice(0, start).slice(-contextLength),
    suffix: text.slice(end).slice(0, contextLength),
  }
}

function fillIn(quote) {
  form.open = true
  const fields = form.querySelector('form').elements
  if (quote) {
    for (const name of ['exact', 'prefix', 'suffix']) fields[name].value = quote[name]
    fields.replacement.value ||= quote.exact
  }
  fields[quote ? 'text' : 'exact'].focus()
}

let waiting
/** Marks the passages without changing the text, so the editor isn't disturbed. */
function mark() {
  const root = surface()
  if (!root || !section || !globalThis.Highlight) return
  const letters = charactersOf(root)
  const ranges = [...section.querySelectorAll('[data-exact]')].flatMap(
    ({ dataset }) => rangeOf(dataset, letters) ?? [],
  )
  CSS.highlights.set('comment', new Highlight(...ranges))
}

function markSoon() {
  clearTimeout(waiting)
  waiting = setTimeout(mark, 300)
}

if (section?.querySelector('[data-exact]')) {
  markSoon()
  const root = document.querySelector('.surface, .lesson-text')
  if (root)
    new MutationObserver(markSoon).observe(root, { childList: true, subtree: true, characterData: true })
}

/** A passage above its comment becomes a button that leads to it. */
for (const quote of section?.querySelectorAll('[data-exact] [data-show]') ?? []) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'link-button'
  button.append(...quote.childNodes)
  quote.append(button)
  button.addEventListener('click', () => {
    const range = surface() && rangeOf(quote.closest('[data-exact]').dataset, charactersOf(surface()))
    if (!range) return
    range.startContainer.parentElement.scrollIntoView({ block: 'center' })
    const selection = document.getSelection()
    selection.removeAllRanges()
    selection.addRange(range)
  })
}
