// The queue without page loads between leads, and by keyboard. Each link and form here also works by itself: whatever
// fails is followed or sent as usual.
import { areKeysOff, showKeys, useKeys } from './answer-keys.js'
import { searchAsTyped } from './search-as-typed.js'

const queueOf = () => document.querySelector('.queue')
const rows = () => [...queueOf().querySelectorAll('.queue-row')]
const currentRow = () => rows().find(row => row.getAttribute('aria-current'))

/** Replaces the queue by that of another page, says whose brief is open now, and moves the focus there. */
function show(html, url, { isNew = true } = {}) {
  const page = new DOMParser().parseFromString(html, 'text/html')
  const next = page.querySelector('.queue')
  if (!next) return void (location.href = url)
  const list = queueOf().querySelector('.queue-rows')
  const scrolled = list?.parentElement.scrollTop ?? 0
  const flash = next.querySelector('.flash p')?.textContent.replace(/\s+/g, ' ').trim() ?? ''
  keepUndo(next)
  queueOf().replaceWith(next)
  document.title = page.title
  const [menu, newMenu] = [document, page].map(each => each.querySelector('#menu .side-list'))
  if (menu && newMenu) menu.replaceWith(newMenu)
  if (isNew) history.pushState(null, '', url)
  const row = currentRow()
  next.querySelector('.queue-list').scrollTop = scrolled
  row?.scrollIntoView({ block: 'nearest' })
  const heading = next.querySelector('#lead-name') ?? next.querySelector('.empty h2')
  if (heading) heading.tabIndex = -1
  heading?.focus({ preventScroll: true })
  next.querySelector('.queue-detail').scrollTop = 0
  const name = heading?.textContent.trim() ?? ''
  // A region announces what changes in it, so the words come after it is on the page.
  setTimeout(() => (next.querySelector('[data-announce]').textContent = `${flash} ${name}`.trim()), 50)
  start()
}

/** The last answer can still be undone from the brief of another lead. */
function keepUndo(next) {
  const undo = queueOf().querySelector('.flash:has(form)')
  if (undo && !next.querySelector('.flash')) next.querySelector('.queue-brief')?.before(undo)
}

let last = 0
async function load(url, options, history) {
  const turn = ++last
  const main = queueOf()
  // The buttons still belong to the lead that is being answered: pressed again, they would answer it once more.
  if (options) main.querySelector('.queue-detail').inert = true
  const slow = setTimeout(() => main.setAttribute('aria-busy', 'true'), 400)
  try {
    const response = await fetch(url, { headers: { accept: 'text/html' }, ...options })
    const html = await response.text()
    if (turn !== last) return
    const isQueue = new URL(response.url).pathname === '/sales/queue'
    if (response.ok && isQueue) show(html, response.url, history)
    else if (!options) location.href = url
    else if (response.redirected) location.href = response.url
    else {
      document.open()
      document.write(html)
      document.close()
    }
  } catch {
    if (turn === last) location.href = options ? location.href : url
  } finally {
    clearTimeout(slow)
    main.removeAttribute('aria-busy')
    main.querySelector('.queue-detail').inert = false
  }
}

addEventListener('click', event => {
  const link = event.target.closest('a.queue-row')
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  if (!isAnswering()) void load(link.href)
})
// What is typed stays: only what is found changes.
searchAsTyped((page, url) => {
  const next = page.querySelector('.queue')
  if (!next) return void (location.href = url)
  const field = queueOf().querySelector('[type="search"]')
  const [typed, begin, end] = [field.value, field.selectionStart, field.selectionEnd]
  queueOf().replaceWith(next)
  const newField = next.querySelector('[type="search"]')
  newField.value = typed
  newField.focus()
  newField.setSelectionRange(begin, end)
  history.replaceState(null, '', url)
  const said = next.querySelector('.lead-chips .meta, .empty h2')?.textContent ?? ''
  setTimeout(() => (next.querySelector('[data-announce]').textContent = said.trim()), 50)
  start()
})
addEventListener('popstate', () => void load(location.href, undefined, { isNew: false }))

// An answer opens the next lead in place. The form of a dialog is one of them.
addEventListener(
  'submit',
  event => {
    const form = event.target
    if (form.getAttribute('method') !== 'post' || !form.closest('.queue-detail, dialog')) return
    if (form.matches('.queue-detail form, dialog form') && form.action.includes('/sales/leads/')) {
      event.preventDefault()
      const body = new URLSearchParams(new FormData(form, event.submitter))
      // An undo says itself which lead it leads back to.
      if (!body.has('back') && !new URL(form.action).searchParams.has('back'))
        body.set('back', location.pathname + location.search)
      document.querySelector('dialog[open]')?.close()
      void load(form.action, { method: 'POST', body })
    }
  },
  true,
)

const isAnswering = () => queueOf().querySelector('.queue-detail').inert

useKeys({
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => isAnswering() || queueOf().querySelector('[data-open]')?.click(),
  u: () => isAnswering() || queueOf().querySelector('.flash form button')?.click(),
  n: () => queueOf().querySelector('#note')?.focus(),
  '/': () => queueOf().querySelector('[type="search"]').focus(),
  '?': openKeys,
})

function move(step) {
  const all = rows()
  const next = all[all.indexOf(currentRow()) + step]
  if (next && !isAnswering()) void load(next.href)
}

function openKeys() {
  showKeys('queue-keys', start)
}

/** Shows what only works with this script. */
function start() {
  const hint = queueOf().querySelector('.queue-keys')
  if (hint) hint.hidden = false
  hint?.querySelector('[data-all-keys]').addEventListener('click', openKeys)
  queueOf().classList.toggle('keys-off', areKeysOff())
  openEvidence()
}

/** A number in the brief leads to its event, which is folded away at first. */
function openEvidence() {
  const target = location.hash.startsWith('#event-') && document.getElementById(location.hash.slice(1))
  if (target) target.closest('details').open = true
}
addEventListener('hashchange', openEvidence)
addEventListener('click', event => {
  if (event.target.closest('a[href^="#event-"]')) queueOf().querySelector('.queue-evidence').open = true
})

start()
