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

async function applyFilters(form, checkbox) {
  const fields = new URLSearchParams(new FormData(form))
  const url = `${form.getAttribute('action')}${fields.size ? `?${fields}` : ''}`
  pending?.abort()
  pending = new AbortController()
  try {
    const response = await fetch(url, { headers: { accept: 'text/html' }, signal: pending.signal })
    if (!response.ok) throw new Error(String(response.status))
    const page = new DOMParser().parseFromString(await response.text(), 'text/html')
    results.replaceChildren(...page.querySelector('#results').childNodes)
    history.replaceState(null, '', url)
    const isWide = form.classList.contains('facets-wide')
    if (!isWide) results.querySelector('.facets-phone').open = true
    const newForm = results.querySelector(`[data-facets]${isWide ? '.facets-wide' : ':not(.facets-wide)'}`)
    newForm?.querySelector(`[name="${checkbox.name}"][value="${checkbox.value}"]`)?.focus()
  } catch (error) {
    if (error.name !== 'AbortError') location.href = url
  }
}
