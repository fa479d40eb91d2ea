/**
 * Suggests courses and lessons while someone types into a search box, and opens the search from every page with `/` or
 * Ctrl+K. Keys and roles follow the combobox pattern with a listbox popup
 * (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/): the focus stays in the box.
 */

/** Milliseconds without a key press before suggestions are fetched, and before a search without a result counts. */
const pause = 120
const settled = 1500
const maxRecent = 5
const recentKey = 'recent-searches'
const slashKey = 'search-key-off'

document.querySelectorAll('form[data-suggestions]').forEach(suggestIn)
const dialog = document.querySelector('#search-dialog')
if (dialog) offerDialog()

// Whoever uses this browser next doesn't see what was searched for.
document.addEventListener('submit', event => {
  if (event.target.getAttribute('action') === '/sign-out') store(recentKey, null)
})

function suggestIn(form) {
  const input = form.querySelector('input[type="search"]')
  const begins = 'begins' in form.dataset
  const list = document.createElement('div')
  list.className = 'search-suggestions'
  list.id = `${input.id}-suggestions`
  list.role = 'listbox'
  list.ariaLabel = input.labels[0].textContent
  list.hidden = true
  const note = document.createElement('p')
  note.className = 'search-note'
  note.hidden = true
  const status = document.createElement('p')
  status.className = 'visually-hidden'
  status.role = 'status'
  form.append(note, list, status)
  input.role = 'combobox'
  input.ariaAutoComplete = 'list'
  input.ariaExpanded = 'false'
  input.setAttribute('aria-controls', list.id)
  input.autocomplete = 'off'

  let timer, settling, pending
  const query = () => input.value.trim()
  input.addEventListener('input', () => {
    stop()
    timer = setTimeout(fetchSuggestions, pause)
  })
  if (begins) form.addEventListener('begin', fetchSuggestions)
  else input.addEventListener('blur', close)
  input.addEventListener('keydown', event => {
    if (event.isComposing) return
    if (event.key === 'Escape' && !list.hidden && !begins) close()
    else if (event.key === 'ArrowDown' && optionsOf().length) move(1)
    else if (event.key === 'ArrowUp' && optionsOf().length) move(-1)
    else if (event.key === 'Enter' && active()) active().click()
    else return
    event.preventDefault()
  })
  form.addEventListener('submit', () => remember(query()))
  // Without this, the box would lose the focus and close the list before the click.
  list.addEventListener('mousedown', event => event.preventDefault())
  list.addEventListener('click', event => {
    const option = event.target.closest('[role="option"]')
    if (!option) return
    remember(query())
    if (option.pathname === location.pathname) form.closest('dialog')?.close()
  })

  async function fetchSuggestions() {
    stop()
    const words = query()
    // One letter of a script such as Chinese is a word.
    if (!words ? !begins : /^[\x00-\x7f]$/.test(words)) return close()
    pending = new AbortController()
    try {
      const response = await fetch(addressOf({ q: words }), { signal: pending.signal })
      if (!response.ok) return close()
      const html = await response.text()
      if (document.activeElement === input) show(html, words)
    } catch (error) {
      // Without suggestions, the search itself still works.
      if (error.name !== 'AbortError') close()
    }
  }

  const addressOf = fields => `${form.dataset.suggestions}?${new URLSearchParams(fields)}`

  function show(html, words) {
    const template = document.createElement('template')
    template.innerHTML = html
    const take = name => {
      const found = template.content.querySelector(`[data-${name}]`)
      found?.remove()
      return found?.textContent ?? ''
    }
    status.textContent = take('status')
    note.textContent = take('note')
    note.hidden = !note.textContent
    list.replaceChildren(...(words ? [] : recentGroup()), template.content)
    const options = optionsOf()
    options.forEach((option, n) => (option.id = `${list.id}-${n}`))
    input.removeAttribute('aria-activedescendant')
    setOpen(options.length > 0)
    if (words && !options.length) settling = setTimeout(() => void countMiss(words), settled)
  }

  /** The author of the courses learns what was searched for and not found, without who searched. */
  async function countMiss(words) {
    await fetch(addressOf({ q: words, settled: '1' })).catch(() => {})
  }

  const optionsOf = () => [...list.querySelectorAll('[role="option"]')]
  const active = () => (list.hidden ? null : list.querySelector('[aria-selected="true"]'))

  /** From the box down to the first option, up to the last one, and back to the box beyond either end. */
  function move(step) {
    const options = optionsOf()
    const from = options.indexOf(active())
    const places = options.length + 1
    const to = list.hidden ? (step > 0 ? 0 : options.length - 1) : ((from + 1 + step + places) % places) - 1
    setOpen(true)
    options.forEach((option, n) => (option.ariaSelected = String(n === to)))
    if (to === -1) return input.removeAttribute('aria-activedescendant')
    input.setAttribute('aria-activedescendant', options[to].id)
    options[to].scrollIntoView({ block: 'nearest' })
  }

  function stop() {
    clearTimeout(timer)
    clearTimeout(settling)
    pending?.abort()
  }

  function close() {
    stop()
    active()?.setAttribute('aria-selected', 'false')
    input.removeAttribute('aria-activedescendant')
    note.hidden = true
    setOpen(false)
  }

  function setOpen(isOpen) {
    list.hidden = !isOpen
    input.ariaExpanded = String(isOpen)
  }
}

function offerDialog() {
  const form = dialog.querySelector('form')
  const input = form.querySelector('input')
  const clear = dialog.querySelector('[data-clear]')
  const key = dialog.querySelector('[data-key]')
  const keyTexts = [key.textContent, key.dataset.on]

  document.querySelectorAll('[data-header-search]').forEach(header => (header.hidden = true))
  document.querySelectorAll('[data-search-opener]').forEach(opener => {
    opener.hidden = false
    opener.addEventListener('click', open)
  })
  document.querySelectorAll('a.search-link').forEach(link => {
    link.addEventListener('click', event => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return
      event.preventDefault()
      open()
    })
  })
  document.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog:modal')) return
    const isSlash = event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey
    const isCtrlK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey
    if (isCtrlK || (isSlash && !isTyping(event.target) && !recall(slashKey))) {
      event.preventDefault()
      open()
    }
  })
  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close())
  dialog.addEventListener('click', event => {
    if (event.target === dialog) dialog.close()
  })
  clear.addEventListener('click', () => {
    store(recentKey, null)
    begin()
  })
  key.addEventListener('click', () => {
    store(slashKey, recall(slashKey) ? null : true)
    showKey()
  })

  function open() {
    if (!dialog.open) dialog.showModal()
    showKey()
    input.select()
    begin()
  }

  function begin() {
    input.focus()
    clear.hidden = !recent().length
    form.dispatchEvent(new CustomEvent('begin'))
  }

  function showKey() {
    key.textContent = keyTexts[recall(slashKey) ? 1 : 0]
  }
}

const isTyping = target =>
  target.isContentEditable || target.matches('textarea, select, input:not([type="checkbox"], [type="radio"])')

/** The searches that were made in this browser, the newest first. */
function recent() {
  const known = recall(recentKey)
  return Array.isArray(known) ? known.filter(each => typeof each === 'string') : []
}

function remember(words) {
  if (words) store(recentKey, [words, ...recent().filter(each => each !== words)].slice(0, maxRecent))
}

function recentGroup() {
  const searches = recent()
  if (!searches.length) return []
  const group = dialog.querySelector('[data-recent]').content.firstElementChild.cloneNode(true)
  const option = group.querySelector('[role="option"]')
  option.remove()
  group.append(
    ...searches.map(words => {
      const made = option.cloneNode(true)
      made.href = `/search?${new URLSearchParams({ q: words })}`
      made.querySelector('.search-option-title').textContent = words
      return made
    }),
  )
  return [group]
}

/** Browsers may refuse to store anything. */
function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(name))
  } catch {
    return null
  }
}

function store(name, value) {
  try {
    if (value === null) localStorage.removeItem(name)
    else localStorage.setItem(name, JSON.stringify(value))
  } catch {
    // The search works without it.
  }
}
