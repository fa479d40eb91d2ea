// The attempts of an endpoint without page loads: a row opens beside the list and has its own address, J and K go on,
// and filters apply at once. Each link and form here also works by itself.
import { isForElsewhere, keySwitch } from './key-switch.js'

/** The switch is the one of the queue in sales. */
const keys = keySwitch('queue-keys-off')

const main = () => document.getElementById('attempts')
const rows = () => [...main().querySelectorAll('.deliveries tbody tr')]
const linkOf = row => row.querySelector('a')
/** On a narrow page the side is below the list, so a row opens its own page. */
const isNarrow = () => {
  const side = document.getElementById('delivery')
  const table = main().querySelector('.deliveries')
  return !side || side.getBoundingClientRect().top > table.getBoundingClientRect().bottom
}

/** Says that the next page takes a while. */
function setBusy(isBusy) {
  main().toggleAttribute('aria-busy', isBusy)
  if (isBusy) main().setAttribute('aria-busy', 'true')
  main().querySelector('[data-loading]').hidden = !isBusy
}

let last = 0
/** Replaces the list and what is beside it by those of another page. */
async function load(href, { isNew = true, focus = '' } = {}) {
  const turn = ++last
  const slow = setTimeout(() => setBusy(true), 400)
  try {
    const response = await fetch(href, { headers: { accept: 'text/html' } })
    const html = await response.text()
    if (turn !== last) return
    const next = new DOMParser().parseFromString(html, 'text/html').getElementById('attempts')
    if (!response.ok || !next) return void (location.href = href)
    main().replaceWith(next)
    if (isNew) history.pushState(null, '', href)
    start()
    if (focus) next.querySelector(focus)?.focus({ preventScroll: true })
    const title =
      next.querySelector('#delivery h2, .attempts-none')?.textContent.replace(/\s+/g, ' ').trim() ?? ''
    // A region announces what changes in it, so the words come after it is on the page.
    setTimeout(() => (next.querySelector('[data-announce]').textContent = title), 50)
  } catch {
    if (turn === last) location.href = href
  } finally {
    clearTimeout(slow)
    if (turn === last) setBusy(false)
  }
}

addEventListener('click', event => {
  const link = event.target.closest('#attempts .deliveries a, #attempts .pagination a')
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  if (link.dataset.page && isNarrow()) return void (location.href = link.dataset.page)
  void load(link.href, { focus: link.dataset.page ? 'tr.is-chosen a' : '' })
})
addEventListener('popstate', () => void load(location.href, { isNew: false }))

// What a replay has changed, unless the reader is choosing in the list at that moment.
addEventListener('replay-end', () => {
  if (!main()?.contains(document.activeElement)) void load(location.href, { isNew: false })
})

addEventListener('change', event => {
  if (event.target.matches('.attempt-filters [name]')) applyFilters(event.target)
})
addEventListener('submit', event => {
  if (!event.target.matches('.attempt-filters form[role="search"]')) return
  event.preventDefault()
  applyFilters(event.target.elements.q)
})

function applyFilters(control) {
  const form = control.form
  const given = [...new FormData(form)].filter(([, value]) => value !== '')
  void load(`${form.action}?${new URLSearchParams(given)}`, {
    focus: `.attempt-filters [name="${control?.name || 'q'}"]`,
  })
}

addEventListener('keydown', event => {
  if (isForElsewhere(event) || keys.areOff()) return
  const key = event.key.toLowerCase()
  if (key === '/') {
    event.preventDefault()
    main().querySelector('[type="search"]').focus()
  }
  if (key !== 'j' && key !== 'k') return
  const all = rows()
  const current = all.findIndex(row => row.getAttribute('aria-current'))
  const next = all[current + (key === 'j' ? 1 : -1)]
  if (!next) return
  event.preventDefault()
  linkOf(next).click()
})

function start() {
  const show = main().querySelector('.attempt-filters [data-show]')
  if (show) show.hidden = true
  const hint = main().querySelector('[data-keys]')
  if (!hint) return
  hint.hidden = false
  const box = hint.querySelector('input')
  box.checked = !keys.areOff()
  box.addEventListener('change', () => keys.turn(!box.checked))
}

start()
