/** "Check answer" in place: the server grades the question and returns its HTML, which replaces the form. */
document.addEventListener('submit', async event => {
  const form = event.target.closest('[data-practice]')
  if (!form) return
  event.preventDefault()
  const url = new URL(form.action)
  const fields = new URLSearchParams(new FormData(form))
  fields.set('partial', '1')
  await replace(form, `${url.pathname}?${fields}`, form.action)
})

document.addEventListener('click', async event => {
  const retry = event.target.closest('[data-retry]')
  if (!retry) return
  event.preventDefault()
  const form = retry.closest('[data-practice]')
  const fields = new URLSearchParams({ question: form.elements.question.value, retry: '1', partial: '1' })
  await replace(form, `${new URL(form.action).pathname}?${fields}`, retry.href)
})

/** Replaces a form with the HTML at `url`; opens `fallback` when that fails. */
async function replace(form, url, fallback) {
  try {
    const response = await fetch(url, { headers: { accept: 'text/html' } })
    if (!response.ok) throw new Error(String(response.status))
    const template = document.createElement('template')
    template.innerHTML = await response.text()
    const newForm = template.content.firstElementChild
    form.replaceWith(newForm)
    newForm.querySelector('[tabindex="-1"], [role="alert"], input:not([type="hidden"])')?.focus()
  } catch {
    location.href = fallback
  }
}
