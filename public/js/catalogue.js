/** Facets that work at once: the chosen courses take the place of the others, and the address says what was chosen. */
const results = document.querySelector('#results')
let asked

if (results) {
  document.documentElement.classList.add('has-live-facets')
  results.addEventListener('change', event => {
    const form = event.target.closest('[data-facets]')
    if (form) void show(form, event.target)
  })
  addEventListener('popstate', () => location.reload())
}

async function show(form, box) {
  const fields = new URLSearchParams(new FormData(form))
  const address = `${form.getAttribute('action')}${fields.size ? `?${fields}` : ''}`
  asked?.abort()
  asked = new AbortController()
  try {
    const answer = await fetch(address, { headers: { accept: 'text/html' }, signal: asked.signal })
    if (!answer.ok) throw new Error(String(answer.status))
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    results.replaceChildren(...page.querySelector('#results').childNodes)
    history.replaceState(null, '', address)
    const wide = form.classList.contains('facets-wide')
    if (!wide) results.querySelector('.facets-phone').open = true
    const again = `[data-facets]${wide ? '.facets-wide' : ':not(.facets-wide)'} [name="${box.name}"][value="${box.value}"]`
    results.querySelector(again)?.focus()
  } catch (error) {
    if (error.name !== 'AbortError') location.href = address
  }
}
