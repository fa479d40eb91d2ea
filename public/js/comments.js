import './mentions.js'

// Comments on a passage: the selection fills in the form, and the passages of open comments are marked in the text.
const section = document.querySelector('[data-comments]')
const form = section?.querySelector('[data-comment-form]')
const offer = section?.querySelector('[data-comment-selected]')
/** How much of the text around a passage is sent with it. */
const contextLength = 60

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

function quoteOf(root, range) {
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

/** The letters and figures of a text, and where each is: as the server compares passages (courses/text-quote.ts). */
function lettersOf(root) {
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

/** Returns the range of a comment's passage; null when it isn't in the text. */
function rangeOf({ exact, prefix, suffix }, { letters, at }) {
  const wanted = plainLetters(exact)
  if (!wanted) return null
  const around = plainLetters(prefix).slice(-24) + wanted + plainLetters(suffix).slice(0, 24)
  const inContext = letters.indexOf(around)
  const index = inContext < 0 ? letters.indexOf(wanted) : inContext + plainLetters(prefix).slice(-24).length
  if (index < 0) return null
  const [first, last] = [at[index], at[index + wanted.length - 1]]
  const range = document.createRange()
  range.setStart(first[0], first[1])
  range.setEnd(last[0], last[1] + last[2])
  return range
}

let waiting
/** Marks the passages without changing the text, so the editor isn't disturbed. */
function mark() {
  const root = surface()
  if (!root || !section || !globalThis.Highlight) return
  const letters = lettersOf(root)
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
    const range = surface() && rangeOf(quote.closest('[data-exact]').dataset, lettersOf(surface()))
    if (!range) return
    range.startContainer.parentElement.scrollIntoView({ block: 'center' })
    const selection = document.getSelection()
    selection.removeAllRanges()
    selection.addRange(range)
  })
}
