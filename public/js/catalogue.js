/** Filters that apply immediately: fetches the matching courses, replaces the list, and updates the URL. */
const results = document.querySelector('#results')
let pending

if (results) {
  document.documentElement.classList.add('has-live-facets')
  results.addEventListener('change', event => {
    const form = event.target.closest('[data-facets]')
    if (form) void applyFilters(form, event.target)
  })
  addEventListener('popstate', () => location.reload())
}

async function applyFilters(form, control) {
  const fields = new URLSearchParams(new FormData(form))
  if (fields.get('sort') === 'recommended') fields.delete('sort')
  const url = `${form.getAttribute('action')}${fields.size ? `?${fields}` : ''}`
  const isPhone = form.closest('.facets-phone') !== null
  pending?.abort()
  pending = new AbortController()
  // What was found stays visible, paler, when it takes a while.
  const slow = setTimeout(() => results.classList.add('is-loading'), 400)
  try {
    const response = await fetch(url, { headers: { accept: 'text/html' }, signal: pending.signal })
    if (!response.ok) throw new Error(String(response.status))
    const page = new DOMParser().parseFromString(await response.text(), 'text/html')
    results.replaceChildren(...page.querySelector('#results').childNodes)
    history.replaceState(null, '', url)
    if (isPhone) results.querySelector('.facets-phone').open = true
    results.querySelector(placeOf(form, control))?.focus()
  } catch (error) {
    if (error.name !== 'AbortError') location.href = url
  } finally {
    clearTimeout(slow)
    results.classList.remove('is-loading')
  }
}

/** Returns the selector of the same control in the new list. */
function placeOf(form, { name, value, type }) {
  const place = form.closest('.facets-phone') ? '.facets-phone' : '.facets-wide'
  return type === 'checkbox'
    ? `${place} [name="${name}"][value="${CSS.escape(value)}"]`
    : `select[name="${name}"]`
}
