// The list of leads: searched while someone types, by keyboard, with the brief of a lead beside it. Each link and form
// also works by itself.
import { areKeysOff, showKeys, useKeys } from './answer-keys.js'
import { searchAsTyped } from './search-as-typed.js'

const results = document.querySelector('#leads-results')
const peek = document.querySelector('#peek')
const rows = () => [...results.querySelectorAll('tr[data-lead]')]
const ticks = () => [...results.querySelectorAll('[name="lead"]')]
const currentRow = () =>
  rows().find(row => row.contains(document.activeElement)) ?? results.querySelector('tr.is-chosen')

searchAsTyped((page, url) => {
  const next = page.querySelector('#leads-results')
  if (!next) return void (location.href = url)
  results.replaceChildren(...next.childNodes)
  for (const part of ['.tabs', '.saved-views', '[data-csv]'])
    document.querySelector(part)?.replaceWith(page.querySelector(part))
  history.replaceState(null, '', url)
  announce(results.querySelector('[data-found]').textContent)
  closePeek()
  start()
})

/** A region announces what changes in it, so it is emptied first. */
function announce(text) {
  const region = document.querySelector('[data-announce]')
  region.textContent = ''
  setTimeout(() => (region.textContent = text), 50)
}

function focusRow(step) {
  const all = rows()
  const row = all[Math.max(0, all.indexOf(currentRow()) + step)] ?? all.at(-1)
  if (!row) return
  row.querySelector('.name a').focus()
  row.scrollIntoView({ block: 'nearest' })
  if (!peek.hidden) void openPeek(row)
}

let turn = 0
async function openPeek(row) {
  const mine = ++turn
  const link = row.querySelector('.name a')
  const response = await fetch(`${link.pathname}/brief`, { headers: { accept: 'text/html' } }).catch(
    () => null,
  )
  const page = response?.ok && new DOMParser().parseFromString(await response.text(), 'text/html')
  if (mine !== turn) return
  const brief = page && page.querySelector('.peek-brief')
  if (!brief) return void (location.href = link.href)
  peek.replaceChildren(brief)
  peek.hidden = false
  const close = peek.querySelector('[data-close]')
  close.hidden = false
  close.addEventListener('click', closePeek)
  for (const each of rows()) each.classList.toggle('is-chosen', each === row)
  announce(brief.querySelector('h2').textContent)
}

function closePeek() {
  turn++
  if (peek.hidden) return
  const hadFocus = peek.contains(document.activeElement)
  peek.hidden = true
  const row = results.querySelector('tr.is-chosen')
  row?.classList.remove('is-chosen')
  if (hadFocus) row?.querySelector('.name a').focus()
}

// A click beside the links and boxes of a row shows its brief.
results.addEventListener('click', event => {
  const row = event.target.closest('tr[data-lead]')
  if (row && !event.target.closest('a, input, label, button') && !String(getSelection())) void openPeek(row)
})

useKeys({
  j: () => focusRow(1),
  k: () => focusRow(-1),
  ' ': () =>
    currentRow()?.classList.contains('is-chosen') ? closePeek() : currentRow() && void openPeek(currentRow()),
  x: () => currentRow()?.querySelector('[name="lead"]').click(),
  '/': () => document.querySelector('[data-search] [type="search"]').focus(),
  '?': () => showKeys('leads-keys', start),
})
addEventListener('keydown', event => {
  if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('dialog:modal'))
    closePeek()
})

/** The bar is there when something is ticked, and says how much. */
function countTicked() {
  const bar = results.querySelector('.bulk-bar')
  if (!bar) return
  const all = bar.querySelector('[data-all]')
  const count = ticks().filter(box => box.checked).length
  bar.classList.toggle('is-idle', !count && !all?.checked)
  bar.querySelector('[data-selected]').dataset.selected = String(count)
  const every = results.querySelector('[data-every]')
  if (!every) return
  every.checked = count === ticks().length
  every.indeterminate = count > 0 && !every.checked
}
results.addEventListener('change', event => {
  if (event.target.matches('[data-every]')) for (const box of ticks()) box.checked = event.target.checked
  countTicked()
})

// The question before an answer opens as a dialog.
results.addEventListener('submit', event => {
  const form = event.target.closest('[data-bulk]')
  if (!form) return
  event.preventDefault()
  // It stays, because what is loaded for a link that has left the page is for another page.
  form.querySelector('a[data-dialog]')?.remove()
  const link = document.createElement('a')
  link.href = `${form.getAttribute('action')}?${new URLSearchParams(new FormData(form, event.submitter))}`
  link.dataset.dialog = ''
  link.hidden = true
  form.append(link)
  link.click()
})

/** Shows what only works with this script. */
function start() {
  results.classList.toggle('keys-off', areKeysOff())
  const cell = results.querySelector('thead .leads-tick')
  if (cell && !cell.querySelector('input')) {
    const box = document.createElement('input')
    box.type = 'checkbox'
    box.dataset.every = ''
    box.setAttribute('aria-label', cell.dataset.everyLabel)
    cell.append(box)
  }
  countTicked()
}
start()
