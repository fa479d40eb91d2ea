/** "Check my answer" in place: the server grades and sends back the one question, which takes the place of its form. */
document.addEventListener('submit', async event => {
  const form = event.target.closest('[data-check]')
  if (!form) return
  event.preventDefault()
  const address = new URL(form.action)
  const fields = new URLSearchParams(new FormData(form))
  fields.set('partial', '1')
  await replace(form, `${address.pathname}?${fields}`, form.action)
})

document.addEventListener('click', async event => {
  const again = event.target.closest('[data-again]')
  if (!again) return
  event.preventDefault()
  const form = again.closest('[data-check]')
  const fields = new URLSearchParams({ question: form.elements.question.value, again: '1', partial: '1' })
  await replace(form, `${new URL(form.action).pathname}?${fields}`, again.href)
})

async function replace(form, address, otherwise) {
  try {
    const answer = await fetch(address, { headers: { accept: 'text/html' } })
    if (!answer.ok) throw new Error(String(answer.status))
    const made = document.createElement('template')
    made.innerHTML = await answer.text()
    const fresh = made.content.firstElementChild
    form.replaceWith(fresh)
    const focus = fresh.querySelector('[tabindex="-1"], [role="alert"], input:not([type="hidden"])')
    focus?.focus()
  } catch {
    location.href = otherwise
  }
}
