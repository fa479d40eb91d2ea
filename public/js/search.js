/**
 * Suggests courses and lessons while someone types into a search box. Keys and roles follow the combobox pattern with a
 * listbox popup (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/): the focus stays in the box.
 */
const minLength = 2
/** Milliseconds without a key press before suggestions are fetched. */
const pause = 120

document.querySelectorAll('form[data-suggestions]').forEach(suggestIn)

function suggestIn(form) {
  const input = form.querySelector('input[type="search"]')
  const list = document.createElement('ul')
  list.className = 'search-suggestions'
  list.id = `${input.id}-suggestions`
  list.role = 'listbox'
  list.ariaLabel = input.labels[0].textContent
  list.hidden = true
  const status = document.createElement('p')
  status.className = 'visually-hidden'
  status.role = 'status'
  form.append(list, status)
  input.role = 'combobox'
  input.ariaAutoComplete = 'list'
  input.ariaExpanded = 'false'
  input.setAttribute('aria-controls', list.id)
  input.autocomplete = 'off'

  let timer, pending
  input.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(fetchSuggestions, pause)
  })
  input.addEventListener('blur', close)
  input.addEventListener('keydown', event => {
    if (event.isComposing) return
    if (event.key === 'Escape' && !list.hidden) close()
    else if (event.key === 'ArrowDown' && list.childElementCount) move(1)
    else if (event.key === 'ArrowUp' && list.childElementCount) move(-1)
    else if (event.key === 'Enter' && active()) open(active())
    else return
    event.preventDefault()
  })
  // Without this, the box would lose the focus and close the list before the click.
  list.addEventListener('mousedown', event => event.preventDefault())
  list.addEventListener('click', event => {
    const option = event.target.closest('[role="option"]')
    if (option) open(option)
  })

  async function fetchSuggestions() {
    pending?.abort()
    const query = input.value.trim()
    if (query.length < minLength) return close()
    pending = new AbortController()
    try {
      const url = `${form.dataset.suggestions}?${new URLSearchParams({ q: query })}`
      const response = await fetch(url, { signal: pending.signal })
      if (!response.ok) return close()
      const suggestions = await response.json()
      if (document.activeElement === input) show(suggestions)
    } catch (error) {
      // Without suggestions, the search itself still works.
      if (error.name !== 'AbortError') close()
    }
  }

  function show(suggestions) {
    status.textContent = suggestions.status
    list.replaceChildren(...suggestions.options.map(optionOf))
    input.removeAttribute('aria-activedescendant')
    setOpen(list.childElementCount > 0)
  }

  function optionOf({ href, text, meta }, n) {
    const option = document.createElement('li')
    option.role = 'option'
    option.id = `${list.id}-${n}`
    option.ariaSelected = 'false'
    option.dataset.href = href
    const details = document.createElement('span')
    details.className = 'meta'
    details.textContent = meta
    option.append(text, ' ', details)
    return option
  }

  const active = () => (list.hidden ? null : list.querySelector('[aria-selected="true"]'))

  /** From the box down to the first option, up to the last one, and back to the box beyond either end. */
  function move(step) {
    const options = [...list.children]
    const from = options.indexOf(active())
    const places = options.length + 1
    const to = list.hidden ? (step > 0 ? 0 : options.length - 1) : ((from + 1 + step + places) % places) - 1
    setOpen(true)
    options.forEach((option, n) => (option.ariaSelected = String(n === to)))
    if (to === -1) return input.removeAttribute('aria-activedescendant')
    input.setAttribute('aria-activedescendant', options[to].id)
    options[to].scrollIntoView({ block: 'nearest' })
  }

  function open(option) {
    location.assign(option.dataset.href)
  }

  function close() {
    clearTimeout(timer)
    pending?.abort()
    active()?.setAttribute('aria-selected', 'false')
    input.removeAttribute('aria-activedescendant')
    setOpen(false)
  }

  function setOpen(isOpen) {
    list.hidden = !isOpen
    input.ariaExpanded = String(isOpen)
  }
}
