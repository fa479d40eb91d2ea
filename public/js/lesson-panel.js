/**
 * The panel beside a lesson: its parts become tabs, and on a wide screen it can be hidden, which this browser
 * remembers. Without this file, the parts stand below each other, with links to each.
 */
const panel = document.querySelector('[data-panel]')
const tabs = [...document.querySelectorAll('[data-tab]')]
const parts = tabs.map(tab => document.getElementById(tab.hash.slice(1)))
const toggle = document.querySelector('[data-panel-toggle]')
const hiddenKey = 'lesson-panel-hidden'

if (tabs.length) makeTabs()
if (toggle) offerToggle()

/** Shows a part of the panel, such as `notes`, wherever the page is. */
export function openPart(id) {
  const n = parts.findIndex(part => part.id === id)
  if (n < 0) return
  select(n)
  setHidden(false)
}

function makeTabs() {
  const list = tabs[0].closest('[data-tabs]')
  list.setAttribute('role', 'tablist')
  for (const [n, tab] of tabs.entries()) {
    tab.setAttribute('role', 'tab')
    tab.id = `tab-${parts[n].id}`
    tab.setAttribute('aria-controls', parts[n].id)
    parts[n].setAttribute('role', 'tabpanel')
    parts[n].setAttribute('aria-labelledby', tab.id)
    parts[n].removeAttribute('aria-label')
    tab.addEventListener('click', event => {
      event.preventDefault()
      select(n)
    })
  }
  list.addEventListener('keydown', event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    const at = tabs.indexOf(event.target)
    if (at < 0) return
    if (event.key === ' ') {
      event.preventDefault()
      return select(at)
    }
    if (!step) return
    event.preventDefault()
    const isMirrored = getComputedStyle(list).direction === 'rtl'
    const next = (at + (isMirrored ? -step : step) + tabs.length) % tabs.length
    select(next)
    tabs[next].focus()
  })
  addEventListener('hashchange', followHash)
  const invalid = parts.findIndex(part => part.querySelector('[aria-invalid="true"]'))
  select(Math.max(0, invalid))
  followHash()
}

function select(at) {
  for (const [n, tab] of tabs.entries()) {
    tab.setAttribute('aria-selected', String(n === at))
    tab.tabIndex = n === at ? 0 : -1
    parts[n].hidden = n !== at
  }
}

/** A link to something in a part that isn't shown opens that part. */
function followHash() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  const part = target && parts.find(each => each.contains(target))
  if (!part?.hidden) return
  openPart(part.id)
  target.scrollIntoView()
}

function offerToggle() {
  toggle.hidden = false
  toggle.setAttribute('aria-controls', (panel.id = 'lesson-panel'))
  setHidden(isKeptHidden())
  toggle.addEventListener('click', () => {
    const isHidden = toggle.ariaExpanded === 'true'
    setHidden(isHidden)
    try {
      if (isHidden) localStorage.setItem(hiddenKey, 'true')
      else localStorage.removeItem(hiddenKey)
    } catch {
      // The browser keeps nothing.
    }
  })
}

function setHidden(isHidden) {
  if (!toggle) return
  toggle.ariaExpanded = String(!isHidden)
  toggle.title = isHidden ? toggle.dataset.hidden : toggle.dataset.shown
  panel.closest('.lesson').classList.toggle('has-no-panel', isHidden)
}

function isKeptHidden() {
  try {
    return localStorage.getItem(hiddenKey) !== null
  } catch {
    return false
  }
}
